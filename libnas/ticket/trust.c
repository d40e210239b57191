/* The trust file: its layout, and the look at it that every check begins with.
 * Rights: reads /run/bulkhead/trust/current through a directory opened at start. */
#include "ticket/trust.h"

#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRUST_MAGIC "bulkhead trust 1" /* its NUL is part of the layout */

enum { MEMORY_PLACES = 2048, EPOCH_BYTES = 8, ENDED_BYTES = 16 };

struct trust {
        int directory;
        int file; /* kept open, so that its inode number cannot come back for another file */
        dev_t dev;
        ino_t ino;
        uint8_t boot_id[BOOT_ID_BYTES];
        uint8_t key[32];
        struct trust_content *content;
        uint64_t moment, looked; /* see trust_moment */
        struct remembered {
                uint8_t hash[HASH_BYTES];
                uint8_t facts[TRUST_FACTS_MAX];
        } memory[MEMORY_PLACES];
};

void trust_content_free(struct trust_content *content)
{
        if (!content)
                return;
        free(content->epochs);
        free(content->ended);
        free(content);
}

static void content_freep(struct trust_content **content)
{
        trust_content_free(*content);
}

static bool read_epochs(struct reader *reader, struct trust_content *content)
{
        content->epoch_count = reader_u32(reader);
        if (reader->bad || content->epoch_count > TRUST_LIST_MAX)
                return false;
        content->epochs = mem_new(content->epoch_count + 1, sizeof(*content->epochs));
        for (size_t i = 0; i < content->epoch_count; i++) {
                content->epochs[i].subject = reader_u32(reader);
                content->epochs[i].epoch = reader_u32(reader);
                if (i > 0 && content->epochs[i].subject <= content->epochs[i - 1].subject)
                        return false;
        }
        return !reader->bad;
}

static bool read_ended(struct reader *reader, struct trust_content *content)
{
        content->ended_count = reader_u32(reader);
        if (reader->bad || content->ended_count > TRUST_LIST_MAX)
                return false;
        content->ended = mem_new(content->ended_count + 1, sizeof(*content->ended));
        for (size_t i = 0; i < content->ended_count; i++) {
                content->ended[i].session = reader_u64(reader);
                content->ended[i].until_ms = reader_u64(reader);
                if (i > 0 && content->ended[i].session <= content->ended[i - 1].session)
                        return false;
        }
        return !reader->bad;
}

static bool read_keys(struct reader *reader, struct trust_content *content)
{
        content->key_count = reader_u16(reader);
        if (reader->bad || content->key_count > TRUST_KEYS_MAX)
                return false;
        for (size_t i = 0; i < content->key_count; i++) {
                content->keys[i].id = reader_u32(reader);
                reader_copy(reader, content->keys[i].public_key, PUBLIC_KEY_BYTES);
                content->keys[i].not_after_ms = reader_u64(reader);
                for (size_t j = 0; j < i; j++)
                        if (content->keys[j].id == content->keys[i].id)
                                return false;
        }
        return !reader->bad;
}

struct trust_content *trust_parse(const void *bytes, size_t length)
{
        ASSERT(bytes || length == 0);
        uint8_t hash[HASH_BYTES];
        char magic[sizeof(TRUST_MAGIC)];
        if (length < sizeof(magic) + HASH_BYTES || length > TRUST_BYTES_MAX)
                return NULL;
        crypto_sha256(bytes, length - HASH_BYTES, hash);
        if (memcmp(hash, (const uint8_t *)bytes + length - HASH_BYTES, HASH_BYTES) != 0)
                return NULL;
        struct reader reader = reader_of(bytes, length - HASH_BYTES);
        CLEANUP(content_freep) struct trust_content *content = mem_new(1, sizeof(*content));
        reader_copy(&reader, magic, sizeof(magic));
        reader_copy(&reader, content->boot_id, sizeof(content->boot_id));
        content->generation = reader_u64(&reader);
        content->everybody = reader_u32(&reader);
        if (memcmp(magic, TRUST_MAGIC, sizeof(magic)) != 0 || !read_keys(&reader, content) ||
            !read_epochs(&reader, content) || !read_ended(&reader, content) || !reader_ended(&reader))
                return NULL;
        return TAKE(content);
}

uint8_t *trust_write(const struct trust_content *content, size_t *ret_length)
{
        ASSERT(content && ret_length && content->key_count <= TRUST_KEYS_MAX);
        ASSERT(content->epoch_count <= TRUST_LIST_MAX && content->ended_count <= TRUST_LIST_MAX);
        size_t size = 512 + content->epoch_count * EPOCH_BYTES + content->ended_count * ENDED_BYTES;
        uint8_t *bytes = mem_new(1, size);
        struct writer writer = writer_of(bytes, size);
        writer_copy(&writer, TRUST_MAGIC, sizeof(TRUST_MAGIC));
        writer_copy(&writer, content->boot_id, sizeof(content->boot_id));
        writer_u64(&writer, content->generation);
        writer_u32(&writer, content->everybody);
        writer_u16(&writer, content->key_count);
        for (size_t i = 0; i < content->key_count; i++) {
                writer_u32(&writer, content->keys[i].id);
                writer_copy(&writer, content->keys[i].public_key, PUBLIC_KEY_BYTES);
                writer_u64(&writer, content->keys[i].not_after_ms);
        }
        writer_u32(&writer, content->epoch_count);
        for (size_t i = 0; i < content->epoch_count; i++) {
                writer_u32(&writer, content->epochs[i].subject);
                writer_u32(&writer, content->epochs[i].epoch);
        }
        writer_u32(&writer, content->ended_count);
        for (size_t i = 0; i < content->ended_count; i++) {
                writer_u64(&writer, content->ended[i].session);
                writer_u64(&writer, content->ended[i].until_ms);
        }
        uint8_t hash[HASH_BYTES];
        crypto_sha256(bytes, writer_length(&writer), hash);
        writer_copy(&writer, hash, sizeof(hash));
        ASSERT(!writer.bad);
        *ret_length = writer_length(&writer);
        return bytes;
}

