/* The types service, a data service that Bulkhead runs, and service_key, its name or number.
 * Rights: every process; none needed. */
#include "value/service.h"
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

/* A number is never given to another. */
#define SERVICES "smb", "nfs", "mdns", "wsd", "ftp", "sftp", "webdav", "rsync"
const char *const service_names[] = {SERVICES, NULL};

static bool check(const char *text, size_t length)
{
        return shape_is_one_of(text, length, service_names);
}

const struct value_type value_service = {
        .name = "service",
        .says = "smb, nfs, mdns, wsd, ftp, sftp, webdav or rsync",
        .pattern = "^(smb|nfs|mdns|wsd|ftp|sftp|webdav|rsync)$",
        .example = "smb",
        .max_bytes = 16,
        .check = check,
};

static bool check_key(const char *text, size_t length)
{
        return check(text, length) || shape_number(text, length, 1, sizeof(service_names) / sizeof(*service_names) - 1);
}

const struct value_type value_service_key = {
        .name = "service_key",
        .says = "smb, nfs, mdns, wsd, ftp, sftp, webdav or rsync, or its number",
        .pattern = "^(smb|nfs|mdns|wsd|ftp|sftp|webdav|rsync|[1-8])$",
        .example = "smb",
        .max_bytes = 16,
        .check = check_key,
};
