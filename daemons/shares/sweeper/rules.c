/* What a share's file says of its recycle bin. The file was made by the shares hand of lines that the same types allow.
 * Rights: none; pure functions. */
#include "daemons/shares/sweeper/sweeper.h"

#include "base/log.h"
#include "value/setting.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

enum { GIBIBYTE_BITS = 30, DAYS_MAX = 36500 };

static uint64_t number_of(const char *text, const char *key)
{
        size_t length;
        const char *value = setting_find(text, key, &length);
        return value ? strtoull(value, NULL, 10) : 0;
}

bool rules_read(const char *text, struct rules *ret_rules)
{
        ASSERT(text && ret_rules);
        size_t length = 0;
        const int64_t days = (int64_t)number_of(text, "bulkhead:recycle days");
        struct rules rules = {.days = days < DAYS_MAX ? days : DAYS_MAX,
                              .most_size = number_of(text, "bulkhead:recycle max") << GIBIBYTE_BITS};
        const char *path = setting_find(text, "path", &length);
        if (!path || length >= sizeof(rules.path) || (rules.days <= 0 && rules.most_size == 0))
                return false;
        rules.homes = setting_folder_length(path, length) < length;
        length = setting_folder_length(path, length);
        memcpy(rules.path, path, length);
        *ret_rules = rules;
        return value_is(&value_served_path, rules.path, length);
}
