/* The types zfs_layout, zfs_part and zfs_number: how a pool of ZFS's lies on its disks, what it becomes larger by, and by
 * which number it knows a disk; and the number of such a pool.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"
#include "value/zfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 20 };

static bool check_layout(const char *text, size_t length)
{
        static const char *const words[] = {"single", "raid1", "raid10", "raidz1", "raidz2", "raidz3", NULL};
        return shape_is_one_of(text, length, words);
}

static bool check_part(const char *text, size_t length)
{
        return shape_is_one_of(text, length, (const char *const[]){"mirror", "raidz1", "raidz2", "raidz3", NULL});
}

static bool check_number(const char *text, size_t length)
{
        size_t digits = 0;
        while (digits < length && text[digits] >= '0' && text[digits] <= '9')
                digits++;
        return length > 0 && length <= DIGITS_MAX && digits == length && text[0] != '0';
}

const struct value_type value_zfs_layout = {
        .name = "zfs_layout",
        .says = "single, raid1, raid10, raidz1, raidz2 or raidz3",
        .pattern = "^(single|raid1|raid10|raidz1|raidz2|raidz3)$",
        .example = "raidz2",
        .max_bytes = 6,
        .check = check_layout,
};

const struct value_type value_zfs_part = {
        .name = "zfs_part",
        .says = "mirror, raidz1, raidz2 or raidz3",
        .pattern = "^(mirror|raidz1|raidz2|raidz3)$",
        .example = "mirror",
        .max_bytes = 6,
        .check = check_part,
};

const struct value_type value_zfs_number = {
        .name = "zfs_number",
        .says = "a number of 1 to 20 digits, as ZFS writes it",
        .pattern = "^[1-9][0-9]{0,19}$",
        .example = "13863313170584355442",
        .max_bytes = DIGITS_MAX,
        .check = check_number,
};

bool zfs_uuid(const char *digits, char ret_uuid[ZFS_UUID_SIZE])
{
        const size_t length = strspn(digits, "0123456789");
        if (length == 0 || length > DIGITS_MAX || digits[length] != '\0')
                return false;
        const unsigned long long number = strtoull(digits, NULL, 10);
        snprintf(ret_uuid, ZFS_UUID_SIZE, ZFS_UUID "%04llx-%012llx", number >> 48, number & 0xffffffffffffULL);
        return true;
}
