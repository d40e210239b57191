/* ipc-compiler: reads all contracts, checks them together, writes what is made from them.
 *
 *     ipc-compiler OUTDIR FILE...                    C, TypeScript and OpenAPI into OUTDIR
 *     ipc-compiler --check-released DIR FILE...      is everything in DIR still promised by FILE...?
 *
 * A file is put into place only when all are complete, and only when it is new or different, so that what depends on
 * an unchanged one is not built again.
 * Rights: the build machine's; reads the contracts named, writes OUTDIR. */
#include "base/log.h"
#include "base/mem.h"
#include "ipc/compiler/emit.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The bytes of a file, in the arena; NULL when it cannot be read. */
static const char *read_file(struct arena *arena, const char *path, size_t *ret_length)
{
        FILE *file = fopen(path, "re");
        if (file == NULL)
                return NULL;
        char *bytes = arena_alloc(arena, IDL_BYTES_MAX + 2);
        *ret_length = fread(bytes, 1, IDL_BYTES_MAX + 1, file);
        bool bad = ferror(file) != 0;
        fclose(file);
        return bad ? NULL : bytes;
}

static const struct idl_contract *load(struct arena *arena, const char *path)
{
        char message[256];
        size_t length;
        const char *text = read_file(arena, path, &length);

        if (text == NULL) {
                fprintf(stderr, "%s: %s\n", path, strerror(errno));
                return NULL;
        }
        const struct idl_contract *contract = idl_parse(arena, path, text, length, message);
        if (contract == NULL)
                fprintf(stderr, "%s\n", message);
        return contract;
}

static int load_all(struct arena *arena, char **paths, size_t count, struct contracts *ret_contracts)
{
        const struct idl_contract **list = arena_array(arena, count, sizeof(*list));
        char message[256];

        for (size_t i = 0; i < count; i++) {
                list[i] = load(arena, paths[i]);
                if (list[i] == NULL)
                        return -1;
        }
        if (idl_check(list, count, message) < 0) {
                fprintf(stderr, "%s\n", message);
                return -1;
        }
        *ret_contracts = (struct contracts){arena, list, count};
        return 0;
}

struct made { /* one file, complete in memory */
        struct made *next;
        const char *path;
        char *text;
        size_t length;
        FILE *stream;
};

static FILE *make(struct arena *arena, struct made **made, const char *path)
{
        struct made *file = arena_alloc(arena, sizeof(*file));

        file->path = path;
        file->stream = open_memstream(&file->text, &file->length);
        ASSERT(file->stream != NULL);
        file->next = *made;
        *made = file;
        return file->stream;
}

static bool is_there_already(struct arena *arena, const struct made *file)
{
        size_t length = 0;
        const char *old = file->length <= IDL_BYTES_MAX ? read_file(arena, file->path, &length) : NULL;

        return old != NULL && length == file->length && memcmp(old, file->text, length) == 0;
}

/* Puts one file into place; 0 or -1. */
static int put(struct arena *arena, struct made *file)
{
        if (fclose(file->stream) != 0)
                return -1;
        if (is_there_already(arena, file)) {
                free(file->text);
                return 0;
        }
        const char *temporary = arena_printf(arena, "%s.new", file->path);
        FILE *target = fopen(temporary, "we");
        bool good = target != NULL && fwrite(file->text, 1, file->length, target) == file->length;
        if (target != NULL && fclose(target) != 0)
                good = false;
        free(file->text);
        if (good && rename(temporary, file->path) == 0)
                return 0;
        fprintf(stderr, "%s: %s\n", file->path, strerror(errno));
        unlink(temporary);
        return -1;
}

static int compile(const struct contracts *contracts, const char *target)
{
        struct arena *arena = contracts->arena;
        struct made *made = NULL;
        int result = 0;

        for (size_t i = 0; i < contracts->count; i++) {
                const struct idl_contract *contract = contracts->list[i];
                if (!c_wanted(contract))
                        continue;
                const char *path = arena_printf(arena, "%s/%s", target, c_interface(arena, contract));
                emit_c_header(make(arena, &made, arena_printf(arena, "%s.h", path)), arena, contract);
                emit_c_source(make(arena, &made, arena_printf(arena, "%s.c", path)), arena, contract);
                emit_c_serve(make(arena, &made, arena_printf(arena, "%s_serve.c", path)), arena, contract);
        }
        emit_c_readers(make(arena, &made, arena_printf(arena, "%s/readers.h", target)), contracts);
        emit_ts(make(arena, &made, arena_printf(arena, "%s/bulkhead.ts", target)), contracts);
        emit_openapi(make(arena, &made, arena_printf(arena, "%s/openapi.json", target)), contracts);
        for (; made != NULL; made = made->next)
                if (put(arena, made) < 0)
                        result = -1;
        return result;
}

/* Every contract that was released must still be there and keep its promises. */
static int check_released(struct arena *arena, const char *directory, const struct contracts *now)
{
        char message[256];
        struct dirent **entries;
        int count = scandir(directory, &entries, NULL, alphasort), result = 0;

        if (count < 0) {
                fprintf(stderr, "%s: %s\n", directory, strerror(errno));
                return -1;
        }
        for (int i = 0; i < count; i++) {
                const char *path = arena_printf(arena, "%s/%s", directory, entries[i]->d_name);
                size_t length = strlen(path);
                free(entries[i]);
                if (length < 8 || strcmp(path + length - 8, ".varlink") != 0)
                        continue;
                const struct idl_contract *released = load(arena, path), *same = NULL;
                for (size_t j = 0; released != NULL && j < now->count; j++)
                        if (strcmp(now->list[j]->name, released->name) == 0)
                                same = now->list[j];
                if (released != NULL && same == NULL)
                        fprintf(stderr, "%s: the released contract is gone, expected it to stay\n", path);
                else if (released != NULL && idl_check_released(released, same, message) < 0)
                        fprintf(stderr, "%s\n", message);
                else if (released != NULL)
                        continue;
                result = -1;
        }
        free(entries);
        return result;
}

int main(int argc, char **argv)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        bool released = argc > 1 && strcmp(argv[1], "--check-released") == 0;
        int first = released ? 3 : 2;
        struct contracts contracts;

        if (argc <= first || argv[1][0] == '\0' || (!released && argv[1][0] == '-')) {
                fprintf(stderr,
                        "usage: ipc-compiler OUTDIR FILE...\n       ipc-compiler --check-released DIR FILE...\n");
                return 2;
        }
        if (load_all(arena, argv + first, (size_t)(argc - first), &contracts) < 0)
                return 1;
        int result = released ? check_released(arena, argv[2], &contracts) : compile(&contracts, argv[1]);
        return result < 0 ? 1 : 0;
}
