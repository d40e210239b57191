/* Reading JSON in one pass into an arena, within the limits of json.h.
 * Rights: every process that reads JSON; none needed. */
#include "json/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { QUADRATIC_MAX = 24, STACK_FIRST = 24 };

/* Items whose array or object is not complete yet; when it is, they are copied side by side into the arena. */
struct parse {
        struct cursor cursor;
        unsigned depth;
        struct json *stack;
        size_t used, room;
};

static void blanks(struct cursor *cursor)
{
        while (cursor->at < cursor->end &&
               (*cursor->at == ' ' || *cursor->at == '\t' || *cursor->at == '\n' || *cursor->at == '\r'))
                cursor->at++;
}

static void push(struct parse *parse, const struct json *value)
{
        if (parse->used == parse->room) {
                parse->room = parse->room == 0 ? STACK_FIRST : 2 * parse->room;
                parse->stack = mem_grow(parse->stack, parse->room, sizeof *parse->stack);
        }
        parse->stack[parse->used++] = *value;
}

static void collect(struct parse *parse, size_t from, struct json *ret_value)
{
        size_t count = parse->used - from;
        struct json *inner = count == 0 ? NULL : arena_array(parse->cursor.arena, count, sizeof *inner);
        if (count != 0)
                memcpy(inner, parse->stack + from, count * sizeof *inner);
        parse->used = from;
        ret_value->count = (uint32_t)count;
        ret_value->inner = inner;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp((*(const struct json *const *)a)->name, (*(const struct json *const *)b)->name);
}

static bool same_name(const struct json *a, const struct json *b)
{
        return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
}

/* Apart, because its array would be cleared for each small object. */
static bool has_name_twice_sorted(const struct json *object)
{
        const struct json *members[JSON_MEMBERS_MAX];
        for (size_t i = 0; i < object->count; i++)
                members[i] = &object->inner[i];
        qsort(members, object->count, sizeof *members, compare_names);
        for (size_t i = 1; i < object->count; i++)
                if (compare_names(&members[i - 1], &members[i]) == 0)
                        return true;
        return false;
}

static bool has_name_twice(const struct json *object)
{
        if (object->count > QUADRATIC_MAX)
                return has_name_twice_sorted(object);
        for (size_t i = 1; i < object->count; i++)
                for (size_t k = 0; k < i; k++)
                        if (same_name(&object->inner[i], &object->inner[k]))
                                return true;
        return false;
}

static bool read_value(struct parse *parse, struct json *ret_value);

static bool read_member(struct parse *parse)
{
        struct cursor *cursor = &parse->cursor;
        struct json member = {0};
        const char *name;
        size_t name_length;
        blanks(cursor);
        if (!token_text(cursor, &name, &name_length))
                return false;
        blanks(cursor);
        if (!cursor_next_is(cursor, ':'))
                return cursor_wrong(cursor, "a member without its colon");
        if (!read_value(parse, &member))
                return false;
        member.name = name;
        member.name_length = name_length;
        push(parse, &member);
        blanks(cursor);
        return true;
}

static bool read_object(struct parse *parse, struct json *ret_value)
{
        struct cursor *cursor = &parse->cursor;
        size_t from = parse->used;
        ret_value->kind = JSON_OBJECT;
        blanks(cursor);
        if (cursor_next_is(cursor, '}'))
                return true;
        do {
                if (parse->used - from == JSON_MEMBERS_MAX)
                        return cursor_wrong(cursor, "an object with more than 4096 members");
                if (!read_member(parse))
                        return false;
        } while (cursor_next_is(cursor, ','));
        if (!cursor_next_is(cursor, '}'))
                return cursor_wrong(cursor, "an object without its end");
        collect(parse, from, ret_value);
        return !has_name_twice(ret_value) || cursor_wrong(cursor, "a member that comes twice");
}

static bool read_array(struct parse *parse, struct json *ret_value)
{
        struct cursor *cursor = &parse->cursor;
        size_t from = parse->used;
        ret_value->kind = JSON_ARRAY;
        blanks(cursor);
        if (cursor_next_is(cursor, ']'))
                return true;
        do {
                struct json item = {0};
                if (parse->used - from == JSON_ITEMS_MAX)
                        return cursor_wrong(cursor, "an array with more than 65536 items");
                if (!read_value(parse, &item))
                        return false;
                push(parse, &item);
                blanks(cursor);
        } while (cursor_next_is(cursor, ','));
        if (!cursor_next_is(cursor, ']'))
                return cursor_wrong(cursor, "an array without its end");
        collect(parse, from, ret_value);
        return true;
}

