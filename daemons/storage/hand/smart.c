/* What a disk says of its own health, copied out as it is: the clerk makes sense of it, without rights. A disk that
 * sleeps is left asleep, unless a person has asked for more. Also starts the tests that a disk does by itself.
 * Rights: the storage hand; sends the few commands below to disks (pass.h) and looks at nothing in what they answer,
 * but whether the disk sleeps. */
#include "daemons/storage/hand/pass.h"
#include "daemons/storage/hand/storage.h"

enum {
        SMART = 0xb0,
        SMART_MID = 0x4f,
        SMART_HIGH = 0xc2,
        SMART_HIGH_BAD = 0x2c,
        LOG_SENSE = 0x4d,
        LOG_BYTES = 512,
        NVME_LOG = 0x02,
        NVME_IDENTIFY = 0x06,
        NVME_TEST = 0x14,
        NVME_TESTS_BYTES = 564,
};
enum power { POWER_AWAKE, POWER_ASLEEP, POWER_NOT_TOLD };

/* A part: a word of four letters, its length, and what the disk gave; ATA's in the form that libatasmart reads. */
static int tell(const struct act_context *context, const char word[4], const void *bytes, size_t length)
{
        uint8_t head[8];
        struct writer writer = writer_of(head, sizeof(head));
        writer_copy(&writer, word, 4);
        writer_u32(&writer, (uint32_t)length);
        int result = file_write_all(context->output_fd, head, sizeof(head));
        return result != 0 ? result : file_write_all(context->output_fd, bytes, length);
}

static int tell_number(const struct act_context *context, const char word[4], uint8_t number)
{
        return tell(context, word, (const uint8_t[4]){0, 0, 0, number}, 4);
}

static bool may_be_read(const struct act_context *context, enum power power)
{
        return power == POWER_AWAKE || strcmp(act_text(context, "wake"), "yes") == 0;
}

/* What the disk does not have is left out; what went wrong on the way ends it. */
static bool ends(int result)
{
        return result != 0 && result != -EIO;
}

/* --- ATA --- */

static enum power ata_power(int disk)
{
        struct ata_registers registers;
        const struct ata_command check = {.command = 0xe5};
        if (pass_ata(disk, &check, NULL, &registers) != 0)
                return POWER_NOT_TOLD;
        return registers.count == 0 || registers.count == 1 || registers.count == 0x40 ? POWER_ASLEEP : POWER_AWAKE;
}

static int ata_status(const struct act_context *context, int disk)
{
        struct ata_registers registers;
        const struct ata_command status = {.command = SMART, .feature = 0xda, .mid = SMART_MID, .high = SMART_HIGH};
        int result = pass_ata(disk, &status, NULL, &registers);
        if (result != 0)
                return ends(result) ? result : 0;
        if (registers.high != SMART_HIGH && registers.high != SMART_HIGH_BAD)
                return 0;
        return tell_number(context, "SMST", registers.high == SMART_HIGH);
}

static int ata_sectors(const struct act_context *context, int disk)
{
        static const struct {
                char word[5];
                struct ata_command command;
        } sectors[] = {
                {"IDFY", {.command = 0xec, .count = 1, .reads = true}},
                {"SMDT", {SMART, .feature = 0xd0, .count = 1, .mid = SMART_MID, .high = SMART_HIGH, .reads = true}},
                {"SMTH", {SMART, 0xd1, .count = 1, .low = 1, .mid = SMART_MID, .high = SMART_HIGH, .reads = true}},
                {"SMTL", {SMART, 0xd5, .count = 1, .low = 6, .mid = SMART_MID, .high = SMART_HIGH, .reads = true}},
        };
        uint8_t sector[PASS_SECTOR];
        int result = 0;
        for (size_t i = 0; !ends(result) && i < ARRAY_SIZE(sectors); i++) {
                result = pass_ata(disk, &sectors[i].command, sector, NULL);
                if (result == 0)
                        result = tell(context, sectors[i].word, sector, sizeof(sector));
        }
        return ends(result) ? result : 0;
}

int smart_ata(struct act_context *context, struct failure *failure)
{
        CLEANUP_FD int disk = pass_open(context, failure);
        if (disk < 0)
                return -1;
        enum power power = ata_power(disk);
        int result = tell_number(context, "POWR", (uint8_t)power);
        if (result == 0 && may_be_read(context, power))
                result = ata_sectors(context, disk);
        if (result == 0 && may_be_read(context, power))
                result = ata_status(context, disk);
        return failure_system(failure, FAILURE_FAILED, act_text(context, "disk"), result);
}

/* --- SCSI --- */

