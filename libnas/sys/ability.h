/* What this machine can do: a container may lack the rights, a kernel the parts. Judged from a few files that only PID
 * 1 and root see whole; systemd passes them to a unit that asks (LoadCredential). */
#ifndef BULKHEAD_SYS_ABILITY_H
#define BULKHEAD_SYS_ABILITY_H

#include <stddef.h>

enum fact {
        FACT_STATUS,      /* what PID 1 may */
        FACT_USERS,       /* whether its root is the machine's */
        FACT_FILESYSTEMS, /* what the kernel has now */
        FACT_DEVICES,
        FACT_LOADED,
        FACT_MODULES, /* what it could load */
        FACT_BUILTIN,
        FACT_CONTROLLERS, /* by what processes can be limited */
        FACT_CONTAINER,   /* of what kind; not there on a machine */
        FACTS
};

struct facts {
        char *texts[FACTS]; /* NULL: not known */
};

/* From systemd's folder of credentials; NULL: from where they are, as root. Frees nothing that was in it. */
void facts_read(struct facts *facts, const char *credentials);
void facts_free(struct facts *facts); /* for CLEANUP */

enum ability_state { ABILITY_NO, ABILITY_YES, ABILITY_UNKNOWN };

struct ability {
        const char *name, *title;
        enum ability_state state;
        char reason[160]; /* why not; empty with YES */
        const char *next; /* what to do about it; NULL: nothing */
};

/* The number of abilities. */
size_t abilities_count(void);
/* Into ret[abilities_count()]. */
void abilities_judge(const struct facts *facts, struct ability *ret);

#endif
