/* The emitters: each writes one language from checked contracts into a stream in memory. Main puts the files into
 * place when all are complete. */
#ifndef BULKHEAD_IPC_COMPILER_EMIT_H
#define BULKHEAD_IPC_COMPILER_EMIT_H

#include "ipc/compiler/idl.h"

#include <stdio.h>

struct contracts {
        struct arena *arena;
        const struct idl_contract *const *list;
        size_t count;
};

/* --- C --- */
struct c_unit { /* one struct or enum of the generated C, those it needs before it */
        struct c_unit *next;
        const char *name; /* "nas_users_user" */
        const struct idl_type *type;
        const struct idl_member *member; /* the type or method it belongs to */
        const char *doc;
        bool named;   /* a type with a name: has a reader and a writer of its own */
        bool answers; /* a method's results: read openly */
        bool asks;    /* a method's parameters */
};
const struct c_unit *c_units(struct arena *arena, const struct idl_contract *contract);
bool c_wanted(const struct idl_contract *contract); /* has types or methods, not only errors */
const char *c_interface(struct arena *arena, const struct idl_contract *contract); /* "nas_users" */
const char *c_snake(struct arena *arena, const char *name);                        /* CreateUser: create_user */
const char *c_upper(struct arena *arena, const char *name);
/* The unit of a type that is (or names) a struct or enum, as a member called field of owner. */
const char *c_unit_name(struct arena *arena, const struct idl_contract *contract, const char *owner, const char *field,
                        const struct idl_type *type);
/* A comment block with text, which cannot end it early. */
void c_comment(FILE *out, const char *indent, const char *text);
/* A string literal's inside. */
void c_escape(FILE *out, const char *text, size_t length);

void emit_c_header(FILE *out, struct arena *arena, const struct idl_contract *contract);
void emit_c_readers(FILE *out, const struct contracts *contracts);
void emit_c_source(FILE *out, struct arena *arena, const struct idl_contract *contract);
void emit_c_serve(FILE *out, struct arena *arena, const struct idl_contract *contract);
/* The interface as a daemon serves it: with Caller, Plan and the members that go with them. */
void emit_description(FILE *out, const struct idl_contract *contract);

/* --- all contracts at once --- */
void emit_ts_client(FILE *out); /* what is the same for all contracts */
void emit_ts(FILE *out, const struct contracts *contracts);
void emit_openapi(FILE *out, const struct contracts *contracts);
void emit_forms(FILE *out, const struct contracts *contracts); /* what screens and forms are made from */

#endif
