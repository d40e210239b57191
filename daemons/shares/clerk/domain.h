/* The domain that this machine is in, between domain.c, domain_read.c and domain_names.c. */
#ifndef BULKHEAD_SHARES_CLERK_DOMAIN_H
#define BULKHEAD_SHARES_CLERK_DOMAIN_H

#include "daemons/shares/clerk/shares.h"

/* --- domain_read.c. Pure --- */

/* As its file says it; realm NULL: there is none. */
struct domain {
        const char *realm, *workgroup, *name;
};
struct domain domain_read(char *text); /* takes it apart, and its texts stay in it; NULL: no file */
enum { DOMAIN_LINES = 7 };
void domain_lines(const struct domain *domain, struct arena *arena, const char *ret_lines[DOMAIN_LINES]);

/* What was found on the network, as Samba's tools print it; that may be anything. */
struct domain_found {
        const char *controller, *workgroup; /* NULL: none answered */
        bool has_clock, trusted;
        int64_t clock;
};
struct domain_found domain_found_read(char *text);
/* Why it could not be joined, as the tool printed it: says which field was wrong, in place of what is there. */
void domain_join_explain(const char *printed, struct failure *failure);
/* Of "S-1-5-21-1-2-3-1104 SID_USER (1)"; NULL: it is none of that kind. */
const char *domain_sid_read(const char *printed, bool group, struct arena *arena);
/* What a machine of that name is called in a domain, in the arena; NULL: it cannot be. */
const char *domain_machine_name(const char *host, struct arena *arena);

/* --- domain.c --- */

/* The one that is meant, whatever somebody did to its file; realm NULL: none, or it is not known. */
struct domain domain_meant(struct arena *arena);
int domain_plan_restore(struct plan *plan, struct failure *failure); /* only when that is known */

#endif
