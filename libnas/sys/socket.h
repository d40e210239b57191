/* Unix sockets: listening, connecting, who the peer is, and passing descriptors. */
#ifndef BULKHEAD_SYS_SOCKET_H
#define BULKHEAD_SYS_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

enum { SOCKET_FDS_MAX = 4 };

struct peer {
        pid_t pid;
        uid_t uid;
        gid_t gid;
};

/* type: SOCK_STREAM or SOCK_SEQPACKET; CLOEXEC and NONBLOCK are set. The descriptor or -errno. */
int socket_connect(const char *path, int type);
/* 0 or -errno. The overflow uid 65534 is refused with -EPERM: it may be anybody. */
int socket_peer(int fd, struct peer *ret_peer);

/* One sendmsg, no signal. Bytes sent or -errno. */
ssize_t socket_send(int fd, const void *bytes, size_t length, const int *fds, size_t fd_count);
/* One recvmsg. At most *fd_count descriptors are taken (CLOEXEC), *fd_count is set; descriptors that came
 * in excess are closed and the result is -EBADMSG, as for a record cut short. 0 bytes: the peer is gone. */
ssize_t socket_receive(int fd, void *bytes, size_t size, int *fds, size_t *fd_count);

#endif
