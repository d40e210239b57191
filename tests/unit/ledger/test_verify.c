/* The verifier against who owns the database: ten thousand ways to falsify a ledger, each found and named.
 * Rights: none. */
#include "base/crypto.h"
#include "base/mem.h"
#include "ledger/verify.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 120, EVERY = 20, SIGNED = ROWS / EVERY, MUTATIONS = 10000, TEXT_MAX = 24 };

struct fake_row {
        struct ledger_row row;
        char texts[8][TEXT_MAX];
};

struct fake { /* all that an attacker can change, and the file that only the users hand can */
        struct fake_row rows[ROWS + 2];
        size_t count;
        struct checkpoint table[SIGNED]; /* ledger.checkpoint */
        size_t signed_count;
        struct checkpoint file;
        uint64_t head;
        uint8_t head_hash[HASH_BYTES];
};

static struct fake original;
static uint8_t public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
static uint64_t dice = 88172645463325252u;

static uint64_t roll(uint64_t sides)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return dice % sides;
}

static void point(struct fake_row *fake)
{
        const char **const places[] = {&fake->row.request, &fake->row.plan,   &fake->row.actor_name, &fake->row.source,
                                       &fake->row.method,  &fake->row.object, &fake->row.outcome,    &fake->row.detail};

        for (size_t i = 0; i < 8; i++)
                *places[i] = fake->texts[i];
        fake->row.chain = "users";
}

static void seal_from(struct fake *fake, size_t from)
{
        static const uint8_t zeros[HASH_BYTES];

        for (size_t i = from; i < fake->count; i++) {
                memcpy(fake->rows[i].row.before, i ? fake->rows[i - 1].row.hash : zeros, HASH_BYTES);
                ledger_row_hash(&fake->rows[i].row);
        }
}

static void set_head(struct fake *fake)
{
        fake->head = fake->count ? fake->rows[fake->count - 1].row.number : 0;
        memcpy(fake->head_hash, fake->rows[fake->count - 1].row.hash, HASH_BYTES);
}

static void sign(struct checkpoint *checkpoint, const struct ledger_row *row)
{
        uint8_t bytes[CHECKPOINT_BYTES_MAX];

        snprintf(checkpoint->chain, sizeof(checkpoint->chain), "%s", row->chain);
        checkpoint->number = row->number;
        memcpy(checkpoint->hash, row->hash, HASH_BYTES);
        checkpoint->at_s = 1700000000 + (int64_t)row->number;
        checkpoint->key_id = 1;
        crypto_sign_domain(CHECKPOINT_DOMAIN, bytes, checkpoint_encode(checkpoint, bytes, sizeof(bytes)), secret_key,
                           checkpoint->signature);
}

static void make(struct fake *fake)
{
        fake->count = ROWS;
        for (size_t i = 0; i < ROWS; i++) {
                struct ledger_row *row = &fake->rows[i].row;

                *row = (struct ledger_row){.number = i + 1,
                                           .at_us = 1700000000000000 + (int64_t)i * 1000,
                                           .kind = 1 + i % 5,
                                           .actor = 20000,
                                           .id = (int64_t)(2 * i + 5)};
                crypto_random(row->digest, HASH_BYTES);
                for (size_t t = 0; t < 8; t++)
                        snprintf(fake->rows[i].texts[t], TEXT_MAX, "text %zu of %zu", t, i);
                point(&fake->rows[i]);
        }
        seal_from(fake, 0);
        for (size_t i = 0; i < SIGNED; i++)
                sign(&fake->table[i], &fake->rows[(i + 1) * EVERY - 1].row);
        fake->signed_count = SIGNED;
        fake->file = fake->table[SIGNED - 1];
        set_head(fake);
}

static const struct ledger_row *find(const struct fake *fake, uint64_t number)
{
        for (size_t i = 0; i < fake->count; i++)
                if (fake->rows[i].row.number == number)
                        return &fake->rows[i].row;
        return NULL;
}

