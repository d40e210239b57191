/* The modules that lie on this machine: looked at when the clerk starts, when something comes or goes, and one of them
 * whenever it is asked for by name.
 * Rights: the modules clerk; reads the folders of modules and watches them. */
#include "daemons/modules/clerk/modules.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/folders.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum { AGAIN_MS = 50, FRESH_MS = 1000 };

static struct {
        struct folders folders;
        struct known list[KNOWN_MAX];
        size_t count;
        uint64_t looked_ms;
} all;

int known_prepare(void)
{
        const uint32_t mask =
                IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;
        int error = folders_open(&all.folders);
        for (size_t i = 0; module_folders[i] && error == 0; i++)
                error = folders_add(&all.folders, module_folders[i], mask);
        return error == 0 ? folders_add(&all.folders, MODULES_ENABLED, mask) : error;
}

static bool is_enabled(const char *name)
{
        char path[128];
        struct stat status;
        snprintf(path, sizeof(path), MODULES_ENABLED "/%s", name);
        return lstat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static struct known look(const char *name)
{
        struct arena *arena = arena_new();
        struct known known = {.arena = arena, .examined = examine(arena, name), .enabled = is_enabled(name)};
        if (known.enabled && known.examined.failure.code == FAILURE_NONE)
                known.module = module_begin(&known.examined);
        return known;
}

/* Those that are served and should not be any more, end. */
static void end_others(void)
{
        for (struct module *module = module_each(NULL); module; module = module_each(module)) {
                bool wanted = false;
                for (size_t i = 0; i < all.count; i++)
                        wanted = wanted || all.list[i].module == module;
                if (!wanted && module->enabled)
                        module_end(module);
        }
}

static bool has(const struct known *list, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(list[i].examined.name, name) == 0)
                        return true;
        return false;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(((const struct known *)a)->examined.name, ((const struct known *)b)->examined.name);
}

void known_refresh(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < all.count; i++)
                arena_free(all.list[i].arena);
        all.count = 0;
        all.looked_ms = clock_boot_ms();
        for (size_t i = 0; i <= 2; i++) {
                const char *const *names = modules_in(arena, i < 2 ? module_folders[i] : MODULES_ENABLED);
                for (; *names && all.count < KNOWN_MAX; names++)
                        if (!has(all.list, all.count, *names))
                                all.list[all.count++] = look(*names);
        }
        if (all.count > 1)
                qsort(all.list, all.count, sizeof(*all.list), by_name);
        end_others();
        modules_tell();
}

static void changed(void *context)
{
        (void)context;
        known_refresh();
}

void known_watch(void)
{
        folders_watch(&all.folders, clerk.loop, AGAIN_MS, changed, NULL);
}

const struct known *known_at(size_t index)
{
        return index < all.count ? &all.list[index] : NULL;
}

void known_fresh(void)
{
        if (clock_boot_ms() - all.looked_ms > FRESH_MS)
                known_refresh();
}

const struct known *known_named(const char *name)
{
        ASSERT(name);
        known_fresh();
        for (size_t i = 0; i < all.count; i++)
                if (strcmp(all.list[i].examined.name, name) == 0)
                        return &all.list[i];
        return NULL;
}
