/* One reader and one writer for all structs of the contracts, driven by their shapes.
 * Rights: clerks and the command line; works on memory only, nothing else. */
#include "json/shape.h"

#include "base/log.h"
#include "base/text.h"
#include "value/value.h"

#include <stdio.h>
#include <string.h>

struct reading {
        struct arena *arena;
        struct failure *failure;
        bool open; /* unknown members are passed over */
};

/* What is wrong with a value; those above put its name before it, level by level. */
#define wrong(reading, ...) failure_set((reading)->failure, FAILURE_INVALID, "", "", __VA_ARGS__)

static void within(struct failure *failure, const char *name)
{
        char inner[sizeof(failure->field)];

        memcpy(inner, failure->field, sizeof(inner));
        snprintf(failure->field, sizeof(failure->field), "%.*s%s%.*s", (int)sizeof(inner) - 24, name,
                 inner[0] != '\0' && inner[0] != '[' ? "." : "", 22, inner);
}

static int read_struct(const struct reading *reading, const struct shape *shape, const struct json *value, void *ret);

static int read_text(const struct reading *reading, const struct shape_field *field, const struct json *value,
                     const char **ret)
{
        size_t length;
        const char *text = json_text(value, &length);

        if (field->text_max > 0 && length > field->text_max)
                return wrong(reading, "must have at most %u bytes", field->text_max);
        if (field->is != NULL) {
                const struct value_type *type = value_type_find(field->is);
                ASSERT(type != NULL);
                if (value_check(type, field->name, text, length, reading->failure) < 0) {
                        reading->failure->field[0] = '\0';
                        return -1;
                }
        }
        *ret = arena_text(reading->arena, text, length);
        return 0;
}

static int read_word(const struct reading *reading, const struct shape_field *field, const struct json *value, int *ret)
{
        const char *text = json_text(value, NULL);
        char all[192] = "";
        size_t used = 0;

        for (int i = 0; field->words[i] != NULL; i++) {
                if (strcmp(field->words[i], text) == 0) {
                        *ret = i;
                        return 0;
                }
                int more = snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? ", " : "", field->words[i]);
                used = more > 0 && used + (size_t)more < sizeof(all) ? used + (size_t)more : sizeof(all) - 1;
        }
        return wrong(reading, "must be one of: %s", all);
}

/* One value, an item of a list, or the value of a map's entry. */
static int read_value(const struct reading *reading, const struct shape_field *field, const struct json *value,
                      void *ret)
{
        static const enum json_kind wanted[] = {
                [SHAPE_BOOLEAN] = JSON_BOOLEAN, [SHAPE_INTEGER] = JSON_INTEGER, [SHAPE_NUMBER] = JSON_NUMBER,
                [SHAPE_TEXT] = JSON_TEXT,       [SHAPE_OBJECT] = JSON_OBJECT,   [SHAPE_WORD] = JSON_TEXT,
                [SHAPE_STRUCT] = JSON_OBJECT,
        };
        enum json_kind type = json_type_of(value);

        if (type != wanted[field->kind] && !(field->kind == SHAPE_NUMBER && type == JSON_INTEGER))
                return wrong(reading, "must be %s, not %s", json_type_name(wanted[field->kind]), json_type_name(type));
        switch (field->kind) {
        case SHAPE_BOOLEAN:
                *(bool *)ret = json_boolean(value);
                return 0;
        case SHAPE_INTEGER:
                if (json_integer(value) < field->min || json_integer(value) > field->max)
                        return wrong(reading, "must be from %lld to %lld", (long long)field->min,
                                     (long long)field->max);
                *(int64_t *)ret = json_integer(value);
                return 0;
        case SHAPE_NUMBER:
                *(double *)ret = json_number(value);
                return 0;
        case SHAPE_TEXT:
                return read_text(reading, field, value, ret);
        case SHAPE_OBJECT:
                *(const struct json **)ret = value;
                return 0;
        case SHAPE_WORD:
                return read_word(reading, field, value, ret);
        case SHAPE_STRUCT:
                return read_struct(reading, field->shape, value, ret);
        }
        return -1;
}

