/* Contracts: read when the process starts, held to the rules together, turned into methods and lines. Those of this
 * tree come first; one that was dropped in and is wrong, or would take a route of another away, is left out with a line
 * in the log, so that no module can keep the machine from being reached.
 * Rights: the front end, before its fences; reads the folder of contracts. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#ifndef BULKHEAD_OWN_CONTRACTS /* names, separated by blanks; the Makefile gives those of ipc/ */
#define BULKHEAD_OWN_CONTRACTS "nas.error nas.job nas.monitor nas.users"
#endif
#define SUFFIX ".varlink"
enum { CONTRACTS_MAX = API_CONTRACTS_MAX, PARAMS_MAX = 8, SEGMENTS_MAX = 16 };

struct loading {
        const struct idl_contract *list[CONTRACTS_MAX];
        const char *texts[CONTRACTS_MAX];
        size_t count;
        const char *module; /* whose contract is read; NULL: of the folder of contracts */
};

bool contract_is_own(const char *name)
{
        ASSERT(name != NULL);
        size_t length = strlen(name);

        for (const char *at = BULKHEAD_OWN_CONTRACTS; *at != '\0'; at += strcspn(at, " ")) {
                at += strspn(at, " ");
                if (length > 0 && strcspn(at, " ") == length && memcmp(at, name, length) == 0)
                        return true;
        }
        return false;
}

const char *contract_module(const struct idl_contract *contract)
{
        ASSERT(contract != NULL);
        size_t prefix = strlen(IDL_MODULE);
        return strncmp(contract->name, IDL_MODULE, prefix) == 0 ? contract->name + prefix : NULL;
}

/* --- may it come in? --- */

static const char *path_of(const struct idl_member *method)
{
        const struct idl_note *http = method->said.notes[IDL_HTTP];
        return http != NULL ? http->words[1] : NULL;
}

static bool fits(const char *path)
{
        unsigned segments = 0, params = 0;

        for (; *path != '\0'; path++) {
                segments += *path == '/';
                params += *path == '{';
        }
        return segments <= SEGMENTS_MAX && params <= PARAMS_MAX;
}

/* The route of the contracts before it that this path would take requests from; NULL: none. */
static const char *taken_from(const struct loading *loading, const char *path)
{
        struct idl_also also;

        if (builtin_has(path))
                return path;
        for (size_t i = 0; i < loading->count; i++)
                for (const struct idl_member *m = loading->list[i]->members; m != NULL; m = m->next) {
                        if (path_of(m) != NULL && idl_path_shadows(path, path_of(m)))
                                return path_of(m);
                        for (size_t n = 0; idl_also(api.arena, m, n, &also); n++)
                                if (idl_path_shadows(path, path_of(also.method)))
                                        return path_of(also.method);
                }
        return NULL;
}

static int check_routes(const struct loading *loading, const struct idl_contract *contract, struct failure *failure)
{
        bool own = contract_is_own(contract->name);

        for (const struct idl_member *m = contract->members; m != NULL; m = m->next) {
                const char *path = path_of(m);
                const char *other = path != NULL && !own ? taken_from(loading, path) : NULL;
                if (path != NULL && !fits(path))
                        return failure_set(failure, FAILURE_INVALID, contract->name, "", "%s: %s is too long a route",
                                           contract->name, path);
                if (other != NULL)
                        return failure_set(failure, FAILURE_INVALID, contract->name, "", "%s: %s would shadow %s",
                                           contract->name, path, other);
        }
        return 0;
}

/* A module's clerk has judged it before; root may have changed it since. */
static int check_module(const struct loading *loading, const struct idl_contract *contract, struct failure *failure)
{
        char message[256];

        if (idl_check_module(contract, loading->module, message) == 0 &&
            idl_check_beside(contract, loading->list, loading->count, message) == 0)
                return 0;
        return failure_set(failure, FAILURE_INVALID, "", "", "%s", message);
}

