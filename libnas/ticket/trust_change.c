/* Revoking and renewing: changes to what the trust file says.
 * Rights: the users hand; pure functions. */
#include "base/log.h"
#include "base/mem.h"
#include "ticket/trust.h"

#include <stdlib.h>
#include <string.h>

void trust_content_raise(struct trust_content *content, uint32_t subject)
{
        ASSERT(content);
        uint32_t at = 0;
        while (at < content->epoch_count && content->epochs[at].subject < subject)
                at++;
        if (at == content->epoch_count || content->epochs[at].subject != subject) {
                if (content->epoch_count >= TRUST_LIST_MAX) { /* more than there can be accounts: end everybody's */
                        content->everybody++;
                        return;
                }
                content->epochs = mem_grow(content->epochs, content->epoch_count + 1u, sizeof(*content->epochs));
                memmove(&content->epochs[at + 1], &content->epochs[at],
                        (content->epoch_count - at) * sizeof(*content->epochs));
                content->epochs[at] = (struct trust_epoch){.subject = subject};
                content->epoch_count++;
        }
        content->epochs[at].epoch++;
}

void trust_content_end(struct trust_content *content, uint64_t session, uint64_t now_ms, uint64_t until_ms)
{
        ASSERT(content);
        struct trust_ended *ended = mem_new(content->ended_count + 1u, sizeof(*ended));
        uint32_t count = 0;
        bool placed = false;
        for (uint32_t i = 0; i < content->ended_count; i++) {
                const struct trust_ended *old = &content->ended[i];
                if (old->until_ms <= now_ms || old->session == session)
                        continue;
                if (!placed && old->session > session) {
                        ended[count++] = (struct trust_ended){session, until_ms};
                        placed = true;
                }
                ended[count++] = *old;
        }
        if (!placed)
                ended[count++] = (struct trust_ended){session, until_ms};
        free(content->ended);
        content->ended = ended;
        content->ended_count = count;
        if (count > TRUST_LIST_MAX) { /* more than the list holds: all tickets end, sessions renew theirs */
                content->ended_count = 0;
                content->everybody++;
        }
}

bool trust_content_key(struct trust_content *content, uint32_t id, const uint8_t public_key[PUBLIC_KEY_BYTES],
                       uint64_t now_ms, uint64_t until_ms)
{
        ASSERT(content && public_key);
        struct trust_key kept[TRUST_KEYS_MAX + 1];
        uint16_t count = 0;
        for (uint16_t i = 0; i < content->key_count; i++) {
                kept[count] = content->keys[i];
                if (kept[count].not_after_ms == 0)
                        kept[count].not_after_ms = until_ms;
                if (kept[count].not_after_ms > now_ms && kept[count].id != id)
                        count++;
        }
        if (count >= TRUST_KEYS_MAX)
                return false;
        kept[count] = (struct trust_key){.id = id};
        memcpy(kept[count++].public_key, public_key, PUBLIC_KEY_BYTES);
        memcpy(content->keys, kept, count * sizeof(*kept));
        content->key_count = count;
        return true;
}

bool trust_content_resume(struct trust_content *content, const void *bytes, size_t length,
                          const uint8_t boot_id[BOOT_ID_BYTES], uint64_t now)
{
        ASSERT(content && boot_id);
        struct trust_content *was = bytes ? trust_parse(bytes, length) : NULL;
        bool same = was && memcmp(was->boot_id, boot_id, BOOT_ID_BYTES) == 0;
        *content = same ? *was : (struct trust_content){.generation = now};
        if (same)
                free(was);
        else
                trust_content_free(was);
        memcpy(content->boot_id, boot_id, BOOT_ID_BYTES);
        return same;
}
