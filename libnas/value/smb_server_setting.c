/* The type smb_server_setting: one line of what Samba is told of itself.
 * Rights: every process; none needed. */
#include "value/setting.h"
#include "value/types.h"

#define LIST(...)                                                                                                      \
        (const char *const[])                                                                                          \
        {                                                                                                              \
                __VA_ARGS__, NULL                                                                                      \
        }

static bool is_workgroup(const char *text, size_t length)
{
        return value_is(&value_workgroup, text, length);
}

/* clang-format off */
static const struct setting table[] = {
        {"workgroup", is_workgroup, NULL},
        {"server string", setting_text, NULL},
        {"server min protocol", NULL, LIST("SMB2_10", "SMB3_00", "SMB3_11")},
        {"server signing", NULL, LIST("default", "mandatory")},
        {"smb encrypt", NULL, LIST("default", "desired", "required")},
        {"map to guest", NULL, LIST("Never", "Bad User")},
        {NULL, NULL, NULL},
};
/* clang-format on */

static bool check(const char *text, size_t length)
{
        return setting_is_one(text, length, table);
}

const struct value_type value_smb_server_setting = {
        .name = "smb_server_setting",
        .says = "one of the lines that Bulkhead writes about Samba itself, \"key = value\"",
        .pattern = NULL,
        .example = "server min protocol = SMB3_00",
        .max_bytes = 256,
        .check = check,
};
