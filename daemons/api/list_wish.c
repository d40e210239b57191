/* Lists: what was asked for, read from the query: filters, order, fields, page. Only fields that the contract's item
 * has are known; everything else is refused by its name.
 * Rights: the front end; memory only. Everything here comes from outside. */
#include "daemons/api/list.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

struct reading {
        struct arena *arena;
        struct list_wish *wish;
        struct failure *failure;
};

static int unknown(const struct reading *reading, const char *name)
{
        return failure_set(reading->failure, FAILURE_MALFORMED, name, "See /api/docs for what can be asked.",
                           "is not known here");
}

static int wrong(const struct reading *reading, const char *name, const char *what)
{
        return failure_set(reading->failure, FAILURE_INVALID, name, "", "%s", what);
}

/* --- filters --- */

static const char *const op_names[LIST_OPS] = {
        [LIST_EQ] = "",          [LIST_NE] = "ne",   [LIST_LT] = "lt", [LIST_LTE] = "lte",
        [LIST_GT] = "gt",        [LIST_GTE] = "gte", [LIST_IN] = "in", [LIST_CONTAINS] = "contains",
        [LIST_PREFIX] = "prefix"};

/* "size__gte" is the field size and the operation gte. false: neither is known. */
static bool take_apart(const struct reading *reading, const char *name, struct list_filter *filter)
{
        const char *split = NULL;

        for (const char *at = strstr(name, "__"); at != NULL; at = strstr(at + 1, "__"))
                split = at;
        size_t length = split != NULL ? (size_t)(split - name) : strlen(name);
        filter->field = idl_field(reading->wish->item, arena_text(reading->arena, name, length));
        filter->op = LIST_OPS;
        for (enum list_op op = LIST_EQ; op < LIST_OPS; op++)
                if (strcmp(op_names[op], split != NULL ? split + 2 : "") == 0 && (split != NULL) == (op != LIST_EQ))
                        filter->op = op;
        return filter->field != NULL && filter->op < LIST_OPS && list_takes(filter->field, filter->op);
}

static int add_value(const struct reading *reading, const char *name, struct list_filter *filter, const char *text)
{
        if (filter->count == LIST_VALUES_MAX)
                return wrong(reading, name, "has too many values");
        if (list_value_read(filter->field, text, &filter->values[filter->count]) < 0)
                return wrong(reading, name, "is not of the field's type");
        filter->count++;
        return 0;
}

static int add_filter(const struct reading *reading, const struct http_pair *pair)
{
        struct list_wish *wish = reading->wish;
        struct list_filter *filter = arena_alloc(reading->arena, sizeof(*filter));
        const char *at = pair->value;

        if (wish->item->kind != IDL_STRUCT || !take_apart(reading, pair->name, filter))
                return unknown(reading, pair->name);
        if (wish->filter_count == LIST_FILTERS_MAX)
                return wrong(reading, pair->name, "is one filter too many");
        wish->filters[wish->filter_count++] = filter;
        if (filter->op != LIST_IN)
                return add_value(reading, pair->name, filter, at);
        do {
                size_t length = strcspn(at, ",");
                if (add_value(reading, pair->name, filter, arena_text(reading->arena, at, length)) < 0)
                        return -1;
                at += length;
        } while (*at++ == ',');
        return 0;
}

/* --- order and fields --- */

static const char *next_name(const struct reading *reading, const char **at)
{
        size_t length = strcspn(*at, ",");
        const char *name = arena_text(reading->arena, *at, length);

        *at += length;
        *at += **at == ',' && (*at)[1] != '\0';
        return name;
}

static int read_sort(const struct reading *reading, const char *text)
{
        struct list_wish *wish = reading->wish;

        for (const char *at = text; *at != '\0';) {
                const char *name = next_name(reading, &at);
                bool down = *name == '-';
                const struct idl_field *field = idl_field(wish->item, name + down);
                if (field == NULL || field->type->kind == IDL_ARRAY || !list_takes(field, LIST_EQ))
                        return wrong(reading, "sort", "names a field that cannot be sorted by");
                if (wish->sort_count == LIST_SORTS_MAX)
                        return wrong(reading, "sort", "names too many fields");
                for (unsigned i = 0; i < wish->sort_count; i++)
                        if (wish->sorts[i].field == field)
                                return wrong(reading, "sort", "names a field twice");
                wish->sorts[wish->sort_count++] = (struct list_sort){field, down};
        }
        return wish->sort_count > 0 ? 0 : wrong(reading, "sort", "names no field");
}

