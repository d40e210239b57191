/* The appliance's certificate for servers that are not ours: a copy in a folder of theirs, and how ProFTPD is told of
 * it. One that is broken is not taken: the machine's own is shown then, as the front end does.
 * Rights: root's, in bulkhead-transfers; reads both identities (libnas/tls/certificate.h says where), the installed one
 * first. */
#include "systemd/transfers/transfers.h"

#include "base/mem.h"
#include "sys/file.h"
#include "tls/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { IDENTITY_MAX = CERTIFICATE_PEM_MAX + CERTIFICATE_KEY_MAX };

/* By its first and last lines: nothing of it is taken apart with root's rights. The server looks closer, before it
 * takes it. */
static bool is_whole(const char *text)
{
        const char *key = strstr(text, "-----BEGIN PRIVATE KEY-----"), *key_end, *chain;
        return key != NULL && (key_end = strstr(key, "-----END PRIVATE KEY-----")) != NULL &&
               (chain = strstr(key_end, "-----BEGIN CERTIFICATE-----")) != NULL &&
               strstr(chain, "-----END CERTIFICATE-----") != NULL;
}

static int read_identity(const char *place, uint8_t **ret_bytes, size_t *ret_length)
{
        CLEANUP_FD int folder = file_directory(place);
        int result = folder < 0
                             ? folder
                             : file_read_below(folder, CERTIFICATE_IDENTITY_FILE, IDENTITY_MAX, ret_bytes, ret_length);
        if (result != 0 || is_whole((const char *)*ret_bytes))
                return result;
        explicit_bzero(*ret_bytes, *ret_length);
        free(*ret_bytes);
        *ret_bytes = NULL;
        return -EBADMSG;
}

/* A key of RSA that browsers take is too long for the short forms of a length, one on a curve is not; so they begin
 * with other letters. */
static const char *kind_of(const char *identity)
{
        static const char begins[] = "-----BEGIN PRIVATE KEY-----\nMII";
        return strncmp(identity, begins, strlen(begins)) == 0 ? "RSA" : "EC";
}

int certificate_copy(const char *target)
{
        char text[512];
        struct stat status;
        uint8_t *bytes = NULL;
        size_t length = 0;
        CLEANUP_FD int folder = file_directory(target);
        if (folder < 0 || fstat(folder, &status) != 0)
                return folder < 0 ? folder : -errno;
        int result = read_identity(CERTIFICATE_INSTALLED, &bytes, &length);
        if (result != 0)
                result = read_identity(CERTIFICATE_SELF_SIGNED, &bytes, &length);
        if (result != 0)
                return result;
        const char *kind = kind_of((const char *)bytes);
        snprintf(text, sizeof(text), "TLS%sCertificateFile %s/identity.pem\nTLS%sCertificateKeyFile %s/identity.pem\n",
                 kind, target, kind, target);
        result = file_replace(folder, "identity.pem", bytes, length, 0400, status.st_uid, status.st_gid);
        if (result == 0)
                result = file_replace(folder, "certificate.conf", text, strlen(text), 0400, status.st_uid,
                                      status.st_gid);
        explicit_bzero(bytes, length);
        free(bytes);
        return result;
}
