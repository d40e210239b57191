/* SHA-1 for the greeting of WebSockets.
 * Rights: the front end; none needed. */
#include "tls/sha1.h"

#include "base/log.h"

#include <openssl/evp.h>

void sha1_base64(const void *bytes, size_t length, char ret_text[SHA1_BASE64_SIZE])
{
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        if (EVP_Digest(bytes, length, hash, &size, EVP_sha1(), NULL) != 1 || size != 20)
                log_fatal("OpenSSL: no SHA-1");
        (void)EVP_EncodeBlock((unsigned char *)ret_text, hash, 20);
}
