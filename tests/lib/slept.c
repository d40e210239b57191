/* A machine that seems to have slept: preloaded, this puts forward the clock that goes on while a machine sleeps, by
 * the milliseconds that stand in the file that SLEPT names. Every process reads the same file, and the test writes it;
 * so ten minutes pass in a moment, for all at once. It is part of no program. Rights: a test's. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile uint64_t *slept_ms;

/* Before the fences stand. */
__attribute__((constructor)) static void begin(void)
{
        const char *name = getenv("SLEPT");
        int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
        void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *slept_ms, PROT_READ, MAP_SHARED, fd, 0);
        if (fd >= 0)
                close(fd);
        if (mapped != MAP_FAILED)
                slept_ms = mapped;
}

int slept_now(clockid_t clock, struct timespec *ret_now);
int clock_gettime(clockid_t, struct timespec *) __attribute__((alias("slept_now")));

int slept_now(clockid_t clock, struct timespec *ret_now)
{
        int result = (int)syscall(SYS_clock_gettime, clock, ret_now);
        if (result < 0 || clock != CLOCK_BOOTTIME || slept_ms == NULL)
                return result;
        uint64_t ms = *slept_ms;
        ret_now->tv_sec += (time_t)(ms / 1000);
        ret_now->tv_nsec += (long)(ms % 1000) * 1000000;
        ret_now->tv_sec += ret_now->tv_nsec / 1000000000;
        ret_now->tv_nsec %= 1000000000;
        return 0;
}
