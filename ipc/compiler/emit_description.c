/* The interface as a daemon serves it, in Varlink again: the contract, the types every daemon has, and the members
 * that all methods have more than the contract says (ipc/README.md).
 * Rights: the compiler on the build machine; writes to a stream in memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/emit.h"

#include <string.h>

static const char added_types[] =
        "# Who asks, and how: goes with every call.\n"
        "type Caller (\n"
        "  ticket: ?string,\n  warrant: ?string,\n  dry_run: ?bool,\n  request: ?string,\n  address: ?string,\n"
        "  idempotency: ?string,\n  if_match: ?string\n)\n\n"
        "# One step of a plan: what it does in words, the literal act, and what takes it back.\n"
        "type PlanStep (words: string, literal: string, undo: ?string)\n\n"
        "# What a change comes down to; plan is its encoding, which the users daemon can read out.\n"
        "type Plan (digest: string, plan: string, warrant: bool, destroys: bool, who: string, steps: []PlanStep)\n\n"
        "type Progress (step: int, steps: int, percent: int, words: string)\n\n";

static void write_comment(FILE *out, const char *comment, const char *indent)
{
        while (*comment != '\0') {
                size_t line = strcspn(comment, "\n");
                fprintf(out, "%s#%s%.*s\n", indent, line > 0 ? " " : "", (int)line, comment);
                comment += line + (comment[line] == '\n');
        }
}

static void write_list(FILE *out, const struct idl_type *list, bool optional, const char *more);

static void write_type(FILE *out, const struct idl_type *type, bool optional)
{
        static const char *const simple[] = {
                [IDL_BOOL] = "bool",     [IDL_INT] = "int",       [IDL_FLOAT] = "float",
                [IDL_STRING] = "string", [IDL_OBJECT] = "object",
        };

        fprintf(out, "%s", optional || type->optional ? "?" : "");
        if (type->of != NULL) {
                fprintf(out, "%s", type->kind == IDL_MAP ? "[string]" : "[]");
                write_type(out, type->of, false);
        } else if (type->kind == IDL_NAMED) {
                fprintf(out, "%s", type->name);
        } else if (type->kind == IDL_STRUCT || type->kind == IDL_ENUM) {
                write_list(out, type, false, "");
        } else {
                fprintf(out, "%s", simple[type->kind]);
        }
}

/* more: members to add, ready to print, each ended by a newline but the last. */
static void write_list(FILE *out, const struct idl_type *list, bool optional, const char *more)
{
        if (list->fields == NULL && *more == '\0') {
                fprintf(out, "()");
                return;
        }
        fprintf(out, "(\n");
        for (const struct idl_field *f = list->fields; f != NULL; f = f->next) {
                write_comment(out, f->said.comment, "  ");
                fprintf(out, "  %s", f->name);
                if (f->type != NULL) {
                        fprintf(out, ": ");
                        write_type(out, f->type, optional);
                }
                fprintf(out, "%s\n", f->next != NULL || *more != '\0' ? "," : "");
        }
        fprintf(out, "%s)", more);
}

static const char *const words[] = {[IDL_TYPE] = "type", [IDL_METHOD] = "method", [IDL_ERROR] = "error"};

void emit_description(FILE *out, const struct idl_contract *contract)
{
        ASSERT(out != NULL && contract != NULL);
        write_comment(out, contract->said.comment, "");
        fprintf(out, "interface %s\n\n%s", contract->name, added_types);
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                bool changes = m->said.notes[IDL_PLAN] != NULL, tells = m->said.notes[IDL_PROGRESS] != NULL;
                write_comment(out, m->said.comment, "");
                fprintf(out, "%s %s ", words[m->what], m->name);
                write_list(out, m->type, false, m->what == IDL_METHOD ? "  caller: ?Caller\n" : "");
                if (m->what == IDL_METHOD) {
                        fprintf(out, " -> ");
                        write_list(out, m->reply, changes || tells,
                                   changes ? "  plan: ?Plan,\n  job: ?int,\n  progress: ?Progress\n"
                                   : tells ? "  progress: ?Progress\n"
                                           : "");
                }
                fprintf(out, "\n%s", m->next != NULL ? "\n" : "");
        }
}
