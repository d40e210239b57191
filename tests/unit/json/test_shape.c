/* Shapes beyond what today's contracts use: maps, objects, numbers, lists of structs, enums in maps.
 * Rights: a test; works on memory only. */
#include "base/mem.h"
#include "json/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum kind { KIND_A, KIND_B };
static const char *const kind_words[] = {"a", "b", NULL};

struct part {
        double weight;
        bool has_weight;
};
struct kind_entry {
        const char *key;
        enum kind value;
};
struct part_entry {
        const char *key;
        struct part value;
};
struct thing {
        const struct json *extra;
        const struct kind_entry *kinds;
        size_t kinds_count;
        bool has_kinds;
        const struct part_entry *parts;
        size_t parts_count;
        const int64_t *sizes;
        size_t sizes_count;
        const char *note;
};

static const struct shape_field part_fields[] = {
        {.name = "weight",
         .kind = SHAPE_NUMBER,
         .at = offsetof(struct part, weight),
         .optional = true,
         .has_at = offsetof(struct part, has_weight)},
};
static const struct shape part_shape = {sizeof(struct part), part_fields, 1};
static const struct shape_field thing_fields[] = {
        {.name = "extra", .kind = SHAPE_OBJECT, .at = offsetof(struct thing, extra), .optional = true},
        {.name = "kinds",
         .kind = SHAPE_WORD,
         .words = kind_words,
         .many = SHAPE_MAP,
         .items_max = 2,
         .optional = true,
         .at = offsetof(struct thing, kinds),
         .count_at = offsetof(struct thing, kinds_count),
         .has_at = offsetof(struct thing, has_kinds),
         .item_bytes = sizeof(struct kind_entry),
         .value_at = offsetof(struct kind_entry, value)},
        {.name = "parts",
         .kind = SHAPE_STRUCT,
         .shape = &part_shape,
         .many = SHAPE_MAP,
         .items_max = 9,
         .at = offsetof(struct thing, parts),
         .count_at = offsetof(struct thing, parts_count),
         .item_bytes = sizeof(struct part_entry),
         .value_at = offsetof(struct part_entry, value)},
        {.name = "sizes",
         .kind = SHAPE_INTEGER,
         .min = 0,
         .max = 9,
         .many = SHAPE_LIST,
         .items_max = 3,
         .at = offsetof(struct thing, sizes),
         .count_at = offsetof(struct thing, sizes_count),
         .item_bytes = 8},
        {.name = "note", .kind = SHAPE_TEXT, .text_max = 4, .at = offsetof(struct thing, note), .optional = true},
};
static const struct shape thing_shape = {sizeof(struct thing), thing_fields, 5};

static int read_thing(const char *text, struct arena *arena, struct thing *ret, struct failure *failure,
                      struct json **ret_document)
{
        *ret_document = json_parse(text, strlen(text), failure);
        assert_non_null(*ret_document);
        return shape_read(&thing_shape, *ret_document, arena, ret, failure);
}

static void everything_round_trips(void **state)
{
        static const char *const texts[] = {
                "{\"extra\":{\"x\":[1,null,\"y\"]},\"kinds\":{\"one\":\"b\",\"two\":\"a\"},\"parts\":{\"p\":{"
                "\"weight\":1.5},\"q\":{}},"
                "\"sizes\":[0,9],\"note\":\"n\\u00e4\"}",
                "{\"parts\":{},\"sizes\":[]}",
                "{\"kinds\":{},\"parts\":{},\"sizes\":[]}",
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                struct arena *arena CLEANUP(arena_freep) = arena_new();
                struct json *document CLEANUP(json_freep) = NULL, *again CLEANUP(json_freep) = NULL;
                struct json_out *out CLEANUP(json_out_freep) = json_out_new();
                struct json_out *patch CLEANUP(json_out_freep) = json_out_new();
                struct thing thing;
                struct failure failure;
                size_t length;

                assert_int_equal(read_thing(texts[i], arena, &thing, &failure, &document), 0);
                shape_write(&thing_shape, out, &thing);
                const char *bytes = json_out_bytes(out, &length);
                assert_int_equal(json_patch(texts[i], strlen(texts[i]), bytes, length, patch), 0);
                assert_string_equal(json_out_bytes(patch, NULL), "[]");
                assert_int_equal(read_thing(bytes, arena, &thing, &failure, &again), 0);
        }
}

static void way_to_the_fault_is_named(void **state)
{
        static const struct {
                const char *text, *field, *message;
        } rows[] = {
                {"{\"extra\":[],\"parts\":{},\"sizes\":[]}", "extra", "must be an object, not an array"},
                {"{\"kinds\":{\"k\":\"c\"},\"parts\":{},\"sizes\":[]}", "kinds[k]", "must be one of: a, b"},
                {"{\"kinds\":{\"a\":\"a\",\"b\":\"a\",\"c\":\"a\"},\"parts\":{},\"sizes\":[]}", "kinds",
                 "must have at most 2 members"},
                {"{\"kinds\":{\"a\\nb\":\"a\"},\"parts\":{},\"sizes\":[]}", "kinds[a\\x0ab]",
                 "has a key that is not a text of at most 128 bytes"},
                {"{\"parts\":{\"p\":{\"weight\":true}},\"sizes\":[]}", "parts[p].weight",
                 "must be a number, not true or false"},
                {"{\"parts\":{\"p\":{\"wait\":1}},\"sizes\":[]}", "parts[p].wait", "is not known"},
                {"{\"parts\":[],\"sizes\":[]}", "parts", "must be an object, not an array"},
                {"{\"parts\":{},\"sizes\":[1,10]}", "sizes[1]", "must be from 0 to 9"},
                {"{\"parts\":{},\"sizes\":[1,2,3,4]}", "sizes", "must have at most 3 items"},
                {"{\"parts\":{},\"sizes\":[],\"note\":\"fives\"}", "note", "must have at most 4 bytes"},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                struct arena *arena CLEANUP(arena_freep) = arena_new();
                struct json *document CLEANUP(json_freep) = NULL;
                struct thing thing;
                struct failure failure;

                assert_int_equal(read_thing(rows[i].text, arena, &thing, &failure, &document), -1);
                assert_string_equal(failure.field, rows[i].field);
                assert_string_equal(failure.message, rows[i].message);
        }
}

static void long_names_do_not_overrun(void **state)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct json *document CLEANUP(json_freep) = NULL;
        struct thing thing;
        struct failure failure;
        char text[400] = "{\"parts\":{\"", name[121];

        (void)state;
        memset(name, 'n', 120);
        name[120] = '\0';
        strncat(text, name, 121);
        strncat(text, "\":{\"", 5);
        strncat(text, name, 121);
        strncat(text, "\":1}},\"sizes\":[]}", 20);
        assert_int_equal(read_thing(text, arena, &thing, &failure, &document), -1);
        assert_string_equal(failure.message, "is not known");
        assert_true(strlen(failure.field) < sizeof(failure.field));
        assert_memory_equal(failure.field, "parts[nnn", 9);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(everything_round_trips),
                cmocka_unit_test(way_to_the_fault_is_named),
                cmocka_unit_test(long_names_do_not_overrun),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
