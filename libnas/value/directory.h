/* People and groups of the directory, as they are named: carol@directory, @staff@directory. */
#ifndef BULKHEAD_VALUE_DIRECTORY_H
#define BULKHEAD_VALUE_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#define DIRECTORY_SUFFIX "@directory"
/* The numbers that they may have: far from those of accounts here, and of a domain. As in systemd/directory.conf and
 * systemd/pam.d/bulkhead-files. Behind them that of the group which all of them are in, and nobody else is. */
enum { DIRECTORY_SERVERS = 4 }; /* that one may have */
enum { DIRECTORY_FIRST = 100000, DIRECTORY_LAST = 1799999999, DIRECTORY_GROUP = 1800000000 };

/* Is it the name of somebody, or with @ before it of a group, of the directory? */
bool directory_names(const char *text, size_t length);

#endif
