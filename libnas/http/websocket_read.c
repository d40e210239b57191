/* Frames as they come in: wslay takes them apart, and here is what RFC 6455 demands of a server beyond that. A reader
 * is lent to a connection while something of it is half there.
 * Rights: the front end; none needed. */
#include "http/websocket_parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

enum { CONTROL_MAX = 125, MESSAGE_FIRST = 1024, NO_CODE = 1005 };

struct ws_reader {
        wslay_frame_context_ptr context;
        const char *at, *end;       /* given and not yet taken by wslay */
        uint64_t taken, understood; /* by wslay, and of frames that it told us of */
        bool in_frame, in_message;  /* some of it is there */
        uint64_t frame_left;
        char *message;
        size_t message_length, message_size;
        char control[CONTROL_MAX];
        size_t control_length;
};

static ssize_t give(uint8_t *target, size_t size, int flags, void *context)
{
        struct ws_reader *reader = context;
        size_t have = (size_t)(reader->end - reader->at), length = have < size ? have : size;
        (void)flags;
        if (length == 0)
                return -1;
        memcpy(target, reader->at, length);
        reader->at += length;
        reader->taken += length;
        return (ssize_t)length;
}

struct ws_reader *ws_reader_new(void)
{
        static const struct wslay_frame_callbacks callbacks = {.recv_callback = give};
        struct ws_reader *reader = mem_new(1, sizeof(*reader));
        if (wslay_frame_context_init(&reader->context, &callbacks, reader) != 0)
                log_fatal("out of memory");
        return reader;
}

void ws_reader_free(struct ws_reader *reader)
{
        if (reader == NULL)
                return;
        wslay_frame_context_free(reader->context);
        free(reader->message);
        free(reader);
}

void ws_reader_give(struct ws_reader *reader, const char *bytes, size_t length)
{
        ASSERT(reader != NULL && (bytes != NULL || length == 0) && reader->at == reader->end);
        reader->at = bytes;
        reader->end = bytes + length;
}

bool ws_reader_is_idle(const struct ws_reader *reader)
{
        ASSERT(reader != NULL);
        return reader->at == reader->end && reader->taken == reader->understood && !reader->in_frame &&
               !reader->in_message && reader->control_length == 0;
}

static enum ws_result broken(struct ws_message *message, unsigned code)
{
        message->code = code;
        return WS_BROKEN;
}

/* What is wrong with a frame that begins here; 0: nothing. */
static unsigned judge(const struct ws_reader *reader, const struct wslay_frame_iocb *frame)
{
        bool control = wslay_is_ctrl_frame(frame->opcode) != 0;
        if (frame->rsv != 0 || frame->mask == 0)
                return WSLAY_CODE_PROTOCOL_ERROR;
        if (frame->opcode == WSLAY_BINARY_FRAME)
                return WSLAY_CODE_UNSUPPORTED_DATA;
        if (frame->opcode > WSLAY_PONG || (frame->opcode > WSLAY_BINARY_FRAME && !control))
                return WSLAY_CODE_PROTOCOL_ERROR;
        if (control)
                return frame->fin == 0 || frame->payload_length > CONTROL_MAX ? WSLAY_CODE_PROTOCOL_ERROR : 0;
        if ((frame->opcode == WSLAY_CONTINUATION_FRAME) != reader->in_message)
                return WSLAY_CODE_PROTOCOL_ERROR;
        if (frame->payload_length > WEBSOCKET_MESSAGE_MAX - reader->message_length)
                return WSLAY_CODE_MESSAGE_TOO_BIG;
        return 0;
}

static uint64_t head_length(const struct wslay_frame_iocb *frame)
{
        return 2u +
               (frame->payload_length < 126     ? 0u
                : frame->payload_length < 65536 ? 2u
                                                : 8u) +
               (frame->mask != 0 ? 4u : 0u);
}

static void keep(struct ws_reader *reader, const struct wslay_frame_iocb *frame)
{
        size_t needed = reader->message_length + frame->data_length;
        size_t size = reader->message_size == 0 ? MESSAGE_FIRST : reader->message_size;
        while (size < needed)
                size *= 2;
        if (size != reader->message_size)
                reader->message = mem_grow(reader->message, size, 1);
        reader->message_size = size;
        if (frame->data_length > 0)
                memcpy(reader->message + reader->message_length, frame->data, frame->data_length);
        reader->message_length = needed;
}

static enum ws_result end_message(struct ws_reader *reader, struct ws_message *message)
{
        message->kind = WEBSOCKET_TEXT;
        message->bytes = reader->message;
        message->length = reader->message_length;
        reader->in_message = false;
        reader->message_length = 0;
        return text_utf8_valid(message->bytes, message->length)
                       ? WS_MESSAGE
                       : broken(message, WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA);
}

static bool is_code(unsigned code)
{
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static enum ws_result end_control(struct ws_reader *reader, uint8_t opcode, struct ws_message *message)
{
        size_t length = reader->control_length;
        reader->control_length = 0;
        message->kind = opcode == WSLAY_PING ? WEBSOCKET_PING : opcode == WSLAY_PONG ? WEBSOCKET_PONG : WEBSOCKET_CLOSE;
        message->bytes = reader->control;
        message->length = length;
        message->code = NO_CODE;
        if (message->kind != WEBSOCKET_CLOSE || length == 0)
                return WS_MESSAGE;
        const uint8_t *bytes = (const uint8_t *)reader->control;
        message->code = length < 2 ? 0u : (unsigned)bytes[0] << 8 | bytes[1];
        if (!is_code(message->code))
                return broken(message, WSLAY_CODE_PROTOCOL_ERROR);
        message->bytes += 2;
        message->length -= 2;
        return text_utf8_valid(message->bytes, message->length)
                       ? WS_MESSAGE
                       : broken(message, WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA);
}

/* A piece of a frame; WS_MORE: nothing is complete by it. */
static enum ws_result take_piece(struct ws_reader *reader, const struct wslay_frame_iocb *frame,
                                 struct ws_message *message)
{
        bool control = wslay_is_ctrl_frame(frame->opcode) != 0;
        reader->in_frame = reader->frame_left > 0;
        if (control) {
                if (frame->data_length > 0)
                        memcpy(reader->control + reader->control_length, frame->data, frame->data_length);
                reader->control_length += frame->data_length;
                return reader->in_frame ? WS_MORE : end_control(reader, frame->opcode, message);
        }
        reader->in_message = true;
        keep(reader, frame);
        return reader->in_frame || frame->fin == 0 ? WS_MORE : end_message(reader, message);
}

enum ws_result ws_reader_next(struct ws_reader *reader, struct ws_message *ret_message)
{
        ASSERT(reader != NULL && ret_message != NULL);
        for (;;) {
                struct wslay_frame_iocb frame = {0};
                ssize_t length = wslay_frame_recv(reader->context, &frame);
                if (length == WSLAY_ERR_WANT_READ)
                        return WS_MORE;
                if (length < 0)
                        return broken(ret_message, WSLAY_CODE_PROTOCOL_ERROR);
                if (!reader->in_frame) {
                        unsigned code = judge(reader, &frame);
                        if (code != 0)
                                return broken(ret_message, code);
                        reader->understood += head_length(&frame);
                        reader->frame_left = frame.payload_length;
                }
                reader->understood += frame.data_length;
                reader->frame_left -= frame.data_length;
                enum ws_result result = take_piece(reader, &frame, ret_message);
                if (result != WS_MORE)
                        return result;
        }
}
