/* Documents: the OpenAPI description, the TypeScript client and the contracts themselves, made once at the start from
 * the contracts that were found, so that they are always true.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <stdlib.h>
#include <string.h>

#define CONTRACTS_PATH "/api/contracts"
enum { DOCUMENTS_MAX = API_CONTRACTS_MAX + 4 };

struct document {
        const char *path, *type, *bytes, *etag;
        size_t length;
};

static struct {
        struct document list[DOCUMENTS_MAX];
        size_t count;
} documents;

static void add(const char *path, const char *type, const char *bytes, size_t length)
{
        char version[VERSION_TEXT_SIZE];

        ASSERT(documents.count < DOCUMENTS_MAX);
        crypto_version(bytes, length, version);
        documents.list[documents.count++] = (struct document){.path = path,
                                                              .type = type,
                                                              .bytes = bytes,
                                                              .length = length,
                                                              .etag = arena_printf(api.arena, "\"%s\"", version)};
}

static void add_made(const char *path, const char *type, void (*emit)(FILE *out, const struct contracts *contracts))
{
        struct arena *arena CLEANUP(arena_freep) = arena_new(); /* what making it needs goes at once */
        const struct contracts contracts = {arena, api.contracts, api.contract_count};
        char *bytes = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&bytes, &length);

        ASSERT(out != NULL);
        emit(out, &contracts);
        ASSERT(fclose(out) == 0);
        add(path, type, arena_text(api.arena, bytes, length), length);
        free(bytes);
}

static void add_names(void)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        size_t length;

        json_out_array(out);
        for (size_t i = 0; i < api.contract_count; i++)
                json_out_text(out, api.contracts[i]->name);
        json_out_array_end(out);
        const char *bytes = json_out_bytes(out, &length);
        add(CONTRACTS_PATH, "application/json", arena_text(api.arena, bytes, length), length);
}

void documents_make(void)
{
        ASSERT(api.arena != NULL && api.contract_count > 0);
        documents.count = 0;
        add_made("/api/openapi.json", "application/json", emit_openapi);
        add_made("/api/types.ts", "text/plain; charset=utf-8", emit_ts);
        add_made("/api/ui/contracts", "application/json", emit_forms);
        add_names();
        for (size_t i = 0; i < api.contract_count; i++)
                add(arena_printf(api.arena, CONTRACTS_PATH "/%s", api.contracts[i]->name), "text/plain; charset=utf-8",
                    api.contract_texts[i], strlen(api.contract_texts[i]));
}

bool documents_serve(struct exchange *exchange, struct http_text path)
{
        ASSERT(exchange != NULL);
        for (size_t i = 0; i < documents.count; i++) {
                const struct document *document = &documents.list[i];
                if (!http_text_is(path, document->path))
                        continue;
                const struct entity entity = {.type = document->type,
                                              .bytes = document->bytes,
                                              .fd = -1,
                                              .length = document->length,
                                              .etag = document->etag};
                exchange_answer_entity(exchange, 200, &entity);
                return true;
        }
        return false;
}
