/* What a disk says of its health: the parts that the hand copied out, and which of them says what.
 * Rights: the storage clerk; works on what is in memory. */
#include "daemons/storage/clerk/smart.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"

#include <string.h>

enum power { POWER_AWAKE, POWER_ASLEEP, POWER_NOT_TOLD };

struct smart_part smart_part(const uint8_t *bytes, size_t length, const char word[4])
{
        struct reader reader = reader_of(bytes, length);
        while (reader.at < reader.end) {
                char found[4];
                struct smart_part part;
                reader_copy(&reader, found, sizeof(found));
                part.bytes = reader_field32(&reader, &part.length);
                if (reader.bad)
                        break;
                if (memcmp(found, word, sizeof(found)) == 0)
                        return part;
        }
        return (struct smart_part){.length = 0};
}

void smart_worse(struct smart *smart, enum smart_verdict verdict, const char *message)
{
        if (verdict <= smart->verdict)
                return;
        smart->verdict = verdict;
        smart->message = message;
}

struct smart *smart_read(enum smart_kind kind, const uint8_t *bytes, size_t length, struct arena *arena)
{
        ASSERT(arena && (bytes || length == 0));
        struct smart *smart = arena_alloc(arena, sizeof(*smart));
        struct smart_part power = smart_part(bytes, length, "POWR");
        *smart = (struct smart){.verdict = SMART_UNKNOWN};
        if (kind == SMART_KIND_ATA)
                smart_read_ata(smart, bytes, length, arena);
        else if (kind == SMART_KIND_NVME)
                smart_read_nvme(smart, bytes, length);
        else
                smart_read_scsi(smart, bytes, length);
        uint8_t how = power.length == 4 ? power.bytes[3] : POWER_NOT_TOLD;
        if (smart->verdict == SMART_UNKNOWN && how == POWER_ASLEEP)
                smart_worse(smart, SMART_ASLEEP, "It sleeps, and is not woken for this.");
        else if (smart->verdict == SMART_UNKNOWN && how == POWER_NOT_TOLD && !smart->message)
                smart->message = "It does not say whether it sleeps, so it is not asked by itself. Check it by hand.";
        else if (smart->verdict == SMART_UNKNOWN && !smart->message)
                smart->message = "It says nothing of its health.";
        return smart;
}
