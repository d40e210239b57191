/* The modules hand: its state, and what its policy names. */
#ifndef BULKHEAD_MODULES_HAND_MODULES_H
#define BULKHEAD_MODULES_HAND_MODULES_H

#include "act/hand.h"
#include "sys/modules.h"

#define STATE_DIRECTORY "/var/lib/bulkhead-modules-hand"
#define RUN_DIRECTORY   "/run/bulkhead-modules-hand"

struct modules {
        int enabled; /* directory */
};

/* What the policy names: guards and deeds, each an act_function (act/hand.h). main.c binds them. */
/* clang-format off */
#define MODULES_FUNCTIONS(X) \
        X(module_is_sound) X(module_is_enabled) X(module_act)
/* clang-format on */
#define MODULES_DECLARE(function) act_function function;
MODULES_FUNCTIONS(MODULES_DECLARE)

#endif
