/* What is not on the command line: secrets, asked for without echo or read from a descriptor, and the content of files;
 * then every value is held to its type before anybody is bothered with it.
 * Rights: the command line, as whoever runs it; reads the terminal, files named, descriptors given. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/asked.h"
#include "cli/terminal.h"
#include "value/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int wrong(const struct asked *asked, const struct given *given, struct failure *failure, const char *what)
{
        const char *name = given->field->name;
        bool positional = is_positional(asked->command, given->field);

        return failure_set(failure, FAILURE_INVALID, "", "", "%s%s %s", positional ? "" : "--",
                           positional ? value_word(asked->arena, given->field) : option_name(asked->arena, name), what);
}

static void set_text(struct asked *asked, struct given *given, const char *text)
{
        given->texts = arena_array(asked->arena, 1, sizeof(*given->texts));
        given->texts[0] = text;
        given->count = 1;
}

static int fetch_secret(struct asked *asked, struct given *given, struct failure *failure)
{
        const char *text, *name = option_name(asked->arena, given->field->name);
        const struct idl_note *is = given->field->said.notes[IDL_IS];

        if (given->fd >= 0) {
                text = secret_from_fd(asked->arena, given->fd);
                if (text == NULL)
                        return wrong(asked, given, failure,
                                     arena_printf(asked->arena, "cannot be read from descriptor %d", given->fd));
                set_text(asked, given, text);
                return 0;
        }
        if (!given->prompt && given->field->type->optional)
                return 0;
        if (!terminal_asks())
                return wrong(asked, given, failure,
                             arena_printf(asked->arena,
                                          "is needed; without a terminal give it by "
                                          "--%s-fd N",
                                          name));
        bool twice = is != NULL && strcmp(is->words[0], "password") == 0;
        text = secret_ask(asked->arena, name, twice);
        if (text == NULL)
                return wrong(asked, given, failure, twice ? "was not typed twice the same" : "was not typed");
        set_text(asked, given, text);
        return 0;
}

static const char *read_file(struct arena *arena, const char *path, size_t max)
{
        FILE *file = fopen(strcmp(path, "-") == 0 ? "/dev/stdin" : path, "re");

        if (file == NULL)
                return NULL;
        char *text = arena_alloc(arena, max + 2);
        size_t length = fread(text, 1, max + 1, file);
        bool bad = ferror(file) != 0;
        if (!bad && (length > max || memchr(text, '\0', length) != NULL)) {
                errno = length > max ? EFBIG : EINVAL;
                bad = true;
        }
        fclose(file);
        return bad ? NULL : text;
}

static size_t file_max(const struct idl_field *field)
{
        const struct idl_note *max = field->said.notes[IDL_MAX], *is = field->said.notes[IDL_IS];
        return is != NULL ? value_type_find(is->words[0])->max_bytes : (size_t)max->to;
}

/* "@FILE" for a list: a value a line, without empty lines and comments. */
static int fetch_lines(struct asked *asked, struct given *given, struct failure *failure)
{
        char *text = (char *)(uintptr_t)read_file(asked->arena, given->texts[0] + 1, 1024 * 1024);

        if (text == NULL)
                return wrong(asked, given, failure, arena_printf(asked->arena, "cannot be read: %s", strerror(errno)));
        given->texts = arena_array(asked->arena, GIVEN_MAX, sizeof(*given->texts));
        given->count = 0;
        while (*text != '\0') {
                char *end = text + strcspn(text, "\r\n");
                bool more = *end != '\0';
                *end = '\0';
                if (*text != '\0' && *text != '#' && given->count < GIVEN_MAX)
                        given->texts[given->count++] = text;
                text = end + more;
        }
        return 0;
}

/* A value that may begin with @ itself, such as a group, is one. */
static bool names_lines(const struct given *given)
{
        const struct idl_note *is = given->field->said.notes[IDL_IS];
        const struct value_type *type = is != NULL ? value_type_find(is->words[0]) : NULL;
        if (given->count != 1 || given->field->type->kind != IDL_ARRAY || given->texts[0][0] != '@')
                return false;
        const char *text = given->texts[0];
        return type == NULL || !value_is(type, text, strlen(text));
}

static int fetch(struct asked *asked, struct given *given, struct failure *failure)
{
        if (is_secret(given->field))
                return fetch_secret(asked, given, failure);
        if (names_lines(given))
                return fetch_lines(asked, given, failure);
        if (given->count == 1 && is_file(given->field)) {
                const char *text = read_file(asked->arena, given->texts[0], file_max(given->field));
                if (text == NULL)
                        return wrong(asked, given, failure,
                                     arena_printf(asked->arena, "(%s) cannot be read: %s", given->texts[0],
                                                  strerror(errno)));
                set_text(asked, given, text);
        }
        return 0;
}