struct trust *trust_open(const char *directory)
{
        ASSERT(directory);
        int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return NULL;
        struct trust *trust = mem_new(1, sizeof(*trust));
        trust->directory = fd;
        trust->file = -1;
        crypto_random(trust->key, sizeof(trust->key));
        int error = clock_boot_id(trust->boot_id);
        if (error != 0) {
                trust_close(trust);
                errno = -error;
                return NULL;
        }
        return trust;
}

static void forget(struct trust *trust)
{
        fd_closep(&trust->file);
        trust->file = -1;
        trust_content_free(trust->content);
        trust->content = NULL;
}

void trust_close(struct trust *trust)
{
        if (!trust)
                return;
        forget(trust);
        close(trust->directory);
        crypto_wipe(trust, sizeof(*trust));
        free(trust);
}

/* Reads what is there now. On failure nothing is trusted until the file is another one. */
static int reload(struct trust *trust)
{
        forget(trust);
        trust->file = openat(trust->directory, TRUST_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (trust->file < 0)
                return -errno;
        struct stat status;
        if (fstat(trust->file, &status) != 0)
                return -errno;
        trust->dev = status.st_dev;
        trust->ino = status.st_ino;
        if (!S_ISREG(status.st_mode) || status.st_size <= 0 || status.st_size > TRUST_BYTES_MAX)
                return -EBADMSG;
        size_t length = (size_t)status.st_size;
        uint8_t *bytes = mem_new(1, length);
        ssize_t got = pread(trust->file, bytes, length, 0);
        struct trust_content *content = got == (ssize_t)length ? trust_parse(bytes, length) : NULL;
        free(bytes);
        if (content && memcmp(content->boot_id, trust->boot_id, BOOT_ID_BYTES) != 0) {
                trust_content_free(content);
                content = NULL;
        }
        trust->content = content;
        return content ? 0 : -EBADMSG;
}

const struct trust_content *trust_now(struct trust *trust)
{
        ASSERT(trust);
        struct stat status;
        if (trust->moment != 0 && trust->moment == trust->looked && trust->content)
                return trust->content;
        trust->looked = trust->moment;
        if (fstatat(trust->directory, TRUST_FILE, &status, AT_SYMLINK_NOFOLLOW) != 0) {
                int error = errno;
                forget(trust);
                errno = error;
                return NULL;
        }
        int error = 0;
        if (trust->file < 0 || status.st_ino != trust->ino || status.st_dev != trust->dev)
                error = reload(trust);
        if (!trust->content)
                errno = error ? -error : EBADMSG;
        return trust->content;
}

void trust_moment(struct trust *trust, uint64_t moment)
{
        ASSERT(trust);
        trust->moment = moment;
}

uint64_t trust_generation(struct trust *trust)
{
        const struct trust_content *content = trust_now(trust);
        return content ? content->generation : 0;
}

uint32_t trust_epoch_of(const struct trust_content *content, uint32_t subject)
{
        ASSERT(content);
        size_t low = 0, high = content->epoch_count;
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (content->epochs[middle].subject == subject)
                        return content->everybody + content->epochs[middle].epoch;
                if (content->epochs[middle].subject < subject)
                        low = middle + 1;
                else
                        high = middle;
        }
        return content->everybody;
}

bool trust_session_ended(const struct trust_content *content, uint64_t session)
{
        ASSERT(content);
        size_t low = 0, high = content->ended_count;
        while (low < high) {
                size_t middle = (low + high) / 2;
                if (content->ended[middle].session == session)
                        return true;
                if (content->ended[middle].session < session)
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

static size_t place(const uint8_t hash[HASH_BYTES])
{
        return (hash[0] | (unsigned)hash[1] << 8) % MEMORY_PLACES;
}

void trust_hash(const struct trust *trust, const void *bytes, size_t length, uint8_t ret_hash[HASH_BYTES])
{
        ASSERT(trust && bytes && ret_hash);
        crypto_keyed_hash(trust->key, bytes, length, ret_hash);
}

bool trust_remembers(const struct trust *trust, const uint8_t hash[HASH_BYTES], void *ret_facts, size_t size)
{
        ASSERT(trust && hash && ret_facts && size <= TRUST_FACTS_MAX);
        const struct remembered *remembered = &trust->memory[place(hash)];
        if (!crypto_equal(remembered->hash, hash, HASH_BYTES))
                return false;
        memcpy(ret_facts, remembered->facts, size);
        return true;
}

void trust_remember(struct trust *trust, const uint8_t hash[HASH_BYTES], const void *facts, size_t size)
{
        ASSERT(trust && hash && facts && size <= TRUST_FACTS_MAX);
        struct remembered *remembered = &trust->memory[place(hash)];
        memcpy(remembered->hash, hash, HASH_BYTES);
        memcpy(remembered->facts, facts, size);
}

const uint8_t *trust_boot_id(const struct trust *trust)
{
        ASSERT(trust);
        return trust->boot_id;
}
