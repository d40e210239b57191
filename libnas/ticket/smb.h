/* What file servers need to know of an account's password, and the file that tells it to smbd. Pure. */
#ifndef BULKHEAD_TICKET_SMB_H
#define BULKHEAD_TICKET_SMB_H

#include "base/arena.h"
#include "sys/table.h"

#include <stdbool.h>
#include <stdint.h>

#define SMB_FILE "passwd" /* smbd's */
#define SMB_MAP  "smb"    /* for the clerk, beside TRUST_FILE: who has a password, a bit an account */
enum { SMB_HASH_BYTES = 16, SMB_MAP_BYTES = 1250 };
struct accounts; /* sys/account.h */

struct smb_entry { /* a row of a table; id and owner: the account's number */
        struct table_row row;
        int64_t set_s;                /* real time */
        uint8_t hash[SMB_HASH_BYTES]; /* NT's, of the password */
        uint8_t separate, spare[7];   /* set by itself, not the password for signing in */
};

/* From libcrypt's text of such a hash ("$3$$" and its digits). False: it is none. */
bool smb_entry_make(uint32_t uid, const char *hash, int64_t now_s, struct smb_entry *ret_entry);
/* smbd's file, as it has to be with these account files: a line an entry, but for accounts that are gone and for
 * administrators without a separate password; who is disabled is so there. In the arena. */
const char *smb_text(const struct table *table, const struct accounts *accounts, struct arena *arena);
/* SMB_MAP_BYTES, in the arena. */
const uint8_t *smb_map(const struct table *table, struct arena *arena);

#endif
