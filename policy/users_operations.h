/* The numbers of the users hand's operations. A number is never given to another operation: journals outlive
 * upgrades. */
#ifndef BULKHEAD_POLICY_USERS_OPERATIONS_H
#define BULKHEAD_POLICY_USERS_OPERATIONS_H

#include "plan/operation.h"

enum users_operation {
        /* answers */
        USERS_HELLO = 0,
        USERS_LOGIN = 1,
        USERS_EXCHANGE = 2,
        USERS_REFRESH = 3,
        USERS_CONFIRM = 4,
        USERS_CHECKPOINT = 5,
        USERS_TOTP_BEGIN = 6,
        USERS_SETUP_TICKET = 7,
        USERS_CONSOLE_TICKET = 8,
        USERS_CONSOLE_CONFIRM = 9,
        USERS_CONSOLE_SETUP_CODE = 10,
        /* steps */
        USERS_GROUP_MAKE = 20,
        USERS_GROUP_DROP = 21,
        USERS_GROUP_JOIN = 22,
        USERS_GROUP_LEAVE = 23,
        USERS_ACCOUNT_MAKE = 24,
        USERS_ACCOUNT_DROP = 25,
        USERS_ACCOUNT_LOCK = 26,
        USERS_ACCOUNT_UNLOCK = 27,
        USERS_ROLE_JOIN = 28,
        USERS_ROLE_LEAVE = 29,
        USERS_ADMIN_JOIN = 30,
        USERS_ADMIN_LEAVE = 31,
        USERS_FULL_NAME_SET = 32,
        USERS_SHELL_SET = 33,
        USERS_PASSWORD_FIRST = 34,
        USERS_PASSWORD_SET = 35,
        USERS_PASSWORD_CHANGE = 36,
        USERS_PASSWORD_RESTORE = 37,
        USERS_SIGN_OUT = 38,
        USERS_SIGN_OUT_ALL = 39,
        USERS_SESSION_END = 40,
        USERS_SIGNING_KEY_ROTATE = 41,
        USERS_KEY_MAKE = 42,
        USERS_KEY_DROP = 43,
        USERS_TOTP_FINISH = 44,
        USERS_TOTP_DROP = 45,
        USERS_SSH_KEYS_SET = 46,
        USERS_CREDENTIALS_DROP = 47,
        USERS_SETUP_DONE = 48,
        /* 49 was making a new set-up code */
        USERS_PASSWORD_POLICY_SET = 50,
        USERS_TOTP_UNDO = 51,
        USERS_ACCOUNT_FILES_MEND = 52,
        USERS_GROUP_FILES_MEND = 53,
        USERS_GROUPS_CLEAR = 54,
        USERS_KEY_LABEL = 55,
        USERS_SMB_PASSWORD_SET = 56,
        USERS_SMB_PASSWORD_DROP = 57,
        USERS_SMB_PASSWORD_RESTORE = 58,
        USERS_ACCOUNT_UNMAKE = 59,
        USERS_OPERATION_COUNT
};

extern const struct operations users_operations;

#endif
