/* What disks say of their health: recorded here as the standards lay it out, healthy and not, and never a real serial
 * number.
 * Rights: none. */
#include "base/bytes.h"
#include "base/mem.h"
#include "daemons/storage/clerk/smart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SECTOR = 512, TEMPERATURE = 194, REALLOCATED = 5, HOURS = 9 };

struct said { /* by a disk, as the hand copies it out */
        uint8_t bytes[SMART_BYTES_MAX];
        struct writer writer;
        struct arena *arena;
};

static void part(struct said *said, const char *word, const void *bytes, size_t length)
{
        writer_copy(&said->writer, word, 4);
        writer_field32(&said->writer, bytes, length);
        assert_false(said->writer.bad);
}

static struct said *begin(struct said *said, uint8_t power)
{
        said->arena = arena_new();
        said->writer = writer_of(said->bytes, sizeof(said->bytes));
        part(said, "POWR", (const uint8_t[4]){0, 0, 0, power}, 4);
        return said;
}

static struct smart *read_said(struct said *said, enum smart_kind kind)
{
        return smart_read(kind, said->bytes, writer_length(&said->writer), said->arena);
}

static void add_up(uint8_t sector[SECTOR])
{
        uint8_t sum = 0;
        for (size_t i = 0; i < SECTOR - 1; i++)
                sum = (uint8_t)(sum + sector[i]);
        sector[SECTOR - 1] = (uint8_t)-sum;
}

/* --- ATA --- */

static void identity(uint8_t sector[SECTOR])
{
        memset(sector, 0, SECTOR);
        memcpy(sector + 20, "ETTS0-10            ", 20); /* TEST-001, two letters swapped each, as ATA has it */
        memcpy(sector + 54, "XEMALP EIDKS                            ", 40);
        sector[160] = 0xf0; /* word 80: by which standards */
        sector[161] = 0x01;
        sector[164] = sector[170] = 1;    /* words 82 and 85: SMART is there, and on */
        sector[167] = sector[175] = 0x40; /* words 83 and 87: these words hold */
}

static void attribute(uint8_t values[SECTOR], uint8_t thresholds[SECTOR], unsigned place, const uint8_t it[5])
{
        uint8_t *entry = values + 2 + 12 * place, *limit = thresholds + 2 + 12 * place;
        entry[0] = limit[0] = it[0];
        entry[1] = it[1];            /* flags: 1 is prefailure, 2 on-line */
        entry[3] = entry[4] = it[2]; /* now, and at worst */
        entry[5] = it[3];            /* raw */
        limit[1] = it[4];
}

static void put_ata(struct said *said, uint8_t good, const uint8_t reallocated[5])
{
        uint8_t sector[SECTOR], values[SECTOR] = {0}, thresholds[SECTOR] = {0};
        identity(sector);
        values[0] = thresholds[0] = 16;
        attribute(values, thresholds, 0, reallocated);
        attribute(values, thresholds, 1, (const uint8_t[5]){HOURS, 2, 99, 100, 0});
        attribute(values, thresholds, 2, (const uint8_t[5]){TEMPERATURE, 2, 65, 35, 0});
        values[367] = 0x10; /* it can test itself */
        add_up(values);
        add_up(thresholds);
        part(said, "IDFY", sector, sizeof(sector));
        part(said, "SMDT", values, sizeof(values));
        part(said, "SMTH", thresholds, sizeof(thresholds));
        if (good <= 1)
                part(said, "SMST", (const uint8_t[4]){0, 0, 0, good}, 4);
}

static const uint8_t no_bad[5] = {REALLOCATED, 3, 100, 0, 36};

static void a_healthy_ata_disk(void **state)
{
        (void)state;
        struct said said;
        put_ata(begin(&said, 0), 1, no_bad);
        const struct smart *smart = read_said(&said, SMART_KIND_ATA);
        assert_int_equal(smart->verdict, SMART_HEALTHY);
        assert_null(smart->message);
        assert_true(smart->has_temperature && smart->temperature == 35);
        assert_true(smart->has_hours && smart->hours == 100);
        assert_true(smart->has_bad_sectors && smart->bad_sectors == 0);
        assert_true(smart->can_test);
        assert_int_equal(smart->attribute_count, 3);
        assert_string_equal(smart->attributes[0].name, "reallocated-sector-count");
        assert_true(smart->attributes[0].prefailure && !smart->attributes[0].bad);
        assert_int_equal(smart->attributes[0].threshold, 36);
        arena_free(said.arena);
}

