/* The units: there as they shipped, switched on, and running; asked of systemd itself, which needs no message bus for
 * root.
 * Rights: part of the doctor; starts systemctl. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS_MAX = 256, ASK_SECONDS = 15 };
#define SYSTEMCTL "/usr/bin/systemctl"

static const struct {
        const char *key;
        size_t place;
} properties[] = {
        {"Id=", offsetof(struct unit, name)},
        {"LoadState=", offsetof(struct unit, load)},
        {"ActiveState=", offsetof(struct unit, active)},
        {"SubState=", offsetof(struct unit, sub)},
        {"UnitFileState=", offsetof(struct unit, file_state)},
        {"DropInPaths=", offsetof(struct unit, drop_ins)},
        {"NeedDaemonReload=", offsetof(struct unit, reload)},
        {"Result=", offsetof(struct unit, result)},
        {"MainPID=", offsetof(struct unit, main_pid)},
        {"FragmentPath=", offsetof(struct unit, fragment)},
        {"Type=", offsetof(struct unit, type)},
        {"ConditionResult=", offsetof(struct unit, wanted)},
        {"ConditionTimestampMonotonic=", offsetof(struct unit, tried)},
};

static const char **at(struct unit *unit, size_t place)
{
        return (const char **)(void *)((char *)unit + place);
}

static void take_line(struct arena *arena, struct unit *unit, const char *line, size_t length)
{
        for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
                size_t key = strlen(properties[i].key);
                if (length >= key && memcmp(line, properties[i].key, key) == 0)
                        *at(unit, properties[i].place) = arena_text(arena, line + key, length - key);
        }
}

size_t units_parse(struct arena *arena, const char *said, struct unit *units, size_t room)
{
        ASSERT(arena != NULL && said != NULL && units != NULL);
        size_t count = 0;
        bool inside = false;
        for (const char *line = said; *line != '\0';) {
                size_t length = strcspn(line, "\n");
                if (length == 0) {
                        count += inside;
                        inside = false;
                } else if (count < room) {
                        for (size_t i = 0; !inside && i < ARRAY_SIZE(properties); i++)
                                *at(&units[count], properties[i].place) = "";
                        inside = true;
                        take_line(arena, &units[count], line, length);
                }
                line += length + (line[length] == '\n');
        }
        return count + inside;
}

static bool is(const char *text, const char *word)
{
        return strcmp(text, word) == 0;
}

/* Made by PID 1's own programs of what hands keep and the machine has, when it started or read its units again. */
static bool is_generated(const char *path)
{
        return strncmp(path, "/run/systemd/generator/", strlen("/run/systemd/generator/")) == 0;
}

/* Of paths with blanks between the first that is not; NULL: all are. */
static const char *not_generated(const char *paths)
{
        for (; *paths != '\0'; paths += strcspn(paths, " "), paths += strspn(paths, " "))
                if (!is_generated(paths))
                        return paths;
        return NULL;
}

/* As the package brought it, or changed by somebody; that may be meant, but it is never silent. */
static void judge_form(struct doctor *doctor, const struct unit *unit)
{
        const char *revert = arena_printf(doctor->arena, "systemctl revert %s", unit->name);
        bool shipped = strncmp(unit->fragment, "/lib/", 5) == 0 || strncmp(unit->fragment, "/usr/lib/", 9) == 0 ||
                       is_generated(unit->fragment);
        if (!shipped)
                found_warning(doctor, unit->name, revert, "is not the unit that shipped but %s", unit->fragment);
        const char *changed = not_generated(unit->drop_ins);
        if (changed != NULL)
                found_warning(doctor, unit->name, revert, "is changed by %s: its fences may be weaker", changed);
        if (is(unit->reload, "yes"))
                found_warning(doctor, unit->name, "systemctl daemon-reload",
                              "was changed on the disk after systemd had read it");
}

