/* Snapshots by a standing order, of a dataset of ZFS's. A person has confirmed what is kept, when and how long; whether
 * it is time, what is made and what is dropped is decided here, by that order and by the snapshots that are there.
 * Rights: CAP_SYS_ADMIN, which ZFS asks for; reads orders, which the storage hand alone writes. */
#include "value/schedule.h"
#include "base/clock.h"
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/zfs-set/tool.h"
#include "value/keep_rule.h"
#include "value/types.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ORDERS "/etc/bulkhead/schedules"
enum { ORDER_MAX = 4096, SNAPSHOTS_MAX = 65536, DROPS_MAX = 64, AHEAD_S = 3600, NAME_SIZE = 64 };

struct made { /* a snapshot that the order made */
        const char *name;
        int64_t at;
        bool held;
};

static int newest_first(const void *a, const void *b)
{
        const struct made *left = a, *right = b;
        return left->at > right->at ? -1 : left->at < right->at;
}

/* "POOL/DATASET@NAME HOLDS" a line. How many, or -EIO. */
static int list_made(const char *schedule, const char *dataset, struct made **ret_made, struct arena *arena)
{
        char *rest = HEAR(arena, ZFS, "list", "-Hp", "-d", "1", "-t", "snapshot", "-o", "name,userrefs", dataset);
        struct made *made = arena_array(arena, SNAPSHOTS_MAX, sizeof(*made));
        const size_t length = strlen(dataset);
        int count = 0;
        if (!rest)
                return -EIO;
        for (char *line; count < SNAPSHOTS_MAX && (line = strsep(&rest, "\n"));) {
                const char *name = strsep(&line, "\t");
                if (!line || strncmp(name, dataset, length) != 0 || name[length] != '@' ||
                    !value_is(&value_snapshot, name + length + 1, strlen(name + length + 1)))
                        continue;
                made[count] = (struct made){.name = name + length + 1, .held = strcmp(line, "0") != 0};
                if ((made[count].at = schedule_moment(schedule, made[count].name)) > 0)
                        count++;
        }
        qsort(made, (size_t)count, sizeof(*made), newest_first);
        *ret_made = made;
        return count;
}

/* Those of a future that did not come (the clock was set back) say nothing of when it was last done. */
static int64_t last_of(const struct made *made, int count, int64_t now)
{
        for (int i = 0; i < count; i++)
                if (made[i].at <= now + AHEAD_S)
                        return made[i].at;
        return 0;
}

static const char *name_at(const char *schedule, const char *dataset, int64_t now, struct arena *arena)
{
        char text[NAME_SIZE];
        struct tm parts;
        time_t seconds = (time_t)now;
        strftime(text, sizeof(text), SCHEDULE_FORMAT, gmtime_r(&seconds, &parts));
        return arena_printf(arena, "%s@%s" SCHEDULE_MARK "%s", dataset, schedule, text);
}

/* A few at a time; the next run goes on. What is held stays, and so does what others were made of. */
static void drop(const struct keep *keep, const char *dataset, const struct made *made, size_t count,
                 struct arena *arena)
{
        int64_t *times = arena_array(arena, count + 1, sizeof(*times));
        bool *kept = arena_array(arena, count + 1, sizeof(*kept));
        unsigned dropped = 0;
        for (size_t i = 0; i < count; i++)
                times[i] = made[i].at;
        keep_apply(keep, times, count, kept);
        for (size_t i = count; i-- > 0 && dropped < DROPS_MAX;)
                if (!kept[i] && !made[i].held)
                        dropped += RUN(ZFS, "destroy", arena_printf(arena, "%s@%s", dataset, made[i].name)) == 0;
}

int schedule_do(const char *name, struct arena *arena)
{
        struct schedule_order order;
        struct keep keep;
        struct made *made;
        const int64_t now = clock_real_s();
        CLEANUP_FD int orders = file_directory(ORDERS);
        char *text = orders < 0 ? NULL : file_text_below(orders, name, ORDER_MAX, arena);
        if (!text || !schedule_order_read(text, &order) || !keep_read(order.keep, &keep))
                return -EBADMSG;
        const char *dataset = arena_printf(arena, "%s/%s", order.pool, order.dataset);
        int count = list_made(name, dataset, &made, arena);
        if (count < 0 || now - last_of(made, count, now) < schedule_period_s(order.every) / 2)
                return count < 0 ? count : -EALREADY;
        int result = RUN(ZFS, "snapshot", name_at(name, dataset, now, arena));
        if (result == 0 && (count = list_made(name, dataset, &made, arena)) > 0)
                drop(&keep, dataset, made, (size_t)count, arena);
        return result;
}
