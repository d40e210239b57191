/* Lists: pages. A cursor says behind which item a page begins, by the values it is sorted by and its identity, so that
 * items that come and go meanwhile neither repeat others nor leave them out.
 * Rights: the front end; memory only. A cursor comes from outside and is read as anything else. */
#include "daemons/api/list.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

enum { CURSOR_BYTES_MAX = 1536, CURSOR_TEXT_MAX = 2048 };

/* --- cursors: base64url of ["order", at, identity, key ...] --- */

/* "-size,name": a cursor of another order is none of this one. */
static const char *order_text(struct arena *arena, const struct list_wish *wish)
{
        const char *text = "";

        for (unsigned i = 0; i < wish->sort_count; i++)
                text = arena_printf(arena, "%s%s%s%s", text, i > 0 ? "," : "", wish->sorts[i].down ? "-" : "",
                                    wish->sorts[i].field->name);
        return text;
}

static const struct json *member_of(const struct json *item, const struct idl_field *field)
{
        return field != NULL && json_type_of(item) == JSON_OBJECT ? json_member(item, field->name) : NULL;
}

/* NULL: its values are too long for a link; offsets still work. */
static const char *cursor_of(struct arena *arena, const struct list_wish *wish, const struct json *item, size_t at)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        json_out_array(out);
        json_out_text(out, order_text(arena, wish));
        json_out_integer(out, (int64_t)at);
        json_out_value(out, member_of(item, wish->identity));
        for (unsigned i = 0; i < wish->sort_count; i++)
                json_out_value(out, member_of(item, wish->sorts[i].field));
        json_out_array_end(out);
        const char *bytes = json_out_bytes(out, &length);
        if (length > CURSOR_BYTES_MAX)
                return NULL;
        char *text = arena_alloc(arena, TEXT_BASE64_SIZE(length));
        text_base64(bytes, length, text);
        return text;
}

/* The document is freed: texts move into the arena. */
static struct list_value keep(struct arena *arena, const struct idl_field *field, const struct json *value)
{
        struct list_value found = list_value_of(field->type, value);

        if (found.text != NULL)
                found.text = arena_text(arena, found.text, found.length);
        return found;
}

int list_cursor_read(struct arena *arena, struct list_wish *wish, const char *text)
{
        ASSERT(arena != NULL && wish != NULL && text != NULL);
        char bytes[CURSOR_BYTES_MAX];
        size_t text_length = strnlen(text, CURSOR_TEXT_MAX + 1);
        long length = text_length > CURSOR_TEXT_MAX ? -1 : text_unbase64(text, text_length, bytes, sizeof(bytes));
        struct json *list CLEANUP(json_freep) = length <= 0 ? NULL : json_parse(bytes, (size_t)length, NULL);

        if (json_type_of(list) != JSON_ARRAY || json_length(list) != 3 + wish->sort_count)
                return -1;
        const struct json *order = json_item(list, 0), *at = json_item(list, 1);
        if (json_type_of(order) != JSON_TEXT || strcmp(json_text(order, NULL), order_text(arena, wish)) != 0 ||
            json_type_of(at) != JSON_INTEGER || json_integer(at) < 0)
                return -1;
        wish->cursor = (struct list_cursor){.set = true, .at = (size_t)json_integer(at), .identity.absent = true};
        if (wish->identity != NULL)
                wish->cursor.identity = keep(arena, wish->identity, json_item(list, 2));
        for (unsigned i = 0; i < wish->sort_count; i++)
                wish->cursor.keys[i] = keep(arena, wish->sorts[i].field, json_item(list, 3 + i));
        return 0;
}

/* --- where a page begins and ends --- */

