/* The carrier: takes what btrfs sends of a snapshot to where it is to be received, and compares what arrived. */
#ifndef BULKHEAD_STORAGE_CARRIER_CARRIER_H
#define BULKHEAD_STORAGE_CARRIER_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- stream.c: where in a stream of btrfs' commands one is; pure --- */
enum { STREAM_HEAD_BYTES = 17, STREAM_COMMAND_BYTES = 10 };
struct stream {
        uint8_t head[STREAM_HEAD_BYTES]; /* what is there of the header or command that begins here */
        size_t have, skip;               /* how much of it; bytes of a command's content still to come */
        bool begun, ended, wrong;        /* its header is there; its last command was; it is none */
};
void stream_take(struct stream *stream, const uint8_t *bytes, size_t length);
/* All of it is there, and nothing behind it. */
bool stream_is_whole(const struct stream *stream);

/* --- pace.c: no faster than it may be; pure --- */
struct pace {
        uint64_t bytes_a_second; /* 0: as fast as it goes */
        uint64_t begun_ms, bytes;
};
/* How long to wait after so many more bytes. */
uint64_t pace_wait_ms(struct pace *pace, size_t bytes, uint64_t now_ms);

#endif