static void an_ata_disk_that_says_that_it_fails(void **state)
{
        (void)state;
        struct said said;
        put_ata(begin(&said, 0), 0, no_bad);
        assert_int_equal(read_said(&said, SMART_KIND_ATA)->verdict, SMART_FAILING);
        arena_free(said.arena);
}

static void a_value_at_its_threshold(void **state)
{
        (void)state;
        struct said said;
        put_ata(begin(&said, 0), 1, (const uint8_t[5]){REALLOCATED, 3, 36, 200, 36});
        const struct smart *smart = read_said(&said, SMART_KIND_ATA);
        assert_int_equal(smart->verdict, SMART_FAILING);
        assert_non_null(strstr(smart->message, "reallocated-sector-count"));
        assert_int_equal(smart->bad_sectors, 200);
        arena_free(said.arena);
}

static void some_bad_sectors_are_a_warning(void **state)
{
        (void)state;
        struct said said;
        put_ata(begin(&said, 0), 1, (const uint8_t[5]){REALLOCATED, 3, 99, 3, 36});
        const struct smart *smart = read_said(&said, SMART_KIND_ATA);
        assert_int_equal(smart->verdict, SMART_WARNING);
        assert_non_null(strstr(smart->message, "3 bad sectors"));
        arena_free(said.arena);
}

static void nothing_unknown_is_healthy(void **state)
{
        (void)state;
        struct said said;
        /* The disk did not give its own verdict. */
        put_ata(begin(&said, 0), 2, no_bad);
        assert_int_equal(read_said(&said, SMART_KIND_ATA)->verdict, SMART_UNKNOWN);
        arena_free(said.arena);
        /* What it said was changed on the way. */
        put_ata(begin(&said, 0), 1, no_bad);
        said.bytes[12 + 8 + SECTOR + 8 + 100]++;
        assert_int_equal(read_said(&said, SMART_KIND_ATA)->verdict, SMART_UNKNOWN);
        arena_free(said.arena);
        /* It said nothing, or half of it. */
        for (size_t length = 0; length < 1500; length += 7) {
                put_ata(begin(&said, 0), 1, no_bad);
                const struct smart *smart = smart_read(SMART_KIND_ATA, said.bytes, length, said.arena);
                assert_int_equal(smart->verdict, SMART_UNKNOWN);
                assert_non_null(smart->message);
                arena_free(said.arena);
        }
}

static void a_disk_that_sleeps(void **state)
{
        (void)state;
        struct said said;
        assert_int_equal(read_said(begin(&said, 1), SMART_KIND_ATA)->verdict, SMART_ASLEEP);
        arena_free(said.arena);
        const struct smart *smart = read_said(begin(&said, 2), SMART_KIND_ATA);
        assert_int_equal(smart->verdict, SMART_UNKNOWN);
        assert_non_null(strstr(smart->message, "does not say whether it sleeps"));
        arena_free(said.arena);
        /* It was woken by hand. */
        put_ata(begin(&said, 1), 1, no_bad);
        assert_int_equal(read_said(&said, SMART_KIND_ATA)->verdict, SMART_HEALTHY);
        arena_free(said.arena);
}

static void no_record_at_all(void **state)
{
        (void)state;
        struct said said;
        uint8_t sector[SECTOR];
        identity(sector);
        sector[164] = sector[170] = 0;
        part(begin(&said, 0), "IDFY", sector, sizeof(sector));
        assert_int_equal(read_said(&said, SMART_KIND_ATA)->verdict, SMART_NONE);
        arena_free(said.arena);
        /* It is there, but switched off. */
        identity(sector);
        sector[170] = 0;
        part(begin(&said, 0), "IDFY", sector, sizeof(sector));
        const struct smart *smart = read_said(&said, SMART_KIND_ATA);
        assert_int_equal(smart->verdict, SMART_UNKNOWN);
        assert_non_null(smart->message);
        arena_free(said.arena);
}