static bool read_word(struct cursor *cursor, struct json *ret_value)
{
        static const struct {
                const char *word;
                size_t length;
                struct json value;
        } words[] = {
                {"true", 4, {.kind = JSON_BOOLEAN, .boolean = true}},
                {"false", 5, {.kind = JSON_BOOLEAN, .boolean = false}},
                {"null", 4, {.kind = JSON_NULL}},
        };
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if ((size_t)(cursor->end - cursor->at) >= words[i].length &&
                    memcmp(cursor->at, words[i].word, words[i].length) == 0) {
                        cursor->at += words[i].length;
                        *ret_value = words[i].value;
                        return true;
                }
        return cursor_wrong(cursor, "something that is no value");
}

static bool read_inner(struct parse *parse, struct json *ret_value)
{
        bool object = *parse->cursor.at++ == '{';
        if (parse->depth == JSON_DEPTH_MAX)
                return cursor_wrong(&parse->cursor, "more than 16 levels");
        parse->depth++;
        bool good = object ? read_object(parse, ret_value) : read_array(parse, ret_value);
        parse->depth--;
        return good;
}

static bool read_value(struct parse *parse, struct json *ret_value)
{
        struct cursor *cursor = &parse->cursor;
        blanks(cursor);
        if (cursor->at == cursor->end)
                return cursor_wrong(cursor, "an end where a value must be");
        switch (*cursor->at) {
        case '{':
        case '[':
                return read_inner(parse, ret_value);
        case '"':
                ret_value->kind = JSON_TEXT;
                return token_text(cursor, &ret_value->text, &ret_value->length);
        case 't':
        case 'f':
        case 'n':
                return read_word(cursor, ret_value);
        default:
                return token_number(cursor, ret_value);
        }
}

static struct document *parse_in(struct arena *arena, const char *text, size_t length, struct failure *failure)
{
        const char *bytes = text == NULL ? "" : text;
        struct document *document = arena_alloc(arena, sizeof *document);
        struct parse parse = {.cursor = {.begin = bytes, .at = bytes, .end = bytes + length, .arena = arena}};
        struct cursor *cursor = &parse.cursor;
        document->shared = arena_alloc(arena, sizeof *document->shared);
        *document->shared = (struct shared){.arena = arena, .holders = 1};
        if (read_value(&parse, &document->value)) {
                blanks(cursor);
                if (cursor->at != cursor->end)
                        (void)cursor_wrong(cursor, "something after the value");
                else if (document->value.kind == JSON_NULL)
                        (void)cursor_wrong(cursor, "nothing but null");
        }
        free(parse.stack);
        if (cursor->reason == NULL)
                return document;
        (void)failure_set(failure, FAILURE_MALFORMED, NULL, "send one JSON value as RFC 8259 says, without duplicates",
                          "the JSON has %s at byte %zu", cursor->reason, (size_t)(cursor->at - cursor->begin));
        return NULL;
}

struct json *json_parse(const char *text, size_t length, struct failure *failure)
{
        ASSERT(text != NULL || length == 0);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct document *document = parse_in(arena, text, length, failure);
        if (document == NULL)
                return NULL;
        document->shared->owned = true;
        (void)TAKE(arena);
        return &document->value;
}

struct json *json_parse_in(struct arena *arena, const char *text, size_t length, struct failure *failure)
{
        ASSERT(arena != NULL && (text != NULL || length == 0));
        struct document *document = parse_in(arena, text, length, failure);
        return document == NULL ? NULL : &document->value;
}

/* The texts in it may have been secrets: the arena wipes. */
void json_free(struct json *document)
{
        struct shared *shared = document == NULL ? NULL : ((struct document *)document)->shared;
        if (shared != NULL && --shared->holders == 0 && shared->owned)
                arena_free(shared->arena);
}

void json_freep(struct json **document)
{
        json_free(*document);
}
