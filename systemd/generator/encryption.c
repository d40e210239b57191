/* Encrypted pools: by which key each disk is opened, and whether by itself, from the files of the storage hand.
 * Rights: root, run by PID 1; reads /etc/bulkhead/encryption, and writes where PID 1 says. The keys it does not read.
 */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENCRYPTION "/etc/bulkhead/encryption"
#define KEYS       "/var/lib/bulkhead-storage-hand/keys"

struct encryption {
        const char *uuid; /* the pool's */
        bool kept;        /* by this machine: they open by themselves */
        bool given;       /* by a person */
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

bool waits_locked(const char *pool)
{
        struct encryption encryption;
        CLEANUP_FD int files = open(ENCRYPTION, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(textp) char *text = files >= 0 ? file_text(files, pool, ORDER_MAX) : NULL;
        return text && encryption_read(pool, text, &encryption) && !encryption.kept;
}

#define GIVEN   "/run/bulkhead-storage-hand/given"
#define OPEN_BY "/usr/sbin/cryptsetup open --type=luks2 --batch-mode --disable-locks --disable-keyring --key-file="
#define OPENS   " -- /dev/disk/by-uuid/%%i luks-%%i\n"

/* By which key. With two ways the second is tried when the first does not open it. What a person gave is read where it
 * lies for that moment: a credential would stay for as long as the disk is open. */
static void keys_of(const struct encryption *encryption, char ret_text[UNIT_SIZE])
{
        const char *uuid = encryption->uuid;
        int length = 0;
        if (encryption->kept)
                length = snprintf(
                        ret_text, UNIT_SIZE,
                        "LoadCredential=kept:" KEYS "/kept/%s\n%sExecStart=\nExecStart=%s" OPEN_BY "%%d/kept" OPENS,
                        uuid, encryption->given ? "SetCredential=kept:none\n" : "", encryption->given ? "-" : "");
        if (encryption->given)
                snprintf(ret_text + length, UNIT_SIZE - (size_t)length, "%sExecStart=" OPEN_BY GIVEN "/%s" OPENS,
                         encryption->kept ? "" : "ExecStart=\n", uuid);
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
        if (result != 0 || !encryption->kept)
                return result;
        snprintf(wants, sizeof(wants), "%s.wants", device);
        result = link_shipped(folder, wants, "bulkhead-unlock", luks);
        snprintf(wants, sizeof(wants), "bulkhead-mount@%s.service.wants", pool);
        return result == 0 ? link_shipped(folder, wants, "bulkhead-unlock", luks) : result;
}

static bool make_unlock(int files, const char *pool, int folder)
{
        struct encryption encryption;
        CLEANUP(textp) char *text = file_text(files, pool, ORDER_MAX);
        bool good = text && encryption_read(pool, text, &encryption);
        for (const char *luks; good && (luks = strsep(&encryption.luks, "\n"));)
                good = *luks == '\0' || (is(&value_uuid, luks) && put_unlock(folder, pool, &encryption, luks) == 0);
        if (!good)
                fprintf(stderr, ENCRYPTION "/%s is not as the storage hand writes it; its disks stay closed\n", pool);
        return good;
}

bool make_unlocks(int folder)
{
        return each_file(ENCRYPTION, make_unlock, folder);
}
