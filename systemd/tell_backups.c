/* bulkhead's tell-backups: has the network told by mDNS which shares macOS may back up into, so that Time Machine offers
 * them by itself. avahi reads what is written here.
 *
 * Rights: user bulkhead-tell; reads the shares' files, which everybody may, and writes one file of its own. Run by PID 1
 * for a moment, when SMB has started and when a share has changed (bulkhead-tell-backups.service). */
#include "base/mem.h"
#include "sys/file.h"
#include "value/setting.h"
#include "value/types.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHARES "/etc/bulkhead/smb"
#define TOLD   "/run/bulkhead-tell"
#define NAME   "smb-backups.service"
enum { FILE_MAX = 64 * 1024, SHARES_MAX = 32 }; /* more do not fit into one answer */

static bool says(const char *text, const char *key, const char *what)
{
        size_t length = 0;
        const char *value = setting_find(text, key, &length);
        return value && length == strlen(what) && memcmp(value, what, length) == 0;
}

/* One that is hidden is not told of. */
static bool is_told(int folder, const char *name, struct arena *arena)
{
        const char *text =
                value_is(&value_share_name, name, strlen(name)) ? file_text_below(folder, name, FILE_MAX, arena) : NULL;
        return text && says(text, "fruit:time machine", "yes") && says(text, "available", "yes") &&
               says(text, "browseable", "yes");
}

/* Names of shares have no signs of XML but these. */
static const char *in_xml(const char *name, struct arena *arena)
{
        const char *text = "";
        for (const char *at = name; *at; at++)
                text = *at == '&' ? arena_printf(arena, "%s&amp;", text) : arena_printf(arena, "%s%c", text, *at);
        return text;
}

/* NULL: there is none. 0x82: a share over SMB, of which each Mac takes a part of its own. */
static const char *records(int folder, DIR *listing, struct arena *arena)
{
        const char *text = NULL;
        size_t count = 0;
        for (struct dirent *entry; count < SHARES_MAX && (entry = readdir(listing));)
                if (is_told(folder, entry->d_name, arena))
                        text = arena_printf(arena, "%s\t\t<txt-record>dk%zu=adVN=%s,adVF=0x82</txt-record>\n",
                                            text ? text : "", count++, in_xml(entry->d_name, arena));
        return text;
}

int main(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP_FD int shares = file_directory(SHARES), told = file_directory(TOLD);
        CLEANUP(listing_closep) DIR *listing = shares >= 0 ? file_list(shares) : NULL;
        const char *dk = listing ? records(shares, listing, arena) : NULL;
        if (!listing || told < 0) {
                fputs("the shares cannot be read\n", stderr);
                return EXIT_FAILURE;
        }
        const char *text = dk ? arena_printf(arena,
                                             "<?xml version=\"1.0\" standalone='no'?>\n"
                                             "<!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\n<service-group>\n"
                                             "\t<name replace-wildcards=\"yes\">%%h</name>\n\t<service>\n"
                                             "\t\t<type>_adisk._tcp</type>\n\t\t<port>0</port>\n"
                                             "\t\t<txt-record>sys=waMA=0,adVF=0x100</txt-record>\n%s"
                                             "\t</service>\n</service-group>\n",
                                             dk)
                              : NULL;
        const int result = text ? file_keep(told, NAME, text, strlen(text), 0644) : file_remove(told, NAME);
        if (result != 0)
                fprintf(stderr, NAME ": %s\n", strerror(-result));
        return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