/* As the monitor does it. The number of problems; the first one's message. */
static size_t verify(struct fake *fake, char message[256])
{
        struct verifier verifier;
        size_t problems = 0;
        char text[256];

        message[0] = '\0';
        verifier_begin(&verifier, "users");
        for (size_t i = 0; i < fake->count; i++) {
                point(&fake->rows[i]);
                if (verifier_row(&verifier, &fake->rows[i].row, text, sizeof(text)) != VERDICT_GOOD && problems++ == 0)
                        memcpy(message, text, sizeof(text));
        }
        const struct ledger_row *at_head = find(fake, fake->head);
        if (verifier_end(&verifier, fake->head, fake->head_hash, at_head ? at_head->hash : NULL, text, sizeof(text)) !=
                    VERDICT_GOOD &&
            problems++ == 0)
                memcpy(message, text, sizeof(text));
        for (size_t i = 0; i <= fake->signed_count; i++) {
                const struct checkpoint *checkpoint = i < fake->signed_count ? &fake->table[i] : &fake->file;

                if (verifier_checkpoint(checkpoint, find(fake, checkpoint->number), public_key, text, sizeof(text)) !=
                            VERDICT_GOOD &&
                    problems++ == 0)
                        memcpy(message, text, sizeof(text));
        }
        return problems;
}

static bool names(const char *message, uint64_t least, uint64_t most)
{
        for (const char *at = message; *at; at++) {
                char *end;
                uint64_t number = strtoull(at, &end, 10);

                if (end != at && number >= least && number <= most)
                        return true;
                if (end != at)
                        at = end - 1;
        }
        return false;
}

static int by_number(const void *a, const void *b)
{
        const struct ledger_row *x = &((const struct fake_row *)a)->row, *y = &((const struct fake_row *)b)->row;

        if (x->number != y->number)
                return x->number < y->number ? -1 : 1;
        return x->id < y->id ? -1 : x->id > y->id;
}

static void sort(struct fake *fake)
{
        qsort(fake->rows, fake->count, sizeof(fake->rows[0]), by_number);
}

static void take_out(struct fake *fake, size_t from, size_t count)
{
        memmove(&fake->rows[from], &fake->rows[from + count], (fake->count - from - count) * sizeof(fake->rows[0]));
        fake->count -= count;
}

/* Each changes the fake and says between which rows the finding has to lie. */
struct place {
        uint64_t least, most;
};

static struct place edit(struct fake *fake)
{
        size_t at = roll(fake->count);
        struct ledger_row *row = &fake->rows[at].row;
        size_t column = roll(16);
        uint8_t bit = (uint8_t)(1 << roll(8));

        if (column < 8)
                fake->rows[at].texts[column][roll(5)] ^= (char)(1 << roll(6));
        else if (column == 8)
                row->number += 1 + roll(1000);
        else if (column == 9)
                row->at_us ^= (int64_t)1 << roll(50);
        else if (column == 10)
                row->kind = 1 + row->kind % 5;
        else if (column == 11)
                row->actor ^= 1u << roll(32);
        else if (column == 12)
                row->digest[roll(HASH_BYTES)] ^= bit;
        else if (column == 13)
                row->before[roll(HASH_BYTES)] ^= bit;
        else if (column == 14)
                row->hash[roll(HASH_BYTES)] ^= bit;
        else
                row->id =
                        at + 1 < fake->count ? fake->rows[at + 1].row.id + (int64_t)roll(9) : fake->rows[at - 1].row.id;
        sort(fake);
        return (struct place){at + 1, at + 2};
}

static struct place delete (struct fake *fake)
{
        size_t at = roll(fake->count - 1), count = 1 + roll(fake->count - 1 - at);

        take_out(fake, at, count);
        return (struct place){at + 1, at + 1};
}

static bool is_original(const struct fake *fake)
{
        for (size_t i = 0; i < ROWS; i++)
                if (fake->rows[i].row.number != i + 1 || fake->rows[i].row.id != original.rows[i].row.id ||
                    memcmp(fake->rows[i].row.hash, original.rows[i].row.hash, HASH_BYTES) != 0)
                        return false;
        return true;
}

