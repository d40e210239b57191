/* The types ceph_monitors, ceph_user, ceph_path, ceph_name and ceph_key: a file system of a Ceph cluster, who uses it
 * and by what. Its client reads them from a file of lines, so nothing is in them that begins another or is taken for
 * more.
 *
 * Rights: every process; none needed. */
#include "value/shape.h"
#include "value/types.h"

#include <string.h>

enum {
        NAME_MAX_BYTES = 64,
        PATH_MAX_BYTES = 200,
        MONITORS_MAX = 9,
        MONITORS_BYTES = 512,
        KEY_LEAST = 40,
        KEY_MOST = 128
};

#define NAME SHAPE_LETTERS SHAPE_DIGITS "_.-"

/* Is it HOST, HOST:PORT, ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT? */
static bool is_monitor(const char *text, size_t length)
{
        const char *end = length > 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;
        const size_t opened = end != NULL;
        const char *colon = end ? end + 1 : memchr(text, ':', length);
        const size_t host = colon ? (size_t)(colon - text) : length;
        if (host < length && (text[host] != ':' || !shape_number(text + host + 1, length - host - 1, 1, 65535)))
                return false;
        if (opened)
                return memchr(text, ':', host) && value_is(&value_address, text + 1, host - 2);
        return host > 0 && value_is(&value_remote_host, text, host);
}

static bool check_monitors(const char *text, size_t length)
{
        size_t count = 0;
        for (size_t at = 0; at <= length; count++) {
                const char *comma = memchr(text + at, ',', length - at);
                const size_t one = comma ? (size_t)(comma - text) - at : length - at;
                char copy[MONITORS_BYTES + 1];
                memcpy(copy, text + at, one);
                copy[one] = '\0';
                if (!is_monitor(copy, one))
                        return false;
                at += one + 1;
        }
        return count <= MONITORS_MAX;
}

const struct value_type value_ceph_monitors = {
        .name = "ceph_monitors",
        .says = "1 to 9 monitors with commas between: an address or a name, and :PORT when it is another than Ceph's "
                "own; IPv6 "
                "in [ ]",
        .pattern = NULL,
        .example = "192.0.2.7,192.0.2.8:6789",
        .max_bytes = MONITORS_BYTES,
        .check = check_monitors,
};

static bool check_name(const char *text, size_t length)
{
        return length > 0 && shape_only(text, length, NAME) && strchr(SHAPE_LETTERS SHAPE_DIGITS, text[0]) != NULL;
}

/* Ceph puts it before each; who copies both would name somebody else. */
static bool check_user(const char *text, size_t length)
{
        return check_name(text, length) && !shape_begins(text, length, "client.");
}

const struct value_type value_ceph_user = {
        .name = "ceph_user",
        .says = "the name of a client of the cluster without client. before it: 1 to 64 letters, digits and _ . -",
        .pattern = "^(?!client\\.)[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        .example = "nas",
        .max_bytes = NAME_MAX_BYTES,
        .check = check_user,
};

const struct value_type value_ceph_name = {
        .name = "ceph_name",
        .says = "the name of a file system of the cluster: 1 to 64 letters, digits and _ . -",
        .pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        .example = "cephfs",
        .max_bytes = NAME_MAX_BYTES,
        .check = check_name,
};

static bool check_path(const char *text, size_t length)
{
        for (size_t i = 0; length > 1 && i < length; i++)
                if (text[i] == '/' && (i + 1 == length || !strchr(SHAPE_LETTERS SHAPE_DIGITS "_", text[i + 1])))
                        return false;
        return length > 0 && text[0] == '/' && shape_only(text, length, NAME "/");
}

const struct value_type value_ceph_path = {
        .name = "ceph_path",
        .says = "/, or a path below it of letters, digits, _, - and ., of which no part begins with - or .",
        .pattern = "^(/|(?=.{2,200}$)(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+)$",
        .example = "/volumes/nas",
        .max_bytes = PATH_MAX_BYTES,
        .check = check_path,
};

/* Base64 as Ceph writes it, in fours. */
static bool check_key(const char *text, size_t length)
{
        size_t filled = length;
        while (filled > 0 && length - filled < 2 && text[filled - 1] == '=')
                filled--;
        return length >= KEY_LEAST && length % 4 == 0 && shape_only(text, filled, SHAPE_LETTERS SHAPE_DIGITS "+/");
}

const struct value_type value_ceph_key = {
        .name = "ceph_key",
        .says = "the secret key of the client as ceph auth get-key prints it, 40 to 128 characters",
        .pattern = "^(?=.{40,128}$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        .example = "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==",
        .max_bytes = KEY_MOST,
        .secret = true,
        .check = check_key,
};
