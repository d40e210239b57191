/* Who did what in a share, as Samba's full_audit says it: "who|address|share|what|how it ended|" and what it was done
 * to. What stands before the file's name is Samba's own; the name is whatever a client made of it, and so is the last.
 * Rights: none; pure functions. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4096, WORD_MAX = 256 };
/* What a client asks for when it opens a file: MS-SMB2, 2.2.13.1. */
enum {
        WRITE_DATA = 0x2,
        APPEND_DATA = 0x4,
        DELETE = 0x10000,
        WRITE_RIGHTS = 0x40000,
        WRITE_OWNER = 0x80000,
        GENERIC_ALL = 0x10000000,
        GENERIC_WRITE = 0x40000000
};

struct part {
        const char *text;
        size_t length;
};

/* Up to the next bar, which is taken off; all when there is none. */
static struct part next(struct part *rest)
{
        const char *bar = memchr(rest->text, '|', rest->length);
        struct part one = {rest->text, bar ? (size_t)(bar - rest->text) : rest->length};
        const size_t taken = one.length + (bar != NULL);
        *rest = (struct part){rest->text + taken, rest->length - taken};
        return one;
}

static bool is(struct part part, const char *word)
{
        return part.length == strlen(word) && memcmp(part.text, word, part.length) == 0;
}

static const char *shown(struct part part, size_t most, struct arena *arena)
{
        const size_t room = 4 * part.length < most ? 4 * part.length : most;
        char *text = arena_alloc(arena, room + 1);
        text_escape(part.text, part.length, text, room + 1);
        return text;
}

/* "0x120089|file|open|NAME" */
static void read_open(struct part rest, struct nas_shares_file_access *access, struct arena *arena)
{
        const uint32_t changes =
                WRITE_DATA | APPEND_DATA | DELETE | WRITE_RIGHTS | WRITE_OWNER | GENERIC_ALL | GENERIC_WRITE;
        const unsigned long asked = strtoul(shown(next(&rest), WORD_MAX, arena), NULL, 16);
        (void)next(&rest);
        const struct part how = next(&rest);
        access->reason = NULL; /* Samba's word for it is that of something before */
        access->kind = (asked & changes) != 0 || !is(how, "open") ? NAS_SHARES_FILE_ACCESS_KIND_OPEN_WRITE
                                                                  : NAS_SHARES_FILE_ACCESS_KIND_OPEN;
        access->file = shown(rest, FILE_MAX, arena);
}

/* "NAME|NAME": where a name has a bar in it, nobody can tell where the first ends, and both stay in one. */
static void read_rename(struct part rest, struct nas_shares_file_access *access, struct arena *arena)
{
        struct part to = rest;
        const struct part from = next(&to);
        const bool is_clear = from.length < rest.length && !memchr(to.text, '|', to.length);
        access->kind = NAS_SHARES_FILE_ACCESS_KIND_RENAME;
        access->file = shown(is_clear ? from : rest, FILE_MAX, arena);
        access->to = is_clear ? shown(to, FILE_MAX, arena) : NULL;
}

/* Newer Samba (Debian 13) makes a folder as ".::TMPNAME:D:704%17540013:NAME" and calls it NAME then: it is told under
 * its name, and that renaming as any other. */
static const char *made(const char *file, struct arena *arena)
{
        static const char begins[] = ".::TMPNAME:D:";
        const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file,
                   *real = strncmp(name, begins, strlen(begins)) == 0 ? strchr(name + strlen(begins), ':') : NULL;
        return real ? arena_printf(arena, "%.*s%s", (int)(name - file), file, real + 1) : file;
}

/* "fail (Permission denied)" */
static const char *reason(struct part ended, struct arena *arena)
{
        static const char begins[] = "fail (";
        const size_t head = strlen(begins);
        if (ended.length > head && memcmp(ended.text, begins, head) == 0 && ended.text[ended.length - 1] == ')')
                ended = (struct part){ended.text + head, ended.length - head - 1};
        return shown(ended, WORD_MAX, arena);
}

bool access_read(const char *text, size_t length, struct arena *arena, struct nas_shares_file_access *ret_access)
{
        ASSERT(text && arena && ret_access);
        struct part rest = {text, length};
        const struct part who = next(&rest), where = next(&rest), share = next(&rest), what = next(&rest),
                          ended = next(&rest);
        struct nas_shares_file_access access = {.username = shown(who, WORD_MAX, arena),
                                                .address = shown(where, WORD_MAX / 4, arena),
                                                .share = shown(share, WORD_MAX, arena),
                                                .allowed = is(ended, "ok"),
                                                .file = ""};
        if (!access.allowed)
                access.reason = reason(ended, arena);
        if (is(what, "create_file")) {
                read_open(rest, &access, arena);
        } else if (is(what, "openat")) { /* also of a folder on the way: "r|NAME" */
                if (access.allowed || strcmp(access.reason, "Permission denied") != 0)
                        return false; /* Samba looks whether something is there */
                (void)next(&rest);
                access.kind = NAS_SHARES_FILE_ACCESS_KIND_OPEN;
                access.file = shown(rest, FILE_MAX, arena);
        } else if (is(what, "renameat")) {
                read_rename(rest, &access, arena);
        } else if (is(what, "mkdirat")) {
                access.kind = NAS_SHARES_FILE_ACCESS_KIND_MAKE_FOLDER;
                access.file = made(shown(rest, FILE_MAX, arena), arena);
        } else if (is(what, "unlinkat")) {
                access.kind = NAS_SHARES_FILE_ACCESS_KIND_DELETE;
                access.file = shown(rest, FILE_MAX, arena);
        } else if (is(what, "connect") || is(what, "disconnect")) {
                access.kind = is(what, "connect") ? NAS_SHARES_FILE_ACCESS_KIND_CONNECT
                                                  : NAS_SHARES_FILE_ACCESS_KIND_DISCONNECT;
        } else {
                return false;
        }
        *ret_access = access;
        return true;
}
