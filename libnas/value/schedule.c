/* The type schedule: the name of a schedule, with which the names of its snapshots begin.
 * Rights: every process; none needed. */
#include "value/schedule.h"
#include "base/log.h"
#include "value/shape.h"
#include "value/types.h"
#include <string.h>
#include <time.h>

static bool check(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS "-") && strchr(SHAPE_LOWER, text[0]) != NULL &&
               text[length - 1] != '-';
}

const struct value_type value_schedule = {
        .name = "schedule",
        .says = "1 to 20 small letters, digits and -, first a letter, last not -",
        .pattern = "^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$",
        .example = "hourly",
        .max_bytes = 20,
        .check = check,
};

static const char *line_of(char **text, const char *key, const struct value_type *type)
{
        const char *line = *text ? strsep(text, "\n") : NULL;
        size_t length = strlen(key);
        if (!line || strncmp(line, key, length) != 0 || line[length] != ' ')
                return NULL;
        line += length + 1;
        length = strlen(line);
        return length > 0 && value_is(type, line, length) ? line : NULL;
}

bool schedule_order_read(char *text, struct schedule_order *ret_order)
{
        ASSERT(text && ret_order);
        ret_order->pool = line_of(&text, "pool", &value_pool_name);
        ret_order->dataset = line_of(&text, "dataset", &value_dataset);
        ret_order->every = line_of(&text, "every", &value_period);
        ret_order->at = line_of(&text, "at", &value_clock_time);
        ret_order->keep = line_of(&text, "keep", &value_keep_rule);
        return ret_order->pool && ret_order->dataset && ret_order->every && ret_order->at && ret_order->keep;
}

int64_t schedule_period_s(const char *every)
{
        static const struct {
                const char *word;
                int64_t seconds;
        } periods[] = {{"hour", 3600}, {"day", 86400}, {"week", 7 * 86400}, {"month", 28 * 86400}};
        ASSERT(every);
        for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
                if (strcmp(periods[i].word, every) == 0)
                        return periods[i].seconds;
        return 0;
}

int64_t schedule_moment(const char *order, const char *snapshot)
{
        ASSERT(order && snapshot);
        struct tm parts = {0};
        const size_t length = strlen(order), mark = sizeof(SCHEDULE_MARK) - 1;
        if (strncmp(snapshot, order, length) != 0 || strncmp(snapshot + length, SCHEDULE_MARK, mark) != 0)
                return 0;
        const char *end = strptime(snapshot + length + mark, SCHEDULE_FORMAT, &parts);
        int64_t at = end && *end == '\0' ? (int64_t)timegm(&parts) : 0;
        return at > 0 ? at : 0;
}
