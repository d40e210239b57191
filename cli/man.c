/* Manual pages from the contracts, in roff.
 * Rights: the command line, as whoever runs it; writes to standard output. */
#include "base/log.h"
#include "cli/help.h"

#include <string.h>

/* Text for roff: nothing of it is a request, and - is a minus. */
static void roff(FILE *out, const char *text)
{
        bool begins = true;

        for (; *text != '\0'; text++) {
                if (begins && (*text == '.' || *text == '\''))
                        fputs("\\&", out);
                if (*text == '\\')
                        fputs("\\e", out);
                else if (*text == '-')
                        fputs("\\-", out);
                else
                        fputc(*text, out);
                begins = *text == '\n';
        }
}

static void line(FILE *out, const char *request, const char *text)
{
        fputs(request, out);
        roff(out, text);
        fputc('\n', out);
}

static void write_field(FILE *out, struct arena *arena, const struct command *command, const struct idl_field *field)
{
        const char *limits = option_limits(arena, field);

        fputs(".TP\n", out);
        line(out, "", option_usage(arena, command, field));
        if (*field->said.doc != '\0')
                line(out, "", field->said.doc);
        if (*limits != '\0')
                line(out, "", arena_printf(arena, "(%s)", limits));
        if (*field->said.doc == '\0' && *limits == '\0')
                fputs("\\&\n", out);
}

static void write_command(FILE *out, struct arena *arena, const struct command *command)
{
        fputs(".SS ", out);
        line(out, "", usage_line(arena, command));
        line(out, "", *command->method->said.doc != '\0' ? command->method->said.doc : command->method->name);
        line(out, ".PP\nLeast role: ", arena_printf(arena, "%s.", command->method->said.notes[IDL_ROLE]->words[0]));
        for (const struct idl_field *f = command->method->type->fields; f != NULL; f = f->next)
                write_field(out, arena, command, f);
}

static void write_options(FILE *out)
{
        fputs(".SH OPTIONS\nOf every command:\n", out);
        for (const struct common_option *o = common_options; o->usage != NULL; o++) {
                fputs(".TP\n", out);
                line(out, "", o->usage);
                line(out, "", o->says);
        }
        fputs(".SH EXIT STATUS\n0 done; 1 failed; 2 wrong usage; 3 not signed in, or not allowed; 4 not found; 5 in "
              "conflict with "
              "what is there; 6 a daemon or the database is away; 7 a confirmation is needed.\n",
              out);
}

static void write_nouns(FILE *out, const struct catalogue *catalogue)
{
        fputs(".SH COMMANDS\n.TP\n.B doctor\nLook at everything that Bulkhead needs on this machine, and say in one "
              "line each "
              "what is wrong and what to do; \\-\\-all shows also what is good. Works when everything else is down; "
              "only "
              "for root. Ends with 0 when nothing is wrong, else with 1.\n"
              ".TP\n.B setup\\-code\nShow the code that makes the first administrator; only for root.\n",
              out);
        for (size_t i = 0; i < catalogue->count; i++) {
                const struct command *command = &catalogue->commands[i];
                fputs(".TP\n", out);
                line(out, ".B ", arena_printf(catalogue->arena, "%s %s", command->noun, command->verb));
                line(out, "",
                     *command->method->said.doc != '\0' ? first_sentence(catalogue->arena, command->method->said.doc)
                                                        : command->method->name);
        }
}

void man_page(FILE *out, const struct catalogue *catalogue, const char *noun)
{
        ASSERT(out != NULL && catalogue != NULL);
        const char *name = noun != NULL ? arena_printf(catalogue->arena, "bulkhead-%s", noun) : "bulkhead";
        const struct command *first = noun != NULL ? catalogue_find(catalogue, noun, NULL) : NULL;

        fprintf(out, ".TH \"%s\" 1 \"\" \"Bulkhead %s\"\n.SH NAME\n", name, BULKHEAD_VERSION);
        roff(out, name);
        fputs(" \\- ", out);
        line(out, "",
             first != NULL ? first_sentence(catalogue->arena, first->contract->said.doc)
                           : "the command line of the Bulkhead NAS");
        fputs(".SH SYNOPSIS\n", out);
        line(out, ".B ",
             noun != NULL ? arena_printf(catalogue->arena, "bulkhead %s VERB [...]", noun)
                          : "bulkhead NOUN VERB [...]");
        if (noun == NULL)
                write_nouns(out, catalogue);
        else
                fputs(".SH COMMANDS\n", out);
        for (size_t i = 0; noun != NULL && i < catalogue->count; i++)
                if (strcmp(catalogue->commands[i].noun, noun) == 0)
                        write_command(out, catalogue->arena, &catalogue->commands[i]);
        write_options(out);
}
