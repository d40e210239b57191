/* Other machines that are sent to: what their parts share. */
#ifndef BULKHEAD_VALUE_REMOTE_H
#define BULKHEAD_VALUE_REMOTE_H

#include <stdbool.h>

enum { REMOTE_NAME_SIZE = 21, REMOTE_PATH_SIZE = 201 };

/* Takes a value of the type remote_place apart; false: it is none. */
bool remote_split(const char *place, char ret_remote[REMOTE_NAME_SIZE], char ret_path[REMOTE_PATH_SIZE]);

#endif
