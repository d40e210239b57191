/* Each process beside its policy, as the kernel sees it: who it is, what it may, and that its fences stand.
 * Rights: part of the doctor, as root; reads /proc, starts systemctl. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ASK_SECONDS = 15, WAKE_MS = 5000, LINK_MAX = 512 };
#define PROGRAMS "/usr/libexec/bulkhead/"

/* The rest of the line "KEY:\t..." ; NULL: there is none. */
static const char *line_of(const char *status, const char *key)
{
        size_t length = strlen(key);
        for (const char *line = status; line != NULL; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, length) == 0 && line[length] == ':')
                        return line + length + 1;
        }
        return NULL;
}

static bool all_are(const char *numbers, uint64_t wanted, int base, unsigned count)
{
        for (unsigned i = 0; i < count; i++) {
                char *end = NULL;
                if (numbers == NULL || strtoull(numbers, &end, base) != wanted || end == numbers)
                        return false;
                numbers = end;
        }
        return true;
}

static uint64_t capabilities_of(const struct process_policy *policy)
{
        uint64_t set = 0;
        for (const struct process_capability *c = policy->capabilities; c != NULL && c->capability >= 0; c++)
                set |= UINT64_C(1) << c->capability;
        return set;
}

/* Groups beyond its own are exactly those of the policy. */
static bool groups_are_right(const struct process_policy *policy, const char *groups, const struct accounts *accounts)
{
        const struct account_group *own = accounts_group(accounts, policy->group);
        size_t named = 0, found = 0;
        for (const char *const *name = policy->groups; name != NULL && *name != NULL; name++)
                named++;
        for (char *end = NULL; groups != NULL && *groups != '\n' && *groups != '\0'; groups = end) {
                unsigned long gid = strtoul(groups, &end, 10);
                if (end == groups)
                        break;
                bool allowed = own != NULL && gid == own->gid;
                for (const char *const *name = policy->groups; name != NULL && *name != NULL; name++) {
                        const struct account_group *group = accounts_group(accounts, *name);
                        if (group != NULL && group->gid == gid) {
                                allowed = true;
                                found++;
                        }
                }
                if (!allowed)
                        return false;
                end += strspn(end, " \t");
        }
        return found == named;
}

void process_judge(struct doctor *doctor, const struct process_policy *policy, const char *status,
                   const struct accounts *accounts)
{
        ASSERT(doctor != NULL && policy != NULL && status != NULL && accounts != NULL);
        static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
        const char *again = arena_printf(doctor->arena, "systemctl restart bulkhead-%s.service", policy->name);
        const struct account *user = accounts_named(accounts, policy->user);
        const struct account_group *group = accounts_group(accounts, policy->group);
        size_t before = doctor->count;

        if (user == NULL || !all_are(line_of(status, "Uid"), user->uid, 10, 4))
                found_bad(doctor, policy->name, again, "does not run as %s", policy->user);
        if (group == NULL || !all_are(line_of(status, "Gid"), group->gid, 10, 4))
                found_bad(doctor, policy->name, again, "is not in the group %s", policy->group);
        if (!groups_are_right(policy, line_of(status, "Groups"), accounts))
                found_bad(doctor, policy->name, again, "is in other groups than its policy says");
        for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
                if (!all_are(line_of(status, sets[i]), capabilities_of(policy), 16, 1))
                        found_bad(doctor, policy->name, again, "has other capabilities than its policy says (%s)",
                                  sets[i]);
        if (!all_are(line_of(status, "NoNewPrivs"), 1, 10, 1))
                found_bad(doctor, policy->name, again, "could gain rights (no_new_privs is not set)");
        if (!all_are(line_of(status, "Seccomp"), 2, 10, 1))
                found_bad(doctor, policy->name, again, "has no filter of system calls");
        if (!all_are(line_of(status, "Threads"), 1, 10, 1))
                found_bad(doctor, policy->name, again, "has more than one thread");
        if (doctor->count == before)
                found_good(doctor, policy->name, "is what its policy says");
}

static const char *link_of(struct doctor *doctor, const char *path)
{
        char target[LINK_MAX];
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        return length < 0 ? "" : arena_text(doctor->arena, target, (size_t)length);
}

