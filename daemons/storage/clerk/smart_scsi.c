/* The health of a SCSI or SAS disk: pages of its log, as SPC and SBC lay them out. Numbers are big-endian there.
 * Rights: the storage clerk; works on what is in memory. */
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/storage/clerk/smart.h"

enum {
        PAGE_EXCEPTIONS = 0x2f,
        PAGE_TEMPERATURE = 0x0d,
        PAGE_TESTS = 0x10,
        PAGE_BACKGROUND = 0x15,
        HEAD = 4,
        NOT_KNOWN = 0xff,
        EXCEPTION_FAILURE = 0x5d, /* a failure is foreseen */
        EXCEPTION_WARNING = 0x0b,
        TESTS = 20,
};

/* The value of a parameter in a page; nothing: it is not there, or the page is another one. */
static struct smart_part parameter(struct smart_part page, uint8_t number, uint16_t code)
{
        struct smart_part none = {.length = 0};
        if (page.length < HEAD || (page.bytes[0] & 0x3f) != number)
                return none;
        size_t length = (size_t)(page.bytes[2] << 8 | page.bytes[3]);
        struct reader reader = reader_of(page.bytes + HEAD, length < page.length - HEAD ? length : page.length - HEAD);
        while (reader.at < reader.end) {
                uint16_t found = reader_u16(&reader);
                (void)reader_u8(&reader);
                struct smart_part part = {.length = reader_u8(&reader)};
                part.bytes = reader.at;
                if (reader.bad || part.length > (size_t)(reader.end - reader.at))
                        return none;
                if (found == code)
                        return part;
                reader.at += part.length;
        }
        return none;
}

static void judge(struct smart *smart, struct smart_part exception)
{
        if (exception.length < 2)
                return;
        smart_worse(smart, SMART_HEALTHY, NULL);
        if (exception.bytes[0] == EXCEPTION_FAILURE)
                smart_worse(smart, SMART_FAILING, "The disk itself says that it is failing.");
        else if (exception.bytes[0] == EXCEPTION_WARNING)
                smart_worse(smart, SMART_WARNING, "The disk itself warns that something is not as it should be.");
}

static void read_tests(struct smart *smart, struct smart_part page)
{
        for (int i = 1; i <= TESTS; i++) {
                struct smart_part test = parameter(page, PAGE_TESTS, (uint16_t)i);
                if (test.length < 4 || (test.bytes[0] == 0 && test.bytes[2] == 0 && test.bytes[3] == 0))
                        continue;
                uint8_t code = test.bytes[0] >> 5, result = test.bytes[0] & 0x0f;
                if (result == 15) {
                        smart->testing = true; /* how far it is only the next request for sense data would tell */
                        continue;
                }
                smart->tests[smart->test_count++] =
                        (struct smart_test){.kind = code == 1 || code == 5   ? "short"
                                                    : code == 2 || code == 6 ? "long"
                                                                             : "other",
                                            .outcome = result == 0                  ? SMART_TEST_PASSED
                                                       : result <= 2                ? SMART_TEST_STOPPED
                                                       : result >= 3 && result <= 7 ? SMART_TEST_FAILED
                                                                                    : SMART_TEST_UNKNOWN,
                                            .has_hours = true,
                                            .hours = test.bytes[2] << 8 | test.bytes[3]};
        }
        if (smart->test_count > 0 && smart->tests[0].outcome == SMART_TEST_FAILED)
                smart_worse(smart, SMART_FAILING, "Its last test of itself failed.");
}

void smart_read_scsi(struct smart *smart, const uint8_t *bytes, size_t length)
{
        ASSERT(smart);
        struct smart_part tests = smart_part(bytes, length, "SCST");
        struct smart_part heat = parameter(smart_part(bytes, length, "SCTP"), PAGE_TEMPERATURE, 0),
                          ran = parameter(smart_part(bytes, length, "SCBG"), PAGE_BACKGROUND, 0);
        judge(smart, parameter(smart_part(bytes, length, "SCIE"), PAGE_EXCEPTIONS, 0));
        if (heat.length >= 2 && heat.bytes[1] != NOT_KNOWN) {
                smart->has_temperature = true;
                smart->temperature = heat.bytes[1];
        }
        if (ran.length >= 4) {
                struct reader reader = reader_of(ran.bytes, ran.length);
                smart->has_hours = true;
                smart->hours = reader_u32(&reader) / 60;
        }
        smart->can_test = tests.length > 0;
        read_tests(smart, tests);
}
