/* Dates as HTTP writes them, whatever the locale.
 * Rights: the front end; none needed. */
#include "http/text.h"

#include <stdio.h>
#include <string.h>

static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void http_date(time_t when, char ret_text[HTTP_DATE_SIZE])
{
        struct tm utc;
        (void)gmtime_r(&when, &utc);
        /* Four digits of the year until 9999; what is beyond would not fit anywhere. */
        (void)snprintf(ret_text, HTTP_DATE_SIZE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days + 3 * utc.tm_wday,
                       (unsigned)utc.tm_mday % 100, months + 3 * utc.tm_mon, ((unsigned)utc.tm_year + 1900) % 10000,
                       (unsigned)utc.tm_hour % 100, (unsigned)utc.tm_min % 100, (unsigned)utc.tm_sec % 100);
}

/* Two digits at text[at], or -1. */
static int two(const char *text, size_t at)
{
        if (text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9')
                return -1;
        return (text[at] - '0') * 10 + text[at + 1] - '0';
}

static int name_of(const char *names, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (memcmp(names + 3 * i, name, 3) == 0)
                        return (int)i;
        return -1;
}

time_t http_date_read(struct http_text text)
{
        static const char form[] = "???, ## ??? #### ##:##:## GMT";
        const char *at = text.bytes;
        if (text.length != sizeof form - 1)
                return -1;
        for (size_t i = 0; i < text.length; i++)
                if (form[i] != '?' && form[i] != '#' && form[i] != at[i])
                        return -1;
        int high = two(at, 12), low = two(at, 14), day = two(at, 5), month = name_of(months, 12, at + 8);
        int hour = two(at, 17), minute = two(at, 20), second = two(at, 23);
        if (high < 19 || low < 0 || day < 1 || day > 31 || month < 0 || hour < 0 || hour > 23 || minute < 0 ||
            minute > 59 || second < 0 || second > 60 || name_of(days, 7, at) < 0)
                return -1;
        struct tm utc = {.tm_year = high * 100 + low - 1900,
                         .tm_mon = month,
                         .tm_mday = day,
                         .tm_hour = hour,
                         .tm_min = minute,
                         .tm_sec = second};
        return timegm(&utc);
}