/* What /proc/PID/status does not say: its program, and its own view of files and network. */
static void judge_surroundings(struct doctor *doctor, const struct process_policy *policy, unsigned long pid)
{
        static const char *const spaces[] = {"mnt", "net", "ipc"};
        const char *again = arena_printf(doctor->arena, "systemctl restart bulkhead-%s.service", policy->name);
        const char *program = link_of(doctor, arena_printf(doctor->arena, "/proc/%lu/exe", pid));
        const char *wanted = arena_printf(doctor->arena, PROGRAMS "%s", policy->name);
        if (strcmp(program, arena_printf(doctor->arena, "%s (deleted)", wanted)) == 0)
                found_bad(doctor, policy->name, again, "is still the program from before an upgrade");
        else if (strcmp(program, wanted) != 0)
                found_bad(doctor, policy->name, again, "is the program \"%s\", not %s", program, wanted);
        for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
                const char *own = link_of(doctor, arena_printf(doctor->arena, "/proc/%lu/ns/%s", pid, spaces[i]));
                const char *ours = link_of(doctor, arena_printf(doctor->arena, "/proc/1/ns/%s", spaces[i]));
                if (i == 1 && strcmp(policy->families, "AF_UNIX") != 0)
                        continue; /* it is there for the network */
                if (strcmp(own, ours) == 0)
                        found_bad(doctor, policy->name, again, "shares its %s namespace with the machine", spaces[i]);
        }
}

static unsigned long pid_of(struct doctor *doctor, const struct process_policy *policy)
{
        const char *unit = arena_printf(doctor->arena, "bulkhead-%s.service", policy->name), *said;
        const char *words[] = {
                "/usr/bin/systemctl", "show", "--no-pager", "--property=Id,ActiveState,MainPID", unit, NULL};
        struct tool tool = {.words = words, .seconds = ASK_SECONDS};
        struct unit found;
        for (uint64_t until = clock_boot_ms() + WAKE_MS;;) {
                if (tool_run(doctor->arena, &tool, &said) != 0 || units_parse(doctor->arena, said, &found, 1) != 1)
                        return 0;
                /* Just woken: it is not its own program yet, or its fences are still going up. */
                if (strcmp(found.active, "activating") != 0 || clock_boot_ms() > until)
                        return strtoul(found.main_pid, NULL, 10);
                nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
        }
}

static void judge_other(struct doctor *doctor, const struct accounts *accounts, unsigned long pid, const char *name)
{
        const char *status = doctor_file(doctor, arena_printf(doctor->arena, "/proc/%lu/status", pid));
        for (size_t i = 0; status != NULL && policies[i] != NULL; i++) {
                const struct account *user = accounts_named(accounts, policies[i]->user);
                if (strcmp(policies[i]->name, name) != 0 || policies[i]->why_root != NULL)
                        continue;
                if (user == NULL || !all_are(line_of(status, "Uid"), user->uid, 10, 4))
                        found_bad(doctor, arena_printf(doctor->arena, "process %lu", pid),
                                  arena_printf(doctor->arena, "kill %lu", pid), "is %s, but does not run as %s", name,
                                  policies[i]->user);
        }
}

/* Whatever runs from our folder is a process of a policy's user; none is root without a reason. What runs in containers
 * is their own doctor's to look at. */
static void judge_others(struct doctor *doctor, const struct accounts *accounts)
{
        DIR *directory = opendir("/proc");
        const struct dirent *entry;
        const char *ours = link_of(doctor, "/proc/self/ns/pid");
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
                unsigned long pid = strtoul(entry->d_name, NULL, 10);
                const char *program = pid > 0 ? link_of(doctor, arena_printf(doctor->arena, "/proc/%lu/exe", pid)) : "";
                if (strncmp(program, PROGRAMS, strlen(PROGRAMS)) == 0 &&
                    strcmp(link_of(doctor, arena_printf(doctor->arena, "/proc/%lu/ns/pid", pid)), ours) == 0)
                        judge_other(doctor, accounts, pid, program + strlen(PROGRAMS));
        }
        if (directory != NULL)
                closedir(directory);
}

void check_processes(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct accounts accounts;
        if (accounts_read(doctor->arena, &accounts) < 0) {
                found_unknown(doctor, "/etc/passwd", "", "cannot be read");
                return;
        }
        for (size_t i = 0; policies[i] != NULL; i++) {
                unsigned long pid = pid_of(doctor, policies[i]);
                const char *status =
                        pid > 1 ? doctor_file(doctor, arena_printf(doctor->arena, "/proc/%lu/status", pid)) : NULL;
                if (status == NULL) { /* a hand may be gone again */
                        if (policies[i]->kind != PROCESS_HAND)
                                found_bad(doctor, policies[i]->name,
                                          arena_printf(doctor->arena, "systemctl start bulkhead-%s.service",
                                                       policies[i]->name),
                                          "does not run");
                        continue;
                }
                process_judge(doctor, policies[i], status, &accounts);
                judge_surroundings(doctor, policies[i], pid);
        }
        judge_others(doctor, &accounts);
}
