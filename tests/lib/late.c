/* A clock that is wrong: preloaded, the time of day is so many seconds later as LATE says, or earlier. It is part of no
 * program. Rights: a test's. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t late;

__attribute__((constructor)) static void begin(void)
{
        const char *said = getenv("LATE");
        late = said == NULL ? 0 : (time_t)strtoll(said, NULL, 10);
}

/* Under names of their own, since the headers say of the parameters what does not hold for a test's. */
int late_clock(clockid_t clock, struct timespec *ret_now);
int late_day(struct timeval *ret_now, void *zone);
time_t late_time(time_t *ret_now);
int clock_gettime(clockid_t, struct timespec *) __attribute__((alias("late_clock")));
int gettimeofday(struct timeval *restrict, void *restrict) __attribute__((alias("late_day")));
time_t time(time_t *) __attribute__((alias("late_time")));

int late_clock(clockid_t clock, struct timespec *ret_now)
{
        const int result = (int)syscall(SYS_clock_gettime, clock, ret_now);
        if (result == 0 && clock == CLOCK_REALTIME)
                ret_now->tv_sec += late;
        return result;
}

int late_day(struct timeval *ret_now, void *zone)
{
        const int result = (int)syscall(SYS_gettimeofday, ret_now, zone);
        if (result == 0)
                ret_now->tv_sec += late;
        return result;
}

time_t late_time(time_t *ret_now)
{
        struct timespec now;
        late_clock(CLOCK_REALTIME, &now);
        if (ret_now != NULL)
                *ret_now = now.tv_sec;
        return now.tv_sec;
}