static bool is_integer(const char *text)
{
        const char *digits = text + (*text == '-');
        return *digits != '\0' && strlen(digits) <= 16 && strspn(digits, "0123456789") == strlen(digits);
}

static bool is_truth(const char *text)
{
        static const char *const words[] = {"yes", "no", "true", "false"};
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcmp(words[i], text) == 0)
                        return true;
        return false;
}

static int check_text(const struct asked *asked, const struct given *given, const char *text, struct failure *failure)
{
        const struct idl_type *type = given->field->type->of != NULL ? given->field->type->of : given->field->type;
        const struct idl_note *is = given->field->said.notes[IDL_IS];
        const struct value_type *value = is != NULL ? value_type_find(is->words[0]) : NULL;

        switch (idl_real(type)->kind) {
        case IDL_BOOL:
                return is_truth(text) ? 0 : wrong(asked, given, failure, "must be yes or no");
        case IDL_INT:
                return is_integer(text) ? 0 : wrong(asked, given, failure, "must be a number");
        case IDL_ENUM:
                if (idl_field(idl_real(type), text) != NULL)
                        return 0;
                return wrong(asked, given, failure,
                             arena_printf(asked->arena, "must be one of %s", value_word(asked->arena, given->field)));
        case IDL_STRING:
                if (value == NULL || value_check(value, given->field->name, text, strlen(text), NULL) == 0)
                        return 0;
                return wrong(asked, given, failure, arena_printf(asked->arena, "must be %s", value->says));
        default:
                return wrong(asked, given, failure, "cannot be given on the command line");
        }
}

int asked_complete(struct asked *asked, struct failure *failure)
{
        ASSERT(asked != NULL && failure != NULL);
        for (size_t i = 0; i < asked->count; i++) { /* all that can be judged before anybody is asked for a secret */
                const struct given *given = &asked->given[i];
                if (given->count == 0 && !given->field->type->optional && !is_secret(given->field))
                        return wrong(asked, given, failure, "is missing");
        }
        for (size_t i = 0; i < asked->count; i++) {
                struct given *given = &asked->given[i];
                if (fetch(asked, given, failure) < 0)
                        return -1;
                for (size_t j = 0; j < given->count; j++)
                        if (check_text(asked, given, given->texts[j], failure) < 0)
                                return -1;
        }
        return 0;
}

static void write_text(struct json_out *out, const struct idl_type *type, const char *text)
{
        int64_t number = 0;

        switch (idl_real(type)->kind) {
        case IDL_BOOL:
                json_out_boolean(out, strcmp(text, "yes") == 0 || strcmp(text, "true") == 0);
                break;
        case IDL_INT:
                for (const char *digit = text + (*text == '-'); *digit != '\0'; digit++)
                        number = number * 10 + (*digit - '0');
                json_out_integer(out, *text == '-' ? -number : number);
                break;
        default:
                json_out_text(out, text);
                break;
        }
}

void asked_write(const struct asked *asked, struct json_out *out)
{
        ASSERT(asked != NULL && out != NULL);
        for (size_t i = 0; i < asked->count; i++) {
                const struct given *given = &asked->given[i];
                const struct idl_type *type = given->field->type;
                ASSERT(given->texts != NULL || given->count == 0);
                const bool emptied = given->texts != NULL && type->kind == IDL_ARRAY; /* by a file without a line */
                if (given->count == 0 && !emptied && (type->optional || type->kind != IDL_ARRAY))
                        continue;
                json_out_key(out, given->field->name);
                if (type->kind != IDL_ARRAY) {
                        write_text(out, type, given->texts[0]);
                        continue;
                }
                json_out_array(out);
                for (size_t j = 0; j < given->count; j++)
                        write_text(out, type->of, given->texts[j]);
                json_out_array_end(out);
        }
}

const char *asked_object(const struct asked *asked)
{
        ASSERT(asked != NULL);
        const struct idl_note *note = asked->command->method->said.notes[IDL_COMMAND];

        for (size_t i = 0; i < asked->count && note->count > 2; i++)
                if (strcmp(asked->given[i].field->name, note->words[2]) == 0 && asked->given[i].count > 0)
                        return asked->given[i].texts[0];
        return "";
}
