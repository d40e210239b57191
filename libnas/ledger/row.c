/* The hash of a row: over everything it says, in one fixed layout.
 * Rights: none; pure functions. */
#include "ledger/ledger.h"

#include "base/bytes.h"
#include "base/log.h"

#include <string.h>

const char *ledger_kind_name(enum ledger_kind kind)
{
        static const char *const names[] = {"", "intent", "outcome", "refusal", "event", "checkpoint"};

        ASSERT(kind >= LEDGER_INTENT && kind <= LEDGER_CHECKPOINT);
        return names[kind];
}

int ledger_kind_parse(const char *word, enum ledger_kind *ret_kind)
{
        ASSERT(word && ret_kind);
        for (enum ledger_kind kind = LEDGER_INTENT; kind <= LEDGER_CHECKPOINT; kind++) {
                if (strcmp(word, ledger_kind_name(kind)) != 0)
                        continue;
                *ret_kind = kind;
                return 0;
        }
        return -1;
}

static void hash_text(struct crypto_hasher *hasher, const char *text)
{
        uint8_t bytes[4];
        struct writer writer = writer_of(bytes, sizeof(bytes));
        size_t length = strlen(text);

        ASSERT(length <= UINT32_MAX);
        writer_u32(&writer, (uint32_t)length);
        crypto_hash_add(hasher, bytes, sizeof(bytes));
        crypto_hash_add(hasher, text, length);
}

void ledger_row_hash(struct ledger_row *row)
{
        ASSERT(row && row->chain);
        const char *const texts[] = {row->request, row->plan,   row->actor_name, row->source,
                                     row->method,  row->object, row->outcome,    row->detail};
        struct crypto_hasher hasher;
        uint8_t fixed[8 + 8 + 1 + 4];
        struct writer writer = writer_of(fixed, sizeof(fixed));

        writer_u64(&writer, row->number);
        writer_u64(&writer, (uint64_t)row->at_us);
        writer_u8(&writer, (uint8_t)row->kind);
        writer_u32(&writer, row->actor);
        crypto_hash_begin(&hasher);
        crypto_hash_add(&hasher, LEDGER_DOMAIN, sizeof(LEDGER_DOMAIN));
        hash_text(&hasher, row->chain);
        crypto_hash_add(&hasher, row->before, HASH_BYTES);
        crypto_hash_add(&hasher, fixed, sizeof(fixed));
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                hash_text(&hasher, texts[i]);
        crypto_hash_add(&hasher, row->digest, HASH_BYTES);
        crypto_hash_end(&hasher, row->hash);
}
