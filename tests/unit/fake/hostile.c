/* Hostile values; everything here is JSON already, so that a NUL and halves of characters can be in a text.
 * Rights: none; pure functions. */
#include "tests/unit/fake/hostile.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

uint32_t dice_roll(struct dice *dice, uint32_t sides)
{
        uint64_t x = dice->state += 0x9e3779b97f4a7c15u; /* splitmix64 */
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return (uint32_t)((x ^ (x >> 31)) >> 32) % sides;
}

static const char *const breaks[] = {"\\n",        "\\r\\n",  "\\r",      "\\u0000", "\\u000b", "\\u000c",
                                     "\\u001b[2J", "\\u2028", "\\u2029",  "\\u0085", "\\\\\\n", "\\\\",
                                     "\\\\\\\\",   ";",       "#",        " #",      "%U",      "%(x)",
                                     "%$(HOME)",   "$(id)",   "`id`",     "${IFS}",  "'",       "\\\"",
                                     "]",          "[",       "[global]", "=",       " = ",     ",",
                                     "+",          "&",       "@",        "&+",      "|",       "<",
                                     ">",          "*",       "?",        "/",       "//",      "/../",
                                     "/./",        "..",      ".",        " ",       "\\t",     "\\u00a0",
                                     "\\u202e",    "\\ufeff", "\\u0301",  "\\u00e9", "-",       "--",
                                     "~",          "{",       "}",        ":",       "\\u007f", "\\ud83c\\udfd4",
                                     "\\ud800",    "\\udc00", "\\ud83c"};
static const char *const lines[] = {"root preexec = /bin/sh -c id",
                                    "include = /etc/shadow",
                                    "[global]",
                                    "path = /",
                                    "force user = root",
                                    "vfs objects = x",
                                    "user = root",
                                    "admin users = alice",
                                    "magic script = x",
                                    "guest ok = yes",
                                    "wide links = yes",
                                    "/etc/passwd",
                                    "CLIENT { Clients = *; Access_Type = RW; Squash = No_Root_Squash; }",
                                    "TLSRequired off",
                                    "LDAPTLS_REQCERT=never",
                                    "ExecStart=/bin/sh"};
static const char *const words[] = {"global",
                                    "homes",
                                    "GLOBAL",
                                    "printers",
                                    "ipc$",
                                    "root",
                                    "@root",
                                    "+root",
                                    "&root",
                                    "0",
                                    "::/0",
                                    "0.0.0.0/0",
                                    "ALL",
                                    "EXCEPT",
                                    "/etc",
                                    "/srv",
                                    "/srv/",
                                    "/srv/..",
                                    "/srv/tank",
                                    "/srv/tank/.snapshots/photos",
                                    "",
                                    "yes",
                                    "no",
                                    "Required",
                                    "-rf",
                                    "--help",
                                    "-",
                                    "../../etc/passwd",
                                    "ssh.service",
                                    "%n",
                                    "%s%s%s",
                                    "null",
                                    "18446744073709551616",
                                    "1e3",
                                    "nan",
                                    "@",
                                    "\\\\",
                                    "BULK\\\\root",
                                    "@BULK\\\\Domain Admins",
                                    "root@directory",
                                    "* rw squash=none",
                                    "@all",
                                    "fe80::1%eth0",
                                    "127.0.0.1",
                                    "1.2.3.4/33"};
#define ONE_OF(dice, list) (list)[dice_roll(dice, ARRAY_SIZE(list))]

/* One character, of any kind; halves of those that take two are none, and are refused as JSON already. */
static const char *any(struct dice *dice, struct arena *arena)
{
        static const uint32_t ends[] = {0x80, 0x80, 0x100, 0xd800, 0x10000};
        return arena_printf(arena, "\\u%04x", (unsigned)dice_roll(dice, ONE_OF(dice, ends)));
}

static const char *quoted_part(const char *text, size_t length, struct arena *arena)
{
        const char *all = "";
        for (const unsigned char *at = (const unsigned char *)text; length > 0; length--, at++)
                all = *at < ' ' || strchr("\"\\\x7f", *at) ? arena_printf(arena, "%s\\u%04x", all, (unsigned)*at)
                                                           : arena_printf(arena, "%s%c", all, *at);
        return all;
}

