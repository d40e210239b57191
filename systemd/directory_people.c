/* bulkhead-directory-people FILE: who of the directory has something running here and is let in no more.
 *
 * Their numbers are written to FILE, a line each, if there are any or were the last time; PID 1 has them disconnected
 * then (bulkhead-transfers-end). Somebody is let in no more when they are disabled there or gone, or have left a group
 * by which what they have running was let through. Who cannot be asked about stays: that says nothing of them.
 *
 * Rights: root's name and none of its rights; reads /proc, asks sssd, ends nobody. Run by PID 1, every some seconds
 * while there is a directory. */
#include "base/mem.h"
#include "sys/file.h"
#include "value/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SERVICE "bulkhead-files"
enum { PEOPLE_MAX = 4096, GROUPS_MAX = 4096, STATUS_MAX = 256 * 1024 };
/* sssd says for so long that somebody is not there when it could not know yet (systemd/directory.conf), and a bit. */
enum { AGAIN_S = 7 };

static struct {
        uint32_t list[PEOPLE_MAX];
        size_t count;
} gone;

static bool is_directorys(unsigned long number)
{
        return number >= DIRECTORY_FIRST && number <= DIRECTORY_LAST;
}

static int says_nothing(int count, const struct pam_message **messages, struct pam_response **ret_responses, void *none)
{
        (void)count;
        (void)messages;
        (void)ret_responses;
        (void)none;
        return PAM_CONV_ERR;
}

/* May they have an account here, as when they sign in? Also when that cannot be said. */
static bool may_enter(const char *name)
{
        const struct pam_conv conversation = {says_nothing, NULL};
        pam_handle_t *pam = NULL;
        if (pam_start(SERVICE, name, &conversation, &pam) != PAM_SUCCESS)
                return true;
        const int result = pam_acct_mgmt(pam, PAM_SILENT);
        pam_end(pam, result);
        return result != PAM_ACCT_EXPIRED && result != PAM_PERM_DENIED && result != PAM_USER_UNKNOWN;
}

static bool is_among(const gid_t *groups, int count, unsigned long group)
{
        for (int i = 0; i < count; i++)
                if (groups[i] == group)
                        return true;
        return false;
}

/* Are they still in each group of the directory's that the process has? line: as /proc says them, and more lines, which
 * begin with words. */
static bool has_groups(const struct passwd *person, const char *line)
{
        gid_t groups[GROUPS_MAX];
        int count = GROUPS_MAX;
        if (getgrouplist(person->pw_name, person->pw_gid, groups, &count) < 0)
                return true; /* more than anybody can be in at a time */
        char *end;
        for (unsigned long group = strtoul(line, &end, 10); end != line; group = strtoul(line, &end, 10)) {
                if (is_directorys(group) && !is_among(groups, count, group))
                        return false;
                line = end;
        }
        return true;
}

/* uid, and the groups of one of their processes. */
static bool is_let_in(uint32_t uid, const char *groups)
{
        const struct passwd *person = getpwuid(uid);
        return person && may_enter(person->pw_name) && (person = getpwuid(uid)) && has_groups(person, groups);
}

static bool is_gone(uint32_t uid)
{
        for (size_t i = 0; i < gone.count; i++)
                if (gone.list[i] == uid)
                        return true;
        return false;
}

static void judge(const char *status)
{
        const char *line = strstr(status, "\nUid:\t"), *effective = line ? strchr(line + 6, '\t') : NULL,
                   *groups = strstr(status, "\nGroups:\t");
        const unsigned long uid = effective ? strtoul(effective, NULL, 10) : 0;
        if (!groups || !is_directorys(uid) || is_gone((uint32_t)uid) || gone.count == PEOPLE_MAX)
                return;
        if (!is_let_in((uint32_t)uid, groups + strlen("\nGroups:\t")))
                gone.list[gone.count++] = (uint32_t)uid;
}

static void look(void)
{
        CLEANUP(listing_closep) DIR *listing = opendir("/proc");
        gone.count = 0;
        for (struct dirent *entry; listing && (entry = readdir(listing));) {
                if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
                        continue;
                CLEANUP_FD int proc = openat(dirfd(listing), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                uint8_t *bytes = NULL;
                size_t length;
                if (proc >= 0 && file_read_below(proc, "status", STATUS_MAX, &bytes, &length) == 0)
                        judge((char *)bytes);
                free(bytes);
        }
}

/* Or is nobody there to be asked? */
static bool sssd_listens(void)
{
        static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/var/lib/sss/pipes/nss"};
        CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static int write_down(const char *path)
{
        struct stat status;
        if (gone.count == 0 && (stat(path, &status) != 0 || status.st_size == 0))
                return 0; /* as the last time: whoever waits for it to be written is not woken */
        CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        for (size_t i = 0; i < gone.count; i++)
                if (dprintf(fd, "%u\n", gone.list[i]) < 0)
                        return -errno;
        return 0;
}

int main(int argc, char **argv)
{
        if (argc != 2)
                return EXIT_FAILURE;
        look();
        if (gone.count > 0) { /* sssd may have just been started, or ended */
                sleep(AGAIN_S);
                look();
                gone.count = sssd_listens() ? gone.count : 0;
        }
        const int result = write_down(argv[1]);
        if (result != 0)
                fprintf(stderr, "%s: %s\n", argv[1], strerror(-result));
        return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
