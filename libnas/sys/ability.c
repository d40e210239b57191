/* What this machine can do, from what its kernel and its PID 1 say of themselves.
 * Rights: none; reads a few files of /proc and /sys, or copies of them that systemd passes. */
#include "sys/ability.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { FACT_BYTES_MAX = 1 << 20 };

/* The policy of the monitor's clerk has the same names (policy/monitor_clerk.c). "%s": the kernel's release. */
static const struct {
        const char *name, *path;
} sources[FACTS] = {
        [FACT_STATUS] = {"status", "proc/1/status"},
        [FACT_USERS] = {"users", "proc/1/uid_map"},
        [FACT_FILESYSTEMS] = {"filesystems", "proc/filesystems"},
        [FACT_DEVICES] = {"devices", "proc/devices"},
        [FACT_LOADED] = {"loaded", "proc/modules"},
        [FACT_MODULES] = {"modules", "usr/lib/modules/%s/modules.order"},
        [FACT_BUILTIN] = {"builtin", "usr/lib/modules/%s/modules.builtin"},
        [FACT_CONTROLLERS] = {"controllers", "sys/fs/cgroup/cgroup.controllers"},
        [FACT_CONTAINER] = {"container", "run/systemd/container"},
};

static char *read_text(int folder, const char *path)
{
        uint8_t *bytes = NULL;
        size_t length;
        if (file_read_below(folder, path, FACT_BYTES_MAX, &bytes, &length) != 0)
                return NULL;
        if (strcmp((const char *)bytes, "unknown") == 0) { /* what systemd passes in the place of a file that is not */
                free(bytes);
                return NULL;
        }
        return (char *)bytes;
}

