/* Every value type: the first line names one, the rest is the text. What is accepted keeps what all types promise.
 * Rights: none. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "value/credential.h"
#include "value/types.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void accepted(const struct value_type *type, const char *text, size_t length)
{
        ASSERT(length <= type->max_bytes && length != 0);
        ASSERT(memchr(text, '\0', length) == NULL && text_utf8_valid(text, length));
        if (type != &value_password_try && !type->lines)
                ASSERT(text_printable(text, length));
        if (type != &value_credential)
                return;
        struct credential credential;
        char again[CREDENTIAL_TEXT_SIZE];
        ASSERT(credential_read(text, length, &credential) == 0);
        credential_write(&credential, again);
        ASSERT(strlen(again) == length && memcmp(again, text, length) == 0);
}

static void judge(const struct value_type *type, const uint8_t *bytes, size_t length)
{
        char *text = mem_new(length + 1, 1); /* with the NUL that the contract of check promises */
        if (length != 0)
                memcpy(text, bytes, length);
        struct failure failure = {0};
        if (value_check(type, "field", text, length, &failure) == 0)
                accepted(type, text, length);
        else
                ASSERT(failure.code == FAILURE_INVALID && failure.message[0] != '\0');
        char shown[64];
        text_escape(text, length, shown, sizeof shown);
        ASSERT(text_printable(shown, strlen(shown)));
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char name[32] = "";
        const uint8_t *end = length == 0 ? NULL : memchr(bytes, '\n', length);
        if (end == NULL || (size_t)(end - bytes) >= sizeof name)
                return 0;
        memcpy(name, bytes, (size_t)(end - bytes));
        const struct value_type *type = value_type_find(name);
        if (type != NULL)
                judge(type, end + 1, length - (size_t)(end - bytes) - 1);
        return 0;
}
