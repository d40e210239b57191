/* bulkhead-mount-known: waits until PID 1 knows that a pool is mounted.
 *
 *     mount-known POOL
 *
 * PID 1 reads of mounts in the kernel's table, and puts that off for up to a second when there are many. Until then
 * srv-POOL.mount is a unit that it has never heard of: nothing that is bound to it could be begun, and to end it would
 * be nothing.
 *
 * Rights: none but to ask PID 1 by a socket that is root's alone, which is there before the system's bus is. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/bus.h"
#include "value/types.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define MANAGER "org.freedesktop.systemd1"
enum { UNIT_NAME_SIZE = 256, AGAIN_MS = 20, DEADLINE_MS = 20 * 1000 };

static bool is_active(sd_bus *bus, const char *unit)
{
        CLEANUP(sd_bus_message_unrefp) sd_bus_message *found = NULL;
        CLEANUP(sd_bus_message_unrefp) sd_bus_message *property = NULL;
        const char *path, *state;
        return sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager", "GetUnit", NULL, &found,
                                  "s", unit) >= 0 &&
               sd_bus_message_read(found, "o", &path) > 0 &&
               sd_bus_get_property(bus, MANAGER, path, MANAGER ".Unit", "ActiveState", NULL, &property, "s") >= 0 &&
               sd_bus_message_read(property, "s", &state) > 0 && strcmp(state, "active") == 0;
}

int main(int argc, char **argv)
{
        CLEANUP(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        char unit[UNIT_NAME_SIZE];
        log_open("mount-known");
        if (argc != 2 || !value_is(&value_pool_name, argv[1], strlen(argv[1])))
                return 2;
        snprintf(unit, sizeof(unit), "srv-%s.mount", argv[1]);
        const uint64_t until_ms = clock_boot_ms() + DEADLINE_MS;
        bool known = bus_open_manager(&bus) >= 0 && is_active(bus, unit);
        while (bus && !known && clock_boot_ms() < until_ms) {
                (void)poll(NULL, 0, AGAIN_MS);
                known = is_active(bus, unit);
        }
        if (!known) /* it is mounted all the same */
                log_warn("PID 1 does not know %s: what begins with the pool %s may not have begun", unit, argv[1]);
        return 0;
}
