/* Files: whole, bounded, by descriptor, and replaced all or nothing.
 * Rights: every process; touches only below the directories it is given. */
#include "sys/file.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void fd_closep(int *fd)
{
        int saved = errno;
        if (*fd >= 0)
                (void)close(*fd);
        *fd = -1;
        errno = saved;
}

int file_open_below(int dir_fd, const char *path, int flags, mode_t mode)
{
        ASSERT(path != NULL);
        struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC),
                               .mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? mode : 0,
                               .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
        long fd;
        do
                fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
        while (fd < 0 && (errno == EINTR || errno == EAGAIN));
        return fd < 0 ? -errno : (int)fd;
}

/* Reads until the end or until one byte more than max. */
static int read_all(int fd, uint8_t *bytes, size_t max, size_t *ret_length)
{
        size_t have = 0;
        while (have <= max) {
                ssize_t got = read(fd, bytes + have, max + 1 - have);
                if (got == 0)
                        break;
                if (got < 0 && errno == EINTR)
                        continue;
                if (got < 0)
                        return -errno;
                have += (size_t)got;
        }
        *ret_length = have;
        return have > max ? -EFBIG : 0;
}

int file_directory(const char *path)
{
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd >= 0 ? fd : -errno;
}

DIR *file_list(int dir_fd)
{
        CLEANUP_FD int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
        if (listing)
                (void)TAKE_FD(fd); /* closed with it */
        return listing;
}

void listing_closep(DIR **listing)
{
        if (*listing)
                closedir(*listing);
}

