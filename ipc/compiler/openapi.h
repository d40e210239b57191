/* Inside the OpenAPI emitter. */
#ifndef BULKHEAD_IPC_COMPILER_OPENAPI_H
#define BULKHEAD_IPC_COMPILER_OPENAPI_H

#include "ipc/compiler/emit.h"
#include "json/json.h"

struct openapi {
        struct json_out *out;
        struct arena *arena;
        const char *prefix; /* of the schemas' names: "users" */
};

void openapi_text(const struct openapi *openapi, const char *name, const char *text); /* "name": "text" */
void openapi_ref(const struct openapi *openapi, const char *ref);                     /* {"$ref": "ref"} */
/* A field's schema, with what was said of it. */
void openapi_field(const struct openapi *openapi, const struct idl_field *field);
/* The members of an object schema; those for which skip is true are left out (skip may be NULL). */
void openapi_object(const struct openapi *openapi, const struct idl_type *list,
                    bool (*skip)(const struct idl_member *method, const struct idl_field *field),
                    const struct idl_member *method);
void openapi_operation(const struct openapi *openapi, const struct idl_member *method);
/* --- openapi_parameters.c: "parameters" --- */
void openapi_parameters(const struct openapi *openapi, const struct idl_member *method);
/* --- openapi_example.c --- */
void openapi_value(struct json_out *out, const struct idl_field *field);
void openapi_body_example(struct json_out *out, const struct idl_member *method);
void openapi_answer_example(struct json_out *out, const struct idl_member *method);
const char *openapi_curl(struct arena *arena, const struct idl_member *method);
/* --- openapi_fixed.c: what is the same in every document --- */
void openapi_fixed_paths(const struct openapi *openapi);
void openapi_fixed_schemas(const struct openapi *openapi);
void openapi_fixed_components(const struct openapi *openapi); /* parameters, headers, ways to sign in */
void openapi_fixed_answers(const struct openapi *openapi);

bool openapi_lists(int status); /* do operations have an answer of its own for it? */
/* Everything under "components": schemas, answers to errors, ways to sign in. */
void openapi_components(const struct openapi *given, const struct contracts *contracts);
const char *openapi_prefix(struct arena *arena, const struct idl_contract *contract);

#endif
