/* Every policy there is.
 * Rights: none; data without functions. */
#include "policy/policies.h"

#include <stddef.h>

const struct process_policy *const policies[] = {&policy_users_clerk,
                                                 &policy_users_hand,
                                                 &policy_monitor_clerk,
                                                 &policy_network_clerk,
                                                 &policy_network_hand,
                                                 &policy_storage_clerk,
                                                 &policy_storage_hand,
                                                 &policy_shares_clerk,
                                                 &policy_shares_hand,
                                                 &policy_modules_clerk,
                                                 &policy_modules_hand,
                                                 &policy_api_front,
                                                 NULL};

const struct operations *const operation_lists[] = {&users_operations,  &network_operations, &storage_operations,
                                                    &shares_operations, &modules_operations, NULL};
