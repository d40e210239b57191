/* The skeleton of a front end: sockets (TCP and Unix, each with its name), inspection, prepare, jail with proof, loop
 * with watchdog, and an end without a lost request. A front's main() is: return front_main(&api_front, argc, argv); */
#ifndef BULKHEAD_SERVE_FRONT_H
#define BULKHEAD_SERVE_FRONT_H

#include "base/failure.h"
#include "jail/process.h"
#include "sys/activation.h"
#include "sys/loop.h"

#include <stddef.h>

struct front {
        const struct process_policy *policy;
        /* The only moment with open rights: settings, contracts, certificates. 0, or -1 with *failure. */
        int (*prepare)(struct loop *loop, struct failure *failure);
        /* The fences stand and the loop is about to run: listens at the sockets, which are its own from now on. */
        void (*start)(const struct activation_socket *sockets, size_t count);
        void (*drain)(void); /* asked to end: ends the loop when the last request is answered */
        void (*end)(void);   /* the loop has ended: frees what there is; NULL */
};

int front_main(const struct front *front, int argc, char **argv);

#endif
