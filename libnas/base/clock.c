/* Time.
 * Rights: every process; clock_boot_id reads /proc once, before the jail. */
#include "base/clock.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

uint64_t clock_boot_ms(void)
{
        struct timespec now;
        int done = clock_gettime(CLOCK_BOOTTIME, &now);
        ASSERT(done == 0);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t clock_real_us(void)
{
        struct timespec now;
        int done = clock_gettime(CLOCK_REALTIME, &now);
        ASSERT(done == 0);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_real_s(void)
{
        return clock_real_us() / 1000000;
}

void clock_format(int64_t real_us, char ret_text[RFC3339_SIZE])
{
        int64_t micro = real_us % 1000000;
        time_t seconds = (time_t)(real_us / 1000000);
        if (micro < 0) {
                micro += 1000000;
                seconds--;
        }
        struct tm when;
        if (gmtime_r(&seconds, &when) == NULL)
                when = (struct tm){.tm_mday = 1, .tm_year = 70};
        char day[24];
        size_t length = strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &when);
        ASSERT(length != 0);
        (void)snprintf(ret_text, RFC3339_SIZE, "%s.%06dZ", day, (int)micro);
}

int clock_boot_id(uint8_t ret_id[BOOT_ID_BYTES])
{
        char text[64], digits[2 * BOOT_ID_BYTES];
        int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        ssize_t length = read(fd, text, sizeof text);
        int error = errno;
        (void)close(fd);
        if (length < 0)
                return -error;
        size_t count = 0;
        for (ssize_t i = 0; i < length && count < sizeof digits; i++)
                if (text[i] != '-')
                        digits[count++] = text[i];
        return text_unhex(digits, count, ret_id, BOOT_ID_BYTES) == 0 ? 0 : -EBADMSG;
}
