/* Certificates and keys as strangers send them, and what is said while one is fetched. The first byte chooses: a chain;
 * a chain and a key, cut apart by a NUL; the hand's strict reading; settings; a log.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/network/clerk/network.h"
#include "value/pem.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void chain(const char *text, size_t length)
{
        struct tls_facts facts = {.name_count = 0};
        struct failure failure = {.code = FAILURE_NONE};
        if (certificate_read(text, length, "chain", &facts, &failure) != 0) {
                ASSERT(failure.code == FAILURE_INVALID && failure.message[0] != '\0');
                return;
        }
        ASSERT(strlen(facts.fingerprint) == 95 && strlen(facts.not_after) == 20 && facts.name_count > 0);
        ASSERT(text_printable(facts.subject, strlen(facts.subject)) &&
               text_printable(facts.issuer, strlen(facts.issuer)));
        for (unsigned i = 0; i < facts.name_count; i++)
                ASSERT(value_check(&value_subject_name, "name", facts.names[i], strlen(facts.names[i]), NULL) == 0 ||
                       facts.names[i][0] == '-');
}

static void identity(const char *text, size_t length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const char *key = memchr(text, '\0', length);
        if (key == NULL)
                return;
        struct failure failure = {.code = FAILURE_NONE};
        const char *made = certificate_identity(text, (size_t)(key - text), key + 1, length - (size_t)(key - text) - 1,
                                                arena, &failure);
        ASSERT(made != NULL || failure.code == FAILURE_INVALID);
        if (made != NULL) /* what the clerk writes the hand takes */
                ASSERT(value_check(&value_pem_identity, "identity", made, strlen(made), NULL) == 0);
}

static void blocks(const char *text, size_t length)
{
        const char *at = text, *end = text + length;
        uint8_t der[16 * 1024];
        struct pem_block block;
        for (const char *before = at; pem_next(&at, end, &block); before = at) {
                ASSERT(at > before && at <= end && block.start >= text && block.start + block.length <= end);
                ASSERT(block.certificate != block.key && block.body >= block.start);
                (void)pem_decode(&block, der, sizeof(der));
        }
}

static void texts(char *text, bool log)
{
        struct acme acme = {.message = ""};
        if (log && acme_read_log(text, &acme))
                ASSERT(strchr(acme.message, '\n') == NULL);
        if (!log && acme_read_settings(text, &acme))
                for (size_t i = 0; i < acme.name_count; i++)
                        ASSERT(value_check(&value_host_name, "name", acme.names[i], strlen(acme.names[i]), NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        if (length == 0)
                return 0;
        char *text = mem_new(length, 1); /* one byte less, and the NUL */
        memcpy(text, bytes + 1, length - 1);
        certificate_start();
        if (bytes[0] == 'c')
                chain(text, length - 1);
        else if (bytes[0] == 'i')
                identity(text, length - 1);
        else if (bytes[0] == 'b')
                blocks(text, length - 1);
        else
                texts(text, bytes[0] == 'l');
        free(text);
        return 0;
}
