/* What somebody asked for: the words after "bulkhead NOUN VERB", read by the method's parameters. */
#ifndef BULKHEAD_CLI_ASKED_H
#define BULKHEAD_CLI_ASKED_H

#include "base/failure.h"
#include "cli/catalogue.h"
#include "json/json.h"

enum { GIVEN_MAX = 4096 }; /* values of one parameter */

struct given { /* one parameter */
        const struct idl_field *field;
        const char **texts; /* as typed; after asked_complete also what was prompted for or read from files */
        size_t count;
        int fd;      /* --NAME-fd; -1: none */
        bool prompt; /* --NAME of a secret: ask for it */
};

struct asked {
        const struct command *command;
        struct arena *arena;
        struct given *given; /* one a parameter, in their order */
        size_t count;
        bool help, json, dry_run, yes;
        const char *confirm; /* a digest, or NULL */
        const char *as;      /* a user name, or NULL */
        const char *clerk;   /* which daemon to ask, or NULL */
        int as_fd, code_fd;  /* where the password and the second factor for "as" come from; -1: ask */
};

/* 0, or -1 with FAILURE_INVALID: what is wrong with the words. */
int asked_read(struct arena *arena, const struct command *command, char *const *words, size_t count,
               struct asked *ret_asked, struct failure *failure);
/* Fetches what is not in the words: secrets and files. Then everything required must be there and every value be
 * one of its type. 0 or -1. */
int asked_complete(struct asked *asked, struct failure *failure);
/* Writes the parameters as members of an object that is open. */
void asked_write(const struct asked *asked, struct json_out *out);
/* The object's name for a question: the first positional's text, or "". */
const char *asked_object(const struct asked *asked);

#endif