/* A line's name is the contract's without "nas."; its socket must fit into an address. */
static int check_name(const struct loading *loading, const struct idl_contract *contract, struct failure *failure)
{
        if (loading->module != NULL)
                return check_module(loading, contract, failure);
        struct sockaddr_un address;
        size_t bytes = strlen(api.settings.sockets) + strlen(contract->name) + sizeof("/.sock");

        if (strncmp(contract->name, "nas.", 4) == 0 && strchr(contract->name + 4, '.') == NULL &&
            bytes <= sizeof(address.sun_path))
                return 0;
        return failure_set(failure, FAILURE_INVALID, contract->name, "", "%s: expected a short name, nas.NAME",
                           contract->name);
}

static int check(struct loading *loading, const struct idl_contract *contract, struct failure *failure)
{
        char message[256];

        if (loading->count == CONTRACTS_MAX)
                return failure_set(failure, FAILURE_INVALID, "", "", "%s: there are more than %d contracts already",
                                   contract->name, CONTRACTS_MAX);
        if (check_name(loading, contract, failure) < 0 || check_routes(loading, contract, failure) < 0)
                return -1;
        loading->list[loading->count] = contract;
        if (idl_check(loading->list, loading->count + 1, message) < 0)
                return failure_set(failure, FAILURE_INVALID, "", "", "%s", message);
        return 0;
}

/* --- reading --- */

static int load(struct loading *loading, int directory, const char *file, struct failure *failure)
{
        char message[256];
        size_t length;
        uint8_t *bytes;
        int result = file_read_below(directory, file, IDL_BYTES_MAX, &bytes, &length);

        if (result < 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, file, result);
        const char *text = arena_text(api.arena, (const char *)bytes, length);
        free(bytes);
        const struct idl_contract *contract =
                idl_parse(api.arena, arena_text(api.arena, file, strlen(file)), text, length, message);
        if (contract == NULL)
                return failure_set(failure, FAILURE_INVALID, "", "", "%s", message);
        if (check(loading, contract, failure) < 0)
                return -1;
        loading->texts[loading->count++] = text;
        return 0;
}

static int is_contract(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);
        return length > strlen(SUFFIX) && entry->d_name[0] != '.' &&
               strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

/* Own ones or the others of the folder, in the order of their names. */
static void load_some(struct loading *loading, int directory, struct dirent **entries, int count, bool own)
{
        for (int i = 0; i < count; i++) {
                struct failure failure = {0};
                const char *file = entries[i]->d_name;
                const char *name = arena_text(api.arena, file, strlen(file) - strlen(SUFFIX));
                if (contract_is_own(name) == own && load(loading, directory, file, &failure) < 0)
                        log_warn("a contract is left out: %s", failure.message);
        }
}

static void load_modules(struct loading *loading)
{
        const char *const *names = modules_in(api.arena, MODULES_ENABLED);

        for (; *names != NULL; names++) {
                struct failure failure = {0};
                CLEANUP_FD int directory = module_open(api.arena, *names, NULL);
                loading->module = *names;
                if (directory < 0)
                        failure_system(&failure, FAILURE_UNAVAILABLE, *names, directory);
                else
                        (void)load(loading, directory, module_contract(api.arena, *names), &failure);
                if (failure.code != FAILURE_NONE)
                        log_warn("a module is left out: %s", failure.message);
        }
}

/* --- methods and lines --- */

static const struct api_line *line_for(const struct idl_contract *contract)
{
        const char *name = contract_module(contract) != NULL ? "modules" : contract->name + strlen("nas.");

        for (size_t i = 0; i < api.line_count; i++)
                if (strcmp(api.lines[i].name, name) == 0) /* one clerk speaks for all modules */
                        return &api.lines[i];
        if (strcmp(name, "job") == 0) /* every daemon serves it */
                return NULL;
        struct api_line *line = &api.lines[api.line_count++];
        *line = (struct api_line){.name = name};
        return line;
}

static enum http_method verb_of(const struct idl_member *method)
{
        static const struct {
                const char *name;
                enum http_method verb;
        } verbs[] = {{"GET", HTTP_GET},
                     {"POST", HTTP_POST},
                     {"PUT", HTTP_PUT},
                     {"PATCH", HTTP_PATCH},
                     {"DELETE", HTTP_DELETE}};
        const struct idl_note *http = method->said.notes[IDL_HTTP];

        for (size_t i = 0; http != NULL && i < ARRAY_SIZE(verbs); i++)
                if (strcmp(verbs[i].name, http->words[0]) == 0)
                        return verbs[i].verb;
        return HTTP_OTHER;
}

