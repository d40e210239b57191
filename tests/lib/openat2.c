/* valgrind of Debian 12 does not know openat2. Preloaded, this answers it with openat and a look at the path that is
 * good enough for tests; it is part of no program.
 * Rights: a test's. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Folder by folder, no link followed. */
static long open_below(int directory, const char *path, const struct open_how *how)
{
        char name[256];
        const char *slash = strchr(path, '/');
        size_t length = slash == NULL ? strlen(path) : (size_t)(slash - path);
        if (length == 0 || length >= sizeof name || (length == 2 && memcmp(path, "..", 2) == 0)) {
                errno = EXDEV;
                return -1;
        }
        memcpy(name, path, length);
        name[length] = '\0';
        if (slash == NULL)
                return openat(directory, name, (int)how->flags | O_NOFOLLOW, (mode_t)how->mode);
        struct stat status;
        int below = openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (below < 0)
                return -1;
        long result = -1;
        if (fstat(below, &status) == 0 && S_ISLNK(status.st_mode))
                errno = ELOOP;
        else
                result = open_below(below, slash + 1, how);
        int error = errno;
        close(below);
        errno = error;
        return result;
}

long syscall(long number, ...) /* NOLINT: libc's name for it is not ours */
{
        long given[6];
        va_list args;
        va_start(args, number);
        for (int i = 0; i < 6; i++)
                given[i] = va_arg(args, long);
        va_end(args);
        if (number == SYS_openat2)
                return open_below((int)given[0], (const char *)given[1], (const struct open_how *)given[2]);
        long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
        return real(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
