/* The annotations of contracts, read strictly, one table line each: where it may stand and what follows it.
 * Rights: as the parser; reads comment lines in memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/read.h"

#include <stdio.h>
#include <string.h>

static const struct rule {
        const char *name;
        unsigned above;
        size_t least, most; /* words after it */
        bool rest;          /* the rest of the line is one word */
        const char *expected;
} rules[IDL_ANNOTATION_COUNT] = {
        [IDL_HTTP] = {"http", ABOVE_METHOD, 2, 2, false, "@http METHOD /api/path"},
        [IDL_ALSO] = {"also", ABOVE_METHOD, 1, IDL_WORDS_MAX, false, "@also [FIELD] /api/path ..."},
        [IDL_COMMAND] = {"command", ABOVE_METHOD, 2, IDL_WORDS_MAX, false, "@command NOUN VERB [param ...]"},
        [IDL_ROLE] = {"role", ABOVE_METHOD, 1, 1, false, "@role nobody, viewer, user, operator or admin"},
        [IDL_PLAN] = {"plan", ABOVE_METHOD, 0, 0, false, "@plan alone"},
        [IDL_JOB] = {"job", ABOVE_METHOD, 0, 0, false, "@job alone"},
        [IDL_MORE] = {"more", ABOVE_METHOD, 0, 0, false, "@more alone"},
        [IDL_SESSION] = {"session", ABOVE_METHOD, 0, 0, false, "@session alone"},
        [IDL_PROGRESS] = {"progress", ABOVE_METHOD, 0, 0, false, "@progress alone"},
        [IDL_ONEWAY] = {"oneway", ABOVE_METHOD, 0, 0, false, "@oneway alone"},
        [IDL_DESTROYS] = {"destroys", ABOVE_METHOD, 0, 0, false, "@destroys alone"},
        [IDL_WARRANT] = {"warrant", ABOVE_METHOD, 0, 1, false, "@warrant or @warrant sometimes"},
        [IDL_IS] = {"is", ABOVE_FIELD, 1, 1, false, "@is VALUE_TYPE"},
        [IDL_RANGE] = {"range", ABOVE_FIELD, 2, 2, false, "@range MIN MAX, two integers in order"},
        [IDL_MAX] = {"max", ABOVE_FIELD, 1, 1, false, "@max N, an integer from 1"},
        [IDL_SECRET] = {"secret", ABOVE_FIELD, 0, 0, false, "@secret alone"},
        [IDL_ISSUED] = {"issued", ABOVE_FIELD, 0, 0, false, "@issued alone"},
        [IDL_COOKIE] = {"cookie", ABOVE_FIELD, 0, 0, false, "@cookie alone"},
        [IDL_DEFAULT] = {"default", ABOVE_FIELD, 1, 1, true, "@default VALUE"},
        [IDL_EVENT] = {"event", ABOVE_TYPE, 0, 0, false, "@event alone"},
};

static const char *above_name(enum above above)
{
        switch (above) {
        case ABOVE_INTERFACE:
                return "an interface";
        case ABOVE_TYPE:
                return "a type";
        case ABOVE_METHOD:
                return "a method";
        case ABOVE_ERROR:
                return "an error";
        case ABOVE_FIELD:
                return "a field";
        default:
                return "a word of an enum";
        }
}

/* An integer that JSON can carry, in its one spelling. */
static int read_integer(const char *text, int64_t *ret_number)
{
        bool minus = *text == '-';
        const char *digit = text + minus;
        int64_t number = 0;

        if (*digit == '\0' || (*digit == '0' && (digit[1] != '\0' || minus)))
                return -1;
        for (; *digit != '\0'; digit++) {
                if (*digit < '0' || *digit > '9' || number > 900719925474099)
                        return -1;
                number = number * 10 + (*digit - '0');
        }
        if (number > 9007199254740991)
                return -1;
        *ret_number = minus ? -number : number;
        return 0;
}

