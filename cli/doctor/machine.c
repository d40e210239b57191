/* The machine below the suite: kernel, clock and room.
 * Rights: part of the doctor; reads /sys and /proc, asks the kernel. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { LANDLOCK_VERSION = 1 /* the flag that asks for it */, DAY_S = 24 * 60 * 60 };
#define MIB UINT64_C(1048576)

/* --- kernel and control groups --- */

static void judge_landlock(struct doctor *doctor)
{
        long version = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
        if (version >= 1)
                found_good(doctor, "kernel", "has Landlock, version %ld", version);
        else
                found_warning(doctor, "kernel", "start it with landlock among the names of lsm=",
                              "has no Landlock, so one of the fences around each process is missing");
}

static void judge_controllers(struct doctor *doctor)
{
        static const char *const needed[] = {"memory", "pids"};
        const char *there = doctor_file(doctor, "/sys/fs/cgroup/cgroup.controllers");
        for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
                const char *at = there != NULL ? strstr(there, needed[i]) : NULL;
                if (at == NULL)
                        found_warning(doctor, "control groups", "boot with systemd.unified_cgroup_hierarchy=1",
                                      "have no controller \"%s\", so limits of %s are not enforced", needed[i],
                                      i == 0 ? "memory" : "processes");
                else
                        found_good(doctor, "control groups", "limit %s", i == 0 ? "memory" : "processes");
        }
}

void check_host(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct utsname kernel;
        judge_landlock(doctor);
        judge_controllers(doctor);
        if (access(doctor_path(doctor, "/run/reboot-required"), F_OK) == 0 && uname(&kernel) == 0)
                found_warning(doctor, "kernel", "reboot", "%s runs, but an upgrade asks for a reboot", kernel.release);
}

/* --- the clock --- */

/* No clock is before the time when this program was built (its file's, which a package sets to its release). */
void check_clock(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct stat program;
        struct timex timex = {.modes = 0};
        int64_t now_s = clock_real_s();
        if (stat(doctor_path(doctor, "/usr/share/bulkhead/grants.sql"), &program) == 0 &&
            now_s + DAY_S < program.st_mtime) {
                found_bad(doctor, "clock", "timedatectl set-time 'YYYY-MM-DD hh:mm', and see to a time server",
                          "is before the time when this version was made: certificates and codes cannot hold");
                return;
        }
        int state = adjtimex(&timex);
        if (state < 0)
                found_unknown(doctor, "clock", "timedatectl", "cannot be asked: %s", strerror(errno));
        else if (state == TIME_ERROR || (timex.status & STA_UNSYNC) != 0)
                found_warning(doctor, "clock", "systemctl enable --now systemd-timesyncd, or install chrony",
                              "is not kept right by a time server");
        else
                found_good(doctor, "clock", "is kept right");
}

/* --- room --- */

void room_judge(struct doctor *doctor, const char *path, const struct room *room)
{
        ASSERT(doctor != NULL && path != NULL && room != NULL);
        const char *find = arena_printf(doctor->arena, "see what is large: du -xh %s | sort -h | tail", path);
        uint64_t percent = room->bytes > 0 ? room->free_bytes * 100 / room->bytes : 0;
        bool small = room->bytes < 1024 * MIB; /* of memory, or for tests */
        if (room->read_only)
                found_bad(doctor, path, arena_printf(doctor->arena, "dmesg | tail, then mount -o remount,rw %s", path),
                          "is read-only: nothing can be changed");
        else if (room->free_bytes < (small ? room->bytes / 32 : 64 * MIB))
                found_bad(doctor, path, find, "is full (%" PRIu64 " MiB free): changes are refused",
                          room->free_bytes / MIB);
        else if (room->files > 0 && room->free_files < room->files / 100)
                found_bad(doctor, path, find, "has no room for more files: changes are refused");
        else if (percent < 5)
                found_warning(doctor, path, find, "is nearly full (%" PRIu64 " MiB free)", room->free_bytes / MIB);
        else
                found_good(doctor, path, "has %" PRIu64 " MiB free", room->free_bytes / MIB);
}

void check_space(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        static const char *const paths[] = {"/",        "/var", "/var/lib/bulkhead", "/var/lib/postgresql",
                                            "/var/log", "/run", "/var/tmp",          "/boot",
                                            "/home",    "/tmp"};
        dev_t seen[ARRAY_SIZE(paths)];
        size_t count = 0;
        for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
                struct stat status;
                struct statvfs of;
                const char *path = doctor_path(doctor, paths[i]);
                bool known = stat(path, &status) < 0;
                for (size_t s = 0; !known && s < count; s++)
                        known = seen[s] == status.st_dev;
                if (known || statvfs(path, &of) < 0)
                        continue;
                seen[count++] = status.st_dev;
                room_judge(doctor, paths[i],
                           &(struct room){.bytes = (uint64_t)of.f_blocks * of.f_frsize,
                                          .free_bytes = (uint64_t)of.f_bavail * of.f_frsize,
                                          .files = of.f_files,
                                          .free_files = of.f_favail,
                                          .read_only = (of.f_flag & ST_RDONLY) != 0});
        }
}
