/* Inside daemons/api/: what was asked of a list, between list_wish.c (read), list_filter.c, list_page.c and list.c. */
#ifndef BULKHEAD_API_LIST_H
#define BULKHEAD_API_LIST_H

#include "daemons/api/parts.h"

enum list_op { LIST_EQ, LIST_NE, LIST_LT, LIST_LTE, LIST_GT, LIST_GTE, LIST_IN, LIST_CONTAINS, LIST_PREFIX, LIST_OPS };
enum { LIST_VALUES_MAX = 64 }; /* of one filter */

struct list_value { /* of one field, as the contract types it */
        bool absent;
        double number;   /* of a number; of a boolean 0 or 1; of a word of an enum its place in the contract */
        int64_t integer; /* of an integer */
        const char *text;
        size_t length;
};

struct list_filter {
        const struct idl_field *field;
        enum list_op op;
        struct list_value values[LIST_VALUES_MAX];
        unsigned count;
};

struct list_sort {
        const struct idl_field *field;
        bool down;
};

struct list_cursor { /* the item behind which a page begins */
        bool set;
        struct list_value keys[LIST_SORTS_MAX]; /* its values of the fields sorted by */
        struct list_value identity;
        size_t at; /* its place then and one more: for lists without identity, and when it is gone and nothing is sorted
                    */
};

struct list_wish {
        const struct idl_type *item;
        const struct idl_field *identity; /* "id" or "name", which makes an order a full one; NULL */
        struct list_filter *filters[LIST_FILTERS_MAX];
        unsigned filter_count;
        struct list_sort sorts[LIST_SORTS_MAX];
        unsigned sort_count;
        const struct idl_field *fields[LIST_FIELDS_MAX];
        unsigned field_count; /* 0: all */
        size_t limit, offset; /* limit 0: none */
        bool has_offset;
        struct list_cursor cursor;
        const struct http_pair *pairs; /* the whole query, for links */
        unsigned pair_count;
};

/* --- list_filter.c: values of one field, compared as the contract types them. Pure. --- */
/* 0, or -1 when the text is not of the field's type (of its items' type, for an array). */
int list_value_read(const struct idl_field *field, const char *text, struct list_value *ret_value);
/* Of an item's member; absent when it is not there or not of its type. */
struct list_value list_value_of(const struct idl_type *type, const struct json *value);
bool list_takes(const struct idl_field *field, enum list_op op); /* has such a filter a meaning? */
bool list_passes(const struct list_wish *wish, const struct json *item);
/* Less, equal or more than 0; what is absent comes last. */
int list_compare(const struct idl_type *type, const struct list_value *a, const struct list_value *b);
/* By the fields sorted by, then by identity. */
int list_order(const struct list_wish *wish, const struct json *a, const struct json *b);
int list_order_cursor(const struct list_wish *wish, const struct json *item);

/* --- list_page.c --- */
struct list_page {
        size_t from, to, total;
};
struct list_page list_cut(const struct list_wish *wish, const struct json *const *items, size_t count);
/* Value of Link; NULL when the list is whole. */
const char *list_links(struct arena *arena, const struct list_wish *wish, const char *path,
                       const struct json *const *items, const struct list_page *page);
int list_cursor_read(struct arena *arena, struct list_wish *wish, const char *text); /* -1: not of this order */

#endif
