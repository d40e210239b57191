/* The set-up code.
 * Rights: the users hand; a file of its own. */
#include "ticket/setup_code.h"

#include "base/crypto.h"
#include "base/log.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

int setup_code_kept(int dir_fd, const char *name, char ret_code[CODE_SIZE])
{
        ASSERT(name != NULL && ret_code != NULL);
        uint8_t *text = NULL, random[CODE_RANDOM_BYTES];
        size_t length = 0;
        int result = file_read_below(dir_fd, name, CODE_SIZE, &text, &length);
        if (result == 0 && text != NULL && length == CODE_SIZE - 1) {
                memcpy(ret_code, text, CODE_SIZE - 1);
                ret_code[CODE_SIZE - 1] = '\0';
        } else {
                crypto_random(random, sizeof(random));
                code_make(random, ret_code);
                crypto_wipe(random, sizeof(random));
                result = file_put(dir_fd, name, ret_code, CODE_SIZE - 1, 0600);
        }
        if (text != NULL)
                crypto_wipe(text, length);
        free(text);
        return result;
}