void facts_read(struct facts *facts, const char *credentials)
{
        ASSERT(facts != NULL);
        CLEANUP_FD int folder = open(credentials != NULL ? credentials : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct utsname kernel = {0};
        uname(&kernel);
        *facts = (struct facts){0};
        for (size_t i = 0; folder >= 0 && i < FACTS; i++) {
                char path[256];
                const char *release = strstr(sources[i].path, "%s");
                if (release == NULL)
                        snprintf(path, sizeof(path), "%s", sources[i].path);
                else
                        snprintf(path, sizeof(path), "%.*s%s%s", (int)(release - sources[i].path), sources[i].path,
                                 kernel.release, release + 2);
                facts->texts[i] = read_text(folder, credentials != NULL ? sources[i].name : path);
        }
}

void facts_free(struct facts *facts)
{
        for (size_t i = 0; i < FACTS; i++)
                free(facts->texts[i]);
        *facts = (struct facts){0};
}

/* --- judging --- */

/* The kernel's numbers: <linux/capability.h> is for those that have capabilities. */
enum { CAP_NET_ADMIN = 12, CAP_SYS_MODULE = 16, CAP_SYS_RAWIO = 17, CAP_SYS_ADMIN = 21, CAP_SYS_TIME = 25 };
#define MAY(capability) (UINT64_C(1) << (capability))

/* What an ability takes. machine: the rights must be those of the machine, not of a container's own users. */
static const struct need {
        const char *name, *title;
        uint64_t capabilities;
        bool machine;
        const char *filesystem, *device, *module, *controllers;
} needs[] = {
        {"pools", "Make and mount pools", MAY(CAP_SYS_ADMIN), true, .filesystem = "btrfs", .module = "btrfs"},
        {"encryption", "Encrypt pools (dm-crypt)", MAY(CAP_SYS_ADMIN), true, .device = "device-mapper",
         .module = "dm-crypt"},
        {"arrays", "Arrays of disks (md)", MAY(CAP_SYS_ADMIN), true, .device = "md", .module = "md-mod"},
        {"quotas", "Limit what accounts have on ext4 (quota)", MAY(CAP_SYS_ADMIN), true, .module = "quota_v2"},
        {"images", "Disk images as disks (loop)", MAY(CAP_SYS_ADMIN), true, .device = "loop", .module = "loop"},
        {"disk_health", "Ask disks for their health (SMART)", MAY(CAP_SYS_ADMIN) | MAY(CAP_SYS_RAWIO), true,
         .module = NULL},
        {"nfs_server", "Serve NFS by the kernel", MAY(CAP_SYS_ADMIN), true, .filesystem = "nfsd", .module = "nfsd"},
        {"network", "Change addresses and routes", MAY(CAP_NET_ADMIN), false, .module = NULL},
        {"bonds", "Several cables as one (bonds)", MAY(CAP_NET_ADMIN), false, .module = "bonding"},
        {"vlans", "Several networks on one cable (VLANs)", MAY(CAP_NET_ADMIN), false, .module = "8021q"},
        {"clock", "Set the clock", MAY(CAP_SYS_TIME), true, .module = NULL},
        {"limits", "Hold each process to its memory and tasks", 0, false, .controllers = "memory pids"},
};

static const struct {
        uint64_t capability;
        const char *name;
} rights[] = {
        {MAY(CAP_SYS_ADMIN), "CAP_SYS_ADMIN"},
        {MAY(CAP_SYS_RAWIO), "CAP_SYS_RAWIO"},
        {MAY(CAP_NET_ADMIN), "CAP_NET_ADMIN"},
        {MAY(CAP_SYS_TIME), "CAP_SYS_TIME"},
};

/* A whole word of a text that is made of lines and blanks. */
static bool has_word(const char *text, const char *word)
{
        size_t length = strlen(word);
        for (const char *at = text; at != NULL && (at = strstr(at, word)) != NULL; at += length)
                if ((at == text || strchr(" \t\n", at[-1]) != NULL) && strchr(" \t\n", at[length]) != NULL)
                        return true;
        return false;
}

static bool lists_module(const char *text, const char *module)
{
        char name[64];
        snprintf(name, sizeof(name), "/%s.ko", module);
        return text != NULL && strstr(text, name) != NULL;
}

static bool is_loaded(const struct facts *facts, const char *module)
{
        char name[64];
        snprintf(name, sizeof(name), "%s", module);
        for (char *letter = name; *letter != '\0'; letter++)
                *letter = *letter == '-' ? '_' : *letter;
        return has_word(facts->texts[FACT_LOADED], name);
}

static bool bounding_set(const struct facts *facts, uint64_t *ret_set)
{
        const char *status = facts->texts[FACT_STATUS], *line = status != NULL ? strstr(status, "\nCapBnd:\t") : NULL;
        *ret_set = line != NULL ? strtoull(line + strlen("\nCapBnd:\t"), NULL, 16) : 0;
        return line != NULL;
}

/* Root of a container may be nobody on the machine: then the whole range of users is not mapped to itself. */
static bool machines_own_users(const char *map)
{
        unsigned long inside = 1, outside = 1, count = 0;
        char *end;
        inside = strtoul(map, &end, 10);
        outside = strtoul(end, &end, 10);
        count = strtoul(end, &end, 10);
        return inside == 0 && outside == 0 && count == UINT32_MAX;
}

static enum ability_state judge_rights(const struct facts *facts, const struct need *need, struct ability *ret)
{
        uint64_t set;
        const char *users = facts->texts[FACT_USERS];
        if (need->capabilities == 0)
                return ABILITY_YES;
        if (!bounding_set(facts, &set) || users == NULL) {
                snprintf(ret->reason, sizeof(ret->reason), "What rights this system has is not known.");
                return ABILITY_UNKNOWN;
        }
        if (need->machine && !machines_own_users(users)) {
                snprintf(ret->reason, sizeof(ret->reason),
                         "This is a container, and its root is not root of the machine.");
                return ABILITY_NO;
        }
        for (size_t i = 0; i < ARRAY_SIZE(rights); i++)
                if ((need->capabilities & ~set & rights[i].capability) != 0) {
                        snprintf(ret->reason, sizeof(ret->reason), "%s lacks the right %s.",
                                 facts->texts[FACT_CONTAINER] != NULL ? "This container" : "This system",
                                 rights[i].name);
                        return ABILITY_NO;
                }
        return ABILITY_YES;
}

static bool may_load_modules(const struct facts *facts)
{
        uint64_t set;
        const char *users = facts->texts[FACT_USERS];
        return bounding_set(facts, &set) && (set & MAY(CAP_SYS_MODULE)) != 0 && users != NULL &&
               machines_own_users(users);
}

static enum ability_state judge_kernel(const struct facts *facts, const struct need *need, struct ability *ret)
{
        if (need->module == NULL ||
            has_word(facts->texts[FACT_FILESYSTEMS], need->filesystem ? need->filesystem : "/") ||
            has_word(facts->texts[FACT_DEVICES], need->device ? need->device : "/") || is_loaded(facts, need->module) ||
            lists_module(facts->texts[FACT_BUILTIN], need->module))
                return ABILITY_YES;
        if (lists_module(facts->texts[FACT_MODULES], need->module) && may_load_modules(facts))
                return ABILITY_YES;
        /* A kernel without modules has no list of them, and what it was built with is seen by what it registers. */
        bool registers = need->filesystem != NULL || need->device != NULL;
        if (facts->texts[FACT_FILESYSTEMS] == NULL || (!registers && facts->texts[FACT_LOADED] == NULL)) {
                snprintf(ret->reason, sizeof(ret->reason), "What the kernel has is not known.");
                return ABILITY_UNKNOWN;
        }
        snprintf(ret->reason, sizeof(ret->reason), "The kernel has no %s%s.", need->module,
                 facts->texts[FACT_CONTAINER] != NULL ? " loaded, and a container cannot load it" : "");
        return ABILITY_NO;
}

static enum ability_state judge_controllers(const struct facts *facts, const struct need *need, struct ability *ret)
{
        const char *text = facts->texts[FACT_CONTROLLERS];
        if (need->controllers == NULL)
                return ABILITY_YES;
        if (text == NULL) {
                snprintf(ret->reason, sizeof(ret->reason), "Which controllers there are is not known.");
                return ABILITY_UNKNOWN;
        }
        if (has_word(text, "memory") && has_word(text, "pids"))
                return ABILITY_YES;
        snprintf(ret->reason, sizeof(ret->reason), "The control groups lack one of: %s.", need->controllers);
        return ABILITY_NO;
}

size_t abilities_count(void)
{
        return ARRAY_SIZE(needs);
}

void abilities_judge(const struct facts *facts, struct ability *ret)
{
        ASSERT(facts != NULL && ret != NULL);
        for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
                struct ability *ability = &ret[i];
                *ability = (struct ability){.name = needs[i].name, .title = needs[i].title};
                ability->state = judge_rights(facts, &needs[i], ability);
                if (ability->state == ABILITY_YES)
                        ability->state = judge_kernel(facts, &needs[i], ability);
                if (ability->state == ABILITY_YES)
                        ability->state = judge_controllers(facts, &needs[i], ability);
                if (ability->state == ABILITY_NO && facts->texts[FACT_CONTAINER] != NULL)
                        ability->next = "Do it on the machine that the container runs on, or run Bulkhead on a machine "
                                        "of its own: the disk image does.";
        }
}
