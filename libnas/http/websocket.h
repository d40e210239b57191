/* WebSocket (RFC 6455) on an exchange that asked for it: the only door to wslay. Text messages only.
 * An idle one costs some hundred bytes: reading state exists only while a message is half there. */
#ifndef BULKHEAD_HTTP_WEBSOCKET_H
#define BULKHEAD_HTTP_WEBSOCKET_H

#include "http/server.h"

struct websocket;

struct websocket_events {
        void (*text)(struct websocket *socket, const char *bytes, size_t length, void *context); /* UTF-8, complete */
        void (*room)(struct websocket *socket, void *context); /* all is out; told when websocket_backlog was not 0 */
        void (*gone)(struct websocket *socket, void *context); /* the last that is heard of it */
};

enum { WEBSOCKET_MESSAGE_MAX = 64 * 1024, WEBSOCKET_PING_MS = 30000, WEBSOCKET_OUTPUT_MAX = 1024 * 1024 };

/* Does the head ask for a WebSocket as RFC 6455 wants it? 0, or the status to refuse with (400, 426). */
int websocket_asked(const struct http_head *head);
/* Answers 101 and takes the connection out of the exchange, which ends. protocol: NULL, or the one chosen. */
struct websocket *websocket_accept(struct exchange *exchange, const char *protocol,
                                   const struct websocket_events *events, void *context);

/* A message made once for many. Unmasked, so the same bytes for everybody. */
struct websocket_frame;
struct websocket_frame *websocket_frame_new(const char *text, size_t length);
void websocket_frame_drop(struct websocket_frame *frame); /* when the last who holds it lets go */
void websocket_send_frame(struct websocket *socket, struct websocket_frame *frame);
void websocket_send(struct websocket *socket, const char *text, size_t length);

size_t websocket_backlog(const struct websocket *socket); /* bytes that the client has not taken */
void websocket_close(struct websocket *socket, unsigned code, const char *reason);
const char *websocket_address(const struct websocket *socket);
void *websocket_context(const struct websocket *socket);

#endif
