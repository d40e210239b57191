/* The type user_name: the name of a Unix account.
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

/* Accounts of Debian and of the services we run: they must not be shadowed, however few are installed today. */
static const char *const taken[] = {"root",  "daemon", "bin",        "sys",   "sync",     "games",   "man",   "lp",
                                    "mail",  "news",   "uucp",       "proxy", "www-data", "backup",  "list",  "irc",
                                    "gnats", "nobody", "messagebus", "sshd",  "postgres", "ntp",     "avahi", "statd",
                                    "tss",   "uuidd",  "_apt",       "setup", "ftp",      "console", NULL};

static bool check(const char *text, size_t length)
{
        return shape_unix_name(text, length) && !shape_is_one_of(text, length, taken) &&
               !shape_begins(text, length, "bulkhead") && !shape_begins(text, length, "systemd");
}

const struct value_type value_user_name = {
        .name = "user_name",
        .says = "1 to 31 of a-z, 0-9, - and _, beginning with a letter or _, not ending with -, and not a name that "
                "the system uses",
        .pattern = "^[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?$",
        .example = "alice",
        .max_bytes = 31,
        .check = check,
};
