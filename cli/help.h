/* What there is, told from the contracts. */
#ifndef BULKHEAD_CLI_HELP_H
#define BULKHEAD_CLI_HELP_H

#include "cli/catalogue.h"

#include <stdio.h>

void help_all(FILE *out, const struct catalogue *catalogue);
void help_noun(FILE *out, const struct catalogue *catalogue, const char *noun);
void help_command(FILE *out, struct arena *arena, const struct command *command);
/* "bulkhead users create USERNAME [--role viewer|user] ..." */
const char *usage_line(struct arena *arena, const struct command *command);
/* "--role viewer|user", "--password", "--[no-]shell"; for a positional its word. */
const char *option_usage(struct arena *arena, const struct command *command, const struct idl_field *field);
/* What is allowed and what absence means: "1 to 31 small letters ...; default user". "" when nothing is to say. */
const char *option_limits(struct arena *arena, const struct idl_field *field);

/* A manual page in roff: of a noun, or (NULL) of the whole. */
void man_page(FILE *out, const struct catalogue *catalogue, const char *noun);

/* A script for bash or zsh that asks "bulkhead __complete"; false: no such shell. */
bool completion_script(FILE *out, const char *shell);
/* What may come next, a line each. words: those before the one under way, after "bulkhead". */
void complete(FILE *out, const struct catalogue *catalogue, char *const *words, size_t count);

/* "bulkhead doctor ...", which is a program of its own: comes back only when that cannot be started. An exit code. */
int doctor_start(char **words);

struct common_option {
        const char *usage, *says;
        bool changing; /* only for commands that change something */
};
extern const struct common_option common_options[]; /* ended by a NULL usage */

#endif
