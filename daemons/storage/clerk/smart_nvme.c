/* The health of an NVMe disk: the page of its log that is about it, and that of its tests, as NVM Express lays them
 * out. Numbers are little-endian there.
 * Rights: the storage clerk; works on what is in memory. */
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/smart.h"

#include <string.h>

enum {
        KELVIN = 273,
        LOG_BYTES = 512,
        TESTS_BYTES = 564,
        TEST_BYTES = 28,
        TESTS = 20,
        IDENTITY_BYTES = 4096,
        ABILITIES = 256, /* in the identity */
        CAN_TEST = 0x10,
};

/* 128 bits; more than 2^53 is given as that. */
static int64_t number(const uint8_t *bytes)
{
        const int64_t most = (1LL << 53) - 1;
        int64_t value = 0;
        for (int i = 15; i >= 0; i--) {
                value = value << 8 | bytes[i];
                if (value > most)
                        return most;
        }
        return value;
}

static void judge(struct smart *smart, uint8_t warnings)
{
        static const struct {
                uint8_t bit;
                enum smart_verdict verdict;
                const char *message;
        } all[] = {
                {0x08, SMART_FAILING, "It has become read-only."},
                {0x04, SMART_FAILING, "The disk itself says that it has become unreliable."},
                {0x01, SMART_FAILING, "Its spare space is used up."},
                {0x20, SMART_WARNING, "Its persistent memory has become unreliable."},
                {0x10, SMART_WARNING, "What it has in its cache is lost when the power fails."},
                {0x02, SMART_WARNING, "It is too hot or too cold."},
        };
        smart_worse(smart, SMART_HEALTHY, NULL);
        for (size_t i = 0; i < ARRAY_SIZE(all); i++)
                if (warnings & all[i].bit)
                        smart_worse(smart, all[i].verdict, all[i].message);
        if (smart->worn >= 100)
                smart_worse(smart, SMART_WARNING, "It has been written to as much as its maker allows.");
}

static void add(struct smart *smart, const char *name, int64_t raw, bool bad)
{
        ASSERT(smart->attribute_count < SMART_ATTRIBUTES_MAX);
        smart->attributes[smart->attribute_count] = (struct smart_attribute){
                .number = (int64_t)smart->attribute_count + 1, .name = name, .raw = raw, .bad = bad};
        smart->attribute_count++;
}

static void read_log(struct smart *smart, const uint8_t *log)
{
        const int64_t kelvin = log[1] | log[2] << 8;
        smart->has_temperature = kelvin > 0;
        smart->temperature = kelvin - KELVIN;
        smart->has_worn = smart->has_cycles = smart->has_hours = true;
        smart->worn = log[5];
        smart->cycles = number(log + 112);
        smart->hours = number(log + 128);
        add(smart, "spare-space-percent", log[3], log[3] < log[4]);
        add(smart, "spare-space-needed-percent", log[4], false);
        add(smart, "worn-percent", log[5], log[5] >= 100);
        add(smart, "data-read-512000-bytes", number(log + 32), false);
        add(smart, "data-written-512000-bytes", number(log + 48), false);
        add(smart, "unsafe-shutdowns", number(log + 144), false);
        add(smart, "media-errors", number(log + 160), number(log + 160) > 0);
        add(smart, "errors-logged", number(log + 176), false);
        judge(smart, log[0]);
        if (number(log + 160) > 0)
                smart_worse(smart, SMART_WARNING, "It could not read or write some of its data without error.");
}

static enum smart_outcome outcome_of(uint8_t result)
{
        switch (result) {
        case 0:
                return SMART_TEST_PASSED;
        case 1: /* by command, by a reset, by a change of name spaces, by formatting, for another reason, for erasing */
        case 2:
        case 3:
        case 4:
        case 8:
        case 9:
                return SMART_TEST_STOPPED;
        case 5:
        case 6:
        case 7:
                return SMART_TEST_FAILED;
        default:
                return SMART_TEST_UNKNOWN;
        }
}

static void read_tests(struct smart *smart, const uint8_t *log)
{
        smart->testing = (log[0] & 0x0f) != 0;
        smart->test_done = smart->testing ? log[1] & 0x7f : 0;
        smart->test_done = smart->test_done > 100 ? 100 : smart->test_done;
        for (size_t i = 0; i < TESTS; i++) {
                const uint8_t *entry = log + 4 + i * TEST_BYTES, result = entry[0] & 0x0f, code = entry[0] >> 4;
                uint8_t hours[16] = {0};
                if (result == 0x0f) /* not used */
                        continue;
                memcpy(hours, entry + 4, 8);
                smart->tests[smart->test_count++] = (struct smart_test){.kind = code == 1   ? "short"
                                                                                : code == 2 ? "long"
                                                                                            : "other",
                                                                        .outcome = outcome_of(result),
                                                                        .has_hours = true,
                                                                        .hours = number(hours)};
        }
        if (smart->test_count > 0 && smart->tests[0].outcome == SMART_TEST_FAILED)
                smart_worse(smart, SMART_FAILING, "Its last test of itself failed.");
}

void smart_read_nvme(struct smart *smart, const uint8_t *bytes, size_t length)
{
        ASSERT(smart);
        struct smart_part log = smart_part(bytes, length, "NVSM"), tests = smart_part(bytes, length, "NVST"),
                          identity = smart_part(bytes, length, "NVID");
        if (log.length == LOG_BYTES)
                read_log(smart, log.bytes);
        if (tests.length == TESTS_BYTES)
                read_tests(smart, tests.bytes);
        smart->can_test = identity.length == IDENTITY_BYTES && (identity.bytes[ABILITIES] & CAN_TEST) != 0;
}
