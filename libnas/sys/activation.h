/* What systemd tells a service and wants to hear: LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC.
 * Written by hand (the protocol is documented and stable) so that a hand need not load libsystemd,
 * which brings four more libraries into a privileged process. */
#ifndef BULKHEAD_SYS_ACTIVATION_H
#define BULKHEAD_SYS_ACTIVATION_H

#include <stdint.h>

/* Number of descriptors passed (from 3), each checked to be a listening Unix socket and set CLOEXEC and
 * NONBLOCK; 0 when none; -errno. Clears the variables. */
int activation_sockets(void);
/* The same for the front end, which may have internet sockets too: TCP, listening. What each one is called
 * (FileDescriptorName=; "" when the supervisor gave no names). */
enum { ACTIVATION_SOCKETS_MAX = 8, ACTIVATION_NAME_SIZE = 32 };
struct activation_socket {
        int fd, domain; /* AF_UNIX, AF_INET or AF_INET6 */
        char name[ACTIVATION_NAME_SIZE];
};
int activation_named_sockets(struct activation_socket ret_sockets[ACTIVATION_SOCKETS_MAX]);
/* Remembers the notify socket and clears the variable; call before the jail. */
void activation_start(void);
/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..." ; does nothing without a supervisor. */
void activation_notify(const char *state);
void activation_alive(void);           /* WATCHDOG=1, once a second at most */
uint64_t activation_watchdog_us(void); /* 0: none asked for */

#endif
