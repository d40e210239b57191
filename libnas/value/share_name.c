/* The type share_name: what a share is called on the network.
 * Rights: every process; none needed. */
#include "base/text.h"
#include "value/shape.h"
#include "value/types.h"

#include <string.h>
#include <strings.h>

static bool check(const char *text, size_t length)
{
        /* Samba gives these a meaning of its own. */
        static const char *const taken[] = {"global", "homes", "printers", "print$", "ipc$", "admin$"};
        for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
                if (strlen(taken[i]) == length && strncasecmp(text, taken[i], length) == 0)
                        return false;
        return length > 0 && text_printable(text, length) && !strchr(" .-#", text[0]) &&
               !strchr(" .$", text[length - 1]) && !shape_has(text, length, "\\/[]:|<>+=;,*?\"%{}");
}

const struct value_type value_share_name = {
        .name = "share_name",
        .says = "1 to 80 bytes of printable text without \\ / [ ] : | < > + = ; , * ? \" % { or }; first no blank, "
                "dot, # or "
                "-, last no blank, dot or $; not global, homes, printers or another name that has a meaning",
        .pattern = "^(?!(?:[gG][lL][oO][bB][aA][lL]|[hH][oO][mM][eE][sS]|[pP][rR][iI][nN][tT][eE][rR][sS])$)"
                   "[^\\u0000-\\u001f\\u007f\\\\/\\[\\]:|<>+=;,*?\"%{} .#-]"
                   "([^\\u0000-\\u001f\\u007f\\\\/\\[\\]:|<>+=;,*?\"%{}]{0,78}[^\\u0000-\\u001f\\u007f\\\\/"
                   "\\[\\]:|<>+=;,*?\"%{} .$])?$",
        .example = "photos",
        .max_bytes = 80,
        .check = check,
};
