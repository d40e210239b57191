/* The numbers of the network hand's operations. A number is never given to another operation: journals outlive
 * upgrades. */
#ifndef BULKHEAD_POLICY_NETWORK_OPERATIONS_H
#define BULKHEAD_POLICY_NETWORK_OPERATIONS_H

#include "plan/operation.h"

enum network_operation {
        /* answers */
        NETWORK_ACME_DUE = 0,
        NETWORK_ACME_TAKE = 1,
        /* steps */
        NETWORK_CERTIFICATE_PUT = 20,
        NETWORK_CERTIFICATE_DROP = 21,
        NETWORK_CERTIFICATE_RESTORE = 22,
        NETWORK_ACME_CONFIGURE = 23,
        NETWORK_ACME_STOP = 24,
        NETWORK_ACME_ORDER = 25,
        NETWORK_MACHINE_NAME = 27, /* 26 was both at once */
        NETWORK_MACHINE_ZONE = 28,
        NETWORK_OPERATION_COUNT
};

extern const struct operations network_operations;

#endif
