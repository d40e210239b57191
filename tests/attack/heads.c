/* Reads request heads from standard input, each after its length and a line end, and prints what the reader says of
 * each: the status it is refused with, 0 when more is needed, or 200. Rights: a test; reads standard input. */
#include "base/mem.h"
#include "http/head.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
        static struct http_head head;
        char line[32];
        while (fgets(line, sizeof line, stdin) != NULL) {
                size_t length = strtoul(line, NULL, 10);
                char *bytes = mem_new(length + 1, 1);
                const char *why = "";
                if (fread(bytes, 1, length, stdin) != length)
                        return 1;
                int result = http_head_read(bytes, length, 0, &head, &why);
                printf("%d %s\n", result > 0 ? 200 : -result, why);
                free(bytes);
        }
        return 0;
}
