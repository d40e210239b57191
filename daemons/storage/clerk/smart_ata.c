/* The health of an ATA disk: libatasmart reads identity, values and thresholds; the log of self-tests is read here.
 * Rights: the storage clerk; works on what is in memory. */
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/clerk/smart.h"

#include <stddef.h>

#include <atasmart.h>
#include <stdio.h>
#include <string.h>

enum {
        SECTOR = 512,
        TEST_BYTES = 24,
        TEST_NEWEST = 508, /* where the number of the newest stands */
        KELVIN = 273150,   /* 0 degrees Celsius, in thousandths */
        CAN_TEST = 0x10,   /* of the disk's abilities, in byte 367 of its values */
};

/* As libatasmart takes it: only whole sectors, and of each one. */
static size_t make_blob(const uint8_t *bytes, size_t length, uint8_t *blob, size_t size)
{
        static const struct {
                char word[5];
                size_t length;
        } parts[] = {{"IDFY", SECTOR}, {"SMST", 4}, {"SMDT", SECTOR}, {"SMTH", SECTOR}};
        struct writer writer = writer_of(blob, size);
        for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
                struct smart_part part = smart_part(bytes, length, parts[i].word);
                if (part.length != parts[i].length)
                        continue;
                writer_copy(&writer, parts[i].word, 4);
                writer_field32(&writer, part.bytes, part.length);
        }
        return writer.bad ? 0 : writer_length(&writer);
}

static bool adds_up(const struct smart_part *sector)
{
        uint8_t sum = 0;
        for (size_t i = 0; i < sector->length; i++)
                sum = (uint8_t)(sum + sector->bytes[i]);
        return sector->length == SECTOR && sum == 0;
}

/* --- attributes --- */

struct into {
        struct smart *smart;
        struct arena *arena;
};

static const char *meaning(const SkSmartAttributeParsedData *data, struct arena *arena)
{
        const unsigned long long value = data->pretty_value;
        switch (data->pretty_unit) {
        case SK_SMART_ATTRIBUTE_UNIT_MSECONDS:
                return arena_printf(arena, "%llu h", value / (60ULL * 60 * 1000));
        case SK_SMART_ATTRIBUTE_UNIT_SECTORS:
                return arena_printf(arena, "%llu sectors", value);
        case SK_SMART_ATTRIBUTE_UNIT_MKELVIN:
                return arena_printf(arena, "%lld °C", ((long long)value - KELVIN) / 1000);
        case SK_SMART_ATTRIBUTE_UNIT_PERCENT:
                return arena_printf(arena, "%llu %%", value);
        case SK_SMART_ATTRIBUTE_UNIT_MB:
                return arena_printf(arena, "%llu MB", value);
        default:
                return NULL;
        }
}

static void on_attribute(SkDisk *disk, const SkSmartAttributeParsedData *data, void *context)
{
        struct into *into = context;
        struct smart *smart = into->smart;
        (void)disk;
        if (smart->attribute_count == SMART_ATTRIBUTES_MAX || !data->name)
                return;
        int64_t raw = 0;
        for (int i = 5; i >= 0; i--)
                raw = raw << 8 | data->raw[i];
        const char *name = text_printable(data->name, strlen(data->name)) ? data->name : "unknown";
        smart->attributes[smart->attribute_count++] =
                (struct smart_attribute){.number = data->id,
                                         .name = arena_text(into->arena, name, strlen(name)),
                                         .meaning = meaning(data, into->arena),
                                         .has_value = data->current_value_valid,
                                         .value = data->current_value,
                                         .has_worst = data->worst_value_valid,
                                         .worst = data->worst_value,
                                         .has_threshold = data->threshold_valid,
                                         .threshold = data->threshold,
                                         .prefailure = data->prefailure,
                                         .bad = data->good_now_valid && !data->good_now,
                                         .raw = raw};
}

/* --- the verdict --- */

static void judge(struct smart *smart, SkDisk *disk, struct arena *arena)
{
        SkSmartOverall overall;
        SkBool good;
        if (sk_disk_smart_status(disk, &good) == 0)
                smart_worse(smart, good ? SMART_HEALTHY : SMART_FAILING,
                            good ? NULL : "The disk itself says that it is failing.");
        if (sk_disk_smart_get_overall(disk, &overall) != 0 || smart->verdict == SMART_UNKNOWN)
                return; /* without the disk's own word nothing is healthy */
        for (size_t i = 0; i < smart->attribute_count; i++)
                if (smart->attributes[i].bad && smart->attributes[i].prefailure)
                        smart_worse(
                                smart, SMART_FAILING,
                                arena_printf(arena, "%s is below what its maker allows.", smart->attributes[i].name));
        if (overall == SK_SMART_OVERALL_BAD_SECTOR_MANY)
                smart_worse(smart, SMART_FAILING,
                            arena_printf(arena, "It has %lld bad sectors.", (long long)smart->bad_sectors));
        else if (overall != SK_SMART_OVERALL_GOOD && smart->has_bad_sectors && smart->bad_sectors > 0)
                smart_worse(smart, SMART_WARNING,
                            arena_printf(arena, "It has %lld bad sectors.", (long long)smart->bad_sectors));
        else if (overall != SK_SMART_OVERALL_GOOD)
                smart_worse(smart, SMART_WARNING, "One of its values is, or once was, below what its maker allows.");
}