/* Sorted: the first behind the cursor. Not sorted: behind the item itself, and where it was when it is gone. */
static size_t after_cursor(const struct list_wish *wish, const struct json *const *items, size_t count)
{
        for (size_t i = 0; i < count && wish->identity != NULL; i++) {
                int order = list_order_cursor(wish, items[i]);
                if (wish->sort_count > 0 ? order > 0 : order == 0)
                        return wish->sort_count > 0 ? i : i + 1;
        }
        if (wish->sort_count > 0 && wish->identity != NULL)
                return count;
        return wish->cursor.at < count ? wish->cursor.at : count;
}

struct list_page list_cut(const struct list_wish *wish, const struct json *const *items, size_t count)
{
        ASSERT(wish != NULL);
        size_t from = wish->cursor.set ? after_cursor(wish, items, count) : wish->offset < count ? wish->offset : count;
        size_t left = count - from;

        return (struct list_page){from, wish->limit == 0 || wish->limit > left ? count : from + wish->limit, count};
}

/* --- links --- */

const char *query_encode(struct arena *arena, const char *text)
{
        ASSERT(arena != NULL && text != NULL);
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~,";
        char *encoded = arena_alloc(arena, 3 * strlen(text) + 1), *to = encoded;

        for (const char *at = text; *at != '\0'; at++) {
                if (strchr(plain, *at) != NULL) {
                        *to++ = *at;
                        continue;
                }
                *to++ = '%';
                *to++ = "0123456789ABCDEF"[(unsigned char)*at >> 4];
                *to++ = "0123456789ABCDEF"[*at & 15];
        }
        return encoded;
}

static bool is_in(const char *const *names, const char *name)
{
        for (; *names != NULL; names++)
                if (strcmp(*names, name) == 0)
                        return true;
        return false;
}

const char *query_again(struct arena *arena, const char *path, const struct http_pair *pairs, unsigned count,
                        const char *const *without, const char *more)
{
        ASSERT(arena != NULL && path != NULL && without != NULL);
        const char *text = path;
        char between = '?';

        for (unsigned i = 0; i < count; i++) {
                if (is_in(without, pairs[i].name))
                        continue;
                text = arena_printf(arena, "%s%c%s=%s", text, between, query_encode(arena, pairs[i].name),
                                    query_encode(arena, pairs[i].value));
                between = '&';
        }
        return more == NULL ? text : arena_printf(arena, "%s%c%s", text, between, more);
}

struct linking {
        struct arena *arena;
        const struct list_wish *wish;
        const char *path, *text;
};

static void add_link(struct linking *linking, const char *rel, const char *more)
{
        static const char *const places[] = {"offset", "cursor", NULL};
        const char *target = query_again(linking->arena, linking->path, linking->wish->pairs, linking->wish->pair_count,
                                         places, more);

        linking->text = arena_printf(linking->arena, "%s%s<%s>; rel=\"%s\"", linking->text,
                                     *linking->text != '\0' ? ", " : "", target, rel);
}

static void add_offset(struct linking *linking, const char *rel, size_t offset)
{
        add_link(linking, rel, arena_printf(linking->arena, "offset=%zu", offset));
}

const char *list_links(struct arena *arena, const struct list_wish *wish, const char *path,
                       const struct json *const *items, const struct list_page *page)
{
        ASSERT(arena != NULL && wish != NULL && path != NULL && page != NULL);
        struct linking linking = {arena, wish, path, ""};
        size_t limit = wish->limit;

        if (limit == 0)
                return NULL;
        add_link(&linking, "first", NULL);
        if (wish->has_offset && page->from > 0)
                add_offset(&linking, "prev", page->from > limit ? page->from - limit : 0);
        if (page->to < page->total) {
                const char *cursor = wish->has_offset ? NULL : cursor_of(arena, wish, items[page->to - 1], page->to);
                if (cursor != NULL)
                        add_link(&linking, "next", arena_printf(arena, "cursor=%s", cursor));
                else
                        add_offset(&linking, "next", page->to);
        }
        if (wish->has_offset && page->total > 0)
                add_offset(&linking, "last", (page->total - 1) / limit * limit);
        return linking.text;
}
