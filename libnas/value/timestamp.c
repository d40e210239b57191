/* The type timestamp: a moment.
 * Rights: every process; none needed. */
#include "value/timestamp.h"

#include "value/shape.h"
#include "value/types.h"

#include <time.h>

static unsigned two(const char *digits)
{
        return (unsigned)(digits[0] - '0') * 10 + (unsigned)(digits[1] - '0');
}

static bool is_day(unsigned year, unsigned month, unsigned day)
{
        static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool check(const char *text, size_t length)
{
        static const char form[] = "dddd-dd-ddTdd:dd:dd";
        if (length < sizeof form || text[length - 1] != 'Z')
                return false;
        for (size_t i = 0; i + 1 < sizeof form; i++)
                if (form[i] == 'd' ? !shape_only(text + i, 1, SHAPE_DIGITS) : text[i] != form[i])
                        return false;
        size_t rest = length - sizeof form;
        if (rest != 0 &&
            (rest > 7 || text[sizeof form - 1] != '.' || !shape_only(text + sizeof form, rest - 1, SHAPE_DIGITS)))
                return false;
        unsigned year = two(text) * 100 + two(text + 2);
        return year >= 1970 && is_day(year, two(text + 5), two(text + 8)) && two(text + 11) < 24 &&
               two(text + 14) < 60 && two(text + 17) < 60;
}

const struct value_type value_timestamp = {
        .name = "timestamp",
        .says = "a moment in UTC such as 2026-11-21T05:12:00Z",
        .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$",
        .example = "2099-12-31T23:59:59Z",
        .max_bytes = 27,
        .check = check,
};

int64_t timestamp_read(const char *text)
{
        struct tm when = {.tm_year = (int)(two(text) * 100 + two(text + 2)) - 1900,
                          .tm_mon = (int)two(text + 5) - 1,
                          .tm_mday = (int)two(text + 8),
                          .tm_hour = (int)two(text + 11),
                          .tm_min = (int)two(text + 14),
                          .tm_sec = (int)two(text + 17)};
        return timegm(&when);
}
