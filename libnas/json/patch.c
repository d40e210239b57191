/* RFC 6902: the operations that turn one document into the next.
 * Rights: every process; none needed. */
#include "json/json.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_BYTES = 1024 };

struct differ {
        struct json_out *out;
        char path[PATH_MAX_BYTES];
        size_t length;
};

static bool equal(const struct json *a, const struct json *b);

struct same {
        const struct json *other;
        bool equal;
};

static bool same_member(const char *name, const struct json *value, void *context)
{
        struct same *same = context;
        const struct json *other = json_member(same->other, name);
        return same->equal = equal(value, other);
}

static bool equal(const struct json *a, const struct json *b)
{
        enum json_kind type = json_type_of(a);
        if (a == b)
                return true;
        if (type != json_type_of(b) || json_length(a) != json_length(b))
                return false;
        size_t a_length, b_length;
        struct same same = {.other = b, .equal = true};
        switch (type) {
        case JSON_BOOLEAN:
                return json_boolean(a) == json_boolean(b);
        case JSON_INTEGER:
                return json_integer(a) == json_integer(b);
        case JSON_NUMBER: {
                double one = json_number(a), two = json_number(b);
                return memcmp(&one, &two, sizeof one) == 0;
        }
        case JSON_TEXT: {
                const char *one = json_text(a, &a_length), *two = json_text(b, &b_length);
                return a_length == b_length && memcmp(one, two, a_length) == 0;
        }
        case JSON_ARRAY:
                for (size_t i = 0; i < json_length(a); i++)
                        if (!equal(json_item(a, i), json_item(b, i)))
                                return false;
                return true;
        case JSON_OBJECT:
                json_each(a, same_member, &same);
                return same.equal;
        default:
                return true;
        }
}

static size_t push(struct differ *differ, const char *name)
{
        size_t was = differ->length;
        ASSERT(differ->length + 2 * strlen(name) + 2 < sizeof differ->path);
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

static void operation(struct differ *differ, const char *kind, const struct json *value)
{
        json_out_object(differ->out);
        json_out_key(differ->out, "op");
        json_out_text(differ->out, kind);
        json_out_key(differ->out, "path");
        json_out_text(differ->out, differ->path);
        if (strcmp(kind, "remove") != 0) {
                json_out_key(differ->out, "value");
                json_out_value(differ->out, value);
        }
        json_out_object_end(differ->out);
}

/* What tells one item of an array from another: its "id", else its "name". */
static const struct json *key_of(const struct json *item)
{
        const struct json *key = json_member(item, "id");
        return key != NULL ? key : json_member(item, "name");
}

static bool is_keyed(const struct json *array)
{
        for (size_t i = 0; i < json_length(array); i++)
                if (key_of(json_item(array, i)) == NULL)
                        return false;
        return true;
}

/* Where key is among items, looked for from hint on (lists mostly keep their order), or count. */
static size_t find(const struct json **items, size_t count, const struct json *key, size_t hint)
{
        for (size_t i = 0; i < count; i++) {
                size_t at = (hint + i) % count;
                if (equal(key_of(items[at]), key))
                        return at;
        }
        return count;
}

static void differ_values(struct differ *differ, const struct json *before, const struct json *after);

static void remove_gone(struct differ *differ, const struct json **items, size_t *count, const struct json *after)
{
        size_t wanted = json_length(after);
        const struct json **targets = mem_new(wanted + 1, sizeof *targets);
        for (size_t i = 0; i < wanted; i++)
                targets[i] = json_item(after, i);
        for (size_t i = *count; i-- > 0;) {
                if (wanted != 0 && find(targets, wanted, key_of(items[i]), i % wanted) != wanted)
                        continue;
                size_t was = push_index(differ, i);
                operation(differ, "remove", NULL);
                pop(differ, was);
                memmove(items + i, items + i + 1, (*count - i - 1) * sizeof *items);
                --*count;
        }
        free(targets);
}

static void insert(const struct json **items, size_t *count, size_t at, const struct json *item)
{
        memmove(items + at + 1, items + at, (*count - at) * sizeof *items);
        items[at] = item;
        ++*count;
}

static void differ_keyed(struct differ *differ, const struct json *before, const struct json *after)
{
        size_t count = json_length(before);
        const struct json **items = mem_new(count + json_length(after) + 1, sizeof *items);
        for (size_t i = 0; i < count; i++)
                items[i] = json_item(before, i);
        remove_gone(differ, items, &count, after);
        for (size_t i = 0; i < json_length(after); i++) {
                const struct json *wanted = json_item(after, i);
                size_t at = count == 0 ? count : find(items, count, key_of(wanted), i % count);
                bool known = at != count, stays = known && at == i;
                if (known && !stays) { /* it moved */
                        size_t was = push_index(differ, at);
                        operation(differ, "remove", NULL);
                        pop(differ, was);
                        memmove(items + at, items + at + 1, (count - at - 1) * sizeof *items);
                        count--;
                }
                size_t was = push_index(differ, i);
                if (stays) {
                        differ_values(differ, items[i], wanted);
                } else {
                        operation(differ, "add", wanted);
                        insert(items, &count, i, wanted);
                }
                pop(differ, was);
        }
        free(items);
}

struct member_differ {
        struct differ *differ;
        const struct json *other;
        bool adding;
};

static bool differ_member(const char *name, const struct json *value, void *context)
{
        struct member_differ *members = context;
        const struct json *other = json_member(members->other, name);
        size_t was = push(members->differ, name);
        if (other == NULL && value != NULL)
                operation(members->differ, members->adding ? "add" : "remove", value);
        else if (!members->adding)
                differ_values(members->differ, value, other);
        pop(members->differ, was);
        return true;
}

static void differ_values(struct differ *differ, const struct json *before, const struct json *after)
{
        enum json_kind type = json_type_of(before);
        if (equal(before, after))
                return;
        if (type == JSON_OBJECT && json_type_of(after) == JSON_OBJECT) {
                struct member_differ gone = {.differ = differ, .other = after};
                json_each(before, differ_member, &gone);
                struct member_differ come = {.differ = differ, .other = before, .adding = true};
                json_each(after, differ_member, &come);
        } else if (type == JSON_ARRAY && json_type_of(after) == JSON_ARRAY && is_keyed(before) && is_keyed(after)) {
                differ_keyed(differ, before, after);
        } else {
                operation(differ, "replace", after);
        }
}

int json_patch(const char *before, size_t before_length, const char *after, size_t after_length, struct json_out *out)
{
        CLEANUP(json_freep) struct json *old = json_parse(before, before_length, NULL);
        CLEANUP(json_freep) struct json *new = json_parse(after, after_length, NULL);
        if (old == NULL || new == NULL)
                return -1;
        struct differ differ = {.out = out};
        json_out_array(out);
        differ_values(&differ, old, new);
        json_out_array_end(out);
        return 0;
}
