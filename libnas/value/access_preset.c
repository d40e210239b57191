/* The type access_preset: who may do what in a dataset, in a word.
 * Rights: every process; none needed. */
#include "value/access_preset.h"
#include "base/log.h"
#include "value/shape.h"
#include "value/types.h"

#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>

static const char *const words[] = {"private", "group_writes", "everyone_reads", NULL};
static const unsigned modes[] = {0700, 02770, 02775};

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, words);
}

const struct value_type value_access_preset = {
        .name = "access_preset",
        .says = "private, group_writes or everyone_reads",
        .pattern = "^(private|group_writes|everyone_reads)$",
        .example = "group_writes",
        .max_bytes = 14,
        .check = check,
};

unsigned access_preset_mode(const char *preset)
{
        ASSERT(preset);
        for (size_t i = 0; words[i]; i++)
                if (strcmp(words[i], preset) == 0)
                        return modes[i];
        return 0;
}

size_t access_preset_acl(unsigned mode, uint8_t ret_acl[ACCESS_PRESET_ACL_BYTES])
{
        ASSERT(ret_acl);
        static const struct {
                uint16_t tag;
                unsigned shift;
        } whose[] = {{ACL_USER_OBJ, 6}, {ACL_GROUP_OBJ, 3}, {ACL_OTHER, 0}};
        const struct posix_acl_xattr_header head = {.a_version = htole32(POSIX_ACL_XATTR_VERSION)};
        size_t at = sizeof(head);
        memcpy(ret_acl, &head, sizeof(head));
        for (size_t i = 0; i < sizeof(whose) / sizeof(whose[0]); i++) {
                const struct posix_acl_xattr_entry entry = {.e_tag = htole16(whose[i].tag),
                                                            .e_perm = htole16((uint16_t)(mode >> whose[i].shift & 7)),
                                                            .e_id = htole32((uint32_t)ACL_UNDEFINED_ID)};
                memcpy(ret_acl + at, &entry, sizeof(entry));
                at += sizeof(entry);
        }
        return at;
}

const char *access_preset_of(unsigned mode, const void *acl, size_t length)
{
        uint8_t expected[ACCESS_PRESET_ACL_BYTES];
        for (size_t i = 0; words[i]; i++)
                if (modes[i] == mode && acl && length == access_preset_acl(mode, expected) &&
                    memcmp(acl, expected, length) == 0)
                        return words[i];
        return NULL;
}
