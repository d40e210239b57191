/* What can be asked for: the commands of all contracts installed on this machine. */
#ifndef BULKHEAD_CLI_CATALOGUE_H
#define BULKHEAD_CLI_CATALOGUE_H

#include "ipc/compiler/idl.h"

#define CONTRACTS_DIRECTORY "/usr/share/bulkhead/contracts"

struct command {
        const char *noun, *verb;
        const struct idl_contract *contract;
        const struct idl_member *method;
};

struct catalogue {
        struct arena *arena;
        const struct idl_contract *const *contracts;
        size_t contract_count;
        const struct command *commands; /* by noun and verb */
        size_t count;
};

/* Reads every nas.*.varlink of directory. 0, or -1 with what is wrong in message. */
int catalogue_load(struct arena *arena, const char *directory, struct catalogue *ret_catalogue, char message[256]);
/* NULL when there is none. verb NULL: the first of the noun. */
const struct command *catalogue_find(const struct catalogue *catalogue, const char *noun, const char *verb);

/* full_name: full-name; in the arena. */
const char *option_name(struct arena *arena, const char *field);
bool is_positional(const struct command *command, const struct idl_field *field);
bool is_secret(const struct idl_field *field); /* one that is typed */
/* A text too long to type, or of several lines: it is given as the name of a file. */
bool is_file(const struct idl_field *field);
/* "USERNAME", "viewer|user", "FILE" ...; what stands for a value in usage lines. */
const char *value_word(struct arena *arena, const struct idl_field *field);
/* The first sentence of a documentation, without its full stop. */
const char *first_sentence(struct arena *arena, const char *doc);

#endif
