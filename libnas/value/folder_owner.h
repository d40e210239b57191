/* Whom folders belong to: accounts and groups of this machine, of its domain (EXAMPLE\alice) and of its directory
 * (carol@directory). */
#ifndef BULKHEAD_VALUE_FOLDER_OWNER_H
#define BULKHEAD_VALUE_FOLDER_OWNER_H

#include <stdbool.h>
#include <stdint.h>

/* Names as forms and OpenAPI are told of them: of this machine, and of a domain with its own before. */
#define PEOPLE_HERE "[a-z_]([a-z0-9_-]{0,29}[a-z0-9_])?"
#define PEOPLE_OF_DOMAIN                                                                                               \
        "[A-Za-z0-9_][A-Za-z0-9_-]{0,14}\\\\(?![ -])[^\\u0000-\\u001f\\u007f\"/\\\\\\[\\]:;|=+*?<>@,%{}]{0,127}"       \
        "[^\\u0000-\\u001f\\u007f\"/\\\\\\[\\]:;|=+*?<>@,%{} .]"

/* Is it a name, or a number, of the domain's or the directory's? */
bool owner_is_elsewhere(const char *name);
bool owner_number_is_elsewhere(uint64_t number);

#endif
