/* The peer of http_demo: the same page of 1 KB from libmicrohttpd, driven from a loop of ours by its epoll descriptor,
 * as strict as it can be made.
 *
 *   http_mhd PORT
 *
 * Rights: for figures only; a socket on loopback. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS_MAX = 12000, IDLE_S = 600 };

static char page[1024];

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *bytes, size_t *length, void **request)
{
        static int seen;
        (void)url, (void)method, (void)version, (void)bytes;
        if (*request == NULL) { /* the head is complete */
                *request = &seen;
                return MHD_YES;
        }
        if (*length != 0) {
                *length = 0;
                return MHD_YES;
        }
        return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

static struct MHD_Daemon *start(uint16_t port, struct MHD_Response *response)
{
        const struct sockaddr_in at = {
                .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO, port, NULL, NULL, serve, response, MHD_OPTION_SOCK_ADDR,
                                (const struct sockaddr *)&at, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                                MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                                (unsigned)IDLE_S, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
        if (argc != 2)
                return 1;
        memset(page, 'x', sizeof(page));
        struct MHD_Response *response = MHD_create_response_from_buffer(sizeof(page), page, MHD_RESPMEM_PERSISTENT);
        struct MHD_Daemon *daemon = MHD_add_response_header(response, "Content-Type", "text/plain") == MHD_YES
                                            ? start((uint16_t)strtoul(argv[1], NULL, 10), response)
                                            : NULL;
        if (daemon == NULL)
                return 1;
        struct pollfd ready = {.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN};
        for (;;) {
                MHD_UNSIGNED_LONG_LONG wait_ms;
                int timeout = MHD_get_timeout(daemon, &wait_ms) == MHD_YES ? (int)wait_ms : -1;
                if (poll(&ready, 1, timeout) < 0 || MHD_run(daemon) != MHD_YES)
                        return 1;
        }
}
