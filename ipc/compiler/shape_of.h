/* Shapes (json/shape.h) of a contract that is read at run time, so that what goes to and comes from a module is judged
 * by the same reader as everything else. */
#ifndef BULKHEAD_IPC_COMPILER_SHAPE_OF_H
#define BULKHEAD_IPC_COMPILER_SHAPE_OF_H

#include "ipc/compiler/idl.h"
#include "json/shape.h"

/* list: the parameters or results of a method, or a type that is a struct; of a contract that was checked. */
const struct shape *shape_of(struct arena *arena, const struct idl_type *list);
/* What was read by it, written anew: known members in the order of the contract. 0, or -1 with FAILURE_INVALID. */
int shape_again(const struct shape *shape, const struct json *value, struct json_out *out, struct failure *failure);

#endif
