/* What everybody must know to check tickets, published by the users hand in one world-readable file
 * that only it can replace (/run/bulkhead/trust/current, renamed into place, so never torn):
 * the public keys in force, the epoch of each subject, and the sessions that ended early.
 * Readers keep it in memory and look for a newer file (fstatat, under a microsecond) at every check,
 * which is how revocation holds at once. No file, or one that does not parse: nothing is valid. */
#ifndef BULKHEAD_TICKET_TRUST_H
#define BULKHEAD_TICKET_TRUST_H

#include "base/clock.h"
#include "base/crypto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRUST_DIRECTORY "/run/bulkhead/trust"
#define TRUST_FILE      "current"

enum { TRUST_KEYS_MAX = 4, TRUST_BYTES_MAX = 1024 * 1024, TRUST_LIST_MAX = 32768 };

struct trust_key {
        uint32_t id;
        uint8_t public_key[PUBLIC_KEY_BYTES];
        uint64_t not_after_ms; /* boot clock; 0: the one that signs now */
};

struct trust_epoch {
        uint32_t subject, epoch;
};

struct trust_ended {
        uint64_t session, until_ms; /* until: when every ticket of it has expired anyway */
};

/* The content; also what the users hand writes. */
struct trust_content {
        uint8_t boot_id[BOOT_ID_BYTES];
        uint64_t generation; /* grows with every change */
        uint32_t everybody;  /* added to each subject's epoch: raised, it ends all tickets */
        uint16_t key_count;
        struct trust_key keys[TRUST_KEYS_MAX];
        uint32_t epoch_count, ended_count;
        struct trust_epoch *epochs; /* sorted by subject; who is not listed has epoch 0 */
        struct trust_ended *ended;  /* sorted by session */
};

/* Malloced; NULL when malformed. Pure; fuzzed. Layout: "bulkhead trust 1" NUL and the fields in order,
 * then SHA-256 of all before it. */
struct trust_content *trust_parse(const void *bytes, size_t length);
void trust_content_free(struct trust_content *content);
/* Malloced bytes. */
uint8_t *trust_write(const struct trust_content *content, size_t *ret_length);

/* Changing it (trust_change.c), for the users hand; pure, the time is given. The lists must be malloced.
 * All tickets of subject end; of everybody: raise content->everybody. */
void trust_content_raise(struct trust_content *content, uint32_t subject);
/* All tickets of the session end; what has expired by itself is dropped. */
void trust_content_end(struct trust_content *content, uint64_t session, uint64_t now_ms, uint64_t until_ms);
/* A new key signs; the former is good until then. False: TRUST_KEYS_MAX keys are still good. A key that is known
 * already just signs (again). */
bool trust_content_key(struct trust_content *content, uint32_t id, const uint8_t public_key[PUBLIC_KEY_BYTES],
                       uint64_t now_ms, uint64_t until_ms);

/* Goes on from what was published before in this boot: true. Else (nothing, or of another boot) begins anew. */
bool trust_content_resume(struct trust_content *content, const void *bytes, size_t length,
                          const uint8_t boot_id[BOOT_ID_BYTES], uint64_t now);

struct trust;
/* Opens the directory (a path, so that tests can have their own). NULL with errno. */
struct trust *trust_open(const char *directory);
void trust_close(struct trust *trust);
/* The content now; NULL with errno when there is none that holds. Valid until the next call. */
const struct trust_content *trust_now(struct trust *trust);
/* For who checks many tickets at one moment: while the same moment is said, one look is enough. 0: look each time. */
void trust_moment(struct trust *trust, uint64_t moment);
/* Changes whenever anything was revoked or renewed: for streams and jobs to look again. */
uint64_t trust_generation(struct trust *trust);
uint32_t trust_epoch_of(const struct trust_content *content, uint32_t subject); /* everybody + own */
bool trust_session_ended(const struct trust_content *content, uint64_t session);

/* The memory of verified tickets, kept here with what they say: a fixed table by hash, under a key of this process
 * (BLAKE2b: a third of the time of SHA-256 here, and nobody outside can aim at a place in the table). */
enum { TRUST_FACTS_MAX = 160 };
void trust_hash(const struct trust *trust, const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES]);
/* What was remembered with it, size bytes (as many as were given); false: nothing. */
bool trust_remembers(const struct trust *trust, const uint8_t hash[HASH_BYTES], void *ret_facts, size_t size);
void trust_remember(struct trust *trust, const uint8_t hash[HASH_BYTES], const void *facts, size_t size);
const uint8_t *trust_boot_id(const struct trust *trust);

#endif
