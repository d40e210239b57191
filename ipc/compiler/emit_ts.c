/* TypeScript from all contracts: types, and one function a method that the network can reach.
 * Rights: the compiler on the build machine; writes to a stream in memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/emit.h"

#include <ctype.h>
#include <string.h>

struct script {
        FILE *out;
        struct arena *arena;
        const char *prefix; /* "Users" */
};

/* nas.users: Users; nas.some-thing.else: SomeThingElse. */
static const char *prefix_of(struct arena *arena, const struct idl_contract *contract)
{
        char *prefix = arena_alloc(arena, strlen(contract->name) + 1), *to = prefix;
        bool begins = true;

        for (const char *at = strchr(contract->name, '.') + 1; *at != '\0'; at++) {
                if (isalnum((unsigned char)*at))
                        *to++ = begins ? (char)toupper((unsigned char)*at) : *at;
                begins = !isalnum((unsigned char)*at);
        }
        return prefix;
}

static const char *lower_first(struct arena *arena, const char *name)
{
        char *lower = arena_text(arena, name, strlen(name));
        lower[0] = (char)tolower((unsigned char)lower[0]);
        return lower;
}

static void write_doc(FILE *out, const char *indent, const char *text)
{
        if (*text == '\0')
                return;
        fprintf(out, "%s/** ", indent);
        for (const char *at = text; *at != '\0'; at++) {
                if (*at == '\n')
                        fprintf(out, "\n%s * ", indent);
                else if (*at == '*' && at[1] == '/')
                        fprintf(out, "* ");
                else
                        fputc(*at, out);
        }
        fprintf(out, " */\n");
}

static void write_fields(const struct script *script, const struct idl_type *list, const char *indent);

static void write_type(const struct script *script, const struct idl_type *type, const char *indent)
{
        static const char *const simple[] = {
                [IDL_BOOL] = "boolean",
                [IDL_INT] = "number",
                [IDL_FLOAT] = "number",
                [IDL_STRING] = "string",
                [IDL_OBJECT] = "Record<string, unknown>",
        };
        FILE *out = script->out;

        if (type->of != NULL) {
                fprintf(out, type->kind == IDL_MAP ? "Record<string, " : "Array<");
                write_type(script, type->of, indent);
                fprintf(out, ">");
        } else if (type->kind == IDL_NAMED) {
                fprintf(out, "%s%s", script->prefix, type->name);
        } else if (type->kind == IDL_ENUM) {
                for (const struct idl_field *f = type->fields; f != NULL; f = f->next)
                        fprintf(out, "\"%s\"%s", f->name, f->next != NULL ? " | " : "");
        } else if (type->kind == IDL_STRUCT) {
                fprintf(out, "{\n");
                write_fields(script, type, arena_printf(script->arena, "%s  ", indent));
                fprintf(out, "%s}", indent);
        } else {
                fprintf(out, "%s", simple[type->kind]);
        }
}

static void write_fields(const struct script *script, const struct idl_type *list, const char *indent)
{
        for (const struct idl_field *f = idl_http_said(list->fields); f != NULL; f = idl_http_said(f->next)) {
                write_doc(script->out, indent, f->said.doc);
                fprintf(script->out, "%s%s%s: ", indent, f->name, f->type->optional ? "?" : "");
                write_type(script, f->type, indent);
                fprintf(script->out, ";\n");
        }
}

/* What a method's function resolves to when the change is done or the reading made. */
static void write_result(const struct script *script, const struct idl_member *method)
{
        const struct idl_field *body = idl_http_body(method);

        if (idl_http_success(method) == 202)
                fprintf(script->out, "Started");
        else if (idl_http_success(method) == 204)
                fprintf(script->out, "void");
        else if (body != NULL && idl_http_next(method) != NULL)
                fprintf(script->out, "Page<%s%sItem>", script->prefix, method->name);
        else if (body != NULL)
                write_type(script, body->type, "");
        else
                fprintf(script->out, "%s%sResult", script->prefix, method->name);
}

static void write_result_types(const struct script *script, const struct idl_member *method)
{
        const struct idl_field *body = idl_http_body(method);

        if (body != NULL && idl_http_next(method) != NULL) {
                fprintf(script->out, "export type %s%sItem = ", script->prefix, method->name);
                write_type(script, body->type->of, "");
                fprintf(script->out, ";\n");
        } else if (idl_http_success(method) == 200 && body == NULL) {
                fprintf(script->out, "export interface %s%sResult {\n", script->prefix, method->name);
                write_fields(script, method->reply, "  ");
                fprintf(script->out, "}\n");
        }
}

/* The path with its parameters filled in, as a template literal. */
static void write_path(const struct script *script, const char *path)
{
        size_t length;
        const char *at = path, *from = path;

        fprintf(script->out, "`");
        for (const char *name = idl_path_param(&at, &length); name != NULL; name = idl_path_param(&at, &length)) {
                fprintf(script->out, "%.*s${encodeURIComponent(String(parameters.%.*s))}", (int)(name - 1 - from), from,
                        (int)length, name);
                from = at;
        }
        fprintf(script->out, "%s`", from);
}

