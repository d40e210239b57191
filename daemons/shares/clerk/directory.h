/* The directory from which people of elsewhere are taken, between directory.c, directory_look.c, directory_read.c,
 * directory_names.c and drift_servers.c. */
#ifndef BULKHEAD_SHARES_CLERK_DIRECTORY_H
#define BULKHEAD_SHARES_CLERK_DIRECTORY_H

#include "daemons/shares/clerk/shares.h"
#include "value/directory.h"

/* --- directory_read.c. Pure --- */

/* As its file says it; no server: there is none, or it makes no sense. */
struct directory {
        const char *servers[DIRECTORY_SERVERS]; /* the one that is asked first, first */
        size_t server_count;
        bool start_tls;
        const char *base, *bind;
};
struct directory directory_read(char *text); /* takes it apart, and its texts stay in it; NULL: no file */
/* What its file says of where it answers, and all that it says, in the arena. */
const char *directory_servers(const struct directory *directory, struct arena *arena);
const char *directory_text(const struct directory *directory, struct arena *arena);
/* Why that server of it could not be asked, as the tools printed it: which field is wrong, and what to do. */
void directory_explain(const struct directory *directory, const char *server, const char *printed,
                       struct failure *failure);
/* The named_number of that name ("carol@directory"), of what was printed about it; NULL: there is none, or it is not
 * one that anybody of the directory may have. */
const char *directory_number_read(const char *printed, const char *name, struct arena *arena);

/* --- directory.c --- */

struct directory directory_now(struct arena *arena);
int directory_plan_restore(struct plan *plan, struct failure *failure); /* only when it is known */

/* --- directory_look.c --- */

struct nas_shares_directory directory_shown(const struct directory *directory);
/* Why the server that was asked last could not be, from what the unit wrote down; that server: the unit's that the
 * failure names, if it does. */
void directory_told(const struct directory *directory, struct failure *failure);

#endif
