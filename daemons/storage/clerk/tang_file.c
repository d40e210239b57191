/* What a Tang server that was asked said of itself, as its unit wrote it down.
 * Rights: the storage clerk; reads that file. All of it comes from strangers. */
#include "daemons/storage/clerk/encryption.h"
#include "daemons/storage/clerk/storage.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>

#define FOLDER "/run/bulkhead"
enum { SAID_MAX = 64 * 1024 };

static int folder = -1;

int tang_prepare(void)
{
        folder = open(FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return folder >= 0 ? 0 : -errno;
}

const char *tang_said(struct arena *arena)
{
        return folder >= 0 ? file_text_below(folder, "tang-look", SAID_MAX, arena) : NULL;
}
