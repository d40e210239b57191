/* What the machine has by itself: its contracts, texts, icons and views, beside which a module is judged.
 * Rights: the modules clerk; reads /usr/share/bulkhead before its fences. */
#include "daemons/modules/clerk/modules.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "web/check/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define CONTRACTS "/usr/share/bulkhead/contracts"
#define WEB       "/usr/share/bulkhead/web"
enum { BYTES_MAX = 1024 * 1024 };

static struct machine machine;
static struct checker *own; /* with the machine's contracts, views, texts and icons */

static int ends_in(const char *name, const char *suffix)
{
        size_t length = strlen(name), end = strlen(suffix);
        return *name != '.' && length > end && strcmp(name + length - end, suffix) == 0;
}

static int is_contract(const struct dirent *entry)
{
        return ends_in(entry->d_name, ".varlink");
}

static int is_json(const struct dirent *entry)
{
        return ends_in(entry->d_name, ".json");
}

/* In the arena; NULL with *failure. */
static const char *read_text(struct arena *arena, int folder, const char *name, size_t *ret_length,
                             struct failure *failure)
{
        uint8_t *bytes = NULL;
        int result = file_read_below(folder, name, BYTES_MAX, &bytes, ret_length);
        const char *text = result == 0 ? arena_text(arena, (const char *)bytes, *ret_length) : NULL;
        free(bytes);
        (void)failure_system(failure, FAILURE_CONFLICT, name, result);
        return text;
}

static const struct json *read_json(struct arena *arena, int folder, const char *name, struct failure *failure)
{
        size_t length;
        const char *text = read_text(arena, folder, name, &length, failure);
        struct failure wrong = {0};
        const struct json *json = text ? json_parse_in(arena, text, length, &wrong) : NULL;
        if (text && !json)
                failure_set(failure, FAILURE_CONFLICT, "module", "", "%s: %s", name, wrong.message);
        return json;
}

typedef int each_entry(int folder, const char *name, struct failure *failure);

static int each_file(const char *path, int (*wanted)(const struct dirent *), each_entry *each, struct failure *failure)
{
        struct dirent **entries = NULL;
        CLEANUP_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int count = folder < 0 ? -1 : scandirat(folder, ".", &entries, wanted, alphasort), result = 0;
        if (count < 0)
                return failure_system(failure, FAILURE_UNAVAILABLE, path, -errno);
        for (int i = 0; i < count; i++) {
                if (result == 0)
                        result = each(folder, arena_text(machine.arena, entries[i]->d_name, strlen(entries[i]->d_name)),
                                      failure);
                free(entries[i]);
        }
        free(entries);
        return result;
}

static int take_contract(int folder, const char *name, struct failure *failure)
{
        static const struct idl_contract *list[KNOWN_MAX];
        char message[256] = "";
        size_t length;
        const char *text =
                strncmp(name, "nas.", 4) == 0 ? read_text(machine.arena, folder, name, &length, failure) : NULL;
        const struct idl_contract *contract = text ? idl_parse(machine.arena, name, text, length, message) : NULL;
        if (contract && machine.contract_count < KNOWN_MAX)
                list[machine.contract_count++] = contract;
        else
                log_warn("a contract is not taken into account: %s", *message ? message : name);
        machine.contracts = list;
        return 0;
}

static int take_view(int folder, const char *file, struct failure *failure)
{
        const struct json *json = read_json(machine.arena, folder, file, failure);
        const struct json *name = json_member(json, "view");
        if (json_type_of(name) == JSON_TEXT && own->view_count < VIEWS_MAX)
                own->views[own->view_count++] = (struct view){file, json_text(name, NULL), json};
        return json ? 0 : -1;
}

static int take_language(int folder, const char *file, struct failure *failure)
{
        const struct json *json = read_json(machine.arena, folder, file, failure);
        if (!json || own->language_count == LANGUAGES_MAX)
                return -1;
        own->languages[own->language_count++] =
                (struct language){file, json_member(json, "texts"), json_member(json, "contract")};
        return 0;
}

