/* Where modules lie: one folder each, by its name, with the contract module.NAME.varlink, views in views/ and the
 * program. Which are enabled: a file of that name in MODULES_ENABLED, which the modules hand writes. */
#ifndef BULKHEAD_SYS_MODULES_H
#define BULKHEAD_SYS_MODULES_H

#include "base/arena.h"
#include "base/failure.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MODULES_ENABLED "/etc/bulkhead/modules"
#define MODULE_PROGRAM  "program"
#define MODULE_VIEWS    "views"
enum { MODULES_MAX = 64, MODULE_DEPTH_MAX = 8, MODULE_FILES_MAX = 4096 };

/* What an administrator put there goes before what a package brought; ended by NULL. */
extern const char *const module_folders[];

/* The names of a folder's entries that can be a module's, sorted; at most MODULES_MAX; ended by NULL. None when there
 * is no such folder. */
const char *const *modules_in(struct arena *arena, const char *folder);
/* The folder of a module, not by way of a link; *ret_path is where it was found (NULL is fine). A descriptor or -errno.
 */
int module_open(struct arena *arena, const char *name, const char **ret_path);
/* "module.NAME.varlink", in the arena. */
const char *module_contract(struct arena *arena, const char *name);
/* Is all in it the owner's alone: plain files and folders, written by nobody else? The contract and the program must be
 * there. 0, or -1 with FAILURE_CONFLICT naming the file. */
int module_judge(int folder, const char *name, uid_t owner, struct failure *failure);

#endif
