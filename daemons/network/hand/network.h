/* The network hand: its state, and what its policy names. */
#ifndef BULKHEAD_NETWORK_HAND_NETWORK_H
#define BULKHEAD_NETWORK_HAND_NETWORK_H

#include "act/hand.h"
#include "value/pem.h"
#include "value/types.h"

#define STATE_DIRECTORY "/var/lib/bulkhead-network-hand"
#define RUN_DIRECTORY   "/run/bulkhead-network-hand"
#define TLS_DIRECTORY   "/var/lib/bulkhead/tls"
#define ACME_DIRECTORY  "/var/lib/bulkhead/acme"
#define OUT_DIRECTORY   "/var/lib/bulkhead/acme-out"
enum { IDENTITY_MAX = 48 * 1024 };

struct network {
        int tls, acme, out; /* directories */
};

/* What the policy names: guards and deeds, each an act_function (act/hand.h). main.c binds them. */
/* clang-format off */
#define NETWORK_FUNCTIONS(X) \
        X(certificate_is_that) X(certificate_put) X(certificate_drop) X(certificate_restore) \
        X(acme_is_wanted) X(acme_is_calm) X(acme_order) X(acme_take)
/* clang-format on */
#define NETWORK_DECLARE(function) act_function function;
NETWORK_FUNCTIONS(NETWORK_DECLARE)

/* --- certificate.c --- */
/* Is the first certificate in it the one with the action's fingerprint? 0 or -1 with *failure. */
int identity_is_that(const struct act_context *context, const char *identity, struct failure *failure);
/* Puts it in force, all or nothing. */
int identity_publish(const struct act_context *context, const char *identity, struct failure *failure);

#endif
