/* The trust file. The fuzzer cannot guess its hash, so it is given the content and the hash is put on here.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "ticket/trust.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void try(const uint8_t *bytes, size_t length)
{
        struct trust_content *content = trust_parse(bytes, length);
        if (!content)
                return;
        size_t again_length;
        uint8_t *again = trust_write(content, &again_length);
        ASSERT(again_length == length && memcmp(again, bytes, length) == 0);
        (void)trust_epoch_of(content, 20001);
        (void)trust_session_ended(content, 7);
        free(again);
        trust_content_free(content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        try(bytes, length);
        uint8_t *whole = mem_new(1, length + HASH_BYTES);
        if (length > 0)
                memcpy(whole, bytes, length);
        crypto_sha256(bytes, length, whole + length);
        try(whole, length + HASH_BYTES);
        free(whole);
        return 0;
}