static int too_many(const struct reading *reading, const struct shape_field *field)
{
        return wrong(reading, "must have at most %u %s", field->items_max,
                     field->many == SHAPE_MAP ? "members" : "items");
}

static int read_list(const struct reading *reading, const struct shape_field *field, const struct json *value,
                     char *ret)
{
        size_t count = json_length(value);

        if (json_type_of(value) != JSON_ARRAY)
                return wrong(reading, "must be %s, not %s", json_type_name(JSON_ARRAY),
                             json_type_name(json_type_of(value)));
        if (count > field->items_max)
                return too_many(reading, field);
        char *items = arena_array(reading->arena, count, field->item_bytes);
        for (size_t i = 0; i < count; i++) {
                if (read_value(reading, field, json_item(value, i), items + i * field->item_bytes) < 0) {
                        char place[24];
                        snprintf(place, sizeof(place), "[%zu]", i);
                        within(reading->failure, place);
                        return -1;
                }
        }
        *(char **)(void *)(ret + field->at) = items;
        *(size_t *)(void *)(ret + field->count_at) = count;
        return 0;
}

struct map_reading {
        const struct reading *reading;
        const struct shape_field *field;
        char *item;
        int result;
};

static bool read_entry(const char *key, const struct json *value, void *context)
{
        struct map_reading *map = context;
        size_t length = strlen(key);
        char shown[32] = "[";

        if (length > SHAPE_KEY_MAX || !text_printable(key, length))
                map->result = wrong(map->reading, "has a key that is not a text of at most %d bytes", SHAPE_KEY_MAX);
        else
                map->result = read_value(map->reading, map->field, value, map->item + map->field->value_at);
        if (map->result < 0) {
                text_escape(key, length, shown + 1, sizeof(shown) - 2);
                memcpy(shown + strlen(shown), "]", 2);
                within(map->reading->failure, shown);
                return false;
        }
        *(const char **)(void *)map->item = arena_text(map->reading->arena, key, length);
        map->item += map->field->item_bytes;
        return true;
}

static int read_map(const struct reading *reading, const struct shape_field *field, const struct json *value, char *ret)
{
        size_t count = json_length(value);

        if (json_type_of(value) != JSON_OBJECT)
                return wrong(reading, "must be %s, not %s", json_type_name(JSON_OBJECT),
                             json_type_name(json_type_of(value)));
        if (count > field->items_max)
                return too_many(reading, field);
        char *items = arena_array(reading->arena, count, field->item_bytes);
        struct map_reading map = {reading, field, items, 0};
        json_each(value, read_entry, &map);
        if (map.result < 0)
                return -1;
        *(char **)(void *)(ret + field->at) = items;
        *(size_t *)(void *)(ret + field->count_at) = count;
        return 0;
}

static int read_field(const struct reading *reading, const struct shape_field *field, const struct json *value,
                      char *ret)
{
        int result;

        if (value == NULL || (field->optional && json_type_of(value) == JSON_NULL))
                result = field->optional ? 0 : wrong(reading, "is missing");
        else if (field->many == SHAPE_LIST)
                result = read_list(reading, field, value, ret);
        else if (field->many == SHAPE_MAP)
                result = read_map(reading, field, value, ret);
        else
                result = read_value(reading, field, value, ret + field->at);
        if (result < 0) {
                within(reading->failure, field->name);
                return -1;
        }
        if (field->has_at > 0)
                *(bool *)(ret + field->has_at) = value != NULL && json_type_of(value) != JSON_NULL;
        return 0;
}

struct search {
        const struct reading *reading;
        const struct shape *shape;
        int result;
};

static bool is_known(const char *name, const struct json *value, void *context)
{
        struct search *search = context;
        char shown[48];

        (void)value;
        for (size_t i = 0; i < search->shape->count; i++)
                if (strcmp(search->shape->fields[i].name, name) == 0)
                        return true;
        text_escape(name, strlen(name), shown, sizeof(shown));
        search->result = failure_set(search->reading->failure, FAILURE_INVALID, shown, "Leave it out.", "is not known");
        return false;
}