static struct place reorder(struct fake *fake)
{
        size_t a = roll(ROWS), b = (a + 1 + roll(ROWS - 1)) % ROWS;
        struct fake_row kept = fake->rows[a];

        fake->rows[a] = fake->rows[b];
        fake->rows[b] = kept;
        if (roll(2)) { /* the numbers in order again */
                fake->rows[b].row.number = b + 1;
                fake->rows[a].row.number = a + 1;
        }
        if (roll(2)) { /* as a query by number gives them */
                sort(fake);
        } else if (roll(2)) {
                fake->rows[a].row.id = (int64_t)(2 * a + 5);
                fake->rows[b].row.id = (int64_t)(2 * b + 5);
        }
        if (is_original(fake))
                return delete (fake); /* was put back in order: another falsification instead */
        return (struct place){1, ROWS};
}

/* The head is turned back as well, so that only a signature can tell. */
static struct place cut(struct fake *fake)
{
        size_t at = 1 + roll(ROWS - 1);

        take_out(fake, at, fake->count - at);
        if (roll(2))
                set_head(fake);
        return (struct place){at + 1, ROWS};
}

static struct place insert(struct fake *fake)
{
        size_t at = roll(ROWS - 1) + 1;
        struct fake_row forged = fake->rows[roll(ROWS)];

        memmove(&fake->rows[at + 1], &fake->rows[at], (fake->count - at) * sizeof(forged));
        fake->count++;
        forged.row.number = at + 1;
        snprintf(forged.texts[5], TEXT_MAX, "forged");
        fake->rows[at] = forged;
        point(&fake->rows[at]);
        memcpy(fake->rows[at].row.before, fake->rows[at - 1].row.hash, HASH_BYTES);
        ledger_row_hash(&fake->rows[at].row);
        if (roll(2)) { /* make room for it, renumber and seal everything after it */
                for (size_t i = at; i < fake->count; i++) {
                        fake->rows[i].row.number = i + 1;
                        fake->rows[i].row.id = (int64_t)(2 * i + 5);
                }
                for (size_t i = 0; i < fake->count; i++)
                        point(&fake->rows[i]);
                seal_from(fake, at);
                set_head(fake);
                return (struct place){at + 1, ROWS};
        }
        return (struct place){at + 1, at + 2};
}

static struct place reseal(struct fake *fake)
{
        size_t at = roll(ROWS);

        snprintf(fake->rows[at].texts[roll(8)], TEXT_MAX, "%s", "never happened");
        for (size_t i = 0; i < fake->count; i++)
                point(&fake->rows[i]);
        seal_from(fake, at);
        set_head(fake);
        if (roll(2)) /* and the table's checkpoints with another key */
                for (size_t i = at / EVERY; i < SIGNED; i++) {
                        memcpy(fake->table[i].hash, find(fake, fake->table[i].number)->hash, HASH_BYTES);
                        crypto_random(fake->table[i].signature, SIGNATURE_BYTES);
                }
        return (struct place){at + 1, ROWS};
}

/* An old backup of everything in the database. */
static struct place roll_back(struct fake *fake)
{
        size_t keep = 1 + roll(ROWS - 1);

        take_out(fake, keep, fake->count - keep);
        fake->signed_count = keep / EVERY;
        set_head(fake);
        return (struct place){ROWS, ROWS};
}

static struct place change_checkpoint(struct fake *fake)
{
        size_t at = roll(SIGNED);
        struct checkpoint *checkpoint = &fake->table[at];
        size_t what = roll(4);

        if (what == 0)
                checkpoint->hash[roll(HASH_BYTES)] ^= 1;
        else if (what == 1)
                checkpoint->signature[roll(SIGNATURE_BYTES)] ^= 1;
        else if (what == 2)
                checkpoint->at_s++;
        else
                checkpoint->number--;
        return (struct place){(at + 1) * EVERY - 1, (at + 1) * EVERY};
}

