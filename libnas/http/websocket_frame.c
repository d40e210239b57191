/* Frames as they go out: written by wslay, once for all who get them.
 * Rights: the front end; none needed. */
#include "http/websocket_parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

static ssize_t take(const uint8_t *bytes, size_t length, int flags, void *context)
{
        struct websocket_frame *frame = context;
        (void)flags;
        memcpy(frame->bytes + frame->length, bytes, length);
        frame->length += length;
        return (ssize_t)length;
}

struct websocket_frame *websocket_frame_of(enum websocket_kind kind, const void *bytes, size_t length)
{
        static const uint8_t opcodes[] = {WSLAY_TEXT_FRAME, WSLAY_CONNECTION_CLOSE, WSLAY_PING, WSLAY_PONG};
        static const struct wslay_frame_callbacks callbacks = {.send_callback = take};
        enum { HEAD_MAX = 14 };
        ASSERT(bytes != NULL || length == 0);
        struct websocket_frame *frame = mem_grow(NULL, 1, sizeof(*frame) + HEAD_MAX + length);
        struct wslay_frame_iocb says = {.fin = 1,
                                        .opcode = opcodes[kind],
                                        .payload_length = length,
                                        .data = (const uint8_t *)(length == 0 ? "" : bytes),
                                        .data_length = length};
        wslay_frame_context_ptr context = NULL;
        *frame = (struct websocket_frame){.holders = 1};
        if (wslay_frame_context_init(&context, &callbacks, frame) != 0)
                log_fatal("out of memory");
        ssize_t sent = wslay_frame_send(context, &says);
        wslay_frame_context_free(context);
        ASSERT(sent == (ssize_t)length);
        return frame;
}

struct websocket_frame *websocket_frame_new(const char *text, size_t length)
{
        return websocket_frame_of(WEBSOCKET_TEXT, text, length);
}

void websocket_frame_drop(struct websocket_frame *frame)
{
        ASSERT(frame != NULL && frame->holders > 0);
        if (--frame->holders == 0)
                free(frame);
}
