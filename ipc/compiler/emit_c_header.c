/* The C header of one contract: enums, structs, readers and writers, and what a daemon has to provide.
 * Rights: the compiler on the build machine; writes to a stream in memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/emit.h"

#include <string.h>

struct header {
        FILE *out;
        struct arena *arena;
        const struct idl_contract *contract;
};

static const char *c_type(const struct header *header, const char *owner, const char *field,
                          const struct idl_type *type)
{
        const struct idl_type *real = idl_real(type);

        switch (real->kind) {
        case IDL_BOOL:
                return "bool ";
        case IDL_INT:
                return "int64_t ";
        case IDL_FLOAT:
                return "double ";
        case IDL_STRING:
                return "const char *";
        case IDL_OBJECT:
                return "const struct json *";
        default:
                return arena_printf(header->arena, "%s %s ", real->kind == IDL_ENUM ? "enum" : "struct",
                                    c_unit_name(header->arena, header->contract, owner, field, type));
        }
}

static bool is_pointer(const struct idl_type *type)
{
        return type->kind == IDL_STRING || type->kind == IDL_OBJECT;
}

static void write_enum(const struct header *header, const struct c_unit *unit)
{
        const char *upper = c_upper(header->arena, unit->name);

        fprintf(header->out, "enum %s {\n", unit->name);
        for (const struct idl_field *f = unit->type->fields; f != NULL; f = f->next) {
                c_comment(header->out, "        ", f->said.doc);
                fprintf(header->out, "        %s_%s,\n", upper, c_upper(header->arena, f->name));
        }
        fprintf(header->out, "};\nconst char *%s_word(enum %s word);\n\n", unit->name, unit->name);
}

static void write_field(const struct header *header, const struct c_unit *unit, const struct idl_field *field)
{
        const struct idl_type *type = field->type;
        const char *indent = "        ";

        c_comment(header->out, indent, field->said.doc);
        if (type->kind == IDL_ARRAY) {
                const char *item = c_type(header, unit->name, field->name, type->of);
                fprintf(header->out, "%s%s%s*%s;\n", indent, is_pointer(type->of) ? "" : "const ",
                        is_pointer(type->of) ? arena_printf(header->arena, "%sconst ", item) : item, field->name);
                fprintf(header->out, "%ssize_t %s_count;\n", indent, field->name);
        } else if (type->kind == IDL_MAP) {
                fprintf(header->out, "%sconst struct %s_%s_entry *%s;\n", indent, unit->name,
                        c_snake(header->arena, field->name), field->name);
                fprintf(header->out, "%ssize_t %s_count;\n", indent, field->name);
        } else {
                fprintf(header->out, "%s%s%s;%s\n", indent, c_type(header, unit->name, field->name, type), field->name,
                        type->optional && is_pointer(type) ? " /* NULL: not there */" : "");
        }
        if (type->optional && !is_pointer(type))
                fprintf(header->out, "%sbool has_%s;\n", indent, field->name);
}

static void write_struct(const struct header *header, const struct c_unit *unit)
{
        for (const struct idl_field *f = unit->type->fields; f != NULL; f = f->next)
                if (f->type->kind == IDL_MAP)
                        fprintf(header->out, "struct %s_%s_entry {\n        const char *key;\n        %svalue;\n};\n\n",
                                unit->name, c_snake(header->arena, f->name),
                                c_type(header, unit->name, f->name, f->type->of));
        c_comment(header->out, "", unit->doc);
        fprintf(header->out, "struct %s {\n", unit->name);
        for (const struct idl_field *f = unit->type->fields; f != NULL; f = f->next)
                write_field(header, unit, f);
        fprintf(header->out, "};\n");
        if (unit->named || unit->asks || unit->answers) {
                fprintf(header->out,
                        "int %s_read(const struct json *object, struct arena *arena, struct %s *ret,\n"
                        "        struct failure *failure);\n",
                        unit->name, unit->name);
                fprintf(header->out, "void %s_write(struct json_out *out, const struct %s *value);\n", unit->name,
                        unit->name);
        }
        fprintf(header->out, "\n");
}

static void write_handlers(const struct header *header, const char *interface)
{
        FILE *out = header->out;

        fprintf(out, "/* A daemon provides one handler a method; the reply functions are in %s_serve.c. */\n",
                interface);
        for (const struct idl_member *m = header->contract->members; m != NULL; m = m->next) {
                if (m->what != IDL_METHOD)
                        continue;
                const char *method = arena_printf(header->arena, "%s_%s", interface, c_snake(header->arena, m->name));
                fprintf(out, "void %s(struct call *call, const struct %s_in *in);\n", method, method);
                fprintf(out, "void %s_reply(struct call *call, const struct %s_out *out);\n", method, method);
        }
        fprintf(out, "\nextern const struct wire_interface %s_interface;\n\n", interface);
}

void emit_c_header(FILE *out, struct arena *arena, const struct idl_contract *contract)
{
        ASSERT(out != NULL && arena != NULL && contract != NULL);
        const struct header header = {out, arena, contract};
        const char *interface = c_interface(arena, contract);
        const char *guard = c_upper(arena, interface);

        fprintf(out, "/* Made by ipc-compiler from the contract %s; do not edit.\n *\n", contract->name);
        fprintf(out,
                " * _read checks everything the contract says, leaves *ret alone on failure and keeps texts in the\n"
                " * arena (objects stay in the document that was read). _write leaves absent members out. */\n");
        fprintf(out, "#ifndef BULKHEAD_GEN_%s_H\n#define BULKHEAD_GEN_%s_H\n\n", guard, guard);
        fprintf(out, "#include \"base/arena.h\"\n#include \"base/failure.h\"\n#include \"json/json.h\"\n\n");
        fprintf(out, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n");
        fprintf(out, "struct call;\nstruct wire_interface;\n\n");
        for (const struct c_unit *unit = c_units(arena, contract); unit != NULL; unit = unit->next) {
                if (unit->type->kind == IDL_ENUM) {
                        c_comment(out, "", unit->doc);
                        write_enum(&header, unit);
                } else {
                        write_struct(&header, unit);
                }
        }
        write_handlers(&header, interface);
        fprintf(out, "#endif\n");
}

void emit_c_readers(FILE *out, const struct contracts *contracts)
{
        ASSERT(out != NULL && contracts != NULL);
        fprintf(out,
                "/* Made by ipc-compiler: all readers there are, for the tests that go through every one of them.\n"
                " * EACH_READER(X) is X(NAME) for each; NAME_read and NAME_write go with struct NAME. */\n");
        for (size_t i = 0; i < contracts->count; i++)
                if (c_wanted(contracts->list[i]))
                        fprintf(out, "#include \"%s.h\"\n", c_interface(contracts->arena, contracts->list[i]));
        fprintf(out, "\n#define EACH_READER(X)");
        for (size_t i = 0; i < contracts->count; i++)
                for (const struct c_unit *u = c_units(contracts->arena, contracts->list[i]); u != NULL; u = u->next)
                        if ((u->named || u->asks || u->answers) && u->type->kind == IDL_STRUCT)
                                fprintf(out, " \\\n        X(%s)", u->name);
        fprintf(out, "\n");
}
