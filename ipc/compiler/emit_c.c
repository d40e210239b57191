/* The C of one contract: shapes, and the readers and writers that use them.
 * Rights: the compiler on the build machine; writes to a stream in memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/emit.h"

#include <inttypes.h>
#include <string.h>

static void write_words(FILE *out, const struct c_unit *unit)
{
        fprintf(out, "static const char *const %s_words[] = {", unit->name);
        for (const struct idl_field *f = unit->type->fields; f != NULL; f = f->next)
                fprintf(out, "\"%s\", ", f->name);
        fprintf(out, "NULL};\n\n");
        fprintf(out, "const char *%s_word(enum %s word)\n{\n", unit->name, unit->name);
        fprintf(out, "        ASSERT((unsigned)word < sizeof(%s_words) / sizeof(%s_words[0]) - 1);\n", unit->name,
                unit->name);
        fprintf(out, "        return %s_words[word];\n}\n\n", unit->name);
}

static void write_kind(FILE *out, const struct idl_field *field, const struct idl_type *type, const char *unit_name)
{
        const struct idl_said *said = &field->said;

        switch (idl_real(type)->kind) {
        case IDL_BOOL:
                fprintf(out, ".kind = SHAPE_BOOLEAN");
                break;
        case IDL_INT:
                fprintf(out, ".kind = SHAPE_INTEGER");
                if (said->notes[IDL_RANGE] != NULL)
                        fprintf(out, ", .min = %" PRId64 ", .max = %" PRId64, said->notes[IDL_RANGE]->from,
                                said->notes[IDL_RANGE]->to);
                else
                        fprintf(out, ", .min = -JSON_INTEGER_MAX, .max = JSON_INTEGER_MAX");
                break;
        case IDL_FLOAT:
                fprintf(out, ".kind = SHAPE_NUMBER");
                break;
        case IDL_STRING:
                fprintf(out, ".kind = SHAPE_TEXT");
                if (said->notes[IDL_IS] != NULL)
                        fprintf(out, ", .is = \"%s\"", said->notes[IDL_IS]->words[0]);
                if (said->notes[IDL_MAX] != NULL && field->type == type)
                        fprintf(out, ", .text_max = %" PRId64, said->notes[IDL_MAX]->to);
                break;
        case IDL_OBJECT:
                fprintf(out, ".kind = SHAPE_OBJECT");
                break;
        case IDL_ENUM:
                fprintf(out, ".kind = SHAPE_WORD, .words = %s_words", unit_name);
                break;
        default:
                fprintf(out, ".kind = SHAPE_STRUCT, .shape = &%s_shape", unit_name);
                break;
        }
}

static void write_field(FILE *out, struct arena *arena, const struct idl_contract *contract, const struct c_unit *unit,
                        const struct idl_field *field)
{
        const struct idl_type *type = field->type;
        const struct idl_type *item = type->of != NULL ? type->of : type;
        bool pointer = type->kind == IDL_STRING || type->kind == IDL_OBJECT;
        const char *inner = c_unit_name(arena, contract, unit->name, field->name, item);

        fprintf(out, "        {.name = \"%s\", .at = offsetof(struct %s, %s),\n         ", field->name, unit->name,
                field->name);
        write_kind(out, field, item, inner);
        if (type->optional)
                fprintf(out, ", .optional = true");
        if (type->optional && !pointer)
                fprintf(out, ",\n         .has_at = offsetof(struct %s, has_%s)", unit->name, field->name);
        if (type->of != NULL) {
                fprintf(out, ",\n         .many = %s, .items_max = %" PRId64,
                        type->kind == IDL_MAP ? "SHAPE_MAP" : "SHAPE_LIST",
                        field->said.notes[IDL_MAX] != NULL ? field->said.notes[IDL_MAX]->to : 0);
                fprintf(out, ", .count_at = offsetof(struct %s, %s_count)", unit->name, field->name);
                fprintf(out, ",\n         .item_bytes = sizeof(*((struct %s *)0)->%s)", unit->name, field->name);
        }
        if (type->kind == IDL_MAP)
                fprintf(out, ", .value_at = offsetof(struct %s_%s_entry, value)", unit->name,
                        c_snake(arena, field->name));
        fprintf(out, "},\n");
}

static void write_shape(FILE *out, struct arena *arena, const struct idl_contract *contract, const struct c_unit *unit)
{
        const char *name = unit->name;

        if (unit->type->fields != NULL) {
                fprintf(out, "static const struct shape_field %s_fields[] = {\n", name);
                for (const struct idl_field *f = unit->type->fields; f != NULL; f = f->next)
                        write_field(out, arena, contract, unit, f);
                fprintf(out, "};\n");
                fprintf(out, "static const struct shape %s_shape = {sizeof(struct %s), %s_fields,\n", name, name, name);
                fprintf(out, "        sizeof(%s_fields) / sizeof(%s_fields[0])};\n\n", name, name);
        } else {
                fprintf(out, "static const struct shape %s_shape = {sizeof(struct %s), NULL, 0};\n\n", name, name);
        }
        if (!unit->named && !unit->asks && !unit->answers)
                return;
        fprintf(out, "int %s_read(const struct json *object, struct arena *arena, struct %s *ret,\n", name, name);
        fprintf(out,
                "        struct failure *failure)\n{\n        return %s(&%s_shape, object, arena, ret, "
                "failure);\n}\n\n",
                unit->answers ? "shape_read_open" : "shape_read", name);
        fprintf(out, "void %s_write(struct json_out *out, const struct %s *value)\n{\n", name, name);
        fprintf(out, "        shape_write(&%s_shape, out, value);\n}\n\n", name);
}

void emit_c_source(FILE *out, struct arena *arena, const struct idl_contract *contract)
{
        ASSERT(out != NULL && arena != NULL && contract != NULL);
        const char *interface = c_interface(arena, contract);

        fprintf(out, "/* Made by ipc-compiler from the contract %s; do not edit.\n", contract->name);
        fprintf(out, " * Rights: clerks and the command line; works on memory only, nothing else. */\n");
        fprintf(out, "#include \"%s.h\"\n\n#include \"base/log.h\"\n#include \"json/shape.h\"\n\n", interface);
        for (const struct c_unit *unit = c_units(arena, contract); unit != NULL; unit = unit->next) {
                if (unit->type->kind == IDL_ENUM)
                        write_words(out, unit);
                else
                        write_shape(out, arena, contract, unit);
        }
}
