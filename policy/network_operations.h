/* The numbers of the network hand's operations. A number is never given to another operation: journals outlive
 * upgrades. */
#ifndef BULKHEAD_POLICY_NETWORK_OPERATIONS_H
#define BULKHEAD_POLICY_NETWORK_OPERATIONS_H

#include "plan/operation.h"

enum network_operation {
        /* steps */
        NETWORK_CERTIFICATE_PUT = 20,
        NETWORK_CERTIFICATE_DROP = 21,
        NETWORK_CERTIFICATE_RESTORE = 22,
        NETWORK_OPERATION_COUNT
};

extern const struct operations network_operations;

#endif