/* -1 when the words are not what the annotation asks for. */
static int read_meaning(enum idl_annotation kind, struct idl_note *note)
{
        static const char *const http[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

        switch (kind) {
        case IDL_HTTP:
                if (strncmp(note->words[1], "/api/", 5) != 0)
                        return -1;
                for (size_t i = 0; i < sizeof(http) / sizeof(http[0]); i++)
                        if (strcmp(note->words[0], http[i]) == 0)
                                return 0;
                return -1;
        case IDL_ROLE:
                return role_parse(note->words[0], &note->role);
        case IDL_WARRANT:
                return note->count == 0 || strcmp(note->words[0], "sometimes") == 0 ? 0 : -1;
        case IDL_RANGE:
                if (read_integer(note->words[0], &note->from) < 0 || read_integer(note->words[1], &note->to) < 0)
                        return -1;
                return note->from <= note->to ? 0 : -1;
        case IDL_MAX:
                return read_integer(note->words[0], &note->to) == 0 && note->to >= 1 ? 0 : -1;
        default:
                return 0;
        }
}

/* Takes the next word of *at; NULL at the end of the line. */
static const char *next_word(struct arena *arena, const char **at, bool rest)
{
        const char *start = *at + strspn(*at, " \t");
        size_t length = rest ? strlen(start) : strcspn(start, " \t");

        *at = start + length;
        return length > 0 ? arena_text(arena, start, length) : NULL;
}

static void read_note(struct arena *arena, struct faults *faults, const struct comment *comment, enum above above,
                      struct idl_said *said)
{
        const char *at = comment->text + 1;
        const char *name = next_word(arena, &at, false);
        size_t kind = 0;

        while (kind < IDL_ANNOTATION_COUNT && (name == NULL || strcmp(rules[kind].name, name) != 0))
                kind++;
        if (kind == IDL_ANNOTATION_COUNT) {
                fault(faults, comment->place, "unknown annotation @%.40s, expected one of ipc/README.md",
                      name != NULL ? name : "");
                return;
        }
        const struct rule *rule = &rules[kind];
        if ((rule->above & above) == 0) {
                fault(faults, comment->place, "@%s above %s, expected it above %s", name, above_name(above),
                      above_name((enum above)rule->above));
                return;
        }
        if (said->notes[kind] != NULL) {
                fault(faults, comment->place, "@%s twice, expected it once", name);
                return;
        }
        struct idl_note *note = arena_alloc(arena, sizeof(*note));
        const char *word = next_word(arena, &at, rule->rest);
        note->place = comment->place;
        while (word != NULL && note->count < IDL_WORDS_MAX) {
                note->words[note->count++] = word;
                word = next_word(arena, &at, rule->rest);
        }
        if (word != NULL || note->count < rule->least || note->count > rule->most ||
            read_meaning((enum idl_annotation)kind, note) < 0) {
                fault(faults, comment->place, "\"%.80s\", expected %s", comment->text, rule->expected);
                return;
        }
        said->notes[kind] = note;
}

void annotate(struct arena *arena, struct faults *faults, const struct comment *comments, enum above above,
              struct idl_said *ret_said)
{
        ASSERT(arena != NULL && faults != NULL && ret_said != NULL);
        size_t length = 1;

        for (const struct comment *c = comments; c != NULL; c = c->next)
                length += strlen(c->text) + 1;
        char *comment = arena_alloc(arena, length);
        char *doc = arena_alloc(arena, length);
        ret_said->comment = comment;
        ret_said->doc = doc;
        for (const struct comment *c = comments; c != NULL; c = c->next) {
                comment = stpcpy(comment, c->text);
                if (c->next != NULL)
                        *comment++ = '\n';
                if (c->text[0] == '@') {
                        read_note(arena, faults, c, above, ret_said);
                        continue;
                }
                if (doc != ret_said->doc)
                        *doc++ = '\n';
                doc = stpcpy(doc, c->text);
        }
}

void annotate_nothing(struct faults *faults, const struct comment *comments)
{
        ASSERT(faults != NULL);
        for (const struct comment *c = comments; c != NULL; c = c->next)
                if (c->text[0] == '@')
                        fault(faults, c->place,
                              "\"%.80s\" belongs to nothing, expected it on a line of its own "
                              "directly above a member or field",
                              c->text);
}
