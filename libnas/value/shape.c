/* Small tests that several value types share.
 * Rights: every process; none needed. */
#include "value/shape.h"

#include "base/text.h"

#include <string.h>

bool shape_only(const char *text, size_t length, const char *allowed)
{
        for (size_t i = 0; i < length; i++)
                if (text[i] == '\0' || strchr(allowed, text[i]) == NULL)
                        return false;
        return length != 0;
}

bool shape_has(const char *text, size_t length, const char *characters)
{
        for (size_t i = 0; i < length; i++)
                if (strchr(characters, text[i]) != NULL)
                        return true;
        return false;
}

bool shape_begins(const char *text, size_t length, const char *prefix)
{
        size_t wanted = strlen(prefix);
        return length >= wanted && memcmp(text, prefix, wanted) == 0;
}

bool shape_is_one_of(const char *text, size_t length, const char *const *words)
{
        for (; *words != NULL; words++)
                if (length != 0 && (*words)[0] == text[0] && strlen(*words) == length &&
                    memcmp(text, *words, length) == 0)
                        return true;
        return false;
}

bool shape_number(const char *text, size_t length, unsigned long long least, unsigned long long most)
{
        if (!shape_only(text, length, SHAPE_DIGITS) || length > 18 || (text[0] == '0' && length > 1))
                return false;
        unsigned long long value = 0;
        for (size_t i = 0; i < length; i++)
                value = value * 10 + (unsigned)(text[i] - '0');
        return value >= least && value <= most;
}

bool shape_unix_name(const char *text, size_t length)
{
        return shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS "-_") && length <= 31 &&
               strchr(SHAPE_LOWER "_", text[0]) != NULL && text[length - 1] != '-';
}

/* Being in some of these groups means rights; the accounts among them must not be shadowed. */
static const char *const taken[] = {
        "root",       "daemon",        "bin",      "sys",          "sync",       "adm",
        "tty",        "disk",          "lp",       "mail",         "news",       "uucp",
        "man",        "proxy",         "kmem",     "dialout",      "fax",        "voice",
        "cdrom",      "floppy",        "tape",     "sudo",         "audio",      "dip",
        "www-data",   "backup",        "operator", "list",         "irc",        "src",
        "shadow",     "utmp",          "video",    "sasl",         "plugdev",    "staff",
        "games",      "users",         "nogroup",  "nobody",       "wheel",      "input",
        "sgx",        "kvm",           "render",   "crontab",      "netdev",     "docker",
        "podman",     "lxd",           "libvirt",  "libvirt-qemu", "messagebus", "postgres",
        "ssl-cert",   "ssh",           "sshd",     "_ssh",         "_apt",       "_rpc",
        "_chrony",    "tss",           "ntp",      "ntpsec",       "avahi",      "statd",
        "uuidd",      "gnats",         "polkitd",  "rtkit",        "ftp",        "sambashare",
        "sambausers", "winbindd_priv", "ganesha",  "gluster",      "nut",        "fuse",
        "dnsmasq",    "bind",          "mysql",    "redis",        "nginx",      "lighttpd",
        "exim",       "postfix",       "postdrop", "dovecot",      "minidlna",   "sssd",
        "console",    "setup",         "system",   "admin-setup",  NULL};

bool shape_own_name(const char *text, size_t length)
{
        return shape_unix_name(text, length) && !shape_is_one_of(text, length, taken) &&
               !shape_begins(text, length, "bulkhead") && !shape_begins(text, length, "systemd");
}

static bool is_label(const char *text, size_t length)
{
        return length <= 63 && shape_only(text, length, SHAPE_LOWER SHAPE_DIGITS "-") && text[0] != '-' &&
               text[length - 1] != '-';
}

bool shape_host(const char *text, size_t length)
{
        const char *last = text, *end = text + length;
        if (length > 253)
                return false;
        for (const char *dot; (dot = memchr(last, '.', (size_t)(end - last))) != NULL; last = dot + 1)
                if (!is_label(last, (size_t)(dot - last)))
                        return false;
        return last != text && is_label(last, (size_t)(end - last)) && strchr(SHAPE_LOWER, *last) != NULL;
}

bool shape_lines(const char *text, size_t length)
{
        for (size_t i = 0; i < length;) {
                size_t plain = strcspn(text + i, "\n\r\t");
                if (!text_printable(text + i, plain))
                        return false;
                i += plain + 1;
        }
        return length != 0;
}

bool shape_token(const char *text, size_t length, const char *prefix, size_t least, size_t most)
{
        size_t head = strlen(prefix);
        return shape_begins(text, length, prefix) && length - head >= least && length - head <= most &&
               shape_only(text + head, length - head, SHAPE_BASE64);
}

static bool is_partition(const char *text, size_t length)
{
        size_t digits = 0;
        while (digits < length && text[length - digits - 1] >= '0' && text[length - digits - 1] <= '9')
                digits++;
        return digits > 0 && length - digits >= 5 && memcmp(text + length - digits - 5, "-part", 5) == 0;
}

bool shape_disk(const char *text, size_t length)
{
        return length <= 127 && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_.:+=@#-") &&
               strchr(SHAPE_LETTERS SHAPE_DIGITS, text[0]) && !is_partition(text, length);
}

bool shape_file_name(const char *text, size_t length)
{
        return length <= 64 && shape_only(text, length, SHAPE_LETTERS SHAPE_DIGITS "_. -") && !strchr(". -", text[0]) &&
               !strchr(". ", text[length - 1]);
}
