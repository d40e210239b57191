/* Verifying: each row against its hash and its predecessor, and the chain against its signed checkpoints.
 * Rights: none; pure functions. */
#include "ledger/verify.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static enum verdict judge(struct verifier *verifier, enum verdict verdict, char *message, size_t size,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));

static enum verdict judge(struct verifier *verifier, enum verdict verdict, char *message, size_t size,
                          const char *format, ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(message, size, format, args);
        va_end(args);
        if (verifier)
                verifier->problems++;
        return verdict;
}

void verifier_begin(struct verifier *verifier, const char *chain)
{
        ASSERT(verifier && chain);
        *verifier = (struct verifier){.expected = 1};
        snprintf(verifier->chain, sizeof(verifier->chain), "%s", chain);
}

static bool content_holds(const struct verifier *verifier, const struct ledger_row *row)
{
        struct ledger_row again = *row;

        ledger_row_hash(&again);
        return strcmp(row->chain, verifier->chain) == 0 && memcmp(again.hash, row->hash, HASH_BYTES) == 0;
}

enum verdict verifier_row(struct verifier *verifier, const struct ledger_row *row, char *message, size_t size)
{
        ASSERT(verifier && row && message);
        const struct verifier was = *verifier;
        bool linked = memcmp(row->before, was.hash, HASH_BYTES) == 0;
        bool placed = row->id == 0 || row->id > was.id;

        verifier->rows++;
        if (row->number < was.expected)
                return judge(verifier, VERDICT_DUPLICATE, message, size,
                             "row %" PRIu64 " is there more than once, or was put in", row->number);
        verifier->expected = row->number + 1;
        verifier->id = row->id > was.id ? row->id : was.id;
        memcpy(verifier->hash, row->hash, HASH_BYTES);
        if (row->number > was.expected)
                return judge(verifier, VERDICT_MISSING, message, size, "rows %" PRIu64 " to %" PRIu64 " are missing%s",
                             was.expected, row->number - 1,
                             content_holds(verifier, row) ? "" : ", and the next one was changed");
        if (!content_holds(verifier, row))
                return judge(verifier, VERDICT_CHANGED, message, size,
                             "row %" PRIu64 " was changed: its hash does not fit what it says", row->number);
        if (!placed)
                return judge(verifier, VERDICT_CHANGED, message, size,
                             "row %" PRIu64 " was moved: its id is not after that of the row before", row->number);
        if (!linked)
                return judge(verifier, VERDICT_UNLINKED, message, size,
                             "row %" PRIu64 " does not follow row %" PRIu64 " as it is now", row->number,
                             row->number - 1);
        return VERDICT_GOOD;
}

enum verdict verifier_end(struct verifier *verifier, uint64_t number, const uint8_t hash[HASH_BYTES],
                          const uint8_t *row_hash, char *message, size_t size)
{
        ASSERT(verifier && hash && message);
        const uint64_t last = verifier->expected - 1;

        if (number > last)
                return judge(verifier, VERDICT_CUT, message, size,
                             "rows %" PRIu64 " to %" PRIu64 " were cut off the end", last + 1, number);
        if (number > 0 && (!row_hash || memcmp(hash, row_hash, HASH_BYTES) != 0))
                return judge(verifier, VERDICT_CHANGED, message, size,
                             "row %" PRIu64 " is not the one that was written there", number);
        return VERDICT_GOOD;
}

enum verdict verifier_checkpoint(const struct checkpoint *checkpoint, const struct ledger_row *row,
                                 const uint8_t public_key[PUBLIC_KEY_BYTES], char *message, size_t size)
{
        ASSERT(checkpoint && public_key && message);
        uint8_t bytes[CHECKPOINT_BYTES_MAX];
        size_t length = checkpoint_encode(checkpoint, bytes, sizeof(bytes));

        if (!crypto_verify_domain(CHECKPOINT_DOMAIN, bytes, length, public_key, checkpoint->signature))
                return judge(NULL, VERDICT_CHANGED, message, size,
                             "the checkpoint of row %" PRIu64 " is not signed by this machine's key",
                             checkpoint->number);
        if (!row)
                return judge(NULL, VERDICT_CUT, message, size,
                             "row %" PRIu64 " was signed and is not there: the ledger was cut off or rolled back",
                             checkpoint->number);
        if (row->number != checkpoint->number || strcmp(row->chain, checkpoint->chain) != 0 ||
            memcmp(row->hash, checkpoint->hash, HASH_BYTES) != 0)
                return judge(NULL, VERDICT_CHANGED, message, size,
                             "row %" PRIu64 " is not the one that was signed: it or one before it was rewritten",
                             checkpoint->number);
        return VERDICT_GOOD;
}
