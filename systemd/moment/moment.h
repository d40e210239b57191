/* What the files of moment share: datasets of a btrfs pool, and their snapshots that are being made. */
#ifndef BULKHEAD_MOMENT_MOMENT_H
#define BULKHEAD_MOMENT_MOMENT_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

enum { DATASETS_MAX = 64 };

/* A dataset, and the folder of its snapshots; both are open. */
struct dataset {
        int source, folder;
        /* --- while one of it is made, by a thread of its own --- */
        struct moment *moment;
        int result;
};

struct moment {
        int pool;         /* its top folder */
        const char *name; /* of the snapshots */
        struct dataset datasets[DATASETS_MAX];
        size_t count;
        unsigned wait_us; /* until they are made, after the transaction before has begun to be written */
        pthread_barrier_t ready;
};

/* --- take.c --- */

/* What is being made is called so: no snapshot can have such a name, nor a dataset, and no list shows it. */
#define IN_MAKING ".moment"

/* All are there, with their name, and are of one moment: 0. -EEXIST: one has such a snapshot already; -EAGAIN: the pool is
 * too busy. What was made is away then. Once more after it was cut off: goes on with what it finds. */
int moment_take(struct moment *moment);

#endif