/* Three: the last one failed; the ring has gone round. */
static void the_log_of_ata_tests(void **state)
{
        (void)state;
        static const struct {
                uint8_t place, number, status, hours;
        } entries[] = {{0, 2, 0x70, 90}, {20, 1, 0x00, 80}, {19, 1, 0x10, 70}};
        struct said said;
        uint8_t log[SECTOR] = {1};
        for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
                uint8_t *entry = log + 2 + 24 * entries[i].place;
                entry[0] = entries[i].number;
                entry[1] = entries[i].status;
                entry[2] = entries[i].hours;
        }
        log[508] = 1;
        add_up(log);
        put_ata(begin(&said, 0), 1, no_bad);
        part(&said, "SMTL", log, sizeof(log));
        const struct smart *smart = read_said(&said, SMART_KIND_ATA);
        assert_int_equal(smart->test_count, 3);
        assert_string_equal(smart->tests[0].kind, "long");
        assert_int_equal(smart->tests[0].outcome, SMART_TEST_FAILED);
        assert_int_equal(smart->tests[1].outcome, SMART_TEST_PASSED);
        assert_int_equal(smart->tests[1].hours, 80);
        assert_int_equal(smart->tests[2].outcome, SMART_TEST_STOPPED);
        assert_int_equal(smart->verdict, SMART_FAILING);
        arena_free(said.arena);
}

static void a_test_that_is_running(void **state)
{
        (void)state;
        struct said said;
        uint8_t sector[SECTOR], values[SECTOR] = {16};
        identity(sector);
        values[363] = 0xf4; /* 40 % remain */
        values[367] = 0x10;
        add_up(values);
        part(begin(&said, 0), "IDFY", sector, sizeof(sector));
        part(&said, "SMDT", values, sizeof(values));
        part(&said, "SMST", (const uint8_t[4]){0, 0, 0, 1}, 4);
        const struct smart *smart = read_said(&said, SMART_KIND_ATA);
        assert_true(smart->testing);
        assert_int_equal(smart->test_done, 60);
        arena_free(said.arena);
}

/* --- NVMe --- */

static void put_nvme(struct said *said, uint8_t warnings, uint8_t worn, uint8_t errors)
{
        static uint8_t identity_page[4096];
        uint8_t log[SECTOR] = {warnings, (273 + 41) & 0xff, (273 + 41) >> 8, 100, 10, worn};
        log[112] = 7;
        log[128] = 0x10;
        log[129] = 0x27; /* 10,000 */
        log[160] = errors;
        memset(log + 32, 0xff, 16); /* more than can be */
        identity_page[256] = 0x10;
        part(said, "NVID", identity_page, sizeof(identity_page));
        part(said, "NVSM", log, sizeof(log));
}

static enum smart_verdict nvme_verdict(uint8_t warnings, uint8_t worn, uint8_t errors)
{
        struct said said;
        put_nvme(begin(&said, 0), warnings, worn, errors);
        const struct smart *smart = read_said(&said, SMART_KIND_NVME);
        enum smart_verdict verdict = smart->verdict;
        assert_true((verdict == SMART_HEALTHY) == (smart->message == NULL));
        arena_free(said.arena);
        return verdict;
}

static void an_nvme_disk(void **state)
{
        (void)state;
        struct said said;
        put_nvme(begin(&said, 0), 0, 3, 0);
        const struct smart *smart = read_said(&said, SMART_KIND_NVME);
        assert_int_equal(smart->verdict, SMART_HEALTHY);
        assert_true(smart->has_temperature && smart->temperature == 41);
        assert_true(smart->has_hours && smart->hours == 10000);
        assert_true(smart->has_cycles && smart->cycles == 7);
        assert_true(smart->has_worn && smart->worn == 3);
        assert_true(smart->can_test);
        assert_int_equal(smart->attributes[3].raw, (1LL << 53) - 1);
        arena_free(said.arena);
        assert_int_equal(nvme_verdict(0x04, 3, 0), SMART_FAILING);
        assert_int_equal(nvme_verdict(0x01, 3, 0), SMART_FAILING);
        assert_int_equal(nvme_verdict(0x08, 3, 0), SMART_FAILING);
        assert_int_equal(nvme_verdict(0x02, 3, 0), SMART_WARNING);
        assert_int_equal(nvme_verdict(0x00, 100, 0), SMART_WARNING);
        assert_int_equal(nvme_verdict(0x00, 3, 1), SMART_WARNING);
        assert_int_equal(read_said(begin(&said, 0), SMART_KIND_NVME)->verdict, SMART_UNKNOWN);
        arena_free(said.arena);
}

