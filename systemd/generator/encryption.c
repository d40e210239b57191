/* Encrypted pools: by which key each disk is opened, and whether by itself, from the files of the storage hand.
 * Rights: root, run by PID 1; reads /etc/bulkhead/encryption and tang, and writes where PID 1 says. The keys it does
 * not read. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENCRYPTION "/etc/bulkhead/encryption"
#define TANG       "/etc/bulkhead/tang"

struct encryption {
        const char *uuid; /* the pool's */
        bool kept;        /* by this machine: they open by themselves */
        bool given;       /* by a person */
        bool tang;        /* by a server in the network */
        char *luks;       /* the numbers of its disks, one a line */
};

/* "UUID KEPT GIVEN", then a number a line. */
static bool encryption_read(const char *pool, char *text, struct encryption *ret_encryption)
{
        char *line = strsep(&text, "\n"), *rest = line;
        const char *uuid = strsep(&rest, " "), *kept = strsep(&rest, " ");
        if (!is(&value_pool_name, pool) || !is(&value_uuid, uuid) || !kept || !is(&value_flag, kept) || !rest ||
            !is(&value_flag, rest) || !text)
                return false;
        *ret_encryption = (struct encryption){
                .uuid = uuid, .kept = strcmp(kept, "yes") == 0, .given = strcmp(rest, "yes") == 0, .luks = text};
        return true;
}

/* "URL=..." and "THP=...": which server it is read by who asks it. */
static bool has_server(const char *uuid)
{
        CLEANUP_FD int files = open(TANG, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(textp)
        char *text = files >= 0 && faccessat(files, uuid, F_OK, AT_SYMLINK_NOFOLLOW) == 0
                             ? file_text(files, uuid, ORDER_MAX)
                             : NULL;
        char *rest = text;
        const char *url = strsep(&rest, "\n"), *print = strsep(&rest, "\n");
        return url && print && rest && *rest == '\0' && strncmp(url, "URL=", 4) == 0 && is(&value_tang_url, url + 4) &&
               strncmp(print, "THP=", 4) == 0 && is(&value_tang_thumbprint, print + 4);
}

bool waits_locked(const char *pool)
{
        struct encryption encryption;
        CLEANUP_FD int files = open(ENCRYPTION, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(textp) char *text = files >= 0 ? file_text(files, pool, ORDER_MAX) : NULL;
        return text && encryption_read(pool, text, &encryption) && !encryption.kept;
}

#define GIVEN   "/run/bulkhead-storage-hand/given"
#define OPENED  "/run/bulkhead-tang"
#define OPEN_BY "/usr/sbin/cryptsetup open --type=luks2 --batch-mode --disable-locks --disable-keyring --key-file="
#define OPENS   " -- /dev/disk/by-uuid/%%i luks-%%i\n"

/* By which key. With several ways the next is tried when one does not open it. What a person gave is read where it lies
 * for that moment, as is what a server helped to open: a credential would stay for as long as the disk is open. */
static void keys_of(const struct encryption *encryption, char ret_text[UNIT_SIZE])
{
        const char *uuid = encryption->uuid;
        const bool more = encryption->given || encryption->tang;
        int length = snprintf(ret_text, UNIT_SIZE, "ExecStart=\n");
        if (encryption->kept)
                length += snprintf(ret_text + length, UNIT_SIZE - (size_t)length,
                                   "LoadCredential=kept:" KEYS "/kept/%s\n%sExecStart=%s" OPEN_BY "%%d/kept" OPENS,
                                   uuid, more ? "SetCredential=kept:none\n" : "", more ? "-" : "");
        if (encryption->given)
                length += snprintf(ret_text + length, UNIT_SIZE - (size_t)length,
                                   "ExecStart=%s" OPEN_BY GIVEN "/%s" OPENS, encryption->tang ? "-" : "", uuid);
        if (encryption->tang)
                snprintf(ret_text + length, UNIT_SIZE - (size_t)length, "ExecStart=" OPEN_BY OPENED "/%s" OPENS, uuid);
}

/* It is bound to its disk, for which nobody waits long: one that is lost must not keep the others from being mounted.
 */
static int put_unlock(int folder, const char *pool, const struct encryption *encryption, const char *luks)
{
        char keys[UNIT_SIZE], text[2 * UNIT_SIZE], device[DEVICE_SIZE], wants[2 * DEVICE_SIZE];
        device_unit(luks, device);
        keys_of(encryption, keys);
        snprintf(text, sizeof(text),
                 "# Made by bulkhead-storage\n[Unit]\nSourcePath=" ENCRYPTION "/%s\nBindsTo=%s\nAfter=%s\n"
                 "Before=bulkhead-mount@%s.service srv-%s.mount\n\n[Service]\n%s",
                 pool, device, device, pool, pool, keys);
        int result = put_beside(folder, "bulkhead-unlock", luks, text);
        if (result == 0)
                result = put_beside_unit(folder, device,
                                         "# Made by bulkhead-storage\n[Unit]\nJobRunningTimeoutSec=15\n");
        if (result == 0 && encryption->tang) {
                snprintf(wants, sizeof(wants), "%s.wants", device);
                result = link_shipped(folder, wants, "bulkhead-tang", encryption->uuid);
        }
        if (result != 0 || !encryption->kept)
                return result;
        snprintf(wants, sizeof(wants), "%s.wants", device);
        result = link_shipped(folder, wants, "bulkhead-unlock", luks);
        snprintf(wants, sizeof(wants), "bulkhead-mount@%s.service.wants", pool);
        return result == 0 ? link_shipped(folder, wants, "bulkhead-unlock", luks) : result;
}

/* What the server helped to open opens all of them, while it is there: PID 1 is asked by root, which alone may.
 * Those that are not here come later, and want it then. There is room for as many as the order has. */
struct opening {
        char text[2 * ORDER_MAX];
        int length;
};

static void opening_add(struct opening *opening, const char *luks)
{
        if (opening->length == 0)
                opening->length = snprintf(opening->text, sizeof(opening->text),
                                           "# Made by bulkhead-storage\n[Service]\nExecStartPost=+-/usr/bin/systemctl "
                                           "--quiet --no-ask-password start");
        opening->length += snprintf(opening->text + opening->length, sizeof(opening->text) - (size_t)opening->length,
                                    " bulkhead-unlock@%s.service", luks);
}

static bool make_unlock(int files, const char *pool, int folder)
{
        struct encryption encryption;
        CLEANUP(textp) char *text = file_text(files, pool, ORDER_MAX);
        bool good = text && encryption_read(pool, text, &encryption);
        struct opening opening = {.length = 0};
        encryption.tang = good && has_server(encryption.uuid);
        for (const char *luks; good && (luks = strsep(&encryption.luks, "\n"));) {
                good = *luks == '\0' || (is(&value_uuid, luks) && put_unlock(folder, pool, &encryption, luks) == 0);
                if (good && *luks != '\0')
                        opening_add(&opening, luks);
        }
        opening.text[opening.length] = '\n';
        if (good && encryption.tang && opening.length > 0)
                good = put_beside(folder, "bulkhead-tang", encryption.uuid, opening.text) == 0;
        if (!good)
                fprintf(stderr, ENCRYPTION "/%s is not as the storage hand writes it; its disks stay closed\n", pool);
        return good;
}

bool make_unlocks(int folder)
{
        return each_file(ENCRYPTION, make_unlock, folder);
}