static void every_falsification_is_found(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                struct place (*change)(struct fake *fake);
        } kinds[] = {
                {"edit", edit},     {"delete", delete}, {"reorder", reorder},     {"cut", cut},
                {"insert", insert}, {"reseal", reseal}, {"roll back", roll_back}, {"checkpoint", change_checkpoint}};
        static struct fake fake;
        char message[256];
        const size_t mutations = getenv("BULKHEAD_SLOWED") != NULL ? MUTATIONS / 20 : MUTATIONS; /* under valgrind */

        for (size_t i = 0; i < mutations; i++) {
                size_t kind = i % ARRAY_SIZE(kinds);

                fake = original;
                for (size_t row = 0; row < fake.count; row++)
                        point(&fake.rows[row]);
                const struct place place = kinds[kind].change(&fake);

                if (verify(&fake, message) == 0)
                        fail_msg("%s %zu of rows %" PRIu64 " to %" PRIu64 " was not found", kinds[kind].name, i,
                                 place.least, place.most);
                if (!names(message, place.least, place.most))
                        fail_msg("%s %zu is at %" PRIu64 " to %" PRIu64 ", but: %s", kinds[kind].name, i, place.least,
                                 place.most, message);
        }
}

static void a_true_ledger_is_good(void **state)
{
        (void)state;
        char message[256];

        assert_int_equal(verify(&original, message), 0);
}

static void verdicts(void **state)
{
        (void)state;
        static struct fake fake;
        struct verifier verifier;
        char message[256];

        fake = original;
        for (size_t i = 0; i < fake.count; i++)
                point(&fake.rows[i]);
        verifier_begin(&verifier, "users");
        assert_int_equal(verifier_row(&verifier, &fake.rows[0].row, message, sizeof(message)), VERDICT_GOOD);
        assert_int_equal(verifier_row(&verifier, &fake.rows[0].row, message, sizeof(message)), VERDICT_DUPLICATE);
        assert_string_equal(message, "row 1 is there more than once, or was put in");
        assert_int_equal(verifier_row(&verifier, &fake.rows[3].row, message, sizeof(message)), VERDICT_MISSING);
        assert_string_equal(message, "rows 2 to 3 are missing");
        fake.rows[4].row.actor = 0;
        assert_int_equal(verifier_row(&verifier, &fake.rows[4].row, message, sizeof(message)), VERDICT_CHANGED);
        assert_string_equal(message, "row 5 was changed: its hash does not fit what it says");
        fake.rows[5].row.before[0] ^= 1;
        ledger_row_hash(&fake.rows[5].row);
        assert_int_equal(verifier_row(&verifier, &fake.rows[5].row, message, sizeof(message)), VERDICT_UNLINKED);
        assert_int_equal(verifier_end(&verifier, 9, fake.rows[5].row.hash, NULL, message, sizeof(message)),
                         VERDICT_CUT);
        assert_string_equal(message, "rows 7 to 9 were cut off the end");
        assert_int_equal(verifier.rows, 5);
        assert_int_equal(verifier.problems, 5);
        verifier_begin(&verifier, "monitor"); /* a row of another chain */
        assert_int_equal(verifier_row(&verifier, &fake.rows[0].row, message, sizeof(message)), VERDICT_CHANGED);
}

/* Text that moves from one field to the next is another row. */
static void fields_do_not_run_together(void **state)
{
        (void)state;
        struct ledger_row a = original.rows[0].row, b;

        a.request = "ab";
        a.plan = "c";
        ledger_row_hash(&a);
        b = a;
        b.request = "a";
        b.plan = "bc";
        ledger_row_hash(&b);
        assert_memory_not_equal(a.hash, b.hash, HASH_BYTES);
}

