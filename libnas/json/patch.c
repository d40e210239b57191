/* RFC 6902: the operations that turn one document into the next.
 * Rights: every process; none needed. */
#include "json/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct differ {
        struct json_out *out;
        char *path; /* a JSON pointer, NUL-terminated */
        size_t length, size;
};

static size_t push(struct differ *differ, const char *name)
{
        size_t was = differ->length, most = was + 2 * strlen(name) + 2;
        if (differ->size < most) {
                differ->size = 2 * most;
                differ->path = mem_grow(differ->path, differ->size, 1);
        }
        differ->path[differ->length++] = '/';
        for (; *name != '\0'; name++) {
                if (*name == '~' || *name == '/') {
                        differ->path[differ->length++] = '~';
                        differ->path[differ->length++] = *name == '~' ? '0' : '1';
                } else {
                        differ->path[differ->length++] = *name;
                }
        }
        differ->path[differ->length] = '\0';
        return was;
}

static size_t push_index(struct differ *differ, size_t index)
{
        char digits[24];
        (void)snprintf(digits, sizeof digits, "%zu", index);
        return push(differ, digits);
}

static void pop(struct differ *differ, size_t was)
{
        differ->length = was;
        differ->path[was] = '\0';
}

static void begin(struct differ *differ, const char *kind)
{
        json_out_object(differ->out);
        json_out_key(differ->out, "op");
        json_out_text(differ->out, kind);
        json_out_key(differ->out, "path");
        json_out_text(differ->out, differ->path);
}

static void take_away(struct differ *differ)
{
        begin(differ, "remove");
        json_out_object_end(differ->out);
}

static void put(struct differ *differ, const char *kind, const struct json *value)
{
        begin(differ, kind);
        json_out_key(differ->out, "value");
        json_out_value(differ->out, value);
        json_out_object_end(differ->out);
}

static void differ_values(struct differ *differ, const struct json *before, const struct json *after);

/* --- arrays whose items have names --- */

/* What tells one item of an array from another: its "id", else its "name"; an integer or a text. */
static const struct json *key_of(const struct json *item)
{
        const struct json *key = json_member(item, "id");
        if (key == NULL)
                key = json_member(item, "name");
        enum json_kind type = json_type_of(key);
        return type == JSON_INTEGER || type == JSON_TEXT ? key : NULL;
}

static int compare_keys(const struct json *a, const struct json *b)
{
        if (json_type_of(a) != json_type_of(b))
                return json_type_of(a) < json_type_of(b) ? -1 : 1;
        if (json_type_of(a) == JSON_TEXT)
                return strcmp(json_text(a, NULL), json_text(b, NULL));
        return (json_integer(a) > json_integer(b)) - (json_integer(a) < json_integer(b));
}

static int compare_items(const void *a, const void *b)
{
        return compare_keys(key_of(*(const struct json *const *)a), key_of(*(const struct json *const *)b));
}

static const struct json **items_of(const struct json *array, size_t room)
{
        const struct json **items = mem_new(json_length(array) + room + 1, sizeof *items);
        for (size_t i = 0; i < json_length(array); i++)
                items[i] = json_item(array, i);
        return items;
}

/* The items by key; NULL when one has none, or two have the same. */
static const struct json **sorted(const struct json *array)
{
        const struct json **items = items_of(array, 0);
        size_t count = json_length(array);
        bool good = true;
        for (size_t i = 0; i < count && good; i++)
                good = key_of(items[i]) != NULL;
        if (good)
                qsort(items, count, sizeof *items, compare_items);
        for (size_t i = 1; i < count && good; i++)
                good = compare_items(&items[i - 1], &items[i]) != 0;
        if (good)
                return items;
        free(items);
        return NULL;
}

static bool is_among(const struct json *item, const struct json **sorted_items, size_t count)
{
        return bsearch(&item, sorted_items, count, sizeof *sorted_items, compare_items) != NULL;
}

