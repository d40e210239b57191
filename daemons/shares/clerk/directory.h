/* The directory from which people of elsewhere are taken, between directory.c, directory_read.c, directory_names.c and
 * drift_servers.c. */
#ifndef BULKHEAD_SHARES_CLERK_DIRECTORY_H
#define BULKHEAD_SHARES_CLERK_DIRECTORY_H

#include "daemons/shares/clerk/shares.h"

/* --- directory_read.c. Pure --- */

/* As its file says it; server NULL: there is none, or it makes no sense. */
struct directory {
        const char *server, *base, *bind;
};
struct directory directory_read(char *text); /* takes it apart, and its texts stay in it; NULL: no file */
/* What its file says of it, in the arena. */
const char *directory_text(const struct directory *directory, struct arena *arena);
/* Why it could not be asked, as the tool printed it: which field is wrong, and what to do. */
void directory_explain(const char *printed, struct failure *failure);
/* The named_number of that name ("carol@directory"), of what was printed about it; NULL: there is none, or it is not
 * one that anybody of the directory may have. */
const char *directory_number_read(const char *printed, const char *name, struct arena *arena);

/* --- directory.c --- */

struct directory directory_now(struct arena *arena);
int directory_plan_restore(struct plan *plan, struct failure *failure); /* only when it is known */

#endif
