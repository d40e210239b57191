/* Shapes made from a contract while it is in use. The compiler writes the same as C (emit_c.c); here nobody looks
 * into the struct but the reader and the writer, so each member has sixteen bytes of it.
 * Rights: who serves by a contract that came with a module; memory only. */
#include "ipc/compiler/shape_of.h"

#include "base/log.h"
#include "base/mem.h"

enum { SLOT = 16, HAS = 8 }; /* a value and whether it is there, or a list and its count */

static const char *const *words_of(struct arena *arena, const struct idl_type *type)
{
        size_t count = 0;

        for (const struct idl_field *f = type->fields; f != NULL; f = f->next)
                count++;
        const char **words = arena_array(arena, count + 1, sizeof(*words));
        count = 0;
        for (const struct idl_field *f = type->fields; f != NULL; f = f->next)
                words[count++] = f->name;
        return words;
}

static void set_text(struct shape_field *field, const struct idl_field *from, const struct idl_type *item)
{
        const struct idl_note *const *notes = from->said.notes;

        field->kind = SHAPE_TEXT;
        field->is = notes[IDL_IS] != NULL ? notes[IDL_IS]->words[0] : NULL;
        field->text_max = notes[IDL_MAX] != NULL && from->type == item ? (uint32_t)notes[IDL_MAX]->to : 0;
}

/* How many bytes an item takes. */
static uint32_t set_kind(struct arena *arena, struct shape_field *field, const struct idl_field *from,
                         const struct idl_type *item)
{
        const struct idl_type *real = idl_real(item);
        const struct idl_note *range = from->said.notes[IDL_RANGE];

        field->min = range != NULL ? range->from : -JSON_INTEGER_MAX;
        field->max = range != NULL ? range->to : JSON_INTEGER_MAX;
        switch (real->kind) {
        case IDL_STRING:
                set_text(field, from, item);
                return HAS;
        case IDL_ENUM:
                field->kind = SHAPE_WORD;
                field->words = words_of(arena, real);
                return HAS;
        case IDL_STRUCT:
                field->kind = SHAPE_STRUCT;
                field->shape = shape_of(arena, real);
                return (uint32_t)field->shape->bytes;
        default:
                field->kind = real->kind == IDL_BOOL    ? SHAPE_BOOLEAN
                              : real->kind == IDL_INT   ? SHAPE_INTEGER
                              : real->kind == IDL_FLOAT ? SHAPE_NUMBER
                                                        : SHAPE_OBJECT;
                return HAS;
        }
}

/* The bytes that the member takes. */
static uint32_t set_field(struct arena *arena, struct shape_field *field, const struct idl_field *from, uint32_t at)
{
        const struct idl_type *type = from->type, *item = type->of != NULL ? type->of : type;

        field->name = from->name;
        field->optional = type->optional;
        field->at = at;
        uint32_t bytes = set_kind(arena, field, from, item);
        if (type->of != NULL) {
                field->many = type->kind == IDL_MAP ? SHAPE_MAP : SHAPE_LIST;
                field->items_max = (uint32_t)from->said.notes[IDL_MAX]->to;
                field->value_at = type->kind == IDL_MAP ? HAS : 0;
                field->item_bytes = field->value_at + bytes;
                field->count_at = at + HAS;
                bytes = SLOT;
        }
        bool pointer = type->kind == IDL_STRING || type->kind == IDL_OBJECT;
        if (type->optional && !pointer) {
                field->has_at = at + bytes;
                bytes += HAS;
        }
        return bytes;
}

const struct shape *shape_of(struct arena *arena, const struct idl_type *list)
{
        ASSERT(arena != NULL && list != NULL && idl_real(list)->kind == IDL_STRUCT);
        struct shape *shape = arena_alloc(arena, sizeof(*shape));
        uint32_t at = HAS; /* offset 0 means that there is no such member */

        for (const struct idl_field *f = idl_real(list)->fields; f != NULL; f = f->next)
                shape->count++;
        struct shape_field *fields = arena_array(arena, shape->count + 1, sizeof(*fields));
        shape->count = 0;
        for (const struct idl_field *f = idl_real(list)->fields; f != NULL; f = f->next)
                at += set_field(arena, &fields[shape->count++], f, at);
        shape->fields = fields;
        shape->bytes = at;
        return shape;
}

int shape_again(const struct shape *shape, const struct json *value, struct json_out *out, struct failure *failure)
{
        ASSERT(shape != NULL && out != NULL && failure != NULL);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        void *read = arena_alloc(arena, shape->bytes);

        if (shape_read(shape, value, arena, read, failure) < 0)
                return -1;
        shape_write(shape, out, read);
        return 0;
}
