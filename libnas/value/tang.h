/* Servers that give keys to who is in their network (Tang). */
#ifndef BULKHEAD_VALUE_TANG_H
#define BULKHEAD_VALUE_TANG_H

/* Keys that such a server helps to open have these numbers on a disk: all others take the first that is free. */
enum { TANG_SLOT_FIRST = 24, TANG_SLOT_LAST = 31 };

enum { TANG_UNIT_SIZE = 512 };
/* How a server's address stands in the name of a unit (tang_unit), as systemd-escape says it. */
void tang_unit(const char *url, char ret_unit[TANG_UNIT_SIZE]);

#endif
