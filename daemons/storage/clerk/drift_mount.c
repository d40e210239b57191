/* Options of a pool's file system, beside those that are wanted. What is said of one mount of it (noatime, nosuid) is
 * said for each process's own view of the machine, and this one cannot see that of others.
 * Rights: the storage clerk; pure. */
#include "daemons/storage/clerk/drift.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

/* As the kernel writes it: a word of its own, perhaps with a level behind (compress=zstd:3). */
static bool has(const char *list, const char *word)
{
        const size_t length = strlen(word);
        for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
                if (strncmp(at, word, length) == 0 && (at[length] == '\0' || at[length] == ',' || at[length] == ':'))
                        return true;
        return false;
}

static const char *join(struct arena *arena, const char *list, const char *word)
{
        return *list ? arena_printf(arena, "%s, %s", list, word) : word;
}

struct drift_mount drift_compare(const struct wanted *pool, const struct mount *mount, struct arena *arena)
{
        ASSERT(pool && mount && arena);
        static const char *const choices[] = {"compress=zstd", "compress=lzo", "usrquota", "grpquota"};
        struct drift_mount drift = {.wanted = "", .found = "", .read_only = has(mount->options, "ro")};
        if (pool_wants(pool, "noatime"))
                drift.options[drift.option_count++] = "noatime";
        for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
                bool there = has(mount->options, choices[i]), wanted = pool_wants(pool, choices[i]);
                if (there)
                        drift.options[drift.option_count++] = choices[i];
                drift.differs = drift.differs || there != wanted;
                drift.wanted = wanted ? join(arena, drift.wanted, choices[i]) : drift.wanted;
                drift.found = there ? join(arena, drift.found, choices[i]) : drift.found;
        }
        if (drift.read_only) {
                drift.differs = true;
                drift.wanted = join(arena, drift.wanted, "rw");
                drift.found = join(arena, drift.found, "ro");
        }
        return drift;
}
