/* Inside the checks. */
#ifndef BULKHEAD_IPC_COMPILER_CHECK_H
#define BULKHEAD_IPC_COMPILER_CHECK_H

#include "ipc/compiler/idl.h"
#include "ipc/compiler/read.h"

/* One contract by itself. */
void check_fields(const struct idl_contract *contract, struct faults *faults);
void check_methods(const struct idl_contract *contract, struct faults *faults);

bool check_is_path(const char *path); /* "/api/words-and-digits" and "{param}" */
/* Further routes: of a method, beside those of all contracts. */
void check_also(const struct idl_contract *const *contracts, size_t count, const struct idl_member *member,
                struct faults *faults);

/* Everything the generated C declares, in all contracts, must have a name of its own and none of C's. 0 or -1. */
int check_c_names(const struct idl_contract *const *contracts, size_t count, char message[256]);

#endif
