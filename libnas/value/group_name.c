/* The type group_name: the name of a Unix group of Bulkhead.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

/* Membership in these means rights: they are never ours to give. */
static const char *const taken[] = {
        "root",     "daemon", "bin",    "sys",      "adm",     "tty",      "disk",  "lp",      "mail",       "news",
        "uucp",     "man",    "proxy",  "kmem",     "dialout", "fax",      "voice", "cdrom",   "floppy",     "tape",
        "sudo",     "audio",  "dip",    "www-data", "backup",  "operator", "list",  "irc",     "src",        "shadow",
        "utmp",     "video",  "sasl",   "plugdev",  "staff",   "games",    "users", "nogroup", "wheel",      "input",
        "sgx",      "kvm",    "render", "crontab",  "netdev",  "docker",   "lxd",   "libvirt", "messagebus", "postgres",
        "ssl-cert", "ssh",    "_ssh",   "tss",      "setup",   NULL};

static bool check(const char *text, size_t length)
{
        return shape_unix_name(text, length) && !shape_is_one_of(text, length, taken) &&
               !shape_begins(text, length, "bulkhead") && !shape_begins(text, length, "systemd");
}

const struct value_type value_group_name = {
        .name = "group_name",
        .says = "1 to 31 of a-z, 0-9, - and _, beginning with a letter or _, not ending with -, and not a group that "
                "the system uses",
        .pattern = "^[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?$",
        .example = "family",
        .max_bytes = 31,
        .check = check,
};
