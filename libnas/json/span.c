/* Finding members of an object in its text, without making a tree: one pass, nothing is allocated. Safe on any bytes;
 * only the objects that were asked about are read exactly, what lies deeper is stepped over by its brackets.
 * Rights: every process that reads JSON; none needed. */
#include "json/json.h"

#include "base/log.h"

#include <string.h>

/* Bytes that end a stretch of others: quotation marks, brackets, and between values comma and blanks. */
enum { PLAIN, QUOTE, OPENS, CLOSES, BETWEEN };
static const unsigned char kinds[256] = {
        ['"'] = QUOTE,   ['{'] = OPENS,   ['['] = OPENS,    ['}'] = CLOSES,   [']'] = CLOSES,
        [','] = BETWEEN, [' '] = BETWEEN, ['\t'] = BETWEEN, ['\n'] = BETWEEN, ['\r'] = BETWEEN,
};

static const char *blanks(const char *at, const char *end)
{
        while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
                at++;
        return at;
}

/* From behind the opening quotation mark to behind the closing one; NULL: there is none. */
static const char *text_end(const char *at, const char *end)
{
        const char *from = at;
        while ((at = memchr(at, '"', (size_t)(end - at))) != NULL) {
                const char *before = at;
                while (before > from && before[-1] == '\\')
                        before--;
                at++;
                if ((at - 1 - before) % 2 == 0)
                        return at;
        }
        return NULL;
}

/* From behind the opening bracket to behind the one that closes it, which must be of its kind. */
static const char *inner_end(const char *at, const char *end, size_t *ret_commas)
{
        const char closing = at[-1] == '{' ? '}' : ']';
        for (size_t depth = 1; at < end;) {
                unsigned char kind = kinds[(unsigned char)*at++];
                if (kind == QUOTE && (at = text_end(at, end)) == NULL)
                        return NULL;
                if (kind == OPENS)
                        depth++;
                else if (kind == CLOSES && --depth == 0)
                        return at[-1] == closing ? at : NULL;
                else if (kind == BETWEEN && depth == 1)
                        *ret_commas += at[-1] == ',';
        }
        return NULL;
}

/* As many as commas, and one more; none when nothing but blanks is in it. */
static const char *array_end(const char *at, const char *end, size_t *ret_items)
{
        const char *first = blanks(at, end);
        size_t commas = 0;
        at = inner_end(at, end, &commas);
        *ret_items = first == end || *first == ']' ? 0 : commas + 1;
        return at;
}

static const char *value_end(const char *at, const char *end, size_t *ret_items)
{
        const char *from = at;
        size_t commas = 0;
        if (at == end)
                return NULL;
        switch (kinds[(unsigned char)*at]) {
        case QUOTE:
                return text_end(at + 1, end);
        case OPENS:
                return *at == '[' ? array_end(at + 1, end, ret_items) : inner_end(at + 1, end, &commas);
        default:
                while (at < end && kinds[(unsigned char)*at] == PLAIN)
                        at++;
                return at == from ? NULL : at;
        }
}

static void forget(struct json_place *places, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                places[i].value = NULL;
                places[i].length = places[i].items = 0;
                forget(places[i].inside, places[i].inside_count);
        }
}

static struct json_place *place_of(const char *name, size_t length, struct json_place *places, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strlen(places[i].name) == length && memcmp(places[i].name, name, length) == 0)
                        return &places[i];
        return NULL;
}

static const char *members_end(const char *at, const char *end, struct json_place *places, size_t count);

/* The value of a member, and what is wanted of it. */
static const char *member_end(const char *at, const char *end, struct json_place *place)
{
        if (place == NULL)
                return value_end(at, end, &(size_t){0});
        forget(place, 1);
        place->value = at;
        if (place->inside_count > 0 && at < end && *at == '{')
                at = members_end(at + 1, end, place->inside, place->inside_count);
        else
                at = value_end(at, end, &place->items);
        place->length = at == NULL ? 0 : (size_t)(at - place->value);
        return at;
}

/* From behind the bracket that opens an object to behind the one that closes it. */
static const char *members_end(const char *at, const char *end, struct json_place *places, size_t count)
{
        at = blanks(at, end);
        bool more = at == end || *at != '}';
        while (more) {
                const char *name = at + 1;
                if (at == end || *at != '"' || (at = text_end(name, end)) == NULL)
                        return NULL;
                struct json_place *place = place_of(name, (size_t)(at - 1 - name), places, count);
                at = blanks(at, end);
                if (at == end || *at++ != ':')
                        return NULL;
                if ((at = member_end(blanks(at, end), end, place)) == NULL)
                        return NULL;
                at = blanks(at, end);
                more = at < end && *at == ',';
                if (more)
                        at = blanks(at + 1, end);
        }
        return at < end && *at == '}' ? at + 1 : NULL;
}

int json_spans(const char *text, size_t length, struct json_place *places, size_t count)
{
        ASSERT(text != NULL && (places != NULL || count == 0));
        const char *end = text + length, *at = blanks(text, end);
        forget(places, count);
        if (at == end || *at != '{')
                return -1;
        at = members_end(at + 1, end, places, count);
        return at != NULL && blanks(at, end) == end ? 0 : -1;
}

const char *json_span(const char *text, size_t length, const char *name, size_t *ret_length)
{
        ASSERT(name != NULL && ret_length != NULL);
        struct json_place place = {.name = name};
        if (json_spans(text, length, &place, 1) != 0 || place.value == NULL)
                return NULL;
        *ret_length = place.length;
        return place.value;
}