/* The layout is for ever: a changed hash would condemn every ledger there is. */
static void the_hash_stays(void **state)
{
        (void)state;
        struct ledger_row row = {
                .chain = "users",
                .number = 1,
                .at_us = 1700000000000000,
                .kind = LEDGER_INTENT,
                .request = "r",
                .plan = "p",
                .actor = 20000,
                .actor_name = "alice",
                .source = "console",
                .method = "nas.users.CreateUser",
                .object = "user bob",
                .outcome = "",
                .detail = "{}",
        };
        uint8_t bytes[512] = "bulkhead ledger row 1";
        uint8_t *at = bytes + sizeof("bulkhead ledger row 1"), hash[HASH_BYTES];
        const char *const texts[] = {"r", "p", "alice", "console", "nas.users.CreateUser", "user bob", "", "{}"};

        at += 3, *at++ = 5, memcpy(at, "users", 5), at += 5 + HASH_BYTES;
        at += 7, *at++ = 1;
        for (int shift = 56; shift >= 0; shift -= 8)
                *at++ = (uint8_t)((uint64_t)1700000000000000 >> shift);
        *at++ = 1;
        at += 2, *at++ = 20000 >> 8, *at++ = 20000 & 255;
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                at += 3, *at++ = (uint8_t)strlen(texts[i]);
                memcpy(at, texts[i], strlen(texts[i]));
                at += strlen(texts[i]);
        }
        at += HASH_BYTES;
        crypto_sha256(bytes, (size_t)(at - bytes), hash);
        ledger_row_hash(&row);
        assert_memory_equal(row.hash, hash, HASH_BYTES);
}

static void checkpoint_files(void **state)
{
        (void)state;
        const struct checkpoint *checkpoint = &original.file;
        uint8_t bytes[CHECKPOINT_FILE_MAX + 1];
        struct checkpoint read = {.number = 77};
        size_t length = checkpoint_encode(checkpoint, bytes, sizeof(bytes));

        memcpy(bytes + length, "\0\0\0\1", 4);
        memcpy(bytes + length + 4, checkpoint->signature, SIGNATURE_BYTES);
        length += 4 + SIGNATURE_BYTES;
        for (size_t shorter = 0; shorter < length; shorter++)
                assert_int_equal(checkpoint_decode(bytes, shorter, &read), -1);
        assert_int_equal(checkpoint_decode(bytes, length + 1, &read), -1);
        assert_int_equal(read.number, 77);
        assert_int_equal(checkpoint_decode(bytes, length, &read), 0);
        assert_memory_equal(&read, checkpoint, sizeof(read));
        uint8_t key[PUBLIC_KEY_BYTES] = {0};
        assert_int_equal(checkpoint_key_decode(bytes, 4 + PUBLIC_KEY_BYTES - 1, key), -1);
        assert_int_equal(checkpoint_key_decode(bytes, 4 + PUBLIC_KEY_BYTES + 1, key), -1);
        assert_int_equal(key[0], 0);
        assert_int_equal(checkpoint_key_decode(bytes, 4 + PUBLIC_KEY_BYTES, key), 0);
        assert_memory_equal(key, bytes + 4, PUBLIC_KEY_BYTES);
        bytes[3] = 0; /* a NUL in the chain's name */
        assert_int_equal(checkpoint_decode(bytes, length, &read), -1);
}

static void kinds_have_names(void **state)
{
        (void)state;
        enum ledger_kind kind = LEDGER_EVENT;

        assert_int_equal(ledger_kind_parse("outcome", &kind), 0);
        assert_int_equal(kind, LEDGER_OUTCOME);
        assert_int_equal(ledger_kind_parse("", &kind), -1);
        assert_int_equal(ledger_kind_parse("intents", &kind), -1);
        assert_int_equal(kind, LEDGER_OUTCOME);
        assert_string_equal(ledger_kind_name(LEDGER_CHECKPOINT), "checkpoint");
}

static int begin(void **state)
{
        (void)state;
        static const uint8_t seed[SEED_BYTES] = {7};

        crypto_start();
        crypto_key_from_seed(seed, public_key, secret_key);
        make(&original);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_true_ledger_is_good),
                cmocka_unit_test(verdicts),
                cmocka_unit_test(fields_do_not_run_together),
                cmocka_unit_test(the_hash_stays),
                cmocka_unit_test(checkpoint_files),
                cmocka_unit_test(kinds_have_names),
                cmocka_unit_test(every_falsification_is_found),
        };

        return cmocka_run_group_tests(tests, begin, NULL);
}
