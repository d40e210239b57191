/* Dates as HTTP writes them, whatever the locale.
 * Rights: the front end; none needed. */
#include "http/text.h"

#include <stdbool.h>
#include <stdint.h>
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

/* Of a form: two digits. */
static int two(const char *text, size_t at)
{
        return (text[at] - '0') * 10 + text[at + 1] - '0';
}

static int name_of(const char *names, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (memcmp(names + 3 * i, name, 3) == 0)
                        return (int)i;
        return -1;
}

/* "#": a digit, "_": a digit or a blank, "*": of a name; anything else stands for itself. Servers write only the first
 * form; RFC 9110, 5.6.7 has all three read. */
static const struct form {
        const char *text;
        uint8_t day, month, year, time;
        bool two_digits; /* of the year */
} forms[] = {
        {"***, ## *** #### ##:##:## GMT", 5, 8, 12, 17, false},
        {"*** *** _# ##:##:## ####", 8, 4, 20, 11, false},
        {", ##-***-## ##:##:## GMT", 2, 5, 9, 12, true}, /* behind a whole weekday */
};

static bool fits(char byte, char form)
{
        if (form == '#' || (form == '_' && byte != ' '))
                return byte >= '0' && byte <= '9';
        return form == '*' || form == '_' || form == byte;
}

static bool has_form(struct http_text text, const char *form)
{
        if (text.length != strlen(form))
                return false;
        for (size_t i = 0; i < text.length; i++)
                if (!fits(text.bytes[i], form[i]))
                        return false;
        return true;
}

static int year_at(const char *at, const struct form *form)
{
        int high = two(at, form->year), low = form->two_digits ? high : two(at, form->year + 2u);
        return form->two_digits ? low + (low < 70 ? 2000 : 1900) : high * 100 + low;
}

static time_t read_form(const char *at, const struct form *form)
{
        int day = at[form->day] == ' ' ? at[form->day + 1] - '0' : two(at, form->day);
        struct tm utc = {.tm_year = year_at(at, form) - 1900,
                         .tm_mon = name_of(months, 12, at + form->month),
                         .tm_mday = day,
                         .tm_hour = two(at, form->time),
                         .tm_min = two(at, form->time + 3u),
                         .tm_sec = two(at, form->time + 6u)};
        int month = utc.tm_mon;
        if (utc.tm_year < 0 || month < 0 || day < 1 || utc.tm_hour > 23 || utc.tm_min > 59 || utc.tm_sec > 60)
                return -1;
        int leap = utc.tm_sec == 60;
        utc.tm_sec -= leap;
        time_t when = timegm(&utc);
        return utc.tm_mon == month && utc.tm_mday == day ? when + leap : -1; /* else there is no such day */
}

time_t http_date_read(struct http_text text)
{
        const char *comma = text.length < 3 ? NULL : memchr(text.bytes + 3, ',', text.length - 3);
        size_t weekday = comma == NULL ? 0 : (size_t)(comma - text.bytes);
        if (text.length < 3 || name_of(days, 7, text.bytes) < 0)
                return -1;
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
                size_t skipped = forms[i].two_digits ? weekday : 0;
                struct http_text rest = {text.bytes + skipped, text.length - skipped};
                if (has_form(rest, forms[i].text))
                        return read_form(rest.bytes, &forms[i]);
        }
        return -1;
}
