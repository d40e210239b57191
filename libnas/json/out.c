/* Writing JSON straight into a growing buffer.
 * Rights: every process that writes JSON; none needed. */
#include "json/json.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 2 * JSON_DEPTH_MAX, FIRST_BYTES = 1024 };

struct json_out {
        char *bytes;
        size_t length, size;
        unsigned depth;
        bool keyed; /* a key was written and waits for its value */
        struct level {
                bool object, begun;
        } levels[LEVELS_MAX + 1];
};

struct json_out *json_out_new(void)
{
        struct json_out *out = mem_new(1, sizeof *out);
        out->size = FIRST_BYTES;
        out->bytes = mem_grow(NULL, out->size, 1);
        return out;
}

/* What was written may have been a credential. */
void json_out_free(struct json_out *out)
{
        if (out == NULL)
                return;
        crypto_wipe(out->bytes, out->length);
        free(out->bytes);
        free(out);
}

void json_out_freep(struct json_out **out)
{
        json_out_free(*out);
}

void json_out_reset(struct json_out *out)
{
        out->length = 0;
        out->depth = 0;
        out->keyed = false;
        out->levels[0] = (struct level){0};
}

/* Grown by hand, because realloc would leave what was written, perhaps a credential, behind in freed memory. */
static void grow(struct json_out *out, size_t more)
{
        size_t size = out->size;
        while (size - out->length <= more)
                size *= 2;
        char *bytes = mem_grow(NULL, size, 1);
        memcpy(bytes, out->bytes, out->length);
        crypto_wipe(out->bytes, out->length);
        free(out->bytes);
        out->bytes = bytes;
        out->size = size;
}

static char *room(struct json_out *out, size_t more)
{
        if (out->size - out->length <= more)
                grow(out, more);
        return out->bytes + out->length;
}

static void put(struct json_out *out, const char *bytes, size_t length)
{
        memcpy(room(out, length), bytes, length);
        out->length += length;
}

/* Before every value: its comma, or nothing after a key. */
static void begin_value(struct json_out *out)
{
        struct level *level = &out->levels[out->depth];
        ASSERT(level->object ? out->keyed : !out->keyed);
        ASSERT(out->depth != 0 || !level->begun);
        if (!level->object && level->begun && out->depth != 0)
                put(out, ",", 1);
        level->begun = true;
        out->keyed = false;
}

static void open_level(struct json_out *out, const char *bracket, bool object)
{
        begin_value(out);
        ASSERT(out->depth < LEVELS_MAX);
        out->levels[++out->depth] = (struct level){.object = object};
        put(out, bracket, 1);
}

static void close_level(struct json_out *out, const char *bracket, bool object)
{
        ASSERT(out->depth != 0 && out->levels[out->depth].object == object && !out->keyed);
        out->depth--;
        put(out, bracket, 1);
}

void json_out_object(struct json_out *out)
{
        open_level(out, "{", true);
}

void json_out_object_end(struct json_out *out)
{
        close_level(out, "}", true);
}

void json_out_array(struct json_out *out)
{
        open_level(out, "[", false);
}

void json_out_array_end(struct json_out *out)
{
        close_level(out, "]", false);
}

static void put_escaped(struct json_out *out, unsigned char c)
{
        static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
        for (size_t i = 0; i + 1 < sizeof shorts; i += 2)
                if ((unsigned char)shorts[i] == c) {
                        put(out, (const char[]){'\\', shorts[i + 1]}, 2);
                        return;
                }
        char escape[7];
        (void)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
        put(out, escape, 6);
}

