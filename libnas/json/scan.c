/* The strict look at JSON: refuses what json-c lets pass.
 * Rights: every process that reads JSON; none needed. */
#include "json/scan.h"

#include "base/text.h"
#include "json/json.h"

#include <stdbool.h>
#include <string.h>

struct scan {
        const char *at, *end;
        unsigned depth;
        size_t members;
        const char *reason;
};

static bool wrong(struct scan *scan, const char *reason)
{
        if (scan->reason == NULL)
                scan->reason = reason;
        return false;
}

static void blanks(struct scan *scan)
{
        while (scan->at < scan->end &&
               (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
                scan->at++;
}

static bool next_is(struct scan *scan, char wanted)
{
        if (scan->at == scan->end || *scan->at != wanted)
                return false;
        scan->at++;
        return true;
}

static bool digits(struct scan *scan)
{
        const char *from = scan->at;
        while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
                scan->at++;
        return scan->at != from;
}

static bool hex4(struct scan *scan, unsigned *ret_unit)
{
        if (scan->end - scan->at < 4)
                return false;
        unsigned unit = 0;
        for (int i = 0; i < 4; i++) {
                char c = *scan->at++;
                unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                                 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                        : 16;
                if (digit == 16)
                        return false;
                unit = unit << 4 | digit;
        }
        *ret_unit = unit;
        return true;
}

/* After the backslash. A NUL would cut the text short in C; half a surrogate pair is no character. */
static bool escape(struct scan *scan)
{
        if (scan->at == scan->end)
                return wrong(scan, "a text that ends in a backslash");
        char kind = *scan->at++;
        if (kind != 'u')
                return strchr("\"\\/bfnrt", kind) != NULL && kind != '\0' ? true : wrong(scan, "an unknown escape");
        unsigned unit, low;
        if (!hex4(scan, &unit))
                return wrong(scan, "an escape without four hexadecimal digits");
        if (unit == 0)
                return wrong(scan, "a NUL inside a text");
        if (unit >= 0xdc00 && unit <= 0xdfff)
                return wrong(scan, "half a surrogate pair");
        if (unit < 0xd800 || unit > 0xdbff)
                return true;
        if (!next_is(scan, '\\') || !next_is(scan, 'u') || !hex4(scan, &low) || low < 0xdc00 || low > 0xdfff)
                return wrong(scan, "half a surrogate pair");
        return true;
}

static bool text(struct scan *scan)
{
        if (!next_is(scan, '"'))
                return wrong(scan, "something that is no text where one must be");
        const char *from = scan->at;
        bool ascii = true;
        while (scan->at < scan->end && *scan->at != '"') {
                unsigned char c = (unsigned char)*scan->at++;
                if (c < 0x20)
                        return wrong(scan, "a control character inside a text");
                if (c >= 0x80)
                        ascii = false;
                if (c == '\\' && !escape(scan))
                        return false;
        }
        const char *to = scan->at;
        if (!next_is(scan, '"'))
                return wrong(scan, "a text without its end");
        return ascii || text_utf8_valid(from, (size_t)(to - from)) || wrong(scan, "a text that is not UTF-8");
}

static bool number(struct scan *scan)
{
        bool negative = next_is(scan, '-'), whole = true;
        const char *from = scan->at;
        if (!digits(scan))
                return wrong(scan, "something that is no value");
        size_t count = (size_t)(scan->at - from);
        if (*from == '0' && count > 1)
                return wrong(scan, "a number with a leading zero");
        if (next_is(scan, '.')) {
                whole = false;
                if (!digits(scan))
                        return wrong(scan, "a number without digits after its point");
        }
        if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
                whole = false;
                scan->at++;
                if (!next_is(scan, '+'))
                        (void)next_is(scan, '-');
                if (!digits(scan))
                        return wrong(scan, "a number without digits in its exponent");
        }
        if (!whole)
                return true;
        (void)negative; /* the bound is the same on both sides */
        if (count > 16 || (count == 16 && memcmp(from, "9007199254740991", 16) > 0))
                return wrong(scan, "an integer beyond 9007199254740991");
        return true;
}

static bool value(struct scan *scan);

static bool word(struct scan *scan, const char *wanted)
{
        size_t length = strlen(wanted);
        if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, wanted, length) != 0)
                return wrong(scan, "something that is no value");
        scan->at += length;
        return true;
}

static bool object(struct scan *scan)
{
        size_t count = 0;
        blanks(scan);
        if (next_is(scan, '}'))
                return true;
        do {
                if (++count > JSON_MEMBERS_MAX)
                        return wrong(scan, "an object with more than 1024 members");
                blanks(scan);
                if (!text(scan))
                        return false;
                blanks(scan);
                if (!next_is(scan, ':'))
                        return wrong(scan, "a member without its colon");
                if (!value(scan))
                        return false;
                blanks(scan);
        } while (next_is(scan, ','));
        scan->members += count;
        return next_is(scan, '}') || wrong(scan, "an object without its end");
}

static bool array(struct scan *scan)
{
        size_t count = 0;
        blanks(scan);
        if (next_is(scan, ']'))
                return true;
        do {
                if (++count > JSON_ITEMS_MAX)
                        return wrong(scan, "an array with more than 65536 items");
                if (!value(scan))
                        return false;
                blanks(scan);
        } while (next_is(scan, ','));
        return next_is(scan, ']') || wrong(scan, "an array without its end");
}

static bool value(struct scan *scan)
{
        blanks(scan);
        if (scan->at == scan->end)
                return wrong(scan, "an end where a value must be");
        char first = *scan->at;
        if (first == '{' || first == '[') {
                scan->at++;
                if (++scan->depth > JSON_DEPTH_MAX)
                        return wrong(scan, "more than 16 levels");
                if (!(first == '{' ? object(scan) : array(scan)))
                        return false;
                scan->depth--;
                return true;
        }
        switch (first) {
        case '"':
                return text(scan);
        case 't':
                return word(scan, "true");
        case 'f':
                return word(scan, "false");
        case 'n':
                return word(scan, "null");
        default:
                return number(scan);
        }
}

struct scan_result scan_json(const char *bytes, size_t length)
{
        struct scan scan = {.at = bytes, .end = bytes + length};
        if (value(&scan)) {
                blanks(&scan);
                if (scan.at != scan.end)
                        (void)wrong(&scan, "something after the value");
        }
        return (struct scan_result){
                .members = scan.members, .offset = (size_t)(scan.at - bytes), .reason = scan.reason};
}
