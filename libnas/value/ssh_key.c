/* The type ssh_key: one line of an authorized_keys file, without options.
 * Rights: every process; none needed. */
#include "base/bytes.h"
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum { KEY_BYTES_MAX = 1024 };

/* Keys are in standard base64, text.h reads base64url: translate, and take the padding off, which must be right. */
static long decode(const char *text, size_t length, uint8_t target[KEY_BYTES_MAX])
{
        char copy[KEY_BYTES_MAX * 4 / 3 + 4];
        if (length % 4 != 0 || length > sizeof copy)
                return -1;
        for (int i = 0; i < 2 && length != 0 && text[length - 1] == '='; i++)
                length--;
        for (size_t i = 0; i < length; i++) {
                if (text[i] == '-' || text[i] == '_')
                        return -1;
                copy[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
        }
        return text_unbase64(copy, length, target, KEY_BYTES_MAX);
}

static bool check(const char *text, size_t length)
{
        static const char *const kinds[] = {"ssh-ed25519",
                                            "sk-ssh-ed25519@openssh.com",
                                            "ecdsa-sha2-nistp256",
                                            "ecdsa-sha2-nistp384",
                                            "ecdsa-sha2-nistp521",
                                            "sk-ecdsa-sha2-nistp256@openssh.com",
                                            "ssh-rsa",
                                            NULL};
        const char *blank = memchr(text, ' ', length);
        if (blank == NULL || !shape_is_one_of(text, (size_t)(blank - text), kinds))
                return false;
        size_t kind_length = (size_t)(blank - text);
        const char *body = blank + 1, *end = text + length;
        const char *comment = memchr(body, ' ', (size_t)(end - body));
        size_t body_length = (size_t)((comment == NULL ? end : comment) - body);
        if (comment != NULL && (!text_printable(comment, (size_t)(end - comment)) ||
                                memchr(comment, '"', (size_t)(end - comment)) != NULL))
                return false;
        /* The key names its own kind: both must say the same. */
        uint8_t key[KEY_BYTES_MAX];
        long key_length = decode(body, body_length, key);
        if (key_length < 0)
                return false;
        struct reader reader = reader_of(key, (size_t)key_length);
        size_t inner_length;
        const uint8_t *inner = reader_field32(&reader, &inner_length);
        return inner != NULL && inner_length == kind_length && memcmp(inner, text, kind_length) == 0 &&
               reader.at < reader.end;
}

const struct value_type value_ssh_key = {
        .name = "ssh_key",
        .says = "one public key as ssh-keygen writes it: its kind, the key, and perhaps a comment; no options",
        .pattern = "^(ssh-ed25519|sk-ssh-ed25519@openssh\\.com|ecdsa-sha2-nistp(256|384|521)|"
                   "sk-ecdsa-sha2-nistp256@openssh\\.com|ssh-rsa) [A-Za-z0-9+/]+={0,2}( .*)?$",
        .example = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@laptop",
        .max_bytes = 1500,
        .check = check,
};
