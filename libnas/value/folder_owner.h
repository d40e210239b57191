/* Whom folders belong to: accounts and groups of this machine, of its domain (EXAMPLE\alice) and of its directory
 * (carol@directory). */
#ifndef BULKHEAD_VALUE_FOLDER_OWNER_H
#define BULKHEAD_VALUE_FOLDER_OWNER_H

#include <stdbool.h>
#include <stdint.h>

/* Is it a name, or a number, of the domain's or the directory's? */
bool owner_is_elsewhere(const char *name);
bool owner_number_is_elsewhere(uint64_t number);

#endif
