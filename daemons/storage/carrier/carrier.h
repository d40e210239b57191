/* The carrier: takes what btrfs sends of a snapshot to where it is to be received, and compares what arrived. */
#ifndef BULKHEAD_STORAGE_CARRIER_CARRIER_H
#define BULKHEAD_STORAGE_CARRIER_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- stream.c: where in a stream of btrfs' commands one is; pure --- */
enum { STREAM_HEAD_BYTES = 17, STREAM_COMMAND_BYTES = 10, STREAM_FIRST_BYTES = 512, STREAM_UUID_BYTES = 16 };
struct stream {
        uint8_t head[STREAM_HEAD_BYTES];   /* what is there of the header or command that begins here */
        size_t have, skip;                 /* how much of it; bytes of a command's content still to come */
        bool begun, ended, wrong;          /* its header is there; its last command was; it is none */
        uint8_t first[STREAM_FIRST_BYTES]; /* with what it begins */
        size_t first_length;
};
void stream_take(struct stream *stream, const uint8_t *bytes, size_t length);
/* How many bytes it takes until it is known what follows; at least one. */
size_t stream_wanted(const struct stream *stream);
/* How many of them need not be looked at, and that so many of those went by. */
size_t stream_unseen(const struct stream *stream);
void stream_passed(struct stream *stream, size_t length);
/* All of it is there, and nothing behind it. */
bool stream_is_whole(const struct stream *stream);
/* As what it is sent: who receives it keeps that. False: its beginning does not say. */
bool stream_uuid(const struct stream *stream, uint8_t ret_uuid[STREAM_UUID_BYTES]);

/* --- pace.c: no faster than it may be; pure --- */
struct pace {
        uint64_t bytes_a_second; /* 0: as fast as it goes */
        uint64_t begun_ms, bytes;
};
/* How long to wait after so many more bytes. */
uint64_t pace_wait_ms(struct pace *pace, size_t bytes, uint64_t now_ms);

/* --- pipes.c: both ends --- */
enum { CHUNK = 256 * 1024, TOLD_MS = 500 };
/* Says it as btrfs' own tools do, and ends. */
_Noreturn __attribute__((format(printf, 1, 2))) void give_up(const char *format, ...);
/* Waits until somebody opens the other end. A descriptor, blocking from then on. */
int meet(const char *name, int flags);
size_t take(int fd, uint8_t *bytes, size_t room); /* how many bytes, or 0 at the end */
/* As much as there is up to the length: pipes give what they have. */
size_t fill(int fd, uint8_t *bytes, size_t length);
/* For the clerk, which shows it: always as long, so that nobody reads half of two. */
void tell(int fd, const char *what, uint64_t bytes);
struct passing {
        int from, to, progress;
        uint8_t *buffer; /* CHUNK bytes */
};
/* As fast as RATE in the environment says. 0, or -errno when nobody takes it any more. */
int pass(const struct passing *passing, struct stream *stream);

#endif