const char *hostile_quoted(const char *text, struct arena *arena)
{
        return arena_printf(arena, "\"%s\"", quoted_part(text, strlen(text), arena));
}

/* With something in the place of so many bytes. */
static const char *mended(const char *good, size_t at, size_t taken, const char *put, struct arena *arena)
{
        const size_t length = strlen(good), behind = at + taken > length ? length : at + taken;
        return arena_printf(arena, "\"%s%s%s\"", quoted_part(good, at, arena), put,
                            quoted_part(good + behind, length - behind, arena));
}

static const char *noise(struct dice *dice, struct arena *arena)
{
        const char *all = "";
        for (uint32_t left = dice_roll(dice, 40) + 1; left > 0; left--)
                all = arena_printf(arena, "%s%s", all, any(dice, arena));
        return arena_printf(arena, "\"%s\"", all);
}

/* Too long, by letters that are right. */
static const char *endless(struct dice *dice, const char *good, struct arena *arena)
{
        static const uint32_t sizes[] = {15, 31, 80, 128, 200, 256, 512, 600, 4096};
        const uint32_t size = ONE_OF(dice, sizes) + dice_roll(dice, 3);
        char *more = arena_alloc(arena, size + 1);
        memset(more, 'a' + (int)dice_roll(dice, 26), size);
        more[size] = '\0';
        return mended(good, strlen(good), 0, more, arena);
}

const char *hostile_text(struct dice *dice, const char *good, struct arena *arena)
{
        const size_t length = strlen(good), at = dice_roll(dice, (uint32_t)length + 1);
        switch (dice_roll(dice, 9)) {
        case 0:
                return arena_printf(arena, "\"%s\"", ONE_OF(dice, words));
        case 1:
                return mended(good, length, 0, arena_printf(arena, "%s%s", ONE_OF(dice, breaks), ONE_OF(dice, lines)),
                              arena);
        case 2:
                return mended(good, at, 0, ONE_OF(dice, breaks), arena);
        case 3:
                return mended(good, 0, 0, ONE_OF(dice, breaks), arena);
        case 4:
                return mended(good, length, 0, ONE_OF(dice, breaks), arena);
        case 5:
                return noise(dice, arena);
        case 6:
                return dice_roll(dice, 8) == 0 ? endless(dice, good, arena)
                                               : mended(good, at, dice_roll(dice, 4), "", arena);
        case 7:
                return mended(good, at, dice_roll(dice, 2), any(dice, arena), arena);
        default: /* nearly right */
                return mended(good, at, dice_roll(dice, 3), arena_printf(arena, "%c", (int)dice_roll(dice, 26) + 'a'),
                              arena);
        }
}

const char *hostile_other(struct dice *dice)
{
        static char number[32];
        static const char *const others[] = {"-1",
                                             "0",
                                             "1",
                                             "40000",
                                             "9007199254740991",
                                             "9007199254740992",
                                             "18446744073709551616",
                                             "1.5",
                                             "1e3",
                                             "true",
                                             "false",
                                             "null",
                                             "[]",
                                             "{}",
                                             "[[]]",
                                             "[null]",
                                             "[{}]",
                                             "\"\"",
                                             "\"yes\"",
                                             "\"1\"",
                                             "\"true\"",
                                             "1000001",
                                             "1000000",
                                             "65535",
                                             "65536",
                                             "1023",
                                             "1024",
                                             "-0",
                                             "[\"smb\",\"smb\"]",
                                             "[\"sftp\",\"sftp\"]",
                                             "[\"ftp\",\"sftp\",\"webdav\",\"rsync\"]",
                                             "\"required\"",
                                             "{\"id\":1}"};
        if (dice_roll(dice, 3) > 0)
                return ONE_OF(dice, others);
        snprintf(number, sizeof(number), "%lld",
                 (long long)dice_roll(dice, UINT32_MAX) - (dice_roll(dice, 4) == 0 ? INT32_MAX : 0));
        return number;
}
