/* The layouts of checkpoints.
 * Rights: none; pure functions, in the users hand (which signs) and in whoever verifies. */
#include "ticket/checkpoint.h"

#include "base/bytes.h"
#include "base/log.h"

#include <string.h>

size_t checkpoint_encode(const struct checkpoint *checkpoint, uint8_t *target, size_t size)
{
        ASSERT(checkpoint && target);
        struct writer writer = writer_of(target, size);

        writer_field(&writer, checkpoint->chain, strnlen(checkpoint->chain, sizeof(checkpoint->chain)));
        writer_u64(&writer, checkpoint->number);
        writer_copy(&writer, checkpoint->hash, HASH_BYTES);
        writer_u64(&writer, (uint64_t)checkpoint->at_s);
        ASSERT(!writer.bad);
        return writer_length(&writer);
}

size_t checkpoint_write(const struct checkpoint *checkpoint, uint8_t target[CHECKPOINT_FILE_MAX])
{
        size_t length = checkpoint_encode(checkpoint, target, CHECKPOINT_FILE_MAX);
        struct writer writer = writer_of(target + length, CHECKPOINT_FILE_MAX - length);
        writer_u32(&writer, checkpoint->key_id);
        writer_copy(&writer, checkpoint->signature, SIGNATURE_BYTES);
        ASSERT(!writer.bad);
        return length + writer_length(&writer);
}

int checkpoint_decode(const void *bytes, size_t length, struct checkpoint *ret_checkpoint)
{
        ASSERT(bytes && ret_checkpoint);
        struct reader reader = reader_of(bytes, length);
        struct checkpoint checkpoint = {.number = 0};
        size_t chain_length = 0;
        const uint8_t *chain = reader_field(&reader, &chain_length);

        if (!chain || chain_length == 0 || chain_length >= sizeof(checkpoint.chain) || memchr(chain, 0, chain_length))
                return -1;
        memcpy(checkpoint.chain, chain, chain_length);
        checkpoint.number = reader_u64(&reader);
        reader_copy(&reader, checkpoint.hash, HASH_BYTES);
        checkpoint.at_s = (int64_t)reader_u64(&reader);
        checkpoint.key_id = reader_u32(&reader);
        reader_copy(&reader, checkpoint.signature, SIGNATURE_BYTES);
        if (!reader_ended(&reader))
                return -1;
        *ret_checkpoint = checkpoint;
        return 0;
}

int checkpoint_key_decode(const void *bytes, size_t length, uint8_t ret_public_key[PUBLIC_KEY_BYTES])
{
        ASSERT(bytes && ret_public_key);
        struct reader reader = reader_of(bytes, length);
        uint8_t key[PUBLIC_KEY_BYTES];

        reader_u32(&reader);
        reader_copy(&reader, key, sizeof(key));
        if (!reader_ended(&reader))
                return -1;
        memcpy(ret_public_key, key, sizeof(key));
        return 0;
}
