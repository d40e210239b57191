/* The parts of a WebSocket, for http's own files only. */
#ifndef BULKHEAD_HTTP_WEBSOCKET_PARTS_H
#define BULKHEAD_HTTP_WEBSOCKET_PARTS_H

#include "http/server_parts.h"
#include "http/websocket.h"

struct websocket_frame {
        unsigned holders;
        size_t length;
        char bytes[]; /* as they go over the wire */
};

enum websocket_kind { WEBSOCKET_TEXT, WEBSOCKET_CLOSE, WEBSOCKET_PING, WEBSOCKET_PONG };
struct websocket_frame *websocket_frame_of(enum websocket_kind kind, const void *bytes, size_t length);

/* --- websocket_read.c: frames out of bytes, by the rules. Pure but for memory; fuzzed --- */
struct ws_reader;
struct ws_message {
        enum websocket_kind kind;
        const char *bytes; /* valid until the next call */
        size_t length;
        unsigned code; /* of a close: 1005 when it has none */
};
enum ws_result { WS_MORE, WS_MESSAGE, WS_BROKEN };
struct ws_reader *ws_reader_new(void);
void ws_reader_give(struct ws_reader *reader, const char *bytes, size_t length); /* before: all was read */
/* WS_BROKEN: *ret_message->code says why (1002, 1007, 1009, 1003). */
enum ws_result ws_reader_next(struct ws_reader *reader, struct ws_message *ret_message);
/* Nothing is half there: it may be given to another connection, or freed. */
bool ws_reader_is_idle(const struct ws_reader *reader);

#endif
