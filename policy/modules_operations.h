/* The numbers of the modules hand's operations. A number is never given to another operation: journals outlive
 * upgrades. */
#ifndef BULKHEAD_POLICY_MODULES_OPERATIONS_H
#define BULKHEAD_POLICY_MODULES_OPERATIONS_H

#include "plan/operation.h"

enum modules_operation {
        /* answers */
        MODULES_HALT = 0,
        /* steps */
        MODULES_ENABLE = 20,
        MODULES_DISABLE = 21,
        MODULES_OPEN = 22,
        MODULES_CLOSE = 23,
        MODULES_ACT = 24,
        MODULES_ACT_CONFIRMED = 25,
        MODULES_ACT_DESTROYING = 26,
        MODULES_OPERATION_COUNT
};

extern const struct operations modules_operations;

#endif