int file_read_below(int dir_fd, const char *path, size_t max, uint8_t **ret_bytes, size_t *ret_length)
{
        /* Else whoever puts a pipe in a file's place has its reader wait for ever. */
        CLEANUP_FD int fd = file_open_below(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        if (fd < 0)
                return fd;
        struct stat status;
        if (fstat(fd, &status) != 0)
                return -errno;
        /* Size says how much to expect; files that grow are still bounded by max. */
        size_t room = S_ISREG(status.st_mode) && (size_t)status.st_size < max ? (size_t)status.st_size + 1 : max;
        uint8_t *bytes = mem_new(room + 2, 1);
        size_t length = 0;
        int result = read_all(fd, bytes, room, &length);
        if (result == -EFBIG && room < max) {
                free(bytes);
                bytes = mem_new(max + 2, 1);
                if (lseek(fd, 0, SEEK_SET) < 0)
                        result = -errno;
                else
                        result = read_all(fd, bytes, max, &length);
        }
        if (result != 0) {
                free(bytes);
                return result;
        }
        bytes[length] = '\0';
        *ret_bytes = bytes;
        *ret_length = length;
        return 0;
}

char *file_text_below(int dir_fd, const char *path, size_t max, struct arena *arena)
{
        ASSERT(path && arena);
        uint8_t *bytes = NULL;
        size_t length = 0;
        char *text = file_read_below(dir_fd, path, max, &bytes, &length) == 0
                             ? arena_text(arena, (const char *)bytes, length)
                             : NULL;
        free(bytes);
        return text;
}

char *file_text_of(int fd, size_t max, struct arena *arena)
{
        ASSERT(arena);
        size_t room = (size_t)64 * 1024, length = 0;
        char *text = arena_alloc(arena, room);
        for (ssize_t got; (got = read(fd, text + length, room - 1 - length)) != 0;) {
                if (got < 0 && errno == EINTR)
                        continue;
                length += got > 0 ? (size_t)got : 0;
                if (got < 0 || length > max)
                        return NULL;
                if (length < room - 1)
                        continue;
                char *more = arena_alloc(arena, room *= 2);
                memcpy(more, text, length);
                text = more;
        }
        text[length] = '\0';
        return text;
}

int file_write_all(int fd, const void *bytes, size_t length)
{
        const uint8_t *at = bytes;
        while (length != 0) {
                ssize_t put = write(fd, at, length);
                if (put < 0 && errno == EINTR)
                        continue;
                if (put < 0)
                        return -errno;
                at += put;
                length -= (size_t)put;
        }
        return 0;
}

static int write_synced(int fd, const void *bytes, size_t length)
{
        int result = file_write_all(fd, bytes, length);
        return result != 0 ? result : fsync(fd) != 0 ? -errno : 0;
}

static int sync_directory(int dir_fd)
{
        CLEANUP_FD int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return fsync(fd) != 0 ? -errno : 0;
}

static int fill_temporary(int fd, const void *bytes, size_t length, mode_t mode, const uid_t owner[2])
{
        if (fchmod(fd, mode) != 0)
                return -errno;
        int result = write_synced(fd, bytes, length);
        if (result != 0)
                return result;
        /* Last, because who gives a file away may no longer write it. */
        if ((owner[0] != (uid_t)-1 || owner[1] != (uid_t)-1) && fchown(fd, owner[0], owner[1]) != 0)
                return -errno;
        return 0;
}

int file_replace(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode, uid_t owner, gid_t group)
{
        ASSERT(name != NULL && strchr(name, '/') == NULL);
        uint8_t random[8];
        char suffix[2 * sizeof random + 1], temporary[NAME_MAX + 1];
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
                return -EIO;
        text_hex(random, sizeof random, suffix);
        if (snprintf(temporary, sizeof temporary, ".%s.%s", name, suffix) >= (int)sizeof temporary)
                return -ENAMETOOLONG;
        CLEANUP_FD int fd = file_open_below(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (fd < 0)
                return fd;
        int result = fill_temporary(fd, bytes, length, mode, (const uid_t[2]){owner, group});
        if (result == 0 && renameat(dir_fd, temporary, dir_fd, name) != 0)
                result = -errno;
        if (result != 0) {
                (void)unlinkat(dir_fd, temporary, 0);
                return result;
        }
        return sync_directory(dir_fd);
}

int file_put(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode)
{
        return file_replace(dir_fd, name, bytes, length, mode, (uid_t)-1, (gid_t)-1);
}

int file_keep(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode)
{
        ASSERT(name && (bytes || length == 0));
        uint8_t *was = NULL;
        size_t got = 0;
        bool same = file_read_below(dir_fd, name, length + 1, &was, &got) == 0 && was && got == length &&
                    memcmp(was, bytes, length) == 0;
        if (was)
                crypto_wipe(was, got);
        free(was);
        return same ? 0 : file_put(dir_fd, name, bytes, length, mode);
}

int file_secret(int dir_fd, const char *name, uint8_t *ret_bytes, size_t length)
{
        ASSERT(name != NULL && ret_bytes != NULL);
        uint8_t *bytes = NULL;
        size_t got = 0;
        int result = file_read_below(dir_fd, name, length, &bytes, &got);
        if (result == -ENOENT) {
                crypto_random(ret_bytes, length);
                return file_put(dir_fd, name, ret_bytes, length, 0600);
        }
        if (result == 0 && bytes != NULL && got == length)
                memcpy(ret_bytes, bytes, length);
        else if (result == 0)
                result = -EBADMSG;
        if (bytes != NULL)
                crypto_wipe(bytes, got);
        free(bytes);
        return result;
}

int file_create(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode)
{
        ASSERT(name != NULL && strchr(name, '/') == NULL);
        CLEANUP_FD int fd = file_open_below(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (fd < 0)
                return fd;
        int result = write_synced(fd, bytes, length);
        if (result == 0)
                result = sync_directory(dir_fd);
        if (result != 0)
                (void)unlinkat(dir_fd, name, 0);
        return result;
}

int file_remove(int dir_fd, const char *name)
{
        ASSERT(name != NULL && strchr(name, '/') == NULL);
        if (unlinkat(dir_fd, name, 0) != 0)
                return errno == ENOENT ? 0 : -errno;
        return sync_directory(dir_fd);
}

int file_share(int dir_fd, const char *name, size_t size, void **ret_memory)
{
        ASSERT(name && ret_memory);
        CLEANUP_FD int fd = file_open_below(dir_fd, name, O_RDWR | O_CREAT, 0600);
        if (fd < 0)
                return fd;
        void *memory = ftruncate(fd, (off_t)size) == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                                                       : MAP_FAILED;
        if (memory == MAP_FAILED)
                return -errno;
        *ret_memory = memory;
        return 0;
}
