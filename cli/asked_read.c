/* Words of the command line, read by a method's parameters. Pure.
 * Rights: the command line, as whoever runs it; works on memory only. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/asked.h"

#include <stdio.h>
#include <string.h>

struct words {
        struct asked *asked;
        char *const *at, *const *end;
        size_t positional; /* how many were taken */
        struct failure *failure;
};

static int refuse(const struct words *words, const char *before, const char *word, const char *after)
{
        char next[200];
        const struct command *command = words->asked->command;

        snprintf(next, sizeof(next), "bulkhead %s %s --help shows what there is.", command->noun, command->verb);
        return failure_set(words->failure, FAILURE_INVALID, "", next, "%s%s%s", before, word, after);
}

static struct given *find_given(const struct asked *asked, const char *name, size_t length)
{
        for (size_t i = 0; i < asked->count; i++) {
                const char *option = option_name(asked->arena, asked->given[i].field->name);
                if (strlen(option) == length && memcmp(option, name, length) == 0)
                        return &asked->given[i];
        }
        return NULL;
}

static int add_text(const struct words *words, struct given *given, const char *text)
{
        if (given->count > 0 && given->field->type->kind != IDL_ARRAY)
                return refuse(words, "", given->field->name, " is given twice");
        if (given->count == GIVEN_MAX)
                return refuse(words, "", given->field->name, " has too many values");
        if (given->texts == NULL || (given->count & (given->count - 1)) == 0) { /* room doubles */
                const char **more =
                        arena_array(words->asked->arena, given->count > 0 ? given->count * 2 : 1, sizeof(*more));
                if (given->count > 0)
                        memcpy(more, given->texts, given->count * sizeof(*more));
                given->texts = more;
        }
        given->texts[given->count++] = text;
        return 0;
}

/* The value of an option: behind its "=", or the next word. */
static const char *take_value(struct words *words, const char *equals)
{
        if (equals != NULL)
                return equals + 1;
        return words->at < words->end ? *words->at++ : NULL;
}

static int read_fd(struct words *words, const char *equals, int *ret_fd)
{
        const char *text = take_value(words, equals);
        size_t digits = text != NULL ? strspn(text, "0123456789") : 0;

        if (digits == 0 || digits > 4 || text[digits] != '\0')
                return refuse(words, "", text != NULL ? text : "nothing", " is no number of a descriptor");
        *ret_fd = 0;
        for (; *text != '\0'; text++)
                *ret_fd = *ret_fd * 10 + (*text - '0');
        return 0;
}

/* The options that every command has. 1 when it was one of them, 0 when not, -1 on failure. */
static int read_common(struct words *words, const char *name, size_t length, const char *equals)
{
        struct asked *asked = words->asked;
        bool changes = asked->command->method->said.notes[IDL_PLAN] != NULL;
        const struct {
                const char *name;
                bool *flag;
                const char **text;
                int *fd;
                bool changing; /* only where something is changed */
        } options[] = {
                {"help", &asked->help, NULL, NULL, false},
                {"json", &asked->json, NULL, NULL, false},
                {"dry-run", &asked->dry_run, NULL, NULL, true},
                {"yes", &asked->yes, NULL, NULL, true},
                {"confirm", NULL, &asked->confirm, NULL, true},
                {"as", NULL, &asked->as, NULL, false},
                {"clerk", NULL, &asked->clerk, NULL, false},
                {"as-password-fd", NULL, NULL, &asked->as_fd, false},
                {"as-code-fd", NULL, NULL, &asked->code_fd, false},
                {"password-fd", NULL, NULL, &asked->as_fd, false}, /* where it is no parameter's */
        };

        for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
                if (strlen(options[i].name) != length || memcmp(options[i].name, name, length) != 0)
                        continue;
                if (options[i].changing && !changes)
                        return refuse(words, "--", options[i].name, " is for commands that change something");
                if (options[i].fd != NULL)
                        return read_fd(words, equals, options[i].fd) < 0 ? -1 : 1;
                if (options[i].text != NULL) {
                        *options[i].text = take_value(words, equals);
                        return *options[i].text != NULL ? 1 : refuse(words, "--", options[i].name, " needs a value");
                }
                if (equals != NULL)
                        return refuse(words, "--", options[i].name, " takes no value");
                *options[i].flag = true;
                return 1;
        }
        return 0;
}

