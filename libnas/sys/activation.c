/* The supervisor's protocol: sockets passed, notifications, watchdog.
 * Rights: every process; reads its environment, writes to the supervisor's socket. */
#include "sys/activation.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_FD = 3, ALIVE_MS = 1000 };

static struct {
        int fd;
        struct sockaddr_un address;
        socklen_t address_length;
        uint64_t watchdog_us, told_ms;
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

/* A stream or record socket that listens. Its domain, or -errno. */
static int adopt(int fd)
{
        int listening = 0, domain = 0;
        socklen_t size = sizeof listening;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
            getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0)
                return -errno;
        if (listening == 0)
                return -ENOTSOCK;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
                return -errno;
        return domain;
}

/* How many were passed to this very process. */
static int passed(void)
{
        long long pid = number(getenv("LISTEN_PID")), count = number(getenv("LISTEN_FDS"));
        (void)unsetenv("LISTEN_PID");
        (void)unsetenv("LISTEN_FDS");
        if (pid != (long long)getpid() || count <= 0)
                return 0;
        return count > ACTIVATION_SOCKETS_MAX ? -E2BIG : (int)count;
}

int activation_sockets(void)
{
        int count = passed();
        (void)unsetenv("LISTEN_FDNAMES");
        for (int i = 0; i < count; i++) {
                int domain = adopt(FIRST_FD + i);
                if (domain != AF_UNIX)
                        return domain < 0 ? domain : -ENOTSOCK;
        }
        return count;
}

/* "https:http:proxy": the next name of it. */
static const char *take_name(const char *names, char ret_name[ACTIVATION_NAME_SIZE])
{
        size_t length = strcspn(names, ":");
        if (length < ACTIVATION_NAME_SIZE)
                memcpy(ret_name, names, length);
        return names + length + (names[length] == ':');
}

static int adopt_any(int fd, struct activation_socket *ret_socket)
{
        int domain = adopt(fd);
        if (domain < 0)
                return domain;
        if (domain != AF_UNIX && domain != AF_INET && domain != AF_INET6)
                return -ENOTSOCK;
        *ret_socket = (struct activation_socket){.fd = fd, .domain = domain};
        return 0;
}

int activation_named_sockets(struct activation_socket ret_sockets[ACTIVATION_SOCKETS_MAX])
{
        ASSERT(ret_sockets != NULL);
        const char *names = getenv("LISTEN_FDNAMES");
        int count = passed(), error = 0;
        names = names == NULL ? "" : names;
        for (int i = 0; i < count && error == 0; i++) {
                error = adopt_any(FIRST_FD + i, &ret_sockets[i]);
                names = take_name(names, ret_sockets[i].name);
        }
        (void)unsetenv("LISTEN_FDNAMES");
        return error != 0 ? error : count;
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

void activation_alive(void)
{
        uint64_t now = clock_boot_ms();
        if (now - supervisor.told_ms < ALIVE_MS)
                return;
        supervisor.told_ms = now;
        activation_notify("WATCHDOG=1");
}

uint64_t activation_watchdog_us(void)
{
        return supervisor.watchdog_us;
}