void unit_judge(struct doctor *doctor, const struct unit *unit)
{
        ASSERT(doctor != NULL && unit != NULL);
        size_t before = doctor->count;
        const char *look = arena_printf(doctor->arena, "journalctl --namespace='*' -u %s -n 20", unit->name);
        const char *start = arena_printf(doctor->arena, "systemctl start %s", unit->name);
        bool wanted = is(unit->file_state, "enabled") || is(unit->file_state, "enabled-runtime");
        /* Systemd has looked, and what it is there for is not wanted: a service that was not switched on. */
        if (is(unit->wanted, "no") && *unit->tried != '\0' && !is(unit->tried, "0"))
                wanted = false;

        if (is(unit->load, "masked")) {
                found_bad(doctor, unit->name, arena_printf(doctor->arena, "systemctl unmask --now %s", unit->name),
                          "is masked, so it can never start");
                return;
        }
        if (!is(unit->load, "loaded")) {
                found_bad(doctor, unit->name, "apt-get install --reinstall bulkhead", "is not there (%s)",
                          *unit->load != '\0' ? unit->load : "unknown to systemd");
                return;
        }
        if (is(unit->active, "failed") || (*unit->result != '\0' && !is(unit->result, "success")))
                found_bad(doctor, unit->name, look, "has failed (%s)", unit->result);
        else if (is(unit->file_state, "disabled"))
                found_bad(doctor, unit->name, arena_printf(doctor->arena, "systemctl enable --now %s", unit->name),
                          "is switched off, so it does not start with the machine");
        else if (is(unit->active, "activating") || is(unit->active, "deactivating"))
                found_warning(doctor, unit->name, look, "is %s (%s)", unit->active, unit->sub);
        else if (wanted && !is(unit->active, "active") && !is(unit->type, "oneshot")) /* those come to an end */
                found_bad(doctor, unit->name, start, "does not run");
        judge_form(doctor, unit);
        if (doctor->count == before)
                found_good(doctor, unit->name, "%s", is(unit->active, "active") ? "runs" : "rests until it is called");
}

/* The files that are installed: whatever module brought them. Templates are asked for by their instances. */
static size_t list_folder(struct doctor *doctor, const char *folder, const char **names, size_t count)
{
        DIR *directory = opendir(doctor_path(doctor, folder));
        const struct dirent *entry;
        while (directory != NULL && (entry = readdir(directory)) != NULL && count < UNITS_MAX) {
                const char *name = entry->d_name, *dot = strrchr(name, '.');
                if (strncmp(name, "bulkhead", 8) != 0 || dot == NULL || is(dot, ".d") || is(dot, ".wants"))
                        continue;
                bool known = strchr(name, '@') != NULL;
                for (size_t i = 0; i < count; i++)
                        known = known || is(names[i], name);
                if (!known)
                        names[count++] = arena_text(doctor->arena, name, strlen(name));
        }
        if (directory != NULL)
                closedir(directory);
        return count;
}

/* And those that the policies call for, installed or not. */
static size_t list_policies(struct doctor *doctor, const char **names, size_t count)
{
        static const char *const suffixes[] = {"service", "socket"};
        for (size_t p = 0; policies[p] != NULL; p++)
                for (size_t s = 0; s < ARRAY_SIZE(suffixes); s++) {
                        const char *name =
                                arena_printf(doctor->arena, "bulkhead-%s.%s", policies[p]->name, suffixes[s]);
                        bool known = false;
                        for (size_t i = 0; i < count; i++)
                                known = known || is(names[i], name);
                        if (!known && count < UNITS_MAX)
                                names[count++] = name;
                }
        return count;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void check_units(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        static const char *const ask[] = {SYSTEMCTL, "show", "--no-pager",
                                          "--property=Id,LoadState,ActiveState,SubState,UnitFileState,DropInPaths,"
                                          "NeedDaemonReload,Result,MainPID,FragmentPath,Type,ConditionResult,"
                                          "ConditionTimestampMonotonic"};
        enum { ASKED = ARRAY_SIZE(ask) };
        const char *words[ASKED + UNITS_MAX + 2] = {0}, **names = words + ASKED, *said;
        struct unit *units = arena_array(doctor->arena, UNITS_MAX, sizeof(*units));

        memcpy(words, ask, sizeof(ask));
        size_t count = list_folder(doctor, "/usr/lib/systemd/system", names, 0);
        count = list_folder(doctor, "/lib/systemd/system", names, count);
        count = list_policies(doctor, names, count);
        qsort(names, count, sizeof(*names), by_name);
        names[count] = "bulkhead-*@*";
        struct tool systemctl = {.words = words, .seconds = ASK_SECONDS};
        int result = tool_run(doctor->arena, &systemctl, &said);
        if (result != 0) {
                found_unknown(doctor, "systemd", "see whether PID 1 is systemd", "cannot be asked: %s",
                              first_line(doctor->arena, said));
                return;
        }
        count = units_parse(doctor->arena, said, units, UNITS_MAX);
        for (size_t i = 0; i < count; i++)
                unit_judge(doctor, &units[i]);
}
