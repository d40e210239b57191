/* Everything the network hand can do: the whole list, as data. Read by the hand (which does it), the clerk (which
 * plans with it), the command line (which shows it) and policy/project.c (which prints docs/security.md).
 * Rights: none; data without functions. */
#include "policy/network_operations.h"

/* One entry in a few lines, so that the whole list is read like a table. */
/* clang-format off */
static const struct operation list[NETWORK_OPERATION_COUNT] = {
        /* --- answers: no plan, no journal, no undo. Both do only what a person has confirmed with acme_configure --- */
        [NETWORK_ACME_DUE] = {
                .name = "acme_due", .says = "Order the certificate again, because it is about to expire",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .act = ACT_CALL, .call = "acme_order",
                .guard = "acme_is_calm",
        },
        [NETWORK_ACME_TAKE] = {
                .name = "acme_take",
                .says = "Put the fetched certificate with the fingerprint {fingerprint} in force, with its key",
                .proof = PROOF_CLERK, .flags = OPERATION_ANSWERS, .params = {"fingerprint:digest"},
                .act = ACT_CALL, .call = "acme_take", .guard = "acme_is_wanted",
        },

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

        /* --- certificates that come by themselves. Files are all it takes: what runs is bulkhead-acme.service, started by its
         * .path when the order changes, with the settings as its environment --- */
        [NETWORK_ACME_CONFIGURE] = {
                .name = "acme_configure",
                .says = "Let the authority {directory} certify the names {names}, with its terms accepted for {email}; "
                        "take what it gives, now and when it is renewed",
                .proof = PROOF_WARRANT, .role = ROLE_ADMIN,
                .params = {"directory:https_url", "email:email", "name:host_name", "names:host_name*"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead/acme/settings",
                .lines = "ACME_SERVER={directory}\nACME_EMAIL={email}\nACME_NAME={name}\n"
                         "ACME_DOMAINS=\\\n--domains={names} \\",
        },
        [NETWORK_ACME_STOP] = {
                .name = "acme_stop", .says = "Fetch no more certificates",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN,
                .act = ACT_FILE, .path = "/var/lib/bulkhead/acme/settings", .lines = "",
        },
        [NETWORK_ACME_ORDER] = {
                .name = "acme_order", .says = "Order a certificate now",
                .proof = PROOF_TICKET, .role = ROLE_OPERATOR, .flags = OPERATION_FORWARD, .act = ACT_CALL, .call = "acme_order",
                .guard = "acme_is_wanted",
        },

        /* --- the machine: a wish a file, so that none is written with what another was a moment ago. bulkhead-host.service,
         * started by its .path when there is another, asks hostnamed and timedated. It may have by the time that a crash is
         * over, and of a wish that is taken back where there was none it cannot tell what the machine was called: hence
         * forward --- */
        [NETWORK_MACHINE_NAME] = {
                .name = "machine_name", .says = "Call the machine {name}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"name:machine_name"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead/host/name", .lines = "{name}",
        },
        [NETWORK_MACHINE_ZONE] = {
                .name = "machine_zone", .says = "Let the machine live in the time zone {zone}",
                .proof = PROOF_TICKET, .role = ROLE_ADMIN, .flags = OPERATION_FORWARD, .params = {"zone:time_zone"},
                .act = ACT_FILE, .path = "/var/lib/bulkhead/host/zone", .lines = "{zone}",
        },
};
/* clang-format on */

const struct operations network_operations = {.hand = "network", .list = list, .count = NETWORK_OPERATION_COUNT};
