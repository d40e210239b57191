/* The skeleton of a front end. The same order as a clerk's: nothing that comes from outside is looked at before the
 * fences stand and are proved.
 * Rights: the front end; everything that its policy says and nothing more. */
#include "serve/front.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/process.h"
#include "tls/certificate.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { DRAIN_MS = 10000 };

struct fronting {
        const struct front *front;
        struct loop *loop;
        struct loop_watch *patience;
};

static size_t take_sockets(const struct front *front, struct activation_socket sockets[ACTIVATION_SOCKETS_MAX])
{
        int count = activation_named_sockets(sockets);
        if (count < 0)
                log_fatal("cannot take the sockets: %s", strerror(-count));
        if (count == 0)
                log_fatal("is started by its sockets (%s), not by hand", front->policy->socket);
        return (size_t)count;
}

static void give_up(void *context)
{
        const struct fronting *fronting = context;
        log_warn("some requests were not answered in time and are cut off");
        loop_stop(fronting->loop);
}

static void stop(void *context)
{
        struct fronting *fronting = context;
        fronting->patience = loop_timer(fronting->loop, DRAIN_MS, give_up, fronting);
        fronting->front->drain();
}

int front_main(const struct front *front, int argc, char **argv)
{
        ASSERT(front && front->policy && front->prepare && front->start && front->drain);
        struct activation_socket sockets[ACTIVATION_SOCKETS_MAX] = {0};
        struct fronting fronting = {.front = front};
        struct failure failure = {0};
        (void)argv;
        log_open(front->policy->name);
        if (argc != 1)
                log_fatal("takes no arguments");
        crypto_start();
        signal(SIGPIPE, SIG_IGN);
        size_t count = take_sockets(front, sockets);
        process_inspect(front->policy);
        activation_start();
        certificate_start();
        fronting.loop = loop_new();
        if (front->prepare(fronting.loop, &failure) != 0)
                log_fatal("cannot prepare: %s", failure.message);
        process_enter_jail(front->policy);
        front->start(sockets, count);
        process_run(fronting.loop, stop, &fronting);
        loop_unwatch(fronting.patience);
        if (front->end)
                front->end();
        loop_free(fronting.loop);
        return 0;
}
