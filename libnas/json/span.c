/* Finding members of an object in its text, without making a tree: one pass, nothing is allocated. Safe on any bytes;
 * only the outermost object is read exactly, what lies deeper is stepped over by its brackets.
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
static const char *inner_end(const char *at, const char *end)
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
        }
        return NULL;
}

static const char *value_end(const char *at, const char *end)
{
        const char *from = at;
        if (at == end)
                return NULL;
        switch (kinds[(unsigned char)*at]) {
        case QUOTE:
                return text_end(at + 1, end);
        case OPENS:
                return inner_end(at + 1, end);
        default:
                while (at < end && kinds[(unsigned char)*at] == PLAIN)
                        at++;
                return at == from ? NULL : at;
        }
}

static void note(const struct json_place *member, const char *name, struct json_place *places, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strlen(places[i].name) == (size_t)(member->name - name) &&
                    memcmp(places[i].name, name, strlen(places[i].name)) == 0) {
                        places[i].value = member->value;
                        places[i].length = member->length;
                }
}

int json_spans(const char *text, size_t length, struct json_place *places, size_t count)
{
        ASSERT(text != NULL && (places != NULL || count == 0));
        const char *end = text + length, *at = blanks(text, end);
        for (size_t i = 0; i < count; i++)
                places[i] = (struct json_place){.name = places[i].name};
        if (at == end || *at++ != '{')
                return -1;
        at = blanks(at, end);
        bool more = at == end || *at != '}';
        while (more) {
                const char *name = at + 1;
                if (at == end || *at != '"' || (at = text_end(name, end)) == NULL)
                        return -1;
                struct json_place member = {.name = at - 1}; /* where the name ends */
                at = blanks(at, end);
                if (at == end || *at++ != ':')
                        return -1;
                member.value = blanks(at, end);
                if ((at = value_end(member.value, end)) == NULL)
                        return -1;
                member.length = (size_t)(at - member.value);
                note(&member, name, places, count);
                at = blanks(at, end);
                more = at < end && *at == ',';
                if (more)
                        at = blanks(at + 1, end);
        }
        return at < end && *at == '}' && blanks(at + 1, end) == end ? 0 : -1;
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

size_t json_items(const char *text, size_t length)
{
        ASSERT(text != NULL);
        const char *end = text + length, *at = blanks(text, end);
        size_t count = 0;
        bool more = at < end && *at == '[';
        while (more) {
                at = value_end(blanks(at + 1, end), end); /* none behind the bracket: it is empty */
                count += at != NULL;
                at = at != NULL ? blanks(at, end) : end;
                more = at < end && *at == ',';
        }
        return count;
}
