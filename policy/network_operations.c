/* Everything the network hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which
 * plans with it), the command line (which shows it) and policy/project.c (which prints docs/security.md).
 * Rights: none; data without functions. */
#include "policy/network_operations.h"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
static const struct operation list[NETWORK_OPERATION_COUNT] = {
        /* --- the certificate: whom browsers take this machine for, hence a warrant --- */
        [NETWORK_CERTIFICATE_PUT] = {
                .name = "certificate_put",
                .says = "Put the certificate with the SHA-256 fingerprint {fingerprint} in force, with its key",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"fingerprint:digest", "identity:pem_identity"},
                .act = ACT_CALL, .call = "certificate_put", .guard = "certificate_is_that",
                .undo = "certificate_restore",
        },
        [NETWORK_CERTIFICATE_DROP] = {
                .name = "certificate_drop",
                .says = "Remove the certificate in force and its key; the machine's own takes its place",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .act = ACT_CALL, .call = "certificate_drop",
                .undo = "certificate_restore",
        },
        [NETWORK_CERTIFICATE_RESTORE] = {
                .name = "certificate_restore", .says = "Put back the certificate that was in force, with its key",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN, .act = ACT_CALL, .call = "certificate_restore",
        },
};
/* clang-format on */

const struct operations network_operations = {.hand = "network", .list = list, .count = NETWORK_OPERATION_COUNT};