static void numbers(struct smart *smart, SkDisk *disk)
{
        uint64_t value;
        const uint64_t hour = 60ULL * 60 * 1000, sane = 1ULL << 48;
        smart->has_temperature = sk_disk_smart_get_temperature(disk, &value) == 0 && value < 1000 * 1000;
        smart->temperature = smart->has_temperature ? ((int64_t)value - KELVIN) / 1000 : 0;
        smart->has_hours = sk_disk_smart_get_power_on(disk, &value) == 0 && value / hour < sane;
        smart->hours = smart->has_hours ? (int64_t)(value / hour) : 0;
        smart->has_cycles = sk_disk_smart_get_power_cycle(disk, &value) == 0 && value < sane;
        smart->cycles = smart->has_cycles ? (int64_t)value : 0;
        smart->has_bad_sectors = sk_disk_smart_get_bad(disk, &value) == 0 && value < sane;
        smart->bad_sectors = smart->has_bad_sectors ? (int64_t)value : 0;
}

/* --- self-tests --- */

static enum smart_outcome outcome_of(uint8_t status)
{
        switch (status >> 4) {
        case 0:
                return SMART_TEST_PASSED;
        case 1:
        case 2:
                return SMART_TEST_STOPPED;
        case 15: /* it is running */
                return SMART_TEST_UNKNOWN;
        default:
                return SMART_TEST_FAILED;
        }
}

/* A ring of 21; the newest stands at a number from 1. */
static void read_tests(struct smart *smart, const struct smart_part *log)
{
        unsigned newest = adds_up(log) ? log->bytes[TEST_NEWEST] : 0;
        for (unsigned i = 0; newest >= 1 && newest <= SMART_TESTS_MAX && i < SMART_TESTS_MAX; i++) {
                const uint8_t *entry =
                        log->bytes + 2 + TEST_BYTES * ((newest - 1 + SMART_TESTS_MAX - i) % SMART_TESTS_MAX);
                const uint8_t number = entry[0] & 0x7f;
                if (entry[0] == 0 && entry[1] == 0 && entry[2] == 0 && entry[3] == 0)
                        break;
                if (entry[1] >> 4 == 15)
                        continue;
                smart->tests[smart->test_count++] = (struct smart_test){.kind = number == 1   ? "short"
                                                                                : number == 2 ? "long"
                                                                                              : "other",
                                                                        .outcome = outcome_of(entry[1]),
                                                                        .has_hours = true,
                                                                        .hours = entry[2] | entry[3] << 8};
        }
        if (smart->test_count > 0 && smart->tests[0].outcome == SMART_TEST_FAILED)
                smart_worse(smart, SMART_FAILING, "Its last test of itself failed.");
}

static void read_all(struct smart *smart, SkDisk *disk, const struct smart_part *values, struct arena *arena)
{
        SkBool available = FALSE;
        const SkSmartParsedData *parsed = NULL;
        struct into into = {.smart = smart, .arena = arena};
        if (sk_disk_smart_is_available(disk, &available) != 0 || !available) {
                smart->verdict = SMART_NONE;
                smart->message = "It keeps no record of its health.";
                return;
        }
        if (values->length == 0) {
                smart->message = "It keeps no record of its health now: that is switched off in it.";
                return;
        }
        if (!adds_up(values)) {
                smart->message = "What it says of its health does not add up.";
                return;
        }
        (void)sk_disk_smart_parse_attributes(disk, on_attribute, &into);
        numbers(smart, disk);
        judge(smart, disk, arena);
        smart->can_test = (values->bytes[367] & CAN_TEST) != 0;
        if (sk_disk_smart_parse(disk, &parsed) == 0 &&
            parsed->self_test_execution_status == SK_SMART_SELF_TEST_EXECUTION_STATUS_INPROGRESS) {
                smart->testing = true;
                smart->test_done = 100 - (int64_t)(parsed->self_test_execution_percent_remaining % 101);
        }
}

void smart_read_ata(struct smart *smart, const uint8_t *bytes, size_t length, struct arena *arena)
{
        ASSERT(smart && arena);
        uint8_t blob[4 * 8 + 3 * SECTOR + 4];
        size_t blob_length = make_blob(bytes, length, blob, sizeof(blob));
        struct smart_part identity = smart_part(bytes, length, "IDFY"), values = smart_part(bytes, length, "SMDT"),
                          log = smart_part(bytes, length, "SMTL");
        SkDisk *disk = NULL;
        if (identity.length != SECTOR || sk_disk_open(NULL, &disk) != 0)
                return;
        if (sk_disk_set_blob(disk, blob, blob_length) == 0)
                read_all(smart, disk, &values, arena);
        sk_disk_free(disk);
        if (smart->verdict != SMART_NONE)
                read_tests(smart, &log);
}
