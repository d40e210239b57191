/* WebSocket frames from a client: however the bytes arrive, the same messages come out; texts are UTF-8 and within
 * their limit, closes have codes that may be sent, and at a frame's end the reader keeps nothing.
 * Rights: none. */
#include "base/log.h"
#include "base/text.h"
#include "http/websocket_parts.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct sum {
        uint64_t messages, bytes, mixed;
        unsigned code; /* 0: not broken */
};

static void check(const struct ws_message *message)
{
        ASSERT(message->length <= (message->kind == WEBSOCKET_TEXT ? (size_t)WEBSOCKET_MESSAGE_MAX : 125));
        if (message->kind == WEBSOCKET_TEXT || message->kind == WEBSOCKET_CLOSE)
                ASSERT(text_utf8_valid(message->bytes, message->length));
        if (message->kind == WEBSOCKET_CLOSE)
                ASSERT(message->code >= 1000 && message->code <= 4999 && message->code != 1004 &&
                       message->code != 1006);
}

/* Gives it in pieces of so many bytes. */
static struct sum read_all(const char *bytes, size_t length, size_t step)
{
        struct ws_reader *reader = ws_reader_new();
        struct sum sum = {0};
        for (size_t at = 0; at < length && sum.code == 0; at += step) {
                ws_reader_give(reader, bytes + at, length - at < step ? length - at : step);
                for (;;) {
                        struct ws_message message = {0};
                        enum ws_result result = ws_reader_next(reader, &message);
                        if (result == WS_BROKEN)
                                sum.code = message.code;
                        if (result != WS_MESSAGE)
                                break;
                        check(&message);
                        sum.messages++;
                        sum.bytes += message.length;
                        for (size_t i = 0; i < message.length; i++)
                                sum.mixed = sum.mixed * 31 + (uint8_t)message.bytes[i];
                }
        }
        ASSERT(sum.code == 0 || sum.code == 1002 || sum.code == 1003 || sum.code == 1007 || sum.code == 1009);
        ws_reader_free(reader);
        return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static const size_t steps[] = {1, 2, 7, 4096};
        if (length > 20000)
                return 0;
        struct sum whole = read_all((const char *)bytes, length, length == 0 ? 1 : length);
        for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
                struct sum parts = read_all((const char *)bytes, length, steps[i]);
                ASSERT(parts.messages == whole.messages && parts.bytes == whole.bytes && parts.mixed == whole.mixed);
                ASSERT(parts.code == whole.code);
        }
        return 0;
}
