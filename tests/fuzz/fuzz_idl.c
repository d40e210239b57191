/* The door of contracts: a module brings its own file. What is parsed and checked must be written out again in every
 * language, and its description must parse again.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void emit_all(struct arena *arena, const struct idl_contract *contract)
{
        const struct contracts contracts = {arena, &contract, 1};
        char *text = NULL, message[256];
        size_t length;
        FILE *out = open_memstream(&text, &length);

        emit_description(out, contract);
        fflush(out);
        ASSERT(idl_parse(arena, "again", text, length, message) != NULL);
        if (c_wanted(contract)) {
                emit_c_header(out, arena, contract);
                emit_c_source(out, arena, contract);
                emit_c_serve(out, arena, contract);
        }
        emit_c_readers(out, &contracts);
        emit_ts(out, &contracts);
        emit_openapi(out, &contracts);
        fclose(out);
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char message[256] = "";
        /* A copy of its very size, so that reading behind the end is seen. */
        char *text = mem_new(length > 0 ? length : 1, 1);
        memcpy(text, bytes, length);
        const struct idl_contract *contract = idl_parse(arena, "nas.fuzz.varlink", text, length, message);
        free(text);

        if (contract == NULL) {
                ASSERT(strncmp(message, "nas.fuzz.varlink:", 17) == 0 && strstr(message, "expected") != NULL);
                return 0;
        }
        ASSERT(idl_check_released(contract, contract, message) == 0);
        if (idl_check(&contract, 1, message) == 0)
                emit_all(arena, contract);
        else
                ASSERT(strncmp(message, "nas.fuzz.varlink:", 17) == 0);
        return 0;
}
