/* The files that hands keep, and whether what is in them is as they write it.
 * Rights: root, run by PID 1; reads below /etc/bulkhead. */
#include "base/mem.h"
#include "sys/file.h"
#include "systemd/generator/generator.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool is(const struct value_type *type, const char *text)
{
        return *text != '\0' && value_is(type, text, strlen(text));
}

char *file_text(int files, const char *name, size_t max)
{
        uint8_t *bytes = NULL;
        size_t length = 0;
        if (file_read_below(files, name, max, &bytes, &length) == 0 && strlen((char *)bytes) == length)
                return (char *)bytes;
        free(bytes);
        return NULL;
}

void textp(char **text)
{
        free(*text);
}

bool each_file(const char *path, make_function *make, int folder)
{
        bool all = true;
        CLEANUP_FD int files = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        CLEANUP(listing_closep) DIR *listing = files >= 0 ? fdopendir(dup(files)) : NULL;
        if (!listing)
                return errno == ENOENT;
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        all = make(files, entry->d_name, folder) && all;
        return all;
}
