/* Files: the pages of the browser and of the documentation, from one folder and never from outside of it.
 * Rights: the front end; reads below its web folder, by the descriptor that was opened before the fences. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCS  "/api/docs"
#define VIEWS "views/" /* told by /api/ui, by role */
enum { PATH_MAX_BYTES = 512 };

static int folder = -1;

static const struct {
        const char *suffix, *type;
} types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
};

int web_open(void)
{
        ASSERT(api.settings.web != NULL);
        folder = open(api.settings.web, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return folder < 0 ? -errno : 0;
}

static const char *type_of(const char *path)
{
        size_t length = strlen(path);

        for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
                size_t suffix = strlen(types[i].suffix);
                if (length > suffix && strcmp(path + length - suffix, types[i].suffix) == 0)
                        return types[i].type;
        }
        return NULL;
}

/* Plain names only, none of which begins with a dot. */
static bool is_plain(const char *path)
{
        static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./";

        return *path != '\0' && *path != '/' && *path != '.' && strstr(path, "/.") == NULL &&
               strstr(path, "//") == NULL && strspn(path, plain) == strlen(path);
}

/* "/": index.html; "/api/docs": docs/index.html; "/api/docs/errors": docs/errors.html. NULL: no file can be meant. */
static const char *file_of(struct arena *arena, struct http_text path)
{
        size_t docs = strlen(DOCS);
        bool is_docs = path.length >= docs && memcmp(path.bytes, DOCS, docs) == 0 &&
                       (path.length == docs || path.bytes[docs] == '/');

        if (path.length == 0 || path.length > PATH_MAX_BYTES)
                return NULL;
        const char *name = is_docs ? arena_text(arena, path.bytes + docs, path.length - docs)
                                   : arena_text(arena, path.bytes, path.length);
        name += *name == '/';
        const char *file = arena_printf(arena, "%s%s", is_docs ? "docs/" : "", *name == '\0' ? "index.html" : name);
        if (type_of(file) == NULL)
                file = arena_printf(arena, "%s.html", file);
        return is_plain(file) && strncmp(file, VIEWS, strlen(VIEWS)) != 0 ? file : NULL;
}

static int open_file(const char *path, struct stat *ret_facts)
{
        int fd = file_open_below(folder, path, O_RDONLY | O_NONBLOCK, 0);

        if (fd >= 0 && fstat(fd, ret_facts) == 0 && S_ISREG(ret_facts->st_mode))
                return fd;
        if (fd >= 0)
                close(fd);
        return -1;
}

static void answer(struct exchange *exchange, const char *path, int fd, const struct stat *facts, bool packed)
{
        struct arena *arena = exchange_arena(exchange);
        const struct entity entity = {
                .type = type_of(path),
                .fd = fd,
                .length = (uint64_t)facts->st_size,
                .etag = arena_printf(arena, "\"%lx-%lx-%lx%s\"", (unsigned long)facts->st_ino,
                                     (unsigned long)facts->st_size,
                                     (unsigned long)facts->st_mtim.tv_sec ^ (unsigned long)facts->st_mtim.tv_nsec,
                                     packed ? "-gz" : ""),
                .modified = facts->st_mtim.tv_sec,
                .encoding = packed ? "gzip" : NULL};

        exchange_field(exchange, "Cache-Control", "no-cache");
        exchange_answer_entity(exchange, 200, &entity);
}

bool web_serve(struct exchange *exchange, struct http_text path)
{
        ASSERT(exchange != NULL);
        struct arena *arena = exchange_arena(exchange);
        const char *file = folder < 0 ? NULL : file_of(arena, path);
        struct stat facts;
        int fd = -1;
        bool packed = false;

        if (file == NULL)
                return false;
        if (http_accepts_coding(exchange_head(exchange), "gzip")) {
                fd = open_file(arena_printf(arena, "%s.gz", file), &facts);
                packed = fd >= 0;
        }
        if (fd < 0)
                fd = open_file(file, &facts);
        if (fd < 0)
                return false;
        answer(exchange, file, fd, &facts, packed);
        return true;
}