static int read_struct(const struct reading *reading, const struct shape *shape, const struct json *value, void *ret)
{
        struct search search = {reading, shape, 0};
        char *bytes =
                arena_alloc(reading->arena, shape->bytes > 0 ? shape->bytes : 1); /* a struct may have no members */

        if (value != NULL && json_type_of(value) != JSON_OBJECT)
                return wrong(reading, "must be %s, not %s", json_type_name(JSON_OBJECT),
                             json_type_name(json_type_of(value)));
        if (value != NULL && !reading->open)
                json_each(value, is_known, &search);
        if (search.result < 0)
                return -1;
        for (size_t i = 0; i < shape->count; i++) {
                const struct shape_field *field = &shape->fields[i];
                if (read_field(reading, field, value != NULL ? json_member(value, field->name) : NULL, bytes) < 0)
                        return -1;
        }
        memcpy(ret, bytes, shape->bytes);
        return 0;
}

int shape_read(const struct shape *shape, const struct json *value, struct arena *arena, void *ret,
               struct failure *failure)
{
        ASSERT(shape != NULL && arena != NULL && ret != NULL && failure != NULL);
        const struct reading reading = {arena, failure, false};
        return read_struct(&reading, shape, value, ret);
}

int shape_read_open(const struct shape *shape, const struct json *value, struct arena *arena, void *ret,
                    struct failure *failure)
{
        ASSERT(shape != NULL && arena != NULL && ret != NULL && failure != NULL);
        const struct reading reading = {arena, failure, true};
        return read_struct(&reading, shape, value, ret);
}

static void write_value(const struct shape_field *field, struct json_out *out, const void *value)
{
        switch (field->kind) {
        case SHAPE_BOOLEAN:
                json_out_boolean(out, *(const bool *)value);
                break;
        case SHAPE_INTEGER:
                json_out_integer(out, *(const int64_t *)value);
                break;
        case SHAPE_NUMBER:
                json_out_number(out, *(const double *)value);
                break;
        case SHAPE_TEXT:
                ASSERT(*(const char *const *)value != NULL);
                json_out_text(out, *(const char *const *)value);
                break;
        case SHAPE_OBJECT:
                ASSERT(*(const struct json *const *)value != NULL);
                json_out_value(out, *(const struct json *const *)value);
                break;
        case SHAPE_WORD: {
                unsigned count = 0, word = *(const unsigned *)value;
                while (field->words[count] != NULL)
                        count++;
                ASSERT(word < count);
                json_out_text(out, field->words[word]);
                break;
        }
        case SHAPE_STRUCT:
                shape_write(field->shape, out, value);
                break;
        }
}

static void write_many(const struct shape_field *field, struct json_out *out, const char *value)
{
        const char *item = *(const char *const *)(const void *)(value + field->at);
        size_t count = *(const size_t *)(const void *)(value + field->count_at);

        ASSERT(item != NULL || count == 0);
        if (field->many == SHAPE_MAP)
                json_out_object(out);
        else
                json_out_array(out);
        for (; count > 0; count--, item += field->item_bytes) {
                if (field->many == SHAPE_MAP)
                        json_out_key(out, *(const char *const *)(const void *)item);
                write_value(field, out, item + field->value_at);
        }
        if (field->many == SHAPE_MAP)
                json_out_object_end(out);
        else
                json_out_array_end(out);
}

static bool is_absent(const struct shape_field *field, const char *value)
{
        if (!field->optional)
                return false;
        if (field->has_at > 0)
                return !*(const bool *)(value + field->has_at);
        return *(const void *const *)(const void *)(value + field->at) == NULL;
}

void shape_write(const struct shape *shape, struct json_out *out, const void *value)
{
        ASSERT(shape != NULL && out != NULL && value != NULL);
        json_out_object(out);
        for (size_t i = 0; i < shape->count; i++) {
                const struct shape_field *field = &shape->fields[i];
                if (is_absent(field, value))
                        continue;
                json_out_key(out, field->name);
                if (field->many == SHAPE_ONE)
                        write_value(field, out, (const char *)value + field->at);
                else
                        write_many(field, out, value);
        }
        json_out_object_end(out);
}
