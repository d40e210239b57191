/* Views: what the screens are, from the folder views/ of the web folder. Read when the process starts and told for each
 * role, without what that role may not use. What is in a view is its renderer's business; here only two words count: an
 * object whose "method" or "needs" names a method that is not for this role is left out, and so is one of whose "parts"
 * none is left.
 * Rights: the front end; reads its web folder before its fences. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".json"
enum { VIEWS_MAX = 256, VIEW_BYTES_MAX = 256 * 1024, ROLES = ROLE_ADMIN + 1 };

static struct {
        const char *bytes, *etag;
        size_t length;
} told[ROLES];

/* --- who may see what --- */

static bool may_use(const struct json *name, enum role role)
{
        const struct api_method *method =
                json_type_of(name) == JSON_TEXT ? api_method_find(json_text(name, NULL)) : NULL;
        return name == NULL || (method != NULL && method->path != NULL && method->role <= role);
}

static bool may_see(const struct json *value, enum role role)
{
        if (json_type_of(value) != JSON_OBJECT)
                return true;
        if (!may_use(json_member(value, "method"), role) || !may_use(json_member(value, "needs"), role))
                return false;
        const struct json *parts = json_member(value, "parts");
        size_t left = 0;
        for (size_t i = 0; i < json_length(parts); i++)
                left += may_see(json_item(parts, i), role);
        return left > 0 || json_length(parts) == 0;
}

struct telling {
        struct json_out *out;
        enum role role;
};

static void tell(const struct json *value, struct telling *telling);

static bool tell_member(const char *name, const struct json *value, void *context)
{
        struct telling *telling = context;

        if (may_see(value, telling->role)) {
                json_out_key(telling->out, name);
                tell(value, telling);
        }
        return true;
}

static void tell(const struct json *value, struct telling *telling)
{
        if (json_type_of(value) == JSON_OBJECT) {
                json_out_object(telling->out);
                json_each(value, tell_member, telling);
                json_out_object_end(telling->out);
        } else if (json_type_of(value) == JSON_ARRAY) {
                json_out_array(telling->out);
                for (size_t i = 0; i < json_length(value); i++)
                        if (may_see(json_item(value, i), telling->role))
                                tell(json_item(value, i), telling);
                json_out_array_end(telling->out);
        } else {
                json_out_value(telling->out, value);
        }
}

/* --- reading --- */

struct views {
        struct arena *arena;
        const struct json *list[VIEWS_MAX];
        size_t count;
};

static int is_view(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);
        return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
               strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static const char *text_of(const struct json *view, const char *name)
{
        const struct json *text = json_member(view, name);
        return json_type_of(text) == JSON_TEXT ? json_text(text, NULL) : "";
}

/* Its name is its address unless it says another. The machine's own come first. */
static bool is_taken(const struct views *views, const struct json *view)
{
        const char *name = text_of(view, "view"), *at = json_has(view, "at") ? text_of(view, "at") : name;

        for (size_t i = 0; i < views->count; i++) {
                const char *other = text_of(views->list[i], "view");
                if (strcmp(other, name) == 0 ||
                    strcmp(json_has(views->list[i], "at") ? text_of(views->list[i], "at") : other, at) == 0)
                        return true;
        }
        return false;
}

static int load(struct views *views, int directory, const char *file, struct failure *failure)
{
        uint8_t *bytes;
        size_t length;
        int result = file_read_below(directory, file, VIEW_BYTES_MAX, &bytes, &length);

        if (result < 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, file, result);
        const char *text = arena_text(views->arena, (const char *)bytes, length);
        free(bytes);
        const struct json *view = json_parse_in(views->arena, text, length, failure);
        if (view == NULL)
                return -1;
        if (json_type_of(view) != JSON_OBJECT || views->count == VIEWS_MAX)
                return failure_set(failure, FAILURE_INVALID, "", "", "no object, or one of too many");
        if (is_taken(views, view))
                return failure_set(failure, FAILURE_INVALID, "", "", "it has the name or the address of another");
        views->list[views->count++] = view;
        return 0;
}

static void load_folder(struct views *views, int directory, const char *path)
{
        struct dirent **entries;
        int count = directory < 0 ? -1 : scandirat(directory, ".", &entries, is_view, alphasort);

        if (count < 0) {
                log_warn("there are no views: %s: %m", path);
                return;
        }
        for (int i = 0; i < count; i++) {
                struct failure failure = {0};
                if (load(views, directory, entries[i]->d_name, &failure) < 0)
                        log_warn("a view is left out: %s: %s", entries[i]->d_name, failure.message);
                free(entries[i]);
        }
        free(entries);
}

static void load_module(struct views *views, const char *name)
{
        const char *path = "";
        CLEANUP_FD int module = module_open(views->arena, name, &path);
        CLEANUP_FD int directory =
                module < 0 ? -1 : openat(module, MODULE_VIEWS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (directory >= 0) /* it may have none */
                load_folder(views, directory, path);
}

static void load_all(struct views *views)
{
        const char *path = arena_printf(views->arena, "%s/views", api.settings.web);
        CLEANUP_FD int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        load_folder(views, directory, path);
        for (size_t i = 0; i < api.contract_count; i++)
                if (contract_module(api.contracts[i]) != NULL)
                        load_module(views, contract_module(api.contracts[i]));
}

void ui_make(void)
{
        ASSERT(api.arena != NULL && api.settings.web != NULL);
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        struct views *views = arena_alloc(arena, sizeof(*views));

        views->arena = arena;
        load_all(views);
        for (enum role role = ROLE_NOBODY; role <= ROLE_ADMIN; role++) {
                struct json_out *out CLEANUP(json_out_freep) = json_out_new();
                struct telling telling = {out, role};
                char version[VERSION_TEXT_SIZE];
                json_out_object(out);
                json_out_key(out, "role");
                json_out_text(out, role_name(role));
                json_out_key(out, "views");
                json_out_array(out);
                for (size_t i = 0; i < views->count; i++)
                        if (may_see(views->list[i], role))
                                tell(views->list[i], &telling);
                json_out_array_end(out);
                json_out_object_end(out);
                const char *bytes = json_out_bytes(out, &told[role].length);
                told[role].bytes = arena_text(api.arena, bytes, told[role].length);
                crypto_version(bytes, told[role].length, version);
                told[role].etag = arena_printf(api.arena, "\"%s\"", version);
        }
}

static void known(struct exchange *exchange, const struct bearer *bearer, void *context)
{
        enum role role = *bearer->text == '\0' ? ROLE_NOBODY : bearer->ticket.role;
        const struct entity entity = {.type = "application/json",
                                      .bytes = told[role].bytes,
                                      .fd = -1,
                                      .length = told[role].length,
                                      .etag = told[role].etag};

        (void)context;
        exchange_answer_entity(exchange, 200, &entity);
}

void ui_serve(struct exchange *exchange)
{
        ASSERT(exchange != NULL);
        who_asks(exchange, false, known, NULL);
}
