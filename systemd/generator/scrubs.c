/* Pools that are read whole by themselves. The timer comes and goes with the mount: a pool that is away is not mounted
 * for it, and what was missed is made up for when it is there again.
 * Rights: root, run by PID 1; reads /etc/bulkhead/scrubs, and writes where PID 1 says. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <stdio.h>
#include <string.h>

#define SCRUBS "/etc/bulkhead/scrubs"

static int write_timer(int folder, const char *pool, const char *every, const char *at)
{
        char unit[UNIT_SIZE], name[2 * NAME_SIZE], wants[2 * NAME_SIZE], when[NAME_SIZE];
        if (strcmp(every, "hour") == 0)
                snprintf(when, sizeof(when), "*-*-* *:%s:00", at + 3);
        else
                snprintf(when, sizeof(when), "%s*-*-%s %s:00", strcmp(every, "week") == 0 ? "Mon " : "",
                         strcmp(every, "month") == 0 ? "01" : "*", at);
        snprintf(name, sizeof(name), "bulkhead-scrub@%s.timer", pool);
        int length =
                snprintf(unit, sizeof(unit),
                         "# Made by bulkhead-storage from " SCRUBS "/%s\n[Unit]\nDescription=Bulkhead: when all of the "
                         "pool %s is read\nDocumentation=man:bulkhead-pools(1)\nSourcePath=" SCRUBS "/%s\n"
                         "BindsTo=srv-%s.mount\nAfter=srv-%s.mount\n\n[Timer]\nOnCalendar=%s\nPersistent=yes\n",
                         pool, pool, pool, pool, pool, when);
        int result = file_create(folder, name, unit, (size_t)length, 0644);
        return result == 0 ? link_unit(folder, mount_wants(pool, wants), name) : result;
}

/* "PERIOD TIME". */
static bool make_timer(int scrubs, const char *pool, int folder)
{
        CLEANUP(textp) char *text = file_text(scrubs, pool, ORDER_MAX);
        char *rest = text, *every = text ? strsep(&rest, " ") : NULL, *at = rest ? strsep(&rest, "\n") : NULL;
        if (!at || !rest || *rest || !is(&value_pool_name, pool) || !is(&value_period, every) ||
            !is(&value_clock_time, at)) {
                fprintf(stderr, SCRUBS "/%s is not as the storage hand writes it; no timer is made of it\n", pool);
                return false;
        }
        int result = write_timer(folder, pool, every, at);
        if (result != 0)
                fprintf(stderr, "bulkhead-scrub@%s.timer: %s\n", pool, strerror(-result));
        return result == 0;
}

bool make_timers(int folder)
{
        return each_file(SCRUBS, make_timer, folder);
}
