/* bulkhead-transfers: what its files share. */
#ifndef BULKHEAD_TRANSFERS_H
#define BULKHEAD_TRANSFERS_H

#include "sys/account.h"
#include "value/transfer.h"

#include <stdbool.h>

#define WANTED "/etc/bulkhead/transfers"
#define SHOWN  "/run/bulkhead/transfers" /* below it a folder a protocol, to which its server confines people */

struct offer {
        const char *name;
        struct transfer transfer;
};

/* --- gate.c: who may pass --- */

/* Has the folder let those through whom the offer is for, and nobody else; files in it are not its concern. 0 or
 * -errno. */
int gate_set(int folder, const struct transfer *transfer, const struct accounts *accounts);
bool gate_passes(const struct transfer *transfer, const struct accounts *accounts, uint32_t uid);

/* --- ending.c: ending what people have running --- */

/* Everybody that is in a folder (all of its path, with a slash at the end); with an offer, only those it is not for. */
void end_in(const char *folder, const struct transfer *transfer, const struct accounts *accounts);
/* Everything of accounts that are disabled or gone, and of those whom the directory lets in no more. */
void end_disabled(const struct accounts *accounts);

/* --- certificate.c --- */

/* Puts the certificate in force with its key into that folder, for whose it is. 0 or -errno. */
int certificate_copy(const char *target);

#endif
