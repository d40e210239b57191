/* The CSRF token: a hash of the session, in a cookie that scripts of our pages can read and send back as a header. A
 * page from elsewhere can do neither, and nothing has to be remembered.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/text.h"

void csrf_of(struct http_text session, char ret_text[CSRF_SIZE])
{
        ASSERT(session.bytes != NULL);
        static const uint8_t domain[32] = "bulkhead csrf token 1";
        uint8_t hash[HASH_BYTES];

        crypto_keyed_hash(domain, session.bytes, session.length, hash);
        text_hex(hash, sizeof(hash), ret_text);
}
