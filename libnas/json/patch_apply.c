/* RFC 6902: a document after a patch. Works on the tree of the document that was read; what the patch brings stays in
 * the patch's own tree. Arrays and objects that grow get room for more, so that many additions stay cheap.
 * Rights: every process that reads JSON; none needed. */
#include "json/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* What "copy" may bring altogether: a few lines of patch must not become a document without bound. */
enum { COPIED_MAX = 16 * 1024 * 1024 };

struct patching {
        struct json *root;
        struct arena *arena;
        size_t copied;
};

struct target { /* what a pointer leads to: a place in a container, or (no container) the document itself */
        struct json *in;
        const char *name; /* of a member */
        size_t name_length;
        size_t index;   /* of an item: count for "-"; of a member that is there */
        bool there;     /* something is at that place */
        unsigned depth; /* of the place: 0 for the document */
};

/* --- pointers (RFC 6901) --- */

/* The next name of a pointer, unescaped; false: malformed. */
static bool next_name(struct arena *arena, const char **pointer, const char **ret_name, size_t *ret_length)
{
        const char *at = *pointer;
        if (*at++ != '/')
                return false;
        char *name = arena_alloc(arena, strcspn(at, "/") + 1), *to = name;
        for (; *at != '\0' && *at != '/'; at++) {
                if (*at == '~' && *++at != '0' && *at != '1')
                        return false;
                *to++ = at[-1] != '~' ? *at : *at == '0' ? '~' : '/';
        }
        *ret_name = name;
        *ret_length = (size_t)(to - name);
        *pointer = at;
        return true;
}

/* Digits without a leading zero; "-" is the place behind the last. */
static bool read_index(const char *name, size_t length, size_t count, size_t *ret_index)
{
        size_t index = 0;
        if (length == 1 && *name == '-') {
                *ret_index = count;
                return true;
        }
        if (length == 0 || length > 6 || (length > 1 && *name == '0'))
                return false;
        for (size_t i = 0; i < length; i++) {
                if (name[i] < '0' || name[i] > '9')
                        return false;
                index = index * 10 + (size_t)(name[i] - '0');
        }
        *ret_index = index;
        return index <= count;
}

static bool place_in(struct json *in, const char *name, size_t length, struct target *target)
{
        target->in = in;
        target->name = name;
        target->name_length = length;
        target->depth++;
        if (in->kind == JSON_ARRAY) {
                bool good = read_index(name, length, in->count, &target->index);
                target->there = good && target->index < in->count;
                return good;
        }
        if (in->kind != JSON_OBJECT)
                return false;
        const struct json *member = json_find(in, name, length);
        target->there = member != NULL;
        target->index = member == NULL ? in->count : (size_t)(member - in->inner);
        return true;
}

static struct json *value_at(const struct patching *patching, const struct target *target)
{
        return target->in == NULL ? patching->root : &target->in->inner[target->index];
}

static bool find_target(struct patching *patching, const char *pointer, struct target *ret_target)
{
        struct target target = {.there = true};
        while (*pointer != '\0') {
                const char *name;
                size_t length;
                if (!target.there || !next_name(patching->arena, &pointer, &name, &length) ||
                    !place_in(value_at(patching, &target), name, length, &target))
                        return false;
        }
        *ret_target = target;
        return true;
}

/* --- changing the tree --- */

static unsigned height(const struct json *value)
{
        unsigned highest = 0;
        if (value->kind != JSON_ARRAY && value->kind != JSON_OBJECT)
                return 0;
        for (size_t i = 0; i < value->count; i++) {
                unsigned one = height(&value->inner[i]);
                highest = one > highest ? one : highest;
        }
        return highest + 1;
}

/* Another value at a place; the place keeps its name. */
static void set(struct json *place, const struct json *value)
{
        struct json fresh = *value;
        fresh.name = place->name;
        fresh.name_length = place->name_length;
        *place = fresh;
}

static bool make_room(struct patching *patching, struct json *in)
{
        if (in->count >= (in->kind == JSON_ARRAY ? (uint32_t)JSON_ITEMS_MAX : (uint32_t)JSON_MEMBERS_MAX))
                return false;
        if (in->room != 0 && in->count < (1u << in->room) - 1)
                return true;
        unsigned room = in->room == 0 ? 3 : in->room;
        while ((1u << room) - 1 <= in->count)
                room++;
        struct json *inner = arena_array(patching->arena, (1u << room) - 1, sizeof *inner);
        if (in->count != 0)
                memcpy(inner, in->inner, in->count * sizeof *inner);
        in->inner = inner;
        in->room = room & 0xff;
        return true;
}

/* Puts a value at a place: instead of the document or of a member, before an item, or as a new one. */
static bool put(struct patching *patching, const struct target *target, const struct json *value)
{
        struct json *in = target->in;
        if (target->depth + height(value) > JSON_DEPTH_MAX)
                return false;
        if (in == NULL || (in->kind == JSON_OBJECT && target->there)) {
                set(value_at(patching, target), value);
                return true;
        }
        if (!make_room(patching, in))
                return false;
        struct json *place = &in->inner[target->index];
        memmove(place + 1, place, (in->count - target->index) * sizeof *place);
        *place = (struct json){.name = target->name, .name_length = target->name_length};
        set(place, value);
        in->count++;
        return true;
}

