/* File systems that should be there at every start: each is mounted, from the disk that it should be on.
 * Rights: part of the doctor; reads /etc/fstab, mount units, and what is mounted. */
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 4096 };
#define UNITS "/etc/systemd/system"

static void file_closep(FILE **file)
{
        if (*file != NULL)
                endmntent(*file);
}

static bool is_mounted(const struct doctor *doctor, const char *where)
{
        CLEANUP(file_closep) FILE *mounts = setmntent(doctor_path(doctor, "/proc/self/mounts"), "re");
        char line[LINE_BYTES];
        struct mntent entry;
        while (mounts != NULL && getmntent_r(mounts, &entry, line, sizeof(line)) != NULL)
                if (strcmp(entry.mnt_dir, where) == 0)
                        return true;
        return false;
}

static void judge_mount(struct doctor *doctor, const char *where, const char *what)
{
        if (is_mounted(doctor, where))
                found_good(doctor, where, "is mounted");
        else
                found_bad(
                        doctor, where,
                        arena_printf(doctor->arena, "see whether the disk is there (lsblk -f), then: mount %s", where),
                        "is not mounted: %s is missing or broken", what);
}

static void judge_fstab(struct doctor *doctor)
{
        CLEANUP(file_closep) FILE *table = setmntent(doctor_path(doctor, "/etc/fstab"), "re");
        char line[LINE_BYTES];
        struct mntent entry;
        while (table != NULL && getmntent_r(table, &entry, line, sizeof(line)) != NULL)
                if (*entry.mnt_dir == '/' && strcmp(entry.mnt_dir, "/") != 0 && hasmntopt(&entry, "noauto") == NULL)
                        judge_mount(doctor, arena_text(doctor->arena, entry.mnt_dir, strlen(entry.mnt_dir)),
                                    entry.mnt_fsname);
}

/* The rest of the first line that begins with the key; NULL: none does. */
static const char *value_of(struct arena *arena, const char *text, const char *key)
{
        for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
                line += *line == '\n';
                if (strncmp(line, key, strlen(key)) == 0)
                        return arena_text(arena, line + strlen(key), strcspn(line + strlen(key), "\n"));
        }
        return NULL;
}

/* Mount units of this machine; what is only mounted when somebody asks has no [Install]. */
static void judge_units(struct doctor *doctor)
{
        DIR *directory = opendir(doctor_path(doctor, UNITS));
        const struct dirent *entry;
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
                const char *dot = strrchr(entry->d_name, '.');
                if (dot == NULL || strcmp(dot, ".mount") != 0)
                        continue;
                const char *text = doctor_file(doctor, arena_printf(doctor->arena, UNITS "/%s", entry->d_name));
                const char *where = text != NULL ? value_of(doctor->arena, text, "Where=") : NULL;
                const char *what = text != NULL ? value_of(doctor->arena, text, "What=") : NULL;
                if (where != NULL && what != NULL && strstr(text, "\n[Install]") != NULL)
                        judge_mount(doctor, where, what);
        }
        if (directory != NULL)
                closedir(directory);
}

void check_mounts(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        judge_fstab(doctor);
        judge_units(doctor);
}
