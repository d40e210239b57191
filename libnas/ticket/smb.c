/* Passwords as file servers know them.
 * Rights: the users hand; pure functions. */
#include "ticket/smb.h"

#include "base/log.h"
#include "base/text.h"
#include "sys/account.h"

#include <stdio.h>
#include <string.h>

_Static_assert(SMB_MAP_BYTES * 8 == ACCOUNT_LAST - ACCOUNT_FIRST + 1, "a bit an account");
enum { LINE_SIZE = 160 };
#define HASH_PREFIX "$3$$"
#define NO_HASH     "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX" /* LAN Manager's */

bool smb_entry_make(uint32_t uid, const char *hash, int64_t now_s, struct smb_entry *ret_entry)
{
        ASSERT(ret_entry);
        *ret_entry = (struct smb_entry){.row = {.id = uid, .owner = uid}, .set_s = now_s};
        if (!hash || strncmp(hash, HASH_PREFIX, strlen(HASH_PREFIX)) != 0)
                return false;
        hash += strlen(HASH_PREFIX);
        return text_unhex(hash, strlen(hash), ret_entry->hash, SMB_HASH_BYTES) == 0;
}

/* smbpasswd(5); how long it is. */
static size_t write_line(const struct smb_entry *entry, const char *name, bool enabled, char line[LINE_SIZE])
{
        char hash[2 * SMB_HASH_BYTES + 1];
        text_hex(entry->hash, SMB_HASH_BYTES, hash);
        int length = snprintf(line, LINE_SIZE, "%s:%u:" NO_HASH ":%s:[%-11s]:LCT-%08X:\n", name, entry->row.owner, hash,
                              enabled ? "U" : "DU", (unsigned)entry->set_s);
        ASSERT(length > 0 && length < LINE_SIZE);
        return (size_t)length;
}

const char *smb_text(const struct table *table, const struct accounts *accounts, struct arena *arena)
{
        ASSERT(table && accounts && arena);
        char *text = arena_alloc(arena, table->count * LINE_SIZE + 1), *at = text;
        for (size_t i = 0; i < table->count; i++) {
                const struct smb_entry *entry = table_at(table, i);
                const struct account *account = accounts_numbered(accounts, entry->row.owner);
                if (account && account_is_bulkheads(account) &&
                    (entry->separate || account_role(accounts, account->name) != ROLE_ADMIN))
                        at += write_line(entry, account->name, account_enabled(accounts, account->name), at);
        }
        return text;
}

const uint8_t *smb_map(const struct table *table, struct arena *arena)
{
        ASSERT(table && arena);
        uint8_t *map = arena_alloc(arena, SMB_MAP_BYTES);
        for (size_t i = 0; i < table->count; i++) {
                const struct table_row *row = table_at(table, i);
                if (row->owner >= ACCOUNT_FIRST && row->owner <= ACCOUNT_LAST)
                        map[(row->owner - ACCOUNT_FIRST) / 8] |= (uint8_t)(1u << (row->owner - ACCOUNT_FIRST) % 8);
        }
        return map;
}
