/* Help from the contracts: what is said above a method is what is told here.
 * Rights: the command line, as whoever runs it; writes to the terminal. */
#include "cli/help.h"

#include "base/log.h"
#include "value/value.h"

#include <string.h>

enum { HELP_COLUMNS = 100 };

const struct common_option common_options[] = {
        {"--json", "Print the answer as JSON.", false},
        {"--as USER",
         "Ask as this account. Its password and second factor are asked for, or read with --as-password-fd N and "
         "--as-code-fd N.",
         false},
        {"--clerk NAME", "Ask another daemon than the command's own.", false},
        {"--dry-run", "Show the plan; change nothing.", true},
        {"--yes", "Do not ask. What needs a person's confirmation is still asked for.", true},
        {"--confirm DIGEST", "Confirm exactly the plan with this digest, from an earlier --dry-run.", true},
        {"--help", "Show this.", false},
        {NULL, NULL, false},
};

const char *option_usage(struct arena *arena, const struct command *command, const struct idl_field *field)
{
        ASSERT(arena != NULL && command != NULL && field != NULL);
        const char *name = option_name(arena, field->name);

        if (is_positional(command, field))
                return value_word(arena, field);
        if (is_secret(field))
                return arena_printf(arena, "--%s", name);
        if (field->type->kind == IDL_BOOL)
                return arena_printf(arena, "--[no-]%s", name);
        return arena_printf(arena, "--%s %s%s", name, value_word(arena, field),
                            field->type->kind == IDL_ARRAY ? "..." : "");
}

const char *usage_line(struct arena *arena, const struct command *command)
{
        ASSERT(arena != NULL && command != NULL);
        const struct idl_note *note = command->method->said.notes[IDL_COMMAND];
        const char *line = arena_printf(arena, "bulkhead %s %s", command->noun, command->verb);

        for (size_t i = 2; i < note->count; i++) {
                const struct idl_field *field = idl_field(command->method->type, note->words[i]);
                line = arena_printf(arena, field->type->optional ? "%s [%s]" : "%s %s", line, value_word(arena, field));
        }
        for (const struct idl_field *f = command->method->type->fields; f != NULL; f = f->next) {
                if (is_positional(command, f))
                        continue;
                bool optional = f->type->optional || is_secret(f);
                line = arena_printf(arena, optional ? "%s [%s]" : "%s %s", line, option_usage(arena, command, f));
        }
        return line;
}

const char *option_limits(struct arena *arena, const struct idl_field *field)
{
        ASSERT(arena != NULL && field != NULL);
        const struct idl_note *const *notes = field->said.notes;
        const struct value_type *value = notes[IDL_IS] != NULL ? value_type_find(notes[IDL_IS]->words[0]) : NULL;
        const char *text = value != NULL ? value->says : "";

        if (notes[IDL_RANGE] != NULL)
                text = arena_printf(arena, "%s to %s", notes[IDL_RANGE]->words[0], notes[IDL_RANGE]->words[1]);
        if (field->type->kind == IDL_ARRAY)
                text = arena_printf(arena, "%s%sgiven again for each, or @FILE with one a line", text,
                                    *text != '\0' ? "; " : "");
        if (is_secret(field))
                text = arena_printf(arena, "%s%sasked for, or read with --%s-fd N", text, *text != '\0' ? "; " : "",
                                    option_name(arena, field->name));
        if (notes[IDL_DEFAULT] != NULL)
                text = arena_printf(arena, "%s%sdefault %s", text, *text != '\0' ? "; " : "",
                                    notes[IDL_DEFAULT]->words[0]);
        return text;
}

void help_all(FILE *out, const struct catalogue *catalogue)
{
        ASSERT(out != NULL && catalogue != NULL);
        fprintf(out, "usage: bulkhead NOUN VERB [...]\n\n");
        for (size_t i = 0; i < catalogue->count; i++) {
                const struct command *command = &catalogue->commands[i];
                if (i == 0 || strcmp(command->noun, catalogue->commands[i - 1].noun) != 0)
                        fprintf(out, "%s  %-16s", i > 0 ? "\n" : "", command->noun);
                fprintf(out, " %s", command->verb);
        }
        fprintf(out, "\n\n  doctor            what is wrong on this machine, and what to do (root)\n"
                     "  setup-code        the code that makes the first administrator (root)\n"
                     "  completion        bash or zsh: a script for the shell\n"
                     "  man [NOUN]        a manual page\n"
                     "  version\n\nbulkhead NOUN --help and bulkhead NOUN VERB --help tell more.\n");
}

void help_noun(FILE *out, const struct catalogue *catalogue, const char *noun)
{
        ASSERT(out != NULL && catalogue != NULL && noun != NULL);
        fprintf(out, "usage: bulkhead %s VERB [...]\n\n", noun);
        for (size_t i = 0; i < catalogue->count; i++)
                if (strcmp(catalogue->commands[i].noun, noun) == 0)
                        fprintf(out, "  %-16s %s\n", catalogue->commands[i].verb,
                                first_sentence(catalogue->arena, catalogue->commands[i].method->said.doc));
        fprintf(out, "\nbulkhead %s VERB --help tells more.\n", noun);
}

/* Fills lines from column indent on; the first line is already there up to it. */
static void fill(FILE *out, const char *text, size_t indent)
{
        size_t column = indent;

        while (*text != '\0') {
                size_t word = strcspn(text, " \n");
                if (column > indent && column + 1 + word > HELP_COLUMNS) {
                        fprintf(out, "\n%*s", (int)indent, "");
                        column = indent;
                }
                fprintf(out, "%s%.*s", column > indent ? " " : "", (int)word, text);
                column += word + (column > indent);
                text += word;
                text += strspn(text, " \n");
        }
        fputc('\n', out);
}

static void help_line(FILE *out, const char *usage, const char *doc, const char *limits)
{
        char text[1024];

        snprintf(text, sizeof(text), *doc != '\0' && *limits != '\0' ? "%s (%s)" : "%s%s", doc, limits);
        if (*text == '\0')
                fprintf(out, "  %s", usage);
        else if (strlen(usage) > 22)
                fprintf(out, "  %s\n%26s", usage, "");
        else
                fprintf(out, "  %-22s  ", usage);
        fill(out, text, 26);
}

void help_command(FILE *out, struct arena *arena, const struct command *command)
{
        ASSERT(out != NULL && arena != NULL && command != NULL);
        const struct idl_said *said = &command->method->said;
        const struct idl_note *warrant = said->notes[IDL_WARRANT];

        fprintf(out, "usage: %s\n\n", usage_line(arena, command));
        if (*said->doc != '\0')
                fprintf(out, "%s\n\n", said->doc);
        fprintf(out, "Least role: %s.%s%s\n\n", said->notes[IDL_ROLE]->words[0],
                warrant == NULL      ? ""
                : warrant->count > 0 ? " Sometimes needs a confirmation."
                                     : " Needs a confirmation.",
                said->notes[IDL_DESTROYS] != NULL ? " Takes away what cannot be brought back." : "");
        for (const struct idl_field *f = command->method->type->fields; f != NULL; f = f->next)
                help_line(out, option_usage(arena, command, f), f->said.doc, option_limits(arena, f));
        for (const struct common_option *o = common_options; o->usage != NULL; o++)
                if (!o->changing || said->notes[IDL_PLAN] != NULL)
                        help_line(out, o->usage, o->says, "");
}
