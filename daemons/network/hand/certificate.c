/* The certificate in force: one file with key and chain for the front end, replaced by one rename, and its chain once
 * more for all who show it. What is in them is not looked at here, but that the certificate is the one that the person
 * confirmed.
 * Rights: the network hand; the only writer of its folder, whose files belong to the front end's group. */
#include "daemons/network/hand/network.h"

#define IDENTITY_FILE "identity.pem" /* as libnas/tls/certificate.h names them */
#define CHAIN_FILE    "chain.pem"
enum { DER_MAX = 16 * 1024 };

int identity_is_that(const struct act_context *context, const char *identity, struct failure *failure)
{
        const char *at = identity, *end = identity + strlen(identity);
        uint8_t *der = arena_alloc(context->arena, DER_MAX), hash[HASH_BYTES];
        char text[2 * HASH_BYTES + 1];
        struct pem_block block;
        bool found = false;
        while (!found && pem_next(&at, end, &block))
                found = block.certificate;
        long length = found ? pem_decode(&block, der, DER_MAX) : -1;
        if (length > 0) {
                crypto_sha256(der, (size_t)length, hash);
                text_hex(hash, sizeof(hash), text);
                if (strcmp(text, act_text(context, "fingerprint")) == 0)
                        return 0;
        }
        return failure_set(failure, FAILURE_INVALID, "fingerprint", "", "is not that of the certificate");
}

int certificate_is_that(struct act_context *context, struct failure *failure)
{
        return identity_is_that(context, act_text(context, "identity"), failure);
}

/* The chain first: should it end in between, what is shown is put right when the plan is taken up again, and what is
 * served was never half. */
int identity_publish(const struct act_context *context, const char *identity, struct failure *failure)
{
        const struct network *network = context->state;
        size_t length = strlen(identity), used = 0;
        const char *at = identity;
        char *chain = arena_alloc(context->arena, length + 1);
        struct pem_block block;
        while (pem_next(&at, identity + length, &block))
                if (block.certificate) {
                        memcpy(chain + used, block.start, block.length);
                        used += block.length;
                }
        int result = file_put(network->tls, CHAIN_FILE, chain, used, 0644);
        if (result == 0)
                result = file_put(network->tls, IDENTITY_FILE, identity, length, 0640);
        return failure_system(failure, FAILURE_FAILED, TLS_DIRECTORY, result);
}

/* For the undo; nothing there is kept as nothing. */
static int keep(struct act_context *context, struct failure *failure)
{
        const struct network *network = context->state;
        uint8_t *bytes = NULL;
        size_t length = 0;
        int result = file_read_below(network->tls, IDENTITY_FILE, IDENTITY_MAX, &bytes, &length);
        if (result != -ENOENT && failure_system(failure, FAILURE_FAILED, IDENTITY_FILE, result) != 0)
                return -1;
        result = act_keep(context, bytes ? bytes : (const uint8_t *)"", length, failure);
        if (bytes)
                crypto_wipe(bytes, length);
        free(bytes);
        return result;
}

int certificate_put(struct act_context *context, struct failure *failure)
{
        return keep(context, failure) == 0 ? identity_publish(context, act_text(context, "identity"), failure) : -1;
}

static int drop(const struct network *network, struct failure *failure)
{
        int result = file_remove(network->tls, IDENTITY_FILE);
        if (result == 0)
                result = file_remove(network->tls, CHAIN_FILE);
        return failure_system(failure, FAILURE_FAILED, TLS_DIRECTORY, result);
}

int certificate_drop(struct act_context *context, struct failure *failure)
{
        return keep(context, failure) == 0 ? drop(context->state, failure) : -1;
}

int certificate_restore(struct act_context *context, struct failure *failure)
{
        uint8_t *kept;
        size_t length;
        int result = act_kept(context, &kept, &length);
        if (result != 0) /* nothing kept: nothing was changed */
                return result == -ENOENT ? 0 : failure_system(failure, FAILURE_FAILED, "journal", result);
        result = length > 0 ? identity_publish(context, (const char *)kept, failure) : drop(context->state, failure);
        crypto_wipe(kept, length);
        free(kept);
        return result;
}