static void the_log_of_nvme_tests(void **state)
{
        (void)state;
        struct said said;
        uint8_t log[564] = {2, 30};
        for (size_t i = 0; i < 20; i++)
                log[4 + 28 * i] = 0x0f;
        log[4] = 0x10;
        log[8] = 55;
        log[4 + 28] = 0x27;
        put_nvme(begin(&said, 0), 0, 3, 0);
        part(&said, "NVST", log, sizeof(log));
        const struct smart *smart = read_said(&said, SMART_KIND_NVME);
        assert_true(smart->testing);
        assert_int_equal(smart->test_done, 30);
        assert_int_equal(smart->test_count, 2);
        assert_string_equal(smart->tests[0].kind, "short");
        assert_int_equal(smart->tests[0].hours, 55);
        assert_int_equal(smart->tests[1].outcome, SMART_TEST_FAILED);
        assert_int_equal(smart->verdict, SMART_HEALTHY);
        arena_free(said.arena);
}

/* --- SCSI --- */

static void a_scsi_disk(void **state)
{
        (void)state;
        uint8_t exceptions[SECTOR] = {0x2f, 0, 0, 8, 0, 0, 3, 4, 0, 0, 30, 0};
        const uint8_t heat[SECTOR] = {0x0d, 0, 0, 6, 0, 0, 3, 2, 0, 33};
        const uint8_t ran[SECTOR] = {0x15, 0, 0, 8, 0, 0, 3, 4, 0, 0, 0x17, 0x70}; /* 6,000 minutes */
        const uint8_t tests[SECTOR] = {0x10, 0, 0, 20, 0, 1, 3, 16, 0x40, 0, 0, 88};
        struct said said;
        part(begin(&said, 0), "SCIE", exceptions, sizeof(exceptions));
        part(&said, "SCTP", heat, sizeof(heat));
        part(&said, "SCBG", ran, sizeof(ran));
        part(&said, "SCST", tests, sizeof(tests));
        const struct smart *smart = read_said(&said, SMART_KIND_SCSI);
        assert_int_equal(smart->verdict, SMART_HEALTHY);
        assert_true(smart->has_temperature && smart->temperature == 33);
        assert_true(smart->has_hours && smart->hours == 100);
        assert_int_equal(smart->test_count, 1);
        assert_string_equal(smart->tests[0].kind, "long");
        assert_int_equal(smart->tests[0].hours, 88);
        arena_free(said.arena);
        exceptions[8] = 0x5d;
        part(begin(&said, 0), "SCIE", exceptions, sizeof(exceptions));
        assert_int_equal(read_said(&said, SMART_KIND_SCSI)->verdict, SMART_FAILING);
        arena_free(said.arena);
        /* A page that says it is longer than it is; and one of another number. */
        exceptions[7] = 0xff;
        exceptions[3] = 0xff;
        exceptions[2] = 0xff;
        part(begin(&said, 0), "SCIE", exceptions, 12);
        part(&said, "SCTP", ran, sizeof(ran));
        smart = read_said(&said, SMART_KIND_SCSI);
        assert_int_equal(smart->verdict, SMART_UNKNOWN);
        assert_false(smart->has_temperature);
        arena_free(said.arena);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_healthy_ata_disk),         cmocka_unit_test(an_ata_disk_that_says_that_it_fails),
                cmocka_unit_test(a_value_at_its_threshold),   cmocka_unit_test(some_bad_sectors_are_a_warning),
                cmocka_unit_test(nothing_unknown_is_healthy), cmocka_unit_test(a_disk_that_sleeps),
                cmocka_unit_test(no_record_at_all),           cmocka_unit_test(the_log_of_ata_tests),
                cmocka_unit_test(a_test_that_is_running),     cmocka_unit_test(an_nvme_disk),
                cmocka_unit_test(the_log_of_nvme_tests),      cmocka_unit_test(a_scsi_disk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
