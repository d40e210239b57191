/* Files: whole, bounded, and by descriptor. */
#ifndef BULKHEAD_SYS_FILE_H
#define BULKHEAD_SYS_FILE_H

#include "base/arena.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

void fd_closep(int *fd); /* for CLEANUP; keeps errno */
#define CLEANUP_FD CLEANUP(fd_closep)
/* Hands a descriptor out of a CLEANUP_FD variable: return TAKE_FD(fd); */
#define TAKE_FD(fd)                                                                                                    \
        ({                                                                                                             \
                int taken_ = (fd);                                                                                     \
                (fd) = -1;                                                                                             \
                taken_;                                                                                                \
        })

/* Opens below dir_fd and never outside it: openat2(RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS),
 * O_CLOEXEC added. The descriptor or -errno. */
int file_open_below(int dir_fd, const char *path, int flags, mode_t mode);

/* A folder, not by way of a link. The descriptor or -errno. */
int file_directory(const char *path);
/* What is mounted on the folder name (one part, already checked) of place; -ENODEV: nothing, so what lies there is on
 * the disk of place itself. A new descriptor or -errno. */
int file_mounted(const char *place, const char *name, int flags);
/* Is it the folder at the top of a file system of ZFS's? */
bool file_is_zfs_top(int fd);
/* A word of /proc/self/mountinfo, where blanks, tabs, line feeds and backslashes are written as \ooo. In place. */
char *file_mount_text(char *text);
/* What is in it, read from its beginning, or NULL with errno; CLEANUP(listing_closep). */
DIR *file_list(int dir_fd);
void listing_closep(DIR **listing);

/* Reads a whole file of at most max bytes. 0 with malloced, NUL-terminated bytes, or -errno (-EFBIG). */
int file_read_below(int dir_fd, const char *path, size_t max, uint8_t **ret_bytes, size_t *ret_length);

/* The same as a text in the arena; NULL: it cannot be read. */
char *file_text_below(int dir_fd, const char *path, size_t max, struct arena *arena);
/* What comes of a pipe, or of a file whose size says nothing, to its end; NULL: that is more than max, or cannot be read. */
char *file_text_of(int fd, size_t max, struct arena *arena);

/* The only way a file is replaced: written under a temporary name in the same directory, fchmod,
 * fchown when owner is not -1, fsync, rename, fsync of the directory. All or nothing: 0 or -errno. */
int file_replace(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode, uid_t owner, gid_t group);

/* The same without giving it away. */
int file_put(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode);
/* The same, unless that is what it holds already. */
int file_keep(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode);
/* A file of exactly length secret bytes: reads it; when there is none, makes it of random bytes. 0 or -errno. */
int file_secret(int dir_fd, const char *name, uint8_t *ret_bytes, size_t length);

/* A file of that size as memory that all who open it share, made of zeros when there is none. 0 or -errno. */
int file_share(int dir_fd, const char *name, size_t size, void **ret_memory);

/* Creates it (O_EXCL), writes, fsyncs file and directory. 0 or -errno (-EEXIST). */
int file_create(int dir_fd, const char *name, const void *bytes, size_t length, mode_t mode);
/* Removes what file_replace left there when it was killed, at least that old; nothing in a directory of somebody
 * else's. How many, or -errno. */
int file_sweep(int dir_fd, unsigned older_s);
/* Removes the folder name in the folder place, that was to become a copy of the folder like: only when it and all in it
 * is the owner's, or root's still, and nothing is in it but plain files that are there too and no longer than there.
 * 0, also when there is none; -ENOTEMPTY: it holds something else, and stays as it is. */
int file_unmake(const char *place, const char *name, const char *like, uid_t owner);
/* unlinkat and fsync of the directory. 0 or -errno; -ENOENT is 0. */
int file_remove(int dir_fd, const char *name);
/* write(2) until all is out. 0 or -errno. */
int file_write_all(int fd, const void *bytes, size_t length);

#endif
