/* Bodies in chunks: the payload and the verdict are the same however the bytes arrive.
 * Rights: none. */
#include "base/log.h"
#include "http/body.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct result {
        bool bad, done;
        size_t used, length;
};

static struct result read_body(const char *bytes, size_t length, size_t step, char *target)
{
        static const struct http_head chunks = {.chunked = true};
        struct result result = {false, false, 0, 0};
        struct http_body body;
        size_t have = 0;
        http_body_begin(&body, &chunks);
        while (!body.done && result.used + have <= length) {
                if (have == 0) {
                        have = step < length - result.used ? step : length - result.used;
                        if (have == 0)
                                break;
                }
                const char *payload;
                size_t payload_length;
                ssize_t used = http_body_take(&body, bytes + result.used, have, &payload, &payload_length);
                if (used < 0) {
                        result.bad = true;
                        break;
                }
                ASSERT(used > 0 && (size_t)used <= have && result.length + payload_length <= length);
                if (payload_length != 0)
                        memcpy(target + result.length, payload, payload_length);
                result.length += payload_length;
                result.used += (size_t)used;
                have -= (size_t)used;
        }
        ASSERT(body.total == result.length);
        result.done = body.done;
        return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        const char *text = (const char *)bytes + 1;
        char *one = malloc(length), *two = malloc(length);
        ASSERT(one != NULL && two != NULL);
        struct result whole = read_body(text, length - 1, length, one);
        struct result steps = read_body(text, length - 1, bytes[0] % 9u + 1, two);
        ASSERT(whole.bad == steps.bad && whole.done == steps.done && whole.length == steps.length);
        ASSERT(whole.bad || whole.used == steps.used);
        ASSERT(memcmp(one, two, whole.length) == 0);
        free(one);
        free(two);
        return 0;
}
