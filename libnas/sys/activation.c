/* The supervisor's protocol: sockets passed, notifications, watchdog.
 * Rights: every process; reads its environment, writes to the supervisor's socket. */
#include "sys/activation.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_FD = 3, SOCKETS_MAX = 8 };

static struct {
        int fd;
        struct sockaddr_un address;
        socklen_t address_length;
        uint64_t watchdog_us;
} supervisor = {.fd = -1};

/* A decimal number and nothing else; -1 otherwise. */
static long long number(const char *text)
{
        if (text == NULL || *text < '0' || *text > '9')
                return -1;
        char *end;
        errno = 0;
        long long value = strtoll(text, &end, 10);
        return errno != 0 || *end != '\0' ? -1 : value;
}

static int adopt(int fd)
{
        int listening = 0, domain = 0;
        socklen_t size = sizeof listening;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
            getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
                return -errno;
        if (listening == 0 || domain != AF_UNIX)
                return -ENOTSOCK;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
                return -errno;
        return 0;
}

int activation_sockets(void)
{
        long long pid = number(getenv("LISTEN_PID")), count = number(getenv("LISTEN_FDS"));
        (void)unsetenv("LISTEN_PID");
        (void)unsetenv("LISTEN_FDS");
        (void)unsetenv("LISTEN_FDNAMES");
        if (pid != (long long)getpid() || count <= 0)
                return 0;
        if (count > SOCKETS_MAX)
                return -E2BIG;
        for (int i = 0; i < (int)count; i++) {
                int result = adopt(FIRST_FD + i);
                if (result != 0)
                        return result;
        }
        return (int)count;
}

void activation_start(void)
{
        const char *path = getenv("NOTIFY_SOCKET");
        size_t length = path == NULL ? 0 : strlen(path);
        if (length > 1 && length < sizeof supervisor.address.sun_path && (path[0] == '/' || path[0] == '@')) {
                supervisor.address.sun_family = AF_UNIX;
                memcpy(supervisor.address.sun_path, path, length);
                if (path[0] == '@')
                        supervisor.address.sun_path[0] = '\0';
                supervisor.address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
                supervisor.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        }
        long long watchdog = number(getenv("WATCHDOG_USEC")), pid = number(getenv("WATCHDOG_PID"));
        if (watchdog > 0 && (pid < 0 || pid == (long long)getpid()))
                supervisor.watchdog_us = (uint64_t)watchdog;
        (void)unsetenv("NOTIFY_SOCKET");
        (void)unsetenv("WATCHDOG_USEC");
        (void)unsetenv("WATCHDOG_PID");
}

void activation_notify(const char *state)
{
        ASSERT(state != NULL);
        if (supervisor.fd >= 0)
                (void)sendto(supervisor.fd, state, strlen(state), MSG_NOSIGNAL,
                             (const struct sockaddr *)&supervisor.address, supervisor.address_length);
}

uint64_t activation_watchdog_us(void)
{
        return supervisor.watchdog_us;
}
