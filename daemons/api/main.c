/* The front end: HTTPS, REST and the stream.
 * Rights: policy/api_front.c. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "policy/policies.h"
#include "serve/front.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { AGAIN_MS = 20 };

static struct folders watched; /* certificates and modules that come and go */

static int prepare(struct loop *loop, struct failure *failure)
{
        api.loop = loop;
        api.arena = arena_new();
        int error = folders_open(&watched);
        if (error == 0)
                error = modules_prepare(&watched);
        if (error != 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, "what changes", error);
        if (api_settings_read(api.arena, &api.settings, failure) != 0 || api_contracts_load(failure) != 0 ||
            identity_prepare(&watched, failure) != 0)
                return -1;
        documents_make();
        ui_make();
        malloc_trim(0); /* what was needed for that only */
        if (web_open() < 0)
                log_warn("there are no pages: %s: %m", api.settings.web);
        api.trust = trust_open(TRUST_DIRECTORY);
        return api.trust == NULL ? failure_system(failure, FAILURE_UNAVAILABLE, TRUST_DIRECTORY, -errno) : 0;
}

/* Where https is: as it is set, or where we listen for it. 0: nowhere. */
static unsigned https_port(const struct activation_socket *sockets, size_t count)
{
        struct sockaddr_storage address = {0};
        unsigned port = api.settings.https_port;

        for (size_t i = 0; i < count && port == 0; i++) {
                socklen_t size = sizeof(address);
                if (strcmp(sockets[i].name, "https") != 0 ||
                    getsockname(sockets[i].fd, (struct sockaddr *)&address, &size) < 0)
                        continue;
                if (address.ss_family == AF_INET)
                        port = ntohs(((const struct sockaddr_in *)&address)->sin_port);
                else if (address.ss_family == AF_INET6)
                        port = ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
        }
        return port;
}

static void look(void *context)
{
        (void)context;
        identity_look();
        modules_look();
}

static void start(const struct activation_socket *sockets, size_t count)
{
        static const struct http_door https = {.tls = true}, proxy = {.proxy = true};
        const struct http_door http = {.redirect = true, .https = https_port(sockets, count), .acme = HTTP_ACME_FOLDER};

        api.server = http_server_new(api.loop, &api_service);
        identity_show();
        folders_watch(&watched, api.loop, AGAIN_MS, look, NULL);
        api_lines_open();
        for (size_t i = 0; i < count; i++) {
                /* Whoever reaches a socket named proxy is believed; over TCP it belongs on loopback. */
                const struct http_door *door = sockets[i].domain == AF_UNIX || strcmp(sockets[i].name, "proxy") == 0
                                                       ? &proxy
                                               : strcmp(sockets[i].name, "http") == 0 ? &http
                                                                                      : &https;
                http_server_listen(api.server, sockets[i].fd, door);
        }
}

static void drain(void)
{
        http_server_drain(api.server);
}

static void end(void)
{
        http_server_free(api.server);
        api_lines_close();
        trust_close(api.trust);
        arena_free(api.arena);
}

int main(int argc, char **argv)
{
        const struct front front = {
                .policy = &policy_api_front, .prepare = prepare, .start = start, .drain = drain, .end = end};

        return front_main(&front, argc, argv);
}
