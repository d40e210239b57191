/* Everything the modules hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which plans
 * with it), the command line (which shows it) and policy/project.c (which prints docs/security.md and polkit's rules).
 * Rights: none; data without functions. */
#include "policy/modules_operations.h"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
static const struct operation list[MODULES_OPERATION_COUNT] = {
        /* --- one that hangs or talks nonsense is ended; the next that is asked of it starts it anew --- */
        [MODULES_HALT] = {
                .name = "module_halt", .says = "End the program of the module {module}, which does not keep to its contract",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"module:module_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-module@{module}.service",
        },

        /* --- what runs: a program from outside, in a sandbox, reached by a socket of its own; hence a warrant --- */
        [MODULES_ENABLE] = {
                .name = "module_enable",
                .says = "Let the module {module} run in a sandbox, and be reached as its contract says",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .params = {"module:module_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/modules/{module}", .lines = "enabled",
                .guard = "module_is_sound",
        },
        [MODULES_DISABLE] = {
                .name = "module_disable", .says = "Forget the module {module}; what it keeps stays",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"module:module_name"},
                .act = ACT_FILE, .path = "/etc/bulkhead/modules/{module}",
        },
        [MODULES_OPEN] = {
                .name = "module_open", .says = "Listen for the module {module}, whose program runs when it is asked",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"module:module_name"},
                .act = ACT_UNIT, .verb = "start", .unit = "bulkhead-module@{module}.socket",
                .guard = "module_is_sound", .undo = "module_close", .undo_values = {"module"},
        },
        [MODULES_CLOSE] = {
                .name = "module_close", .says = "Listen for the module {module} no more, and end its program",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .params = {"module:module_name"},
                .act = ACT_UNIT, .verb = "stop", .unit = "bulkhead-module@{module}.socket",
                .undo = "module_open", .undo_values = {"module"},
        },

        /* --- actions: the hand judges ticket or warrant and writes its journal; the clerk then asks the program --- */
        [MODULES_ACT] = {
                .name = "module_act", .says = "Have the module {module} do {action} with {given}",
                .proof = PROOF_TICKET, .role = ROLE_VIEWER, .flags = OPERATION_LETS | OPERATION_FORWARD,
                .params = {"module:module_name", "action:module_action", "given:module_given"},
                .act = ACT_CALL, .call = "module_act", .guard = "module_is_enabled",
        },
        [MODULES_ACT_CONFIRMED] = {
                .name = "module_act_confirmed", .says = "Have the module {module} do {action} with {given}",
                .proof = PROOF_WARRANT, .role = ROLE_VIEWER, .flags = OPERATION_LETS | OPERATION_FORWARD,
                .params = {"module:module_name", "action:module_action", "given:module_given"},
                .act = ACT_CALL, .call = "module_act", .guard = "module_is_enabled",
        },
        [MODULES_ACT_DESTROYING] = {
                .name = "module_act_destroying",
                .says = "Have the module {module} do {action} with {given}, which cannot be taken back",
                .proof = PROOF_WARRANT, .role = ROLE_VIEWER, .flags = OPERATION_LETS | OPERATION_DESTROYS,
                .params = {"module:module_name", "action:module_action", "given:module_given"},
                .act = ACT_CALL, .call = "module_act", .guard = "module_is_enabled",
        },
};
/* clang-format on */

const struct operations modules_operations = {.hand = "modules", .list = list, .count = MODULES_OPERATION_COUNT};
