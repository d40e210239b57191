/* What the file system lets somebody do in a folder (POSIX ACLs, and the mode where there is none), and from where a
 * share may be used.
 *
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "value/network.h"

#include <string.h>

/* As the kernel has them in system.posix_acl_access: a version, then entries, least byte first. */
enum { ACL_VERSION = 2, ENTRY_BYTES = 8, HEAD_BYTES = 4, ENTRIES_MAX = 512 };
enum tag { TAG_OWNER = 1, TAG_USER = 2, TAG_OWNING_GROUP = 4, TAG_GROUP = 8, TAG_MASK = 16, TAG_OTHERS = 32 };

struct entry {
        uint16_t tag, allows;
        uint32_t id;
};

static uint32_t number(const uint8_t *at, size_t bytes)
{
        uint32_t value = 0;
        for (size_t i = bytes; i-- > 0;)
                value = value << 8 | at[i];
        return value;
}

/* A mode is a short ACL. */
static size_t entries_of(const struct folder *folder, struct entry list[ENTRIES_MAX])
{
        size_t count = 0;
        if (folder->acl_length >= HEAD_BYTES && number(folder->acl, HEAD_BYTES) == ACL_VERSION)
                for (size_t at = HEAD_BYTES; at + ENTRY_BYTES <= folder->acl_length && count < ENTRIES_MAX;
                     at += ENTRY_BYTES)
                        list[count++] = (struct entry){.tag = (uint16_t)number(folder->acl + at, 2),
                                                       .allows = (uint16_t)number(folder->acl + at + 2, 2),
                                                       .id = number(folder->acl + at + 4, 4)};
        if (count > 0)
                return count;
        list[0] = (struct entry){.tag = TAG_OWNER, .allows = folder->mode >> 6 & 7};
        list[1] = (struct entry){.tag = TAG_OWNING_GROUP, .allows = folder->mode >> 3 & 7};
        list[2] = (struct entry){.tag = TAG_OTHERS, .allows = folder->mode & 7};
        return 3;
}

static bool is_in(const struct person *person, uint32_t gid)
{
        for (size_t i = 0; i < person->gid_count; i++)
                if (person->gids[i] == gid)
                        return true;
        return false;
}

static uint16_t allowed_by(const struct entry *list, size_t count, enum tag tag, uint16_t otherwise)
{
        for (size_t i = 0; i < count; i++)
                if (list[i].tag == tag)
                        return list[i].allows;
        return otherwise;
}

bool folder_allows(const struct folder *folder, const struct person *person, unsigned wanted)
{
        ASSERT(folder && person);
        struct entry list[ENTRIES_MAX];
        size_t count = entries_of(folder, list);
        const uint16_t mask = allowed_by(list, count, TAG_MASK, 7);
        bool in_a_group = false;
        if (person->uid == folder->uid)
                return (allowed_by(list, count, TAG_OWNER, 0) & wanted) == wanted;
        for (size_t i = 0; i < count; i++)
                if (list[i].tag == TAG_USER && list[i].id == person->uid)
                        return (list[i].allows & mask & wanted) == wanted;
        for (size_t i = 0; i < count; i++) {
                if (!(list[i].tag == TAG_OWNING_GROUP && is_in(person, folder->gid)) &&
                    !(list[i].tag == TAG_GROUP && is_in(person, list[i].id)))
                        continue;
                if ((list[i].allows & mask & wanted) == wanted)
                        return true;
                in_a_group = true;
        }
        return !in_a_group && (allowed_by(list, count, TAG_OTHERS, 0) & wanted) == wanted;
}

static bool is_among(const char *const *list, size_t count, const uint8_t address[ADDRESS_BYTES])
{
        for (size_t i = 0; i < count; i++) {
                struct network network;
                uint8_t one[ADDRESS_BYTES];
                if (strchr(list[i], '/') ? network_read(list[i], &network) && network_holds(&network, address)
                                         : address_read(list[i], one) && memcmp(one, address, sizeof(one)) == 0)
                        return true;
        }
        return false;
}

bool hosts_allow(const char *const *allow, size_t allow_count, const char *const *deny, size_t deny_count,
                 const char *address)
{
        ASSERT(address);
        uint8_t bytes[ADDRESS_BYTES];
        if (!address_read(address, bytes))
                return false;
        const bool itself = strcmp(address, "127.0.0.1") == 0 || strcmp(address, "::1") == 0;
        if (is_among(allow, allow_count, bytes))
                return true;
        if (is_among(deny, deny_count, bytes))
                return false;
        return itself || allow_count == 0 || deny_count > 0;
}
