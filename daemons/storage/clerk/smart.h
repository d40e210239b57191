/* What a disk says of its own health, made sense of. Pure: bytes in, values out; the bytes are hostile. */
#ifndef BULKHEAD_STORAGE_CLERK_SMART_H
#define BULKHEAD_STORAGE_CLERK_SMART_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SMART_ATTRIBUTES_MAX = 30, SMART_TESTS_MAX = 21, SMART_BYTES_MAX = 16 * 1024 };

enum smart_kind { SMART_KIND_NONE, SMART_KIND_ATA, SMART_KIND_SCSI, SMART_KIND_NVME };

/* none: there is nothing that could be asked. unknown: it was asked, and no sense can be made of the answer. */
enum smart_verdict { SMART_NONE, SMART_UNKNOWN, SMART_ASLEEP, SMART_HEALTHY, SMART_WARNING, SMART_FAILING };

struct smart_attribute {
        int64_t number;
        const char *name, *meaning; /* meaning: the raw value with its unit; NULL */
        bool has_value, has_worst, has_threshold, prefailure, bad;
        int64_t value, worst, threshold, raw;
};

enum smart_outcome { SMART_TEST_PASSED, SMART_TEST_STOPPED, SMART_TEST_FAILED, SMART_TEST_UNKNOWN };

struct smart_test {       /* one that is over */
        const char *kind; /* "short", "long" or "other" */
        enum smart_outcome outcome;
        bool has_hours;
        int64_t hours; /* that the disk had been running for */
};

struct smart {
        enum smart_verdict verdict;
        const char *message; /* why, in words; NULL */
        bool has_temperature, has_hours, has_cycles, has_bad_sectors, has_worn, can_test;
        int64_t temperature, hours, cycles, bad_sectors,
                worn; /* in degrees Celsius; of running; starts; sectors; per cent */
        bool testing;
        int64_t test_done; /* per cent */
        size_t attribute_count, test_count;
        struct smart_attribute attributes[SMART_ATTRIBUTES_MAX];
        struct smart_test tests[SMART_TESTS_MAX]; /* newest first */
};

/* The parts that the hand copied out, by kind of disk; NULL with length 0: not there. */
struct smart_part {
        const uint8_t *bytes;
        size_t length;
};
/* The part with that word. */
struct smart_part smart_part(const uint8_t *bytes, size_t length, const char word[4]);

/* Never fails: of what makes no sense the verdict is unknown. Texts are in the arena. */
struct smart *smart_read(enum smart_kind kind, const uint8_t *bytes, size_t length, struct arena *arena);
/* For the three below: a verdict is only made worse, and the first reason for the worst stays. */
void smart_worse(struct smart *smart, enum smart_verdict verdict, const char *message);

void smart_read_ata(struct smart *smart, const uint8_t *bytes, size_t length, struct arena *arena);
void smart_read_nvme(struct smart *smart, const uint8_t *bytes, size_t length);
void smart_read_scsi(struct smart *smart, const uint8_t *bytes, size_t length);

#endif
