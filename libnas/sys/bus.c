/* The system's message bus, by a connection of our own: one that libsystemd makes it binds to a name as well (Debian
 * 13), which takes a right that neither clerks nor hands have.
 * Rights: whose fences let it connect there. */
#include "sys/bus.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/socket.h"

#include <sys/socket.h>

int bus_open(sd_bus **ret_bus)
{
        ASSERT(ret_bus);
        sd_bus *bus = NULL;
        CLEANUP_FD int fd = socket_connect("/run/dbus/system_bus_socket", SOCK_STREAM);
        int result = fd < 0 ? fd : sd_bus_new(&bus);
        if (result >= 0)
                result = sd_bus_set_fd(bus, fd, fd);
        if (result >= 0) {
                (void)TAKE_FD(fd); /* closed with the bus */
                result = sd_bus_set_bus_client(bus, 1);
        }
        if (result >= 0)
                result = sd_bus_start(bus);
        *ret_bus = result >= 0 ? bus : sd_bus_close_unref(bus);
        return result < 0 ? result : 0;
}