static enum power scsi_power(int disk)
{
        uint8_t sense[32], bytes[18] = {0};
        const uint8_t request_sense[16] = {0x03, [4] = sizeof(bytes)};
        if (pass_scsi(disk, request_sense, 6, bytes, sizeof(bytes), sense) != 0)
                return POWER_NOT_TOLD;
        return bytes[12] == 0x5e || (bytes[12] == 0x04 && bytes[13] == 0x02) ? POWER_ASLEEP : POWER_AWAKE;
}

int smart_scsi(struct act_context *context, struct failure *failure)
{
        static const struct {
                char word[5];
                uint8_t page;
        } pages[] = {{"SCIE", 0x2f}, {"SCTP", 0x0d}, {"SCST", 0x10}, {"SCBG", 0x15}};
        CLEANUP_FD int disk = pass_open(context, failure);
        if (disk < 0)
                return -1;
        enum power power = scsi_power(disk);
        int result = tell_number(context, "POWR", (uint8_t)power);
        for (size_t i = 0; !ends(result) && may_be_read(context, power) && i < ARRAY_SIZE(pages); i++) {
                uint8_t sense[32], bytes[LOG_BYTES] = {0};
                const uint8_t log[16] = {LOG_SENSE, [2] = 0x40 | pages[i].page, [7] = LOG_BYTES >> 8};
                result = pass_scsi(disk, log, 10, bytes, sizeof(bytes), sense);
                if (result == 0)
                        result = tell(context, pages[i].word, bytes, sizeof(bytes));
        }
        return failure_system(failure, FAILURE_FAILED, act_text(context, "disk"), ends(result) ? result : 0);
}

/* --- NVMe --- */

static uint32_t log_of(uint8_t log, unsigned bytes)
{
        return (bytes / 4 - 1) << 16 | log;
}

int smart_nvme(struct act_context *context, struct failure *failure)
{
        const struct {
                char word[5];
                uint8_t opcode;
                unsigned length;
                uint32_t word10;
        } parts[] = {{"NVID", NVME_IDENTIFY, PASS_PAGE, 1},
                     {"NVSM", NVME_LOG, LOG_BYTES, log_of(0x02, LOG_BYTES)},
                     {"NVST", NVME_LOG, NVME_TESTS_BYTES, log_of(0x06, NVME_TESTS_BYTES)}};
        CLEANUP_FD int disk = pass_open(context, failure);
        if (disk < 0)
                return -1;
        uint8_t *bytes = arena_alloc(context->arena, PASS_PAGE);
        int result = tell_number(context, "POWR", POWER_AWAKE);
        for (size_t i = 0; !ends(result) && i < ARRAY_SIZE(parts); i++) {
                result = pass_nvme(disk, parts[i].opcode, parts[i].word10, bytes, parts[i].length);
                if (result == 0)
                        result = tell(context, parts[i].word, bytes, parts[i].length);
        }
        return failure_system(failure, FAILURE_FAILED, act_text(context, "disk"), ends(result) ? result : 0);
}

/* --- tests that a disk does by itself --- */

struct test_code { /* by which each kind of disk knows a test */
        const char *word;
        uint8_t ata, scsi, nvme;
};

static struct test_code test_of(const char *word)
{
        static const struct test_code codes[] = {{"short", 1, 1, 1}, {"long", 2, 2, 2}, {"stop", 0x7f, 4, 0xf}};
        size_t i = 0;
        while (i + 1 < ARRAY_SIZE(codes) && strcmp(codes[i].word, word) != 0)
                i++;
        return codes[i];
}

static int test(const struct act_context *context, const char *word, struct failure *failure)
{
        const struct test_code test = test_of(word);
        const char *kind = act_text(context, "kind");
        struct ata_registers registers;
        const struct ata_command ata = {SMART, .feature = 0xd4, .low = test.ata, .mid = SMART_MID, .high = SMART_HIGH};
        const uint8_t send_diagnostic[16] = {0x1d, [1] = (uint8_t)(test.scsi << 5)};
        uint8_t sense[32];
        CLEANUP_FD int disk = pass_open(context, failure);
        if (disk < 0)
                return -1;
        int result = strcmp(kind, "ata") == 0    ? pass_ata(disk, &ata, NULL, &registers)
                     : strcmp(kind, "nvme") == 0 ? pass_nvme(disk, NVME_TEST, test.nvme, NULL, 0)
                                                 : pass_scsi(disk, send_diagnostic, 6, NULL, 0, sense);
        if (result == -ENOTTY || result == -EIO || result == -EINVAL)
                return failure_set(failure, FAILURE_CONFLICT, "test", "", "%s does not do this.",
                                   act_text(context, "disk"));
        return failure_system(failure, FAILURE_FAILED, act_text(context, "disk"), result);
}

int self_test(struct act_context *context, struct failure *failure)
{
        return test(context, act_text(context, "test"), failure);
}

int self_test_stop(struct act_context *context, struct failure *failure)
{
        return test(context, "stop", failure);
}