static int read_secret(struct words *words, struct given *given, const char *equals)
{
        if (equals != NULL)
                return refuse(words, "a secret on the command line can be read by all; say --",
                              option_name(words->asked->arena, given->field->name),
                              " alone to be asked, or with -fd N");
        given->prompt = true;
        return 0;
}

/* An option that belongs to a parameter: --name, --no-name, --name-fd. 1, 0 (there is none) or -1. */
static int read_own(struct words *words, const char *name, size_t length, const char *equals)
{
        struct given *given = find_given(words->asked, name, length);
        const char *value;

        if (given == NULL && length > 3 && memcmp(name + length - 3, "-fd", 3) == 0) {
                given = find_given(words->asked, name, length - 3);
                if (given != NULL && is_secret(given->field))
                        return read_fd(words, equals, &given->fd) < 0 ? -1 : 1;
                return 0;
        }
        if (given == NULL && length > 3 && memcmp(name, "no-", 3) == 0) {
                given = find_given(words->asked, name + 3, length - 3);
                if (given == NULL || given->field->type->kind != IDL_BOOL || equals != NULL)
                        return 0;
                return add_text(words, given, "no") < 0 ? -1 : 1;
        }
        if (given == NULL || is_positional(words->asked->command, given->field))
                return 0;
        if (is_secret(given->field))
                return read_secret(words, given, equals) < 0 ? -1 : 1;
        if (given->field->type->kind == IDL_BOOL)
                value = equals != NULL ? equals + 1 : "yes";
        else
                value = take_value(words, equals);
        if (value == NULL)
                return refuse(words, "--", option_name(words->asked->arena, given->field->name), " needs a value");
        return add_text(words, given, value) < 0 ? -1 : 1;
}

static int read_option(struct words *words, const char *word)
{
        const char *name = word + 2, *equals = strchr(name, '=');
        size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
        int result = read_own(words, name, length, equals);

        if (result == 0)
                result = read_common(words, name, length, equals);
        return result == 0 ? refuse(words, "there is no option ", word, "") : result;
}

static int read_positional(struct words *words, const char *word)
{
        const struct idl_note *note = words->asked->command->method->said.notes[IDL_COMMAND];

        if (words->positional + 2 >= note->count)
                return refuse(words, "", word, " is one word too many");
        const char *name = option_name(words->asked->arena, note->words[2 + words->positional++]);
        struct given *given = find_given(words->asked, name, strlen(name));
        ASSERT(given != NULL); /* idl_check saw to it */
        return add_text(words, given, word);
}

int asked_read(struct arena *arena, const struct command *command, char *const *words, size_t count,
               struct asked *ret_asked, struct failure *failure)
{
        ASSERT(arena != NULL && command != NULL && (words != NULL || count == 0) && ret_asked != NULL);
        struct asked asked = {.command = command, .arena = arena, .as_fd = -1, .code_fd = -1};
        struct words reading = {.asked = &asked, .at = words, .end = words + count, .failure = failure};
        bool options = true;

        asked.given = arena_array(arena, IDL_FIELDS_MAX, sizeof(*asked.given));
        for (const struct idl_field *f = command->method->type->fields; f != NULL; f = f->next)
                asked.given[asked.count++] = (struct given){.field = f, .fd = -1};
        while (reading.at < reading.end) {
                const char *word = *reading.at++;
                int result;
                if (options && strcmp(word, "--") == 0) {
                        options = false;
                        continue;
                }
                if (options && strcmp(word, "-h") == 0)
                        word = "--help";
                if (options && strncmp(word, "--", 2) == 0)
                        result = read_option(&reading, word);
                else if (options && word[0] == '-' && word[1] != '\0' && strchr("0123456789", word[1]) == NULL)
                        result = refuse(&reading, "there is no option ", word, "");
                else
                        result = read_positional(&reading, word);
                if (result < 0)
                        return -1;
        }
        *ret_asked = asked;
        return 0;
}
