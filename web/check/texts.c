/* Texts: the same in every language, and there for whatever a view shows.
 * Rights: a program of the build machine; memory only. */
#include "web/check/check.h"

#include "base/log.h"

#include <string.h>

struct comparing {
        struct checker *checker;
        const struct language *language, *with;
};

static bool compare(const char *name, const struct json *value, void *context)
{
        struct comparing *comparing = context;
        struct checker *checker = comparing->checker;

        checker->file = comparing->language->file;
        if (json_type_of(value) != JSON_TEXT || *json_text(value, NULL) == '\0')
                view_fault(checker, name, "expected a text");
        else if (!json_has(comparing->with->texts, name))
                view_fault(checker, name, "%s does not have it", comparing->with->file);
        return true;
}

void check_languages(struct checker *checker)
{
        ASSERT(checker != NULL && checker->language_count > 0);
        const struct language *first = &checker->languages[0];

        for (size_t i = 0; i < checker->language_count; i++) {
                struct comparing there = {checker, &checker->languages[i], first};
                struct comparing back = {checker, first, &checker->languages[i]};
                json_each(checker->languages[i].texts, compare, &there);
                if (i > 0)
                        json_each(first->texts, compare, &back);
        }
}

void check_text(struct checker *checker, const char *place, const struct json *text)
{
        ASSERT(checker != NULL && place != NULL);
        if (json_type_of(text) == JSON_TEXT) {
                if (!json_has(checker->languages[0].texts, json_text(text, NULL)))
                        view_fault(checker, place, "there is no text \"%s\", expected one of %s", json_text(text, NULL),
                                   checker->languages[0].file);
        } else if (json_type_of(text) != JSON_OBJECT || json_type_of(json_member(text, "en")) != JSON_TEXT) {
                view_fault(checker, place,
                           "expected the key of a text, or an object with a text for each language and \"en\"");
        }
}

void need_text(struct checker *checker, const char *place, const char *kind, const char *name)
{
        ASSERT(checker != NULL && kind != NULL && name != NULL);
        const char *dot = strrchr(name, '.');
        const char *key = arena_printf(checker->arena, "%s.%s", kind, name);
        const char *last = arena_printf(checker->arena, "%s.%s", kind, dot != NULL ? dot + 1 : name);
        const struct json *texts = checker->languages[0].texts;

        if (!checker->foreign && !json_has(texts, key) && (strcmp(kind, "field") == 0 || !json_has(texts, last)))
                view_fault(checker, place, "there is no text \"%s\", expected one in %s", key,
                           checker->languages[0].file);
}

void need_words(struct checker *checker, const char *place, const struct idl_type *type)
{
        ASSERT(checker != NULL);
        const struct idl_type *real = type != NULL ? idl_real(type) : NULL;

        for (const struct idl_field *f = real != NULL && real->kind == IDL_ENUM ? real->fields : NULL; f != NULL;
             f = f->next)
                need_text(checker, place, "word", f->name);
}

void need_doc(struct checker *checker, const char *place, const char *doc)
{
        ASSERT(checker != NULL);
        for (size_t i = 1; !checker->foreign && doc != NULL && *doc != '\0' && i < checker->language_count; i++)
                if (!json_has(checker->languages[i].contract, doc))
                        view_fault(checker, place, "%s does not have what the contract says here: \"%s\"",
                                   checker->languages[i].file, doc);
}