/* The parameters that are not in the path, and those only. */
static void write_rest(const struct script *script, const struct idl_member *method)
{
        const char *between = "omit(parameters, [";
        bool any = false;

        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                if (idl_http_place(method, f) != IDL_HTTP_PATH)
                        continue;
                fprintf(script->out, "%s\"%s\"", between, f->name);
                between = ", ";
                any = true;
        }
        fprintf(script->out, any ? "])" : "parameters");
}

static void write_body(const struct script *script, const struct idl_member *method)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];
        bool query = false, body = false;

        for (const struct idl_field *f = method->type->fields; f != NULL; f = f->next) {
                query |= idl_http_place(method, f) == IDL_HTTP_QUERY;
                body |= idl_http_place(method, f) == IDL_HTTP_BODY;
        }
        fprintf(script->out, "  return client.%s(\"%s\", ", idl_http_next(method) != NULL ? "page" : "call",
                http->words[0]);
        write_path(script, http->words[1]);
        fprintf(script->out, ", ");
        if (query)
                write_rest(script, method);
        else
                fprintf(script->out, "{}");
        fprintf(script->out, ", ");
        if (body)
                write_rest(script, method);
        else
                fprintf(script->out, "undefined");
        fprintf(script->out, ", options);\n}\n\n");
}

static void write_method(const struct script *script, const struct idl_member *method)
{
        FILE *out = script->out;
        bool changes = method->said.notes[IDL_PLAN] != NULL;
        const char *function =
                arena_printf(script->arena, "%s%s", lower_first(script->arena, script->prefix), method->name);
        const char *empty = idl_http_said(method->type->fields) == NULL ? " = {}" : "";
        const char *asks = arena_printf(script->arena, "%s%sParameters", script->prefix, method->name);

        if (idl_http_said(method->type->fields) == NULL) {
                fprintf(out, "export type %s = Record<string, never>;\n", asks);
        } else {
                fprintf(out, "export interface %s {\n", asks);
                write_fields(script, method->type, "  ");
                fprintf(out, "}\n");
        }
        write_result_types(script, method);
        write_doc(out, "",
                  arena_printf(script->arena, "%s%s%s %s; role: %s", method->said.doc,
                               *method->said.doc != '\0' ? "\n" : "", method->said.notes[IDL_HTTP]->words[0],
                               method->said.notes[IDL_HTTP]->words[1], method->said.notes[IDL_ROLE]->words[0]));
        if (changes) {
                fprintf(out, "export function %s(client: Client, parameters: %s, options: DryRun): Promise<Plan>;\n",
                        function, asks);
                fprintf(out, "export function %s(client: Client, parameters%s: %s, options?: ChangeOptions): Promise<",
                        function, idl_http_said(method->type->fields) == NULL ? "?" : "", asks);
                write_result(script, method);
                fprintf(out, ">;\n");
        }
        fprintf(out, "export function %s(client: Client, %sparameters: %s%s, options: %s = {}): Promise<", function,
                *empty != '\0' ? "_" : "", asks, empty, changes ? "ChangeOptions | DryRun" : "CallOptions");
        write_result(script, method);
        fprintf(out, "%s> {\n", changes ? " | Plan" : "");
        write_body(script, method);
}

static void write_errors(const struct script *script, const struct contracts *contracts)
{
        fprintf(script->out, "/** The names of all errors: the end of a problem's type. */\nexport type ErrorName =");
        for (size_t i = 0; i < contracts->count; i++)
                for (const struct idl_member *m = contracts->list[i]->members; m != NULL; m = m->next)
                        if (m->what == IDL_ERROR)
                                fprintf(script->out, "\n  | \"%s\"", idl_http_kind(script->arena, m->name));
        for (const struct idl_http_problem *p = idl_http_problems; p->status != 0; p++)
                if (!p->contract)
                        fprintf(script->out, "\n  | \"%s\"", p->kind);
        fprintf(script->out, "\n  | \"unknown\";\n\n");
}

void emit_ts(FILE *out, const struct contracts *contracts)
{
        ASSERT(out != NULL && contracts != NULL);
        struct script script = {out, contracts->arena, ""};

        fprintf(out, "// Made by ipc-compiler from the contracts; do not edit.\n\n");
        write_errors(&script, contracts);
        emit_ts_client(out);
        for (size_t i = 0; i < contracts->count; i++) {
                const struct idl_contract *contract = contracts->list[i];
                script.prefix = prefix_of(contracts->arena, contract);
                fprintf(out, "// --- %s ---\n\n", contract->name);
                for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                        if (m->what == IDL_TYPE) {
                                write_doc(out, "", m->said.doc);
                                bool is_enum = m->type->kind == IDL_ENUM;
                                fprintf(out, "export %s %s%s%s ", is_enum ? "type" : "interface", script.prefix,
                                        m->name, is_enum ? " =" : "");
                                write_type(&script, m->type, "");
                                fprintf(out, "%s\n\n", is_enum ? ";" : "");
                        } else if (m->what == IDL_METHOD && m->said.notes[IDL_HTTP] != NULL) {
                                write_method(&script, m);
                        }
                }
        }
}
