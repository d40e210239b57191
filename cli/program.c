/* Becoming another program of ours: what the command line alone has no business to link.
 * Rights: the command line, as whoever runs it; starts one program with an absolute path, in its own place. */
#include "cli/help.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DOCTOR "/usr/libexec/bulkhead/bulkhead-doctor"

int doctor_start(char **words)
{
        ASSERT(words != NULL);
        execve(DOCTOR, words, environ);
        fprintf(stderr, "bulkhead: %s: %s\n", DOCTOR, strerror(errno));
        return 1;
}
