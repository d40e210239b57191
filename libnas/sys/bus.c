/* The system's message bus, and PID 1 without it, by a connection of our own: one that libsystemd makes it binds to a name
 * as well (Debian 13), which takes a right that neither clerks nor hands have.
 * Rights: whose fences let it connect there. */
#include "sys/bus.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"

#include <stdbool.h>
#include <sys/socket.h>

static int open_at(const char *path, bool is_bus, sd_bus **ret_bus)
{
        ASSERT(ret_bus);
        sd_bus *bus = NULL;
        CLEANUP_FD int fd = socket_connect(path, SOCK_STREAM);
        int result = fd < 0 ? fd : sd_bus_new(&bus);
        if (result >= 0)
                result = sd_bus_set_fd(bus, fd, fd);
        if (result >= 0) {
                (void)TAKE_FD(fd); /* closed with the bus */
                result = sd_bus_set_bus_client(bus, is_bus);
        }
        if (result >= 0)
                result = sd_bus_start(bus);
        *ret_bus = result >= 0 ? bus : sd_bus_close_unref(bus);
        return result < 0 ? result : 0;
}

int bus_open(sd_bus **ret_bus)
{
        return open_at("/run/dbus/system_bus_socket", true, ret_bus);
}

int bus_open_manager(sd_bus **ret_bus)
{
        return open_at("/run/systemd/private", false, ret_bus);
}
