/* The policies by name; all.c lists them. */
#ifndef BULKHEAD_POLICY_POLICIES_H
#define BULKHEAD_POLICY_POLICIES_H

#include "jail/process.h"
#include "policy/modules_operations.h"
#include "policy/network_operations.h"
#include "policy/shares_operations.h"
#include "policy/storage_operations.h"
#include "policy/users_operations.h"

extern const struct process_policy policy_users_clerk, policy_users_hand, policy_monitor_clerk, policy_network_clerk,
        policy_network_hand, policy_storage_clerk, policy_storage_hand, policy_shares_clerk, policy_shares_hand,
        policy_modules_clerk, policy_modules_hand, policy_api_front;

#endif