static struct api_method method_of(const struct idl_contract *contract, const struct idl_member *member,
                                   const struct api_line *line)
{
        const struct idl_note *const *notes = member->said.notes;

        return (struct api_method){.contract = contract,
                                   .method = member,
                                   .name = arena_printf(api.arena, "%s.%s", contract->name, member->name),
                                   .line = line,
                                   .verb = verb_of(member),
                                   .path = path_of(member),
                                   .role = notes[IDL_ROLE]->role,
                                   .changes = notes[IDL_PLAN] != NULL,
                                   .destroys = notes[IDL_DESTROYS] != NULL,
                                   .more = notes[IDL_MORE] != NULL,
                                   .job = notes[IDL_JOB] != NULL,
                                   .progress = notes[IDL_PROGRESS] != NULL};
}

static size_t count_methods(const struct idl_contract *contract)
{
        size_t count = 0;

        for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                count += m->what == IDL_METHOD;
        return count;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct api_method *)a)->name, ((const struct api_method *)b)->name);
}

/* By name a method is there once, by its routes as often as it has some. */
static void make_further(void)
{
        struct api_method *further = arena_array(api.arena, api.method_count * IDL_WORDS_MAX + 1, sizeof(*further));
        struct idl_also also;

        for (size_t i = 0; i < api.method_count; i++)
                for (size_t n = 0; idl_also(api.arena, api.methods[i].method, n, &also); n++) {
                        struct api_method *there = &further[api.also_count++];
                        *there = api.methods[i];
                        there->method = also.method;
                        there->path = path_of(also.method);
                        there->field = also.field;
                        there->word = also.word;
                }
        api.also = further;
}

static void make_methods(void)
{
        size_t count = 0;

        for (size_t i = 0; i < api.contract_count; i++)
                count += count_methods(api.contracts[i]);
        struct api_method *methods = arena_array(api.arena, count + 1, sizeof(*methods));
        for (size_t i = 0; i < api.contract_count; i++) {
                const struct idl_contract *contract = api.contracts[i];
                const struct api_line *line = count_methods(contract) > 0 ? line_for(contract) : NULL;
                for (const struct idl_member *m = contract->members; m != NULL; m = m->next)
                        if (m->what == IDL_METHOD)
                                methods[api.method_count++] = method_of(contract, m, line);
        }
        qsort(methods, api.method_count, sizeof(*methods), by_name);
        api.methods = methods;
        make_further();
}

const struct api_method *api_method_find(const char *name)
{
        ASSERT(name != NULL);
        const struct api_method key = {.name = name};

        return api.method_count == 0 ? NULL : bsearch(&key, api.methods, api.method_count, sizeof(key), by_name);
}

static void keep(const struct loading *loading)
{
        const struct idl_contract **list = arena_array(api.arena, loading->count, sizeof(*list));
        const char **texts = arena_array(api.arena, loading->count, sizeof(*texts));

        memcpy(list, loading->list, loading->count * sizeof(*list));
        memcpy(texts, loading->texts, loading->count * sizeof(*texts));
        api.contracts = list;
        api.contract_texts = texts;
        api.contract_count = loading->count;
}

int api_contracts_load(struct failure *failure)
{
        ASSERT(api.arena != NULL && api.settings.contracts != NULL && api.settings.sockets != NULL);
        struct loading loading = {.count = 0};
        struct dirent **entries;
        CLEANUP_FD int directory = open(api.settings.contracts, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int count = directory < 0 ? -1 : scandir(api.settings.contracts, &entries, is_contract, alphasort);

        if (count < 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, api.settings.contracts, -errno);
        load_some(&loading, directory, entries, count, true);
        load_some(&loading, directory, entries, count, false);
        load_modules(&loading);
        for (int i = 0; i < count; i++)
                free(entries[i]);
        free(entries);
        keep(&loading);
        make_methods();
        route_compile();
        if (api_method_find("nas.users.Exchange") == NULL)
                return failure_set(failure, FAILURE_UNAVAILABLE, "", "Is the package whole?",
                                   "%s: nas.users is not there", api.settings.contracts);
        return 0;
}
