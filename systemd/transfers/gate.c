/* Who may pass to a folder that is offered: an ACL on a folder above it that holds nothing else, so that the kernel
 * decides, whichever server asks.
 * Rights: root's, in bulkhead-transfers. */
#include "systemd/transfers/transfers.h"

#include "base/mem.h"
#include "value/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* As the kernel has them: a version, then entries, sorted. */
enum { ACL_VERSION = 2, OWNER = 1, USER = 2, OWNING_GROUP = 4, GROUP = 8, MASK = 16, OTHERS = 32 };
enum { MAY_PASS = 1, MAY_ALL = 7 };
#define NOBODY UINT32_MAX
struct entry {
        uint16_t tag, allows;
        uint32_t id;
};
struct acl {
        uint32_t version;
        struct entry entries[TRANSFER_USERS_MAX + 5];
};
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as it is on disk");

static int by_tag_and_id(const void *a, const void *b)
{
        const struct entry *left = a, *right = b;
        return left->tag != right->tag ? left->tag - right->tag : (left->id > right->id) - (left->id < right->id);
}

/* Who is of the directory is known by number. */
static struct entry directory_entry(const struct transfer *transfer, const char *name)
{
        for (size_t i = 0; i < transfer->number_count; i++) {
                char *end;
                const unsigned long number = strtoul(transfer->numbers[i], &end, 10);
                if (*end == ' ' && strcmp(end + 1, name) == 0)
                        return (struct entry){name[0] == '@' ? GROUP : USER, MAY_PASS, (uint32_t)number};
        }
        return (struct entry){USER, MAY_PASS, NOBODY};
}

/* Names that are nobody's (any more) let nobody through. */
static size_t add_users(struct entry *entries, const struct transfer *transfer, const struct accounts *accounts)
{
        size_t count = 0;
        for (size_t i = 0; i < transfer->user_count; i++) {
                const char *name = transfer->users[i];
                const struct account *account = name[0] == '@' ? NULL : accounts_named(accounts, name);
                const struct account_group *group = name[0] == '@' ? accounts_group(accounts, name + 1) : NULL;
                struct entry one = {.tag = group ? GROUP : USER,
                                    .allows = MAY_PASS,
                                    .id = group     ? group->gid
                                          : account ? account->uid
                                                    : NOBODY};
                if (directory_names(name, strlen(name)))
                        one = directory_entry(transfer, name);
                bool twice = false;
                for (size_t n = 0; n < count; n++)
                        twice = twice || by_tag_and_id(&entries[n], &one) == 0;
                if (one.id != NOBODY && !twice)
                        entries[count++] = one;
        }
        return count;
}

int gate_set(int folder, const struct transfer *transfer, const struct accounts *accounts)
{
        struct acl acl = {.version = ACL_VERSION};
        const uint16_t others = transfer->user_count == 0 ? MAY_PASS : 0;
        size_t count = add_users(acl.entries, transfer, accounts);
        if (transfer->user_count == 0) /* for accounts of this machine, which nobody of the directory is */
                acl.entries[count++] = (struct entry){.tag = GROUP, .allows = 0, .id = DIRECTORY_GROUP};
        acl.entries[count++] = (struct entry){.tag = OWNER, .allows = MAY_ALL, .id = NOBODY};
        acl.entries[count++] = (struct entry){.tag = OWNING_GROUP, .allows = others, .id = NOBODY};
        acl.entries[count++] = (struct entry){.tag = MASK, .allows = MAY_PASS, .id = NOBODY};
        acl.entries[count++] = (struct entry){.tag = OTHERS, .allows = others, .id = NOBODY};
        qsort(acl.entries, count, sizeof(acl.entries[0]), by_tag_and_id);
        return fsetxattr(folder, "system.posix_acl_access", &acl, sizeof(acl.version) + count * sizeof(acl.entries[0]),
                         0) == 0
                       ? 0
                       : -errno;
}

/* Which groups they are in is known to the directory alone: who is let through by one of these connects anew. */
static bool is_named(const struct transfer *transfer, uint32_t uid)
{
        for (size_t i = 0; i < transfer->number_count; i++)
                if (strtoul(transfer->numbers[i], NULL, 10) == uid && !strstr(transfer->numbers[i], " @"))
                        return true;
        return false;
}

bool gate_passes(const struct transfer *transfer, const struct accounts *accounts, uint32_t uid)
{
        if (uid >= DIRECTORY_FIRST && uid <= DIRECTORY_LAST)
                return is_named(transfer, uid);
        const struct account *account = accounts_numbered(accounts, uid);
        for (size_t i = 0; account && i < transfer->user_count; i++) {
                const char *name = transfer->users[i];
                const struct account_group *group = name[0] == '@' ? accounts_group(accounts, name + 1) : NULL;
                if (strcmp(name, account->name) == 0 ||
                    (group && (group->gid == account->gid || accounts_has_member(group, account->name))))
                        return true;
        }
        return transfer->user_count == 0;
}
