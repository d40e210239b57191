/* Talking to daemons: who asks, tickets and warrants, one call and its answer. */
#ifndef BULKHEAD_CLI_DAEMON_H
#define BULKHEAD_CLI_DAEMON_H

#include "base/failure.h"
#include "cli/asked.h"
#include "json/json.h"

#define RUN_DIRECTORY "/run/bulkhead"

struct asker { /* for whom we ask */
        struct arena *arena;
        const char *directory; /* where the sockets are */
        const char *ticket;    /* NULL: nobody */
        bool console;          /* root, known to the users hand by the kernel's word */
        const char *password;  /* what "--as" signed in with, for Confirm */
        bool has_code;         /* and it took a second factor */
};

/* Root's ticket from the users hand, or signed in as asked->as; nobody when the method asks for nobody and neither
 * can be had. 0 or -1. */
int asker_begin(struct asker *asker, const struct asked *asked, struct failure *failure);
/* A warrant for exactly this digest; plan is its encoding as text. 0 or -1. */
int asker_warrant(const struct asker *asker, const char *digest, const char *plan, const char **ret_warrant,
                  struct failure *failure);

/* Root's own line to the users hand. */
int console_ticket(struct arena *arena, const char *directory, const char **ret_ticket, struct failure *failure);
int console_warrant(struct arena *arena, const char *directory, const char *digest, const char **ret_warrant,
                    struct failure *failure);
int console_setup_code(struct arena *arena, const char *directory, const char **ret_code, struct failure *failure);

struct order_member {
        const char *name, *text; /* text NULL: left out */
};

struct order {                              /* one call */
        const char *clerk;                  /* "users" */
        const char *method;                 /* "nas.users.CreateUser" */
        const struct asked *asked;          /* its parameters; or NULL */
        const struct order_member *members; /* texts, ended by a NULL name; or NULL */
        const char *warrant;                /* NULL: none */
        bool dry_run;
        bool more; /* progress is shown as it comes */
};
/* 0 with the answer (free with json_free), or -1 with *failure; then *ret_answer is what came with the error or NULL.
 */
int order_send(const struct asker *asker, const struct order *order, struct json **ret_answer, struct failure *failure);

int exit_code(const struct failure *failure);

#endif
