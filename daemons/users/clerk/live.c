/* The accounts now: read from /etc, and again when a file there is replaced (the tools rename a new one into place).
 * Rights: the users clerk; reads /etc/passwd and /etc/group and watches /etc. */
#include "daemons/users/clerk/accounts.h"

#include "base/log.h"
#include "base/mem.h"
#include "serve/clerk.h"
#include "sys/file.h"
#include "sys/folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ACCOUNT_FILE_MAX = 16 * 1024 * 1024 };

static struct {
        struct accounts *now;
        int directory;
        struct folders folders;
        void (*changed)(void);
} live = {.directory = -1};

static void close_file(FILE **file)
{
        if (*file)
                fclose(*file);
}

/* Kept open while it is what we know, so that its number cannot come back for another. */
struct seen {
        const char *name;
        int fd;
        struct stat status;
};
static struct seen seen[] = {{.name = "passwd", .fd = -1}, {.name = "group", .fd = -1}};

static bool is_seen(const struct seen *one)
{
        struct stat now;
        const struct stat *then = &one->status;
        return one->fd >= 0 && fstatat(live.directory, one->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
               now.st_dev == then->st_dev && now.st_ino == then->st_ino && now.st_size == then->st_size &&
               memcmp(&now.st_mtim, &then->st_mtim, sizeof(now.st_mtim)) == 0 &&
               memcmp(&now.st_ctim, &then->st_ctim, sizeof(now.st_ctim)) == 0;
}

/* In memory: glibc's readers ask for their place in it at each line, which in a file would be a system call each. */
static FILE *read_file(struct seen *one, uint8_t **ret_bytes)
{
        size_t length = 0;
        fd_closep(&one->fd);
        one->fd = file_open_below(live.directory, one->name, O_RDONLY, 0);
        if (one->fd < 0 || fstat(one->fd, &one->status) != 0 ||
            file_read_below(live.directory, one->name, ACCOUNT_FILE_MAX, ret_bytes, &length) != 0)
                return NULL;
        return fmemopen(*ret_bytes, length, "re");
}

static void free_bytes(uint8_t **bytes)
{
        free(*bytes);
}

/* What cannot be read changes nothing: the last state stays, and the log says so. */
static bool load(void)
{
        CLEANUP(free_bytes) uint8_t *passwd_bytes = NULL, *group_bytes = NULL;
        CLEANUP(close_file) FILE *passwd = read_file(&seen[0], &passwd_bytes);
        CLEANUP(close_file) FILE *group = read_file(&seen[1], &group_bytes);
        struct accounts *accounts = passwd && group ? accounts_parse(passwd, group) : NULL;
        if (!accounts) {
                fd_closep(&seen[0].fd); /* so that it is tried again */
                return false;
        }
        accounts_free(live.now);
        live.now = accounts;
        return true;
}

int accounts_prepare(void)
{
        live.directory = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (live.directory < 0)
                return -errno;
        int error = folders_open(&live.folders);
        if (error == 0)
                error = folders_add(&live.folders, "/etc", IN_MOVED_TO | IN_CLOSE_WRITE);
        if (error != 0)
                return error;
        return load() ? 0 : -EIO;
}

static void look_again(void *context)
{
        (void)context;
        accounts_reload();
}

void accounts_watch(void (*changed)(void))
{
        ASSERT(live.now && changed);
        live.changed = changed;
        folders_watch(&live.folders, clerk.loop, 0, look_again, NULL);
}

const struct accounts *accounts_now(void)
{
        ASSERT(live.now);
        return live.now;
}

void accounts_reload(void)
{
        if (is_seen(&seen[0]) && is_seen(&seen[1]))
                return;
        if (!load())
                log_warn("the account files cannot be read; going on with what they said before");
        else if (live.changed)
                live.changed();
}
