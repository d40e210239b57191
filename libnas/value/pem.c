/* The form of PEM.
 * Rights: every process; none needed: pure functions. */
#include "value/pem.h"

#include "base/text.h"
#include "value/shape.h"

#include <string.h>

enum { LINE_MAX_BYTES = 76 };
#define BASE64_STANDARD "ABCDEFGHIJKLMNOPQRSTUVWXYZ" SHAPE_LOWER SHAPE_DIGITS "+/="

/* The line at *at without its end; *at moves to the next one. The last one may lack its end. */
static size_t take_line(const char **at, const char *end, const char **ret_line)
{
        const char *stop = memchr(*at, '\n', (size_t)(end - *at));
        size_t length = (size_t)((stop ? stop : end) - *at);
        *ret_line = *at;
        *at = stop ? stop + 1 : end;
        return length;
}

/* "-----BEGIN LABEL-----" or the same with END. */
static bool is_mark(const char *line, size_t length, const char *word, const char **ret_label, size_t *ret_length)
{
        size_t head = strlen(word);
        if (length < head + 5 || memcmp(line, word, head) != 0 || memcmp(line + length - 5, "-----", 5) != 0)
                return false;
        *ret_label = line + head;
        *ret_length = length - head - 5;
        return true;
}

static bool is_known(const char *label, size_t length, struct pem_block *block)
{
        block->certificate = shape_is_one_of(label, length, (const char *const[]){"CERTIFICATE", NULL});
        block->key = shape_is_one_of(label, length,
                                     (const char *const[]){"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", NULL});
        return block->certificate || block->key;
}

bool pem_next(const char **at, const char *end, struct pem_block *ret_block)
{
        struct pem_block block = {.start = NULL};
        const char *here = *at, *line, *label, *closing;
        size_t length, label_length, closing_length;
        while (here < end && *here == '\n')
                here++;
        if (here == end)
                *at = end;
        block.start = here;
        length = take_line(&here, end, &line);
        if (!is_mark(line, length, "-----BEGIN ", &label, &label_length) || !is_known(label, label_length, &block))
                return false;
        block.body = here;
        for (;;) {
                const char *before = here;
                length = take_line(&here, end, &line);
                if (is_mark(line, length, "-----END ", &closing, &closing_length)) {
                        block.body_length = (size_t)(before - block.body);
                        break;
                }
                if (length > LINE_MAX_BYTES || !shape_only(line, length, BASE64_STANDARD))
                        return false;
        }
        if (block.body_length == 0 || closing_length != label_length || memcmp(closing, label, label_length) != 0)
                return false;
        block.length = (size_t)(here - block.start);
        *at = here;
        *ret_block = block;
        return true;
}

long pem_decode(const struct pem_block *block, uint8_t *target, size_t size)
{
        char text[48 * 1024];
        size_t length = 0;
        /* text.h reads base64url without padding: translate. */
        for (size_t i = 0; i < block->body_length && length < sizeof(text); i++) {
                char c = block->body[i];
                if (c != '\n' && c != '=')
                        text[length++] = c;
                if (c == '+' || c == '/')
                        text[length - 1] = c == '+' ? '-' : '_';
        }
        return length < sizeof(text) ? text_unbase64(text, length, target, size) : -1;
}
