/* A contract and requests for it, as the front end's parts see them.
 * Rights: a test. */
#ifndef BULKHEAD_TESTS_UNIT_API_WORLD_H
#define BULKHEAD_TESTS_UNIT_API_WORLD_H

#include "daemons/api/parts.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Parses and checks a contract; its methods are api.methods then, without lines. */
static inline const struct idl_contract *world_contract(const char *file, const char *text)
{
        char message[256] = "";
        const struct idl_contract *contract = idl_parse(api.arena, file, text, strlen(text), message);

        if (contract == NULL || idl_check(&contract, 1, message) < 0) {
                fail_msg("%s", message);
                abort(); /* fail_msg does not say that it never comes back */
        }
        struct api_method *methods = arena_array(api.arena, IDL_MEMBERS_MAX, sizeof(*methods));
        api.methods = methods;
        api.method_count = 0;
        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                static const char *const verbs[] = {"", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
                if (m->what != IDL_METHOD || m->said.notes[IDL_HTTP] == NULL)
                        continue;
                struct api_method *method = &methods[api.method_count++];
                *method = (struct api_method){.contract = contract,
                                              .method = m,
                                              .name = m->name,
                                              .path = m->said.notes[IDL_HTTP]->words[1],
                                              .role = m->said.notes[IDL_ROLE]->role,
                                              .changes = m->said.notes[IDL_PLAN] != NULL,
                                              .job = m->said.notes[IDL_JOB] != NULL};
                for (size_t v = 1; v < ARRAY_SIZE(verbs); v++)
                        if (strcmp(verbs[v], m->said.notes[IDL_HTTP]->words[0]) == 0)
                                method->verb = (enum http_method)v;
        }
        route_compile();
        return contract;
}

/* "GET /api/things?a=b", and fields, one a line ended by \r\n. */
static inline void world_head(const char *request, const char *fields, struct http_head *ret_head)
{
        const char *why = "";
        const char *text = arena_printf(api.arena, "%s HTTP/1.1\r\nHost: nas\r\n%s\r\n", request, fields);
        int length = http_head_read(text, strlen(text), 0, ret_head, &why);

        if (length != (int)strlen(text))
                fail_msg("%s: %d %s", request, length, why);
}

static inline struct http_text world_text(const char *text)
{
        return (struct http_text){text, strlen(text)};
}

#endif
