/* The one-time code that makes the first administrator, in a file: as it is shown, for systemd hands the very file to
 * the banner on the console. */
#ifndef BULKHEAD_TICKET_SETUP_CODE_H
#define BULKHEAD_TICKET_SETUP_CODE_H

#include "value/code.h"

/* The one that lies there, or a new one. 0 or -errno. */
int setup_code_kept(int dir_fd, const char *name, char ret_code[CODE_SIZE]);

#endif
