/* Lists: filtered, sorted, cut to a page and to fields, from what the daemon wrote. Only lists of which something was
 * asked are read at all.
 * Rights: the front end; memory only. */
#include "daemons/api/list.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b, void *context)
{
        const struct json *const *x = a, *const *y = b;
        int order = list_order(context, *x, *y);
        return order != 0 ? order : (*x > *y) - (*x < *y); /* else as they came: they lie in one array */
}

static void write_item(struct json_out *out, const struct list_wish *wish, const struct json *item)
{
        if (wish->field_count == 0 || json_type_of(item) != JSON_OBJECT) {
                json_out_value(out, item);
                return;
        }
        json_out_object(out);
        for (unsigned i = 0; i < wish->field_count; i++) {
                if (!json_has(item, wish->fields[i]->name))
                        continue;
                json_out_key(out, wish->fields[i]->name);
                json_out_value(out, json_member(item, wish->fields[i]->name));
        }
        json_out_object_end(out);
}

static struct json_out *write_page(const struct list_wish *wish, const struct json *const *items,
                                   const struct list_page *page)
{
        struct json_out *out = json_out_new();

        json_out_array(out);
        for (size_t i = page->from; i < page->to; i++)
                write_item(out, wish, items[i]);
        json_out_array_end(out);
        return out;
}

int list_apply(struct arena *arena, const struct list_wish *wish, const char *json, size_t length, const char *path,
               struct list_result *ret_result)
{
        ASSERT(arena != NULL && wish != NULL && json != NULL && ret_result != NULL);
        struct json *list CLEANUP(json_freep) = json_parse(json, length, NULL);
        size_t count = 0;

        if (json_type_of(list) != JSON_ARRAY)
                return -1;
        const struct json **items = arena_array(arena, json_length(list) + 1, sizeof(*items));
        for (size_t i = 0; i < json_length(list); i++)
                if (list_passes(wish, json_item(list, i)))
                        items[count++] = json_item(list, i);
        if (wish->sort_count > 0)
                qsort_r(items, count, sizeof(*items), compare, (void *)(uintptr_t)wish);
        struct list_page page = list_cut(wish, items, count);
        ret_result->out = write_page(wish, items, &page);
        ret_result->total = page.total;
        ret_result->links = list_links(arena, wish, path, items, &page);
        return 0;
}