static void cut(struct differ *differ, const struct json **items, size_t *count, size_t at)
{
        size_t was = push_index(differ, at);
        take_away(differ);
        pop(differ, was);
        memmove(items + at, items + at + 1, (*count - at - 1) * sizeof *items);
        --*count;
}

static size_t place_of(const struct json **items, size_t count, size_t from, const struct json *wanted)
{
        size_t at = from;
        while (at < count && compare_items(&items[at], &wanted) != 0)
                at++;
        return at;
}

/* First what went, from the end; then, from the front, each item of the new array: it is there, or comes from further
 * back, or is new. */
static void differ_keyed(struct differ *differ, const struct json *before, const struct json *after,
                         const struct json **old, const struct json **new)
{
        size_t count = json_length(before), wanted_count = json_length(after);
        const struct json **items = items_of(before, wanted_count);
        for (size_t i = count; i-- > 0;)
                if (!is_among(items[i], new, wanted_count))
                        cut(differ, items, &count, i);
        for (size_t i = 0; i < wanted_count; i++) {
                const struct json *wanted = json_item(after, i);
                size_t at = is_among(wanted, old, json_length(before)) ? place_of(items, count, i, wanted) : count;
                if (at != count && at != i)
                        cut(differ, items, &count, at);
                size_t was = push_index(differ, i);
                if (at == i && at != count) {
                        differ_values(differ, items[i], wanted);
                } else {
                        put(differ, "add", wanted);
                        memmove(items + i + 1, items + i, (count++ - i) * sizeof *items);
                        items[i] = wanted;
                }
                pop(differ, was);
        }
        free(items);
}

/* False when items cannot be told apart by a key. */
static bool differ_arrays(struct differ *differ, const struct json *before, const struct json *after)
{
        const struct json **old = sorted(before), **new = old == NULL ? NULL : sorted(after);
        bool keyed = old != NULL && new != NULL;
        if (keyed)
                differ_keyed(differ, before, after, old, new);
        free(old);
        free(new);
        return keyed;
}

/* --- objects --- */

struct member_differ {
        struct differ *differ;
        const struct json *other;
};

static bool stays_or_goes(const char *name, const struct json *value, void *context)
{
        struct member_differ *members = context;
        size_t was = push(members->differ, name);
        if (json_has(members->other, name))
                differ_values(members->differ, value, json_member(members->other, name));
        else
                take_away(members->differ);
        pop(members->differ, was);
        return true;
}

static bool comes(const char *name, const struct json *value, void *context)
{
        struct member_differ *members = context;
        if (json_has(members->other, name))
                return true;
        size_t was = push(members->differ, name);
        put(members->differ, "add", value);
        pop(members->differ, was);
        return true;
}

static void differ_values(struct differ *differ, const struct json *before, const struct json *after)
{
        enum json_kind type = json_type_of(before);
        if (json_same(before, after))
                return;
        if (type == JSON_OBJECT && json_type_of(after) == JSON_OBJECT) {
                json_each(before, stays_or_goes, &(struct member_differ){.differ = differ, .other = after});
                json_each(after, comes, &(struct member_differ){.differ = differ, .other = before});
        } else if (type != JSON_ARRAY || json_type_of(after) != JSON_ARRAY || !differ_arrays(differ, before, after)) {
                put(differ, "replace", after);
        }
}

int json_patch(const char *before, size_t before_length, const char *after, size_t after_length, struct json_out *out)
{
        ASSERT(out != NULL);
        CLEANUP(json_freep) struct json *old = json_parse(before, before_length, NULL);
        CLEANUP(json_freep) struct json *new = json_parse(after, after_length, NULL);
        if (old == NULL || new == NULL)
                return -1;
        struct differ differ = {.out = out, .path = mem_new(1, 1), .size = 1};
        json_out_array(out);
        differ_values(&differ, old, new);
        json_out_array_end(out);
        free(differ.path);
        return 0;
}
