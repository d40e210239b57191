/* What another machine answers: complaints, lists and descriptions, cut apart by NUL.
 * Rights: none. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemons/storage/far/far.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        char why[WHY_SIZE], out[256], *text = mem_new(length + 3, 1); /* ends with NULs */
        memcpy(text, bytes, length);
        const char *names = text + strlen(text) + (strlen(text) < length);
        for (int connected = 0; connected < 2; connected++) {
                said_why(text, connected, why);
                ASSERT(strlen(why) < WHY_SIZE && *why && text_printable(why, strlen(why)));
        }
        size_t used = said_snapshots(text, names, out, sizeof(out));
        ASSERT(used == strlen(out) && used < sizeof(out) && (used == 0 || out[used - 1] == '\n'));
        if (said_is_kept(text, "0f7f2a3e-8c43-4a55-9d3b-6f2f1c7a9b10"))
                ASSERT(strstr(text, "readonly"));
        free(text);
        return 0;
}
