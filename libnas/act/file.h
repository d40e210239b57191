/* ACT_FILE: a file below one of the hand's own directories, written whole from a template. */
#ifndef BULKHEAD_ACT_FILE_H
#define BULKHEAD_ACT_FILE_H

#include "act/hand.h"

/* Keeps what is there for the undo, then replaces it. directories as in struct hand. 0 or -1. */
int act_file_write(struct act_context *context, const char *const *directories, struct failure *failure);
/* Puts back what was there when the step began; nothing kept: nothing was changed. 0 or -1. */
int act_file_restore(struct act_context *context, const char *const *directories, struct failure *failure);

#endif
