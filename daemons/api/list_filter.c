/* Lists: values of fields, typed by the contract, compared with what was asked for.
 * Rights: the front end; memory only. */
#include "daemons/api/list.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

/* --- values --- */

static int place_of_word(const struct idl_type *words, const char *text, size_t length)
{
        int place = 0;

        for (const struct idl_field *f = words->fields; f != NULL; f = f->next, place++)
                if (strlen(f->name) == length && memcmp(f->name, text, length) == 0)
                        return place;
        return -1;
}

static const struct idl_type *plain_type(const struct idl_type *type)
{
        return idl_real(type->kind == IDL_ARRAY ? type->of : type);
}

int list_value_read(const struct idl_field *field, const char *text, struct list_value *ret_value)
{
        ASSERT(field != NULL && text != NULL && ret_value != NULL);
        const struct idl_type *type = plain_type(field->type);
        struct list_value value = {.text = text, .length = strlen(text)};

        if (type->kind == IDL_INT && !value_integer(text, &value.integer))
                return -1;
        if (type->kind == IDL_FLOAT) {
                struct json *number CLEANUP(json_freep) = json_parse(text, value.length, NULL);
                if (json_type_of(number) != JSON_INTEGER && json_type_of(number) != JSON_NUMBER)
                        return -1;
                value.number = json_number(number);
        }
        if (type->kind == IDL_BOOL) {
                if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
                        return -1;
                value.number = *text == 't';
        }
        if (type->kind == IDL_ENUM) {
                int place = place_of_word(type, text, value.length);
                if (place < 0)
                        return -1;
                value.number = place;
        }
        *ret_value = value;
        return 0;
}

struct list_value list_value_of(const struct idl_type *type, const struct json *value)
{
        ASSERT(type != NULL);
        const struct idl_type *real = idl_real(type);
        enum json_kind kind = json_type_of(value);
        struct list_value found = {.absent = false};

        if (real->kind == IDL_INT && kind == JSON_INTEGER) {
                found.integer = json_integer(value);
        } else if (real->kind == IDL_FLOAT && (kind == JSON_INTEGER || kind == JSON_NUMBER)) {
                found.number = json_number(value);
        } else if (real->kind == IDL_BOOL && kind == JSON_BOOLEAN) {
                found.number = json_boolean(value);
        } else if ((real->kind == IDL_STRING || real->kind == IDL_ENUM) && kind == JSON_TEXT) {
                found.text = json_text(value, &found.length);
                if (real->kind == IDL_ENUM)
                        found.number = place_of_word(real, found.text, found.length);
        } else {
                found.absent = true;
        }
        return found;
}

int list_compare(const struct idl_type *type, const struct list_value *a, const struct list_value *b)
{
        ASSERT(type != NULL && a != NULL && b != NULL);
        const struct idl_type *real = idl_real(type);

        if (a->absent || b->absent)
                return (int)a->absent - (int)b->absent;
        if (real->kind == IDL_INT)
                return (a->integer > b->integer) - (a->integer < b->integer);
        if (real->kind != IDL_STRING)
                return (a->number > b->number) - (a->number < b->number);
        size_t length = a->length < b->length ? a->length : b->length;
        int order = length > 0 ? memcmp(a->text, b->text, length) : 0;
        return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* --- filters --- */

bool list_takes(const struct idl_field *field, enum list_op op)
{
        ASSERT(field != NULL);
        enum idl_kind kind = plain_type(field->type)->kind;

        if (kind != IDL_INT && kind != IDL_FLOAT && kind != IDL_BOOL && kind != IDL_STRING && kind != IDL_ENUM)
                return false;
        if (field->type->kind == IDL_ARRAY)
                return op == LIST_CONTAINS;
        if (op == LIST_CONTAINS || op == LIST_PREFIX)
                return kind == IDL_STRING;
        return kind != IDL_BOOL || op == LIST_EQ || op == LIST_NE || op == LIST_IN;
}

static bool holds_text(const struct list_value *value, const struct list_value *part, bool at_begin)
{
        if (value->absent || part->length > value->length)
                return false;
        if (at_begin)
                return memcmp(value->text, part->text, part->length) == 0;
        return memmem(value->text, value->length, part->text, part->length) != NULL;
}

static bool plain_passes(const struct list_filter *filter, const struct json *member)
{
        const struct idl_type *type = filter->field->type;
        struct list_value value = list_value_of(type, member);
        int order = list_compare(type, &value, &filter->values[0]);
        bool any = false;

        switch (filter->op) {
        case LIST_EQ:
                return order == 0;
        case LIST_NE:
                return order != 0;
        case LIST_LT:
                return !value.absent && order < 0;
        case LIST_LTE:
                return !value.absent && order <= 0;
        case LIST_GT:
                return !value.absent && order > 0;
        case LIST_GTE:
                return !value.absent && order >= 0;
        case LIST_IN:
                for (unsigned i = 0; i < filter->count; i++)
                        any |= list_compare(type, &value, &filter->values[i]) == 0;
                return any;
        default:
                return holds_text(&value, &filter->values[0], filter->op == LIST_PREFIX);
        }
}

static bool array_passes(const struct list_filter *filter, const struct json *array)
{
        const struct idl_type *type = filter->field->type->of;

        for (size_t i = 0; json_type_of(array) == JSON_ARRAY && i < json_length(array); i++) {
                struct list_value value = list_value_of(type, json_item(array, i));
                if (list_compare(type, &value, &filter->values[0]) == 0)
                        return true;
        }
        return false;
}

bool list_passes(const struct list_wish *wish, const struct json *item)
{
        ASSERT(wish != NULL);
        for (unsigned i = 0; i < wish->filter_count; i++) {
                const struct list_filter *filter = wish->filters[i];
                const struct json *member =
                        json_type_of(item) == JSON_OBJECT ? json_member(item, filter->field->name) : NULL;
                if (filter->field->type->kind == IDL_ARRAY ? !array_passes(filter, member)
                                                           : !plain_passes(filter, member))
                        return false;
        }
        return true;
}

/* --- order --- */

static struct list_value value_in(const struct idl_field *field, const struct json *item)
{
        return list_value_of(field->type, json_type_of(item) == JSON_OBJECT ? json_member(item, field->name) : NULL);
}

int list_order(const struct list_wish *wish, const struct json *a, const struct json *b)
{
        ASSERT(wish != NULL);
        for (unsigned i = 0; i <= wish->sort_count; i++) {
                bool last = i == wish->sort_count;
                const struct idl_field *field = last ? wish->identity : wish->sorts[i].field;
                if (field == NULL)
                        return 0;
                struct list_value x = value_in(field, a), y = value_in(field, b);
                int order = list_compare(field->type, &x, &y);
                if (order != 0)
                        return !last && wish->sorts[i].down ? -order : order;
        }
        return 0;
}

int list_order_cursor(const struct list_wish *wish, const struct json *item)
{
        ASSERT(wish != NULL && wish->cursor.set);
        for (unsigned i = 0; i <= wish->sort_count; i++) {
                bool last = i == wish->sort_count;
                const struct idl_field *field = last ? wish->identity : wish->sorts[i].field;
                const struct list_value *key = last ? &wish->cursor.identity : &wish->cursor.keys[i];
                if (field == NULL)
                        return 0;
                struct list_value value = value_in(field, item);
                int order = list_compare(field->type, &value, key);
                if (order != 0)
                        return !last && wish->sorts[i].down ? -order : order;
        }
        return 0;
}