/* Without pages there are no views to be right or wrong beside: then a module may have none. */
static void read_web(void)
{
        struct failure failure = {0};
        CLEANUP_FD int folder = open(WEB, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        own = arena_alloc(machine.arena, sizeof(*own));
        own->icons = folder < 0 ? NULL : read_json(machine.arena, folder, "icons.json", &failure);
        if (!own->icons || each_file(WEB "/views", is_json, take_view, &failure) != 0 ||
            each_file(WEB "/texts", is_json, take_language, &failure) != 0) {
                log_warn("there are no pages, so no module can have any: %s", failure.message);
                own = NULL;
        }
}

int machine_prepare(void)
{
        struct failure failure = {0};
        machine.arena = arena_new();
        if (each_file(CONTRACTS, is_contract, take_contract, &failure) != 0) {
                log_warn("%s", failure.message);
                return -ENOENT;
        }
        read_web();
        return 0;
}

const struct machine *machine_now(void)
{
        return &machine;
}

const struct idl_contract *machine_contract(const char *name)
{
        ASSERT(name);
        for (size_t i = 0; i < machine.contract_count; i++)
                if (strcmp(machine.contracts[i]->name, name) == 0)
                        return machine.contracts[i];
        return NULL;
}

/* --- the views of a module --- */

static bool is_own_name(const char *name, const char *module)
{
        size_t length = strlen(module);
        return strncmp(name, module, length) == 0 && strchr("-/", name[length]) != NULL; /* or its end */
}

static int add_view(struct checker *checker, struct arena *arena, int folder, const char *path, const char *file,
                    const char *module, struct failure *failure)
{
        const char *place = arena_printf(arena, "%s/" MODULE_VIEWS "/%s", path, file);
        const struct json *json = read_json(arena, folder, file, failure);
        const struct json *view = json_member(json, "view");
        const struct json *address = json_member(json, "at");
        const char *name = json_type_of(view) == JSON_TEXT ? json_text(view, NULL) : "";
        const char *at = json_type_of(address) == JSON_TEXT ? json_text(address, NULL) : NULL;
        if (!json)
                return failure_set(failure, FAILURE_CONFLICT, "module", "", "%s/" MODULE_VIEWS "/%s", path,
                                   arena_text(arena, failure->message, strlen(failure->message)));
        if (checker->view_count == VIEWS_MAX)
                return failure_set(failure, FAILURE_CONFLICT, "module", "", "%s: there are too many views", place);
        if (!is_own_name(name, module))
                return failure_set(failure, FAILURE_CONFLICT, "module", "",
                                   "%s: view: the name \"%.40s\", expected \"%s\" or \"%s-...\"", place, name, module,
                                   module);
        if (at && !is_own_name(at, module))
                return failure_set(failure, FAILURE_CONFLICT, "module", "",
                                   "%s: at: the address \"%.40s\", expected \"%s\" or one below \"%s/\"", place, at,
                                   module, module);
        for (size_t i = 0; i < checker->view_count; i++)
                if (strcmp(checker->views[i].name, name) == 0)
                        return failure_set(failure, FAILURE_CONFLICT, "module", "",
                                           "%s: view: \"%.40s\" is there already, expected another name", place, name);
        checker->views[checker->view_count++] = (struct view){place, name, json};
        return 0;
}

static int add_views(struct checker *checker, struct arena *arena, int folder, const char *path, const char *module,
                     struct failure *failure)
{
        struct dirent **entries = NULL;
        CLEANUP_FD int views = openat(folder, MODULE_VIEWS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int count = views < 0 ? 0 : scandirat(views, ".", &entries, is_json, alphasort), result = 0;
        for (int i = 0; i < count; i++) {
                if (result == 0)
                        result = add_view(checker, arena, views, path,
                                          arena_text(arena, entries[i]->d_name, strlen(entries[i]->d_name)), module,
                                          failure);
                free(entries[i]);
        }
        free(entries);
        return result;
}

int views_judge(struct arena *arena, int folder, const char *path, const struct idl_contract *contract,
                struct failure *failure)
{
        ASSERT(arena && path && contract);
        if (!own)
                return 0;
        struct checker *checker = arena_alloc(arena, sizeof(*checker));
        const struct idl_contract **contracts = arena_array(arena, machine.contract_count + 1, sizeof(*contracts));
        char *faults = NULL;
        size_t length = 0, first = own->view_count;
        *checker = *own;
        memcpy(contracts, machine.contracts, machine.contract_count * sizeof(*contracts));
        contracts[machine.contract_count] = contract;
        checker->arena = arena;
        checker->contracts = contracts;
        checker->contract_count = machine.contract_count + 1;
        checker->foreign = true;
        if (add_views(checker, arena, folder, path, contract->name + strlen(IDL_MODULE), failure) != 0)
                return -1;
        checker->out = open_memstream(&faults, &length);
        ASSERT(checker->out);
        for (size_t i = first; i < checker->view_count; i++)
                check_view(checker, &checker->views[i]);
        fclose(checker->out);
        if (checker->faults > 0)
                failure_set(failure, FAILURE_CONFLICT, "module", "docs/views.md says what may stand there.", "%.*s",
                            (int)strcspn(faults, "\n"), faults);
        free(faults);
        return checker->faults > 0 ? -1 : 0;
}