static int read_fields(const struct reading *reading, const char *text)
{
        struct list_wish *wish = reading->wish;

        for (const char *at = text; *at != '\0';) {
                const struct idl_field *field = idl_field(wish->item, next_name(reading, &at));
                if (field == NULL)
                        return wrong(reading, "fields", "names a field that there is not");
                if (wish->field_count == LIST_FIELDS_MAX)
                        return wrong(reading, "fields", "names too many fields");
                for (unsigned i = 0; i < wish->field_count; i++)
                        if (wish->fields[i] == field)
                                return wrong(reading, "fields", "names a field twice");
                wish->fields[wish->field_count++] = field;
        }
        return wish->field_count > 0 ? 0 : wrong(reading, "fields", "names no field");
}

/* --- pages --- */

static int read_number(const struct reading *reading, const struct http_pair *pair, int64_t least, size_t *ret_number)
{
        int64_t number;

        if (!value_integer(pair->value, &number) || number < least || number > LIST_LIMIT_MAX)
                return wrong(reading, pair->name, "must be an integer within its limits");
        *ret_number = (size_t)number;
        return 0;
}

static int read_pair(const struct reading *reading, const struct http_pair *pair)
{
        struct list_wish *wish = reading->wish;
        bool structs = wish->item->kind == IDL_STRUCT;

        if (strcmp(pair->name, "limit") == 0)
                return read_number(reading, pair, 1, &wish->limit);
        if (strcmp(pair->name, "offset") == 0) {
                wish->has_offset = true;
                return read_number(reading, pair, 0, &wish->offset);
        }
        if (strcmp(pair->name, "sort") == 0 && structs)
                return read_sort(reading, pair->value);
        if (strcmp(pair->name, "fields") == 0 && structs)
                return read_fields(reading, pair->value);
        if (strcmp(pair->name, "cursor") == 0)
                return 0; /* once the order is known */
        return add_filter(reading, pair);
}

static int read_cursor(const struct reading *reading, const struct http_pair *pair)
{
        if (reading->wish->has_offset)
                return wrong(reading, "cursor", "does not go with offset");
        if (list_cursor_read(reading->arena, reading->wish, pair->value) < 0)
                return wrong(reading, "cursor", "belongs to another list or order");
        return 0;
}

static const struct idl_field *identity_of(const struct idl_type *item)
{
        const struct idl_field *id = item->kind == IDL_STRUCT ? idl_field(item, "id") : NULL;
        const struct idl_field *name = item->kind == IDL_STRUCT ? idl_field(item, "name") : NULL;

        if (id != NULL && list_takes(id, LIST_LT))
                return id;
        return name != NULL && list_takes(name, LIST_LT) ? name : NULL;
}

int list_read(struct arena *arena, const struct idl_member *method, const struct http_pair *pairs, unsigned count,
              struct list_wish **ret_wish, struct failure *failure)
{
        ASSERT(arena != NULL && method != NULL && ret_wish != NULL);
        const struct idl_type *item = idl_http_items(method);
        struct reading reading = {.arena = arena, .failure = failure};

        *ret_wish = NULL;
        if (count == 0)
                return 0;
        if (item == NULL)
                return unknown(&reading, pairs[0].name);
        reading.wish = arena_alloc(arena, sizeof(*reading.wish));
        *reading.wish = (struct list_wish){.item = item, .identity = identity_of(item)};
        for (unsigned i = 0; i < count; i++)
                if (read_pair(&reading, &pairs[i]) < 0)
                        return -1;
        for (unsigned i = 0; i < count; i++)
                if (strcmp(pairs[i].name, "cursor") == 0 && read_cursor(&reading, &pairs[i]) < 0)
                        return -1;
        *ret_wish = reading.wish;
        return 0;
}

void list_wish_came_as(struct list_wish *wish, const struct http_pair *pairs, unsigned count)
{
        ASSERT(wish != NULL);
        wish->pairs = pairs;
        wish->pair_count = count;
}
