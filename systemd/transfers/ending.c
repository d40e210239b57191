/* Ending what people have running: who is in a folder that goes, and who is disabled.
 * Rights: root's, in bulkhead-transfers; looks at processes, and kills none but those of Bulkhead's accounts. */
#include "systemd/transfers/transfers.h"

#include "base/mem.h"
#include "sys/file.h"
#include "value/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STATUS_MAX = 16 * 1024, PATH_SIZE = 4096 };
#define NOBODY    0u
#define DIRECTORY "/etc/bulkhead/services/directory.conf" /* there while there is one */
#define GONE      "gone"                                  /* numbers of whom it lets in no more, a line each */

static bool is_of_directory(uint32_t uid)
{
        return uid >= DIRECTORY_FIRST && uid <= DIRECTORY_LAST;
}

/* Whose process it is, as it runs now; NOBODY: of no account of ours. */
static uint32_t owner_of(int proc)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        uint32_t uid = NOBODY;
        if (file_read_below(proc, "status", STATUS_MAX, &bytes, &length) != 0)
                return NOBODY;
        const char *line = strstr((char *)bytes, "\nUid:\t"), *effective = line ? strchr(line + 6, '\t') : NULL;
        if (effective)
                uid = (uint32_t)strtoul(effective, NULL, 10);
        free(bytes);
        return (uid >= ACCOUNT_FIRST && uid <= ACCOUNT_LAST) || is_of_directory(uid) ? uid : NOBODY;
}

/* Does the directory let them in no more? systemd/directory_people.c writes that down. */
static bool is_let_go(uint32_t uid)
{
        CLEANUP_FD int folder = file_directory("/run/bulkhead-directory-people");
        uint8_t *bytes = NULL;
        size_t length = 0;
        bool is = false;
        if (folder < 0 || file_read_below(folder, GONE, STATUS_MAX * 4, &bytes, &length) != 0)
                return false;
        char *end;
        for (const char *line = (char *)bytes; !is && *line; line = *end == '\n' ? end + 1 : "")
                is = strtoul(line, &end, 10) == uid && *end == '\n';
        free(bytes);
        return is;
}

static bool leads_into(int proc, const char *name, const char *folder)
{
        char path[PATH_SIZE];
        ssize_t length = readlinkat(proc, name, path, sizeof(path) - 2);
        if (length <= 0)
                return false;
        path[length] = '/'; /* the folder itself is in it, too */
        path[length + 1] = '\0';
        return strncmp(path, folder, strlen(folder)) == 0;
}

static bool is_in(int proc, const char *folder)
{
        int open_ones = openat(proc, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        CLEANUP(listing_closep) DIR *listing = open_ones >= 0 ? fdopendir(open_ones) : NULL;
        bool is = leads_into(proc, "cwd", folder);
        for (struct dirent *entry; !is && listing && (entry = readdir(listing));)
                is = entry->d_name[0] != '.' && leads_into(open_ones, entry->d_name, folder);
        return is;
}

/* The one that was looked at: its number may be another's by now, its folder in /proc is not. */
static bool end_process(int proc)
{
        return syscall(SYS_pidfd_send_signal, proc, SIGKILL, NULL, 0) == 0;
}

typedef bool chosen(int proc, uint32_t uid, const void *context);

static void end_chosen(chosen *is_chosen, const void *context)
{
        CLEANUP(listing_closep) DIR *listing = opendir("/proc");
        for (struct dirent *entry; listing && (entry = readdir(listing));) {
                char *end;
                long pid = strtol(entry->d_name, &end, 10);
                if (pid <= 1 || *end != '\0')
                        continue;
                CLEANUP_FD int proc =
                        openat(dirfd(listing), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                const uint32_t uid = proc >= 0 ? owner_of(proc) : NOBODY;
                if (uid != NOBODY && is_chosen(proc, uid, context) && end_process(proc))
                        printf("ended process %ld of %u\n", pid, uid);
        }
}

struct place {
        const char *folder;
        const struct transfer *transfer;
        const struct accounts *accounts;
};

static bool has_to_leave(int proc, uint32_t uid, const void *context)
{
        const struct place *place = context;
        return (!place->transfer || !gate_passes(place->transfer, place->accounts, uid)) && is_in(proc, place->folder);
}

void end_in(const char *folder, const struct transfer *transfer, const struct accounts *accounts)
{
        const struct place place = {folder, transfer, accounts};
        end_chosen(has_to_leave, &place);
}

static bool is_disabled(int proc, uint32_t uid, const void *context)
{
        /* A container may have numbers like these: only who is confined to what is shown. */
        if (is_of_directory(uid))
                return leads_into(proc, "root", SHOWN "/") && (access(DIRECTORY, F_OK) != 0 || is_let_go(uid));
        const struct account *account = accounts_numbered(context, uid);
        return !account || !account_enabled(context, account->name);
}

void end_disabled(const struct accounts *accounts)
{
        end_chosen(is_disabled, accounts);
}
