/* What is done by itself: pools that are read whole, and disks that test themselves. The timer of a pool comes and goes
 * with the mount: one that is away is not mounted for it, and what was missed is made up for when it is there again.
 * Rights: root, run by PID 1; reads /etc/bulkhead/scrubs and self-tests, and writes where PID 1 says. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <stdio.h>
#include <string.h>

#define SCRUBS "/etc/bulkhead/scrubs"
#define TESTS  "/etc/bulkhead/self-tests"

/* As OnCalendar= has it; of text that was checked. */
static const char *calendar(const char *every, const char *at, char ret_when[NAME_SIZE])
{
        if (strcmp(every, "hour") == 0)
                snprintf(ret_when, NAME_SIZE, "*-*-* *:%s:00", at + 3);
        else
                snprintf(ret_when, NAME_SIZE, "%s*-*-%s %s:00", strcmp(every, "week") == 0 ? "Mon " : "",
                         strcmp(every, "month") == 0 ? "01" : "*", at);
        return ret_when;
}

static bool good(const char *source, const char *name, int result)
{
        if (result != 0)
                fprintf(stderr, "no timer for %s/%s: %s\n", source, name, strerror(-result));
        return result == 0;
}

static bool refuse(const char *source, const char *name)
{
        fprintf(stderr, "%s/%s is not as the storage hand writes it; no timer is made of it\n", source, name);
        return false;
}

/* --- pools --- */

static int put_scrub(int folder, const char *pool, const char *every, const char *at, const char *template)
{
        char unit[UNIT_SIZE], name[UNIT_NAME_SIZE], when[NAME_SIZE];
        snprintf(name, sizeof(name), "bulkhead-scrub@%s.timer", pool);
        int length =
                snprintf(unit, sizeof(unit),
                         "# Made by bulkhead-storage from " SCRUBS "/%s\n[Unit]\nDescription=Bulkhead: when all of the "
                         "pool %s is read\nDocumentation=man:bulkhead-pools(1)\nSourcePath=" SCRUBS "/%s\n"
                         "BindsTo=srv-%s.mount\nAfter=srv-%s.mount\n\n[Timer]\nOnCalendar=%s\nPersistent=yes\n"
                         "Unit=%s@%s.service\n",
                         pool, pool, pool, pool, pool, calendar(every, at, when), template, pool);
        int result = file_create(folder, name, unit, (size_t)length, 0644);
        return result == 0 ? begin_with_mount(folder, pool, name) : result;
}

/* By whom it is read; NULL: by nobody that is known. */
static const char *reader_of(const char *word)
{
        static const char *const readers[][2] = {{"array", "bulkhead-array-check"}, {"zfs", "bulkhead-zfs-scrub"}};
        for (size_t i = 0; word && i < sizeof(readers) / sizeof(readers[0]); i++)
                if (strcmp(readers[i][0], word) == 0)
                        return readers[i][1];
        return word ? NULL : "bulkhead-scrub";
}

/* "PERIOD TIME", and "array" when it lies on one, or "zfs". */
static bool make_scrub(int scrubs, const char *pool, int folder)
{
        CLEANUP(textp) char *text = file_text(scrubs, pool, ORDER_MAX);
        char *rest = text, *line = text ? strsep(&rest, "\n") : NULL, *every = line ? strsep(&line, " ") : NULL,
             *at = line ? strsep(&line, " ") : NULL;
        if (!at || !rest || *rest || !is(&value_pool_name, pool) || !is(&value_period, every) ||
            !is(&value_clock_time, at) || !reader_of(line))
                return refuse(SCRUBS, pool);
        return good(SCRUBS, pool, put_scrub(folder, pool, every, at, reader_of(line)));
}

/* --- disks --- */

static int put_test(int folder, const char *disk, const char *every, const char *at)
{
        char unit[UNIT_SIZE], name[UNIT_NAME_SIZE], when[NAME_SIZE];
        snprintf(name, sizeof(name), "bulkhead-self-test@%s.timer", disk);
        int length =
                snprintf(unit, sizeof(unit),
                         "# Made by bulkhead-storage from " TESTS "/%s\n[Unit]\nDescription=Bulkhead: when the disk "
                         "%s tests itself\nDocumentation=man:bulkhead-disks(1)\nSourcePath=" TESTS "/%s\n\n[Timer]\n"
                         "OnCalendar=%s\nPersistent=yes\n",
                         disk, disk, disk, calendar(every, at, when));
        int result = file_create(folder, name, unit, (size_t)length, 0644);
        return result == 0 ? link_unit(folder, "timers.target.wants", name) : result;
}

/* "TEST=...", "EVERY=..." and "AT=...": the unit reads which test it is by itself. */
static bool make_test(int tests, const char *disk, int folder)
{
        static const struct {
                const char *key;
                const struct value_type *type;
        } lines[] = {{"TEST=", &value_self_test}, {"EVERY=", &value_period}, {"AT=", &value_clock_time}};
        enum { TEST, EVERY, AT, LINES };
        const char *values[LINES];
        CLEANUP(textp) char *text = file_text(tests, disk, ORDER_MAX);
        char *rest = text;
        for (size_t i = 0; i < LINES; i++) {
                char *line = strsep(&rest, "\n");
                const size_t length = strlen(lines[i].key);
                if (!line || !rest || strncmp(line, lines[i].key, length) != 0 || !is(lines[i].type, line + length))
                        return refuse(TESTS, disk);
                values[i] = line + length;
        }
        if (*rest || !is(&value_disk_unit, disk))
                return refuse(TESTS, disk);
        return good(TESTS, disk, put_test(folder, disk, values[EVERY], values[AT]));
}

bool make_timers(int folder)
{
        const bool scrubs = each_file(SCRUBS, make_scrub, folder);
        return each_file(TESTS, make_test, folder) && scrubs;
}