static bool cut(struct patching *patching, const struct target *target)
{
        struct json *in = target->in;
        if (in == NULL || !target->there)
                return false;
        struct json *place = value_at(patching, target);
        in->count--;
        memmove(place, place + 1, (in->count - target->index) * sizeof *place);
        return true;
}

/* A value of its own, all the way down; texts are never changed and so are shared. */
static bool copy(struct patching *patching, const struct json *from, struct json *ret_value)
{
        struct json value = *from;
        patching->copied += sizeof value + from->name_length + (from->kind == JSON_TEXT ? from->length : 0);
        if (patching->copied > COPIED_MAX)
                return false;
        value.room = 0;
        if ((from->kind == JSON_ARRAY || from->kind == JSON_OBJECT) && from->count != 0) {
                value.inner = arena_array(patching->arena, from->count, sizeof *value.inner);
                for (size_t i = 0; i < from->count; i++)
                        if (!copy(patching, &from->inner[i], &value.inner[i]))
                                return false;
        }
        *ret_value = value;
        return true;
}

/* --- operations --- */

struct operation { /* one of a patch, read */
        const char *kind, *path, *from;
        const struct json *value;
};

static const char *text_of(const struct json *object, const char *name)
{
        const struct json *text = json_member(object, name);
        return json_type_of(text) == JSON_TEXT ? json_text(text, NULL) : NULL;
}

static bool add(struct patching *patching, const struct operation *operation)
{
        struct target target;
        return operation->value != NULL && find_target(patching, operation->path, &target) &&
               put(patching, &target, operation->value);
}

static bool remove_one(struct patching *patching, const struct operation *operation)
{
        struct target target;
        return find_target(patching, operation->path, &target) && cut(patching, &target);
}

static bool replace(struct patching *patching, const struct operation *operation)
{
        struct target target;
        if (operation->value == NULL || !find_target(patching, operation->path, &target) || !target.there ||
            target.depth + height(operation->value) > JSON_DEPTH_MAX)
                return false;
        set(value_at(patching, &target), operation->value);
        return true;
}

static bool copy_one(struct patching *patching, const struct operation *operation)
{
        struct target from, target;
        struct json value;
        return operation->from != NULL && find_target(patching, operation->from, &from) && from.there &&
               copy(patching, value_at(patching, &from), &value) && find_target(patching, operation->path, &target) &&
               put(patching, &target, &value);
}

static bool move(struct patching *patching, const struct operation *operation)
{
        struct target from, target;
        size_t length = operation->from == NULL ? 0 : strlen(operation->from);
        if (operation->from == NULL || !find_target(patching, operation->from, &from) || !from.there)
                return false;
        if (strcmp(operation->from, operation->path) == 0)
                return true;
        if (strncmp(operation->path, operation->from, length) == 0 && operation->path[length] == '/')
                return false; /* into itself */
        struct json value = *value_at(patching, &from);
        return cut(patching, &from) && find_target(patching, operation->path, &target) &&
               put(patching, &target, &value);
}

static bool test(struct patching *patching, const struct operation *operation)
{
        struct target target;
        return operation->value != NULL && find_target(patching, operation->path, &target) && target.there &&
               json_same(value_at(patching, &target), operation->value);
}

static bool apply(struct patching *patching, const struct json *object)
{
        static const struct {
                const char *kind;
                bool (*apply)(struct patching *patching, const struct operation *operation);
        } kinds[] = {{"add", add},   {"remove", remove_one}, {"replace", replace},
                     {"move", move}, {"copy", copy_one},     {"test", test}};
        struct operation operation = {.kind = text_of(object, "op"),
                                      .path = text_of(object, "path"),
                                      .from = text_of(object, "from"),
                                      .value = json_find(object, "value", 5)};
        if (operation.kind == NULL || operation.path == NULL)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (strcmp(kinds[i].kind, operation.kind) == 0)
                        return kinds[i].apply(patching, &operation);
        return false;
}

int json_patch_apply(const char *before, size_t before_length, const char *patch, size_t patch_length,
                     struct json_out *out)
{
        ASSERT(out != NULL);
        CLEANUP(json_freep) struct json *document = json_parse(before, before_length, NULL);
        CLEANUP(json_freep) struct json *operations = json_parse(patch, patch_length, NULL);
        if (document == NULL || json_type_of(operations) != JSON_ARRAY)
                return -1;
        struct patching patching = {.root = document, .arena = ((struct document *)document)->shared->arena};
        for (size_t i = 0; i < operations->count; i++)
                if (!apply(&patching, &operations->inner[i]))
                        return -1;
        if (document->kind == JSON_NULL)
                return -1; /* what json_parse would refuse */
        json_out_value(out, document);
        return 0;
}
