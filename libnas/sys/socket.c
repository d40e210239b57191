/* Unix sockets.
 * Rights: every process. */
#include "sys/socket.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { OVERFLOW_UID = 65534 };

int socket_connect(const char *path, int type)
{
        ASSERT(path != NULL);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        if (strlen(path) >= sizeof address.sun_path)
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        CLEANUP_FD int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
                return -errno;
        int connected = fd;
        fd = -1;
        return connected;
}

int socket_peer(int fd, struct peer *ret_peer)
{
        struct ucred credentials;
        socklen_t size = sizeof credentials;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
                return -errno;
        if (credentials.uid == OVERFLOW_UID || credentials.uid == (uid_t)-1)
                return -EPERM;
        *ret_peer = (struct peer){.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid};
        return 0;
}

union control { /* aligned room for the descriptors of one message */
        char bytes[CMSG_SPACE(sizeof(int) * SOCKET_FDS_MAX)];
        struct cmsghdr align;
};

ssize_t socket_send(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count)
{
        ASSERT(fd_count <= SOCKET_FDS_MAX);
        struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        union control control = {0};
        if (fd_count != 0) {
                message.msg_control = control.bytes;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
                struct cmsghdr *header = CMSG_FIRSTHDR(&message);
                ASSERT(header != NULL);
                header->cmsg_level = SOL_SOCKET;
                header->cmsg_type = SCM_RIGHTS;
                header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
                memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
        }
        ssize_t sent;
        do
                sent = sendmsg(fd, &message, MSG_NOSIGNAL);
        while (sent < 0 && errno == EINTR);
        return sent < 0 ? -errno : sent;
}

/* Keeps at most *count descriptors, closes the rest; true when none was in excess. */
static bool collect(struct msghdr *message, int *fds, size_t *count)
{
        size_t room = *count;
        bool fits = true;
        *count = 0;
        for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
                if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
                        continue;
                size_t got = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
                for (size_t i = 0; i < got; i++) {
                        int received;
                        memcpy(&received, CMSG_DATA(header) + i * sizeof received, sizeof received);
                        if (*count < room) {
                                fds[(*count)++] = received;
                        } else {
                                (void)close(received);
                                fits = false;
                        }
                }
        }
        return fits;
}

ssize_t socket_receive(int fd, void *bytes, size_t size, int *fds, size_t *fd_count)
{
        ASSERT(bytes != NULL && fd_count != NULL && *fd_count <= SOCKET_FDS_MAX);
        struct iovec part = {.iov_base = bytes, .iov_len = size};
        union control control;
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control.bytes,
                                 .msg_controllen = sizeof control.bytes};
        ssize_t got;
        do
                got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        while (got < 0 && errno == EINTR);
        if (got < 0) {
                *fd_count = 0;
                return -errno;
        }
        bool fits = collect(&message, fds, fd_count);
        if (fits && (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
                return got;
        while (*fd_count != 0)
                (void)close(fds[--*fd_count]);
        return -EBADMSG;
}
