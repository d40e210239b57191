/* Sessions (bhs_ID_SECRET_CHECK) and API keys (bhk_ID_SECRET_CHECK) as text: a form that scanners for leaked secrets
 * find, with a check at the end so that a mistyped one is known without a look-up. */
#ifndef BULKHEAD_VALUE_CREDENTIAL_H
#define BULKHEAD_VALUE_CREDENTIAL_H

#include <stddef.h>
#include <stdint.h>

enum { CREDENTIAL_SECRET_BYTES = 32, CREDENTIAL_TEXT_SIZE = 80 };
enum credential_kind { CREDENTIAL_SESSION = 's', CREDENTIAL_KEY = 'k' };

struct credential {
        enum credential_kind kind;
        uint64_t id;
        uint8_t secret[CREDENTIAL_SECRET_BYTES];
};

void credential_write(const struct credential *credential, char target[CREDENTIAL_TEXT_SIZE]);
/* 0, or -1 (output untouched) when it is no credential or the check is wrong. */
int credential_read(const char *text, size_t length, struct credential *ret_credential);

#endif