static inline bool is_plain(unsigned char c)
{
        return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* One well-formed stretch, or byte by byte with U+FFFD for what is not. */
static void put_text(struct json_out *out, const char *text, size_t length)
{
        size_t from = 0;
        for (size_t i = 0; i < length; i++) {
                if (is_plain((unsigned char)text[i]))
                        continue;
                put(out, text + from, i - from);
                put_escaped(out, (unsigned char)text[i]);
                from = i + 1;
        }
        put(out, text + from, length - from);
}

static void put_repaired(struct json_out *out, const char *text, size_t length)
{
        for (size_t at = 0; at < length;) {
                size_t step = 1;
                while (step <= 4 && at + step <= length && !text_utf8_valid(text + at, step))
                        step++;
                if (step > 4 || at + step > length) {
                        put(out, "\xef\xbf\xbd", 3);
                        at++;
                } else {
                        put_text(out, text + at, step);
                        at += step;
                }
        }
}

/* Most texts are plain ASCII: those go as they are. */
static bool put_ascii(struct json_out *out, const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (!is_plain((unsigned char)text[i]) || (unsigned char)text[i] >= 0x80)
                        return false;
        char *to = room(out, length + 2);
        to[0] = '"';
        memcpy(to + 1, text, length);
        to[length + 1] = '"';
        out->length += length + 2;
        return true;
}

static void quoted(struct json_out *out, const char *text, size_t length)
{
        if (put_ascii(out, text, length))
                return;
        put(out, "\"", 1);
        if (text_utf8_valid(text, length))
                put_text(out, text, length);
        else
                put_repaired(out, text, length);
        put(out, "\"", 1);
}

void json_out_key(struct json_out *out, const char *name)
{
        struct level *level = &out->levels[out->depth];
        ASSERT(level->object && !out->keyed);
        if (level->begun)
                put(out, ",", 1);
        level->begun = true;
        quoted(out, name, strlen(name));
        put(out, ":", 1);
        out->keyed = true;
}

void json_out_text_n(struct json_out *out, const char *text, size_t length)
{
        begin_value(out);
        quoted(out, text, length);
}

void json_out_text(struct json_out *out, const char *text)
{
        if (text == NULL)
                json_out_null(out);
        else
                json_out_text_n(out, text, strlen(text));
}

void json_out_integer(struct json_out *out, int64_t value)
{
        char digits[24], *end = digits + sizeof digits, *at = end;
        uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
        do
                *--at = (char)('0' + rest % 10);
        while ((rest /= 10) != 0);
        if (value < 0)
                *--at = '-';
        begin_value(out);
        put(out, at, (size_t)(end - at));
}

void json_out_number(struct json_out *out, double value)
{
        if (!isfinite(value)) {
                json_out_null(out);
                return;
        }
        char digits[40];
        int length = snprintf(digits, sizeof digits, "%.17g", value);
        begin_value(out);
        put(out, digits, (size_t)length);
        /* Read back it must be a number again, not an integer. */
        if (strpbrk(digits, ".e") == NULL)
                put(out, ".0", 2);
}

void json_out_boolean(struct json_out *out, bool value)
{
        begin_value(out);
        put(out, value ? "true" : "false", value ? 4 : 5);
}

void json_out_null(struct json_out *out)
{
        begin_value(out);
        put(out, "null", 4);
}

static bool member(const char *name, const struct json *value, void *context)
{
        json_out_key(context, name);
        json_out_value(context, value);
        return true;
}

void json_out_value(struct json_out *out, const struct json *value)
{
        size_t length;
        switch (json_type_of(value)) {
        case JSON_NULL:
                json_out_null(out);
                return;
        case JSON_BOOLEAN:
                json_out_boolean(out, json_boolean(value));
                return;
        case JSON_INTEGER:
                json_out_integer(out, json_integer(value));
                return;
        case JSON_NUMBER:
                json_out_number(out, json_number(value));
                return;
        case JSON_TEXT: {
                const char *text = json_text(value, &length);
                json_out_text_n(out, text, length);
                return;
        }
        case JSON_ARRAY:
                json_out_array(out);
                for (size_t i = 0; i < json_length(value); i++)
                        json_out_value(out, json_item(value, i));
                json_out_array_end(out);
                return;
        case JSON_OBJECT:
                json_out_object(out);
                json_each(value, member, out);
                json_out_object_end(out);
                return;
        }
}

void json_out_raw(struct json_out *out, const char *json, size_t length)
{
        begin_value(out);
        put(out, json, length);
}

const char *json_out_bytes(const struct json_out *out, size_t *ret_length)
{
        ASSERT(out->depth == 0 && out->length != 0);
        out->bytes[out->length] = '\0';
        if (ret_length != NULL)
                *ret_length = out->length;
        return out->bytes;
}
