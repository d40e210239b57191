/* A checkpoint's file and its key, as the monitor reads them.
 * Rights: none. */
#include "base/log.h"
#include "ledger/verify.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        static const uint8_t none[1];
        uint8_t again[CHECKPOINT_BYTES_MAX], key[PUBLIC_KEY_BYTES] = {0};
        struct checkpoint checkpoint;
        char message[256];

        (void)checkpoint_key_decode(length ? bytes : none, length, key);
        if (checkpoint_decode(length ? bytes : none, length, &checkpoint))
                return 0;
        ASSERT(strlen(checkpoint.chain) > 0);
        size_t is_signed = checkpoint_encode(&checkpoint, again, sizeof(again));
        ASSERT(is_signed + 4 + SIGNATURE_BYTES == length && memcmp(again, bytes, is_signed) == 0);
        (void)verifier_checkpoint(&checkpoint, NULL, key, message, sizeof(message));
        return 0;
}
