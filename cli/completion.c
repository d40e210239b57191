/* Completion in shells: the script asks this very program, so that a new contract needs no new script.
 * Rights: the command line, as whoever runs it; writes to standard output. */
#include "base/log.h"
#include "cli/help.h"

#include <string.h>

static const char bash[] = "_bulkhead() {\n"
                           "        local word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                           "        mapfile -t COMPREPLY < <(compgen -W \"$(bulkhead __complete "
                           "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\" 2>/dev/null)\" "
                           "-- \"$word\")\n"
                           "}\n"
                           "complete -o default -F _bulkhead bulkhead\n";

static const char zsh[] =
        "#compdef bulkhead\n"
        "_bulkhead() {\n"
        "        local -a choices\n"
        "        choices=(${(f)\"$(bulkhead __complete \"${(@)words[2,CURRENT-1]}\" 2>/dev/null)\"})\n"
        "        (( $#choices )) && compadd -- $choices || _files\n"
        "}\n"
        "compdef _bulkhead bulkhead\n";

bool completion_script(FILE *out, const char *shell)
{
        ASSERT(out != NULL && shell != NULL);
        if (strcmp(shell, "bash") == 0)
                fputs(bash, out);
        else if (strcmp(shell, "zsh") == 0)
                fputs(zsh, out);
        else
                return false;
        return true;
}

/* The words that an enum or a truth can be. */
static void complete_value(FILE *out, const struct idl_field *field)
{
        const struct idl_type *type = field->type->of != NULL ? field->type->of : field->type;

        if (idl_real(type)->kind == IDL_ENUM)
                for (const struct idl_field *f = idl_real(type)->fields; f != NULL; f = f->next)
                        fprintf(out, "%s\n", f->name);
}

static void complete_options(FILE *out, struct arena *arena, const struct command *command)
{
        for (const struct idl_field *f = command->method->type->fields; f != NULL; f = f->next) {
                if (is_positional(command, f))
                        continue;
                fprintf(out, "--%s\n", option_name(arena, f->name));
                if (f->type->kind == IDL_BOOL)
                        fprintf(out, "--no-%s\n", option_name(arena, f->name));
        }
        for (const struct common_option *o = common_options; o->usage != NULL; o++)
                if (!o->changing || command->method->said.notes[IDL_PLAN] != NULL)
                        fprintf(out, "%.*s\n", (int)strcspn(o->usage, " "), o->usage);
}

static void complete_command(FILE *out, struct arena *arena, const struct command *command, const char *last)
{
        for (const struct idl_field *f = command->method->type->fields; f != NULL; f = f->next) {
                if (strncmp(last, "--", 2) != 0 || strcmp(option_name(arena, f->name), last + 2) != 0 ||
                    f->type->kind == IDL_BOOL || is_secret(f))
                        continue;
                complete_value(out, f);
                return;
        }
        complete_options(out, arena, command);
}

void complete(FILE *out, const struct catalogue *catalogue, char *const *words, size_t count)
{
        ASSERT(out != NULL && catalogue != NULL && (words != NULL || count == 0));
        const struct command *command = count >= 2 ? catalogue_find(catalogue, words[0], words[1]) : NULL;

        if (command != NULL) {
                complete_command(out, catalogue->arena, command, words[count - 1]);
                return;
        }
        for (size_t i = 0; count < 2 && i < catalogue->count; i++) {
                const struct command *one = &catalogue->commands[i];
                bool first = i == 0 || strcmp(one->noun, catalogue->commands[i - 1].noun) != 0;
                if (count == 1 && strcmp(one->noun, words[0]) == 0)
                        fprintf(out, "%s\n", one->verb);
                else if (count == 0 && first)
                        fprintf(out, "%s\n", one->noun);
        }
        if (count == 0)
                fputs("doctor\nsetup-code\ncompletion\nman\nversion\n", out);
}
