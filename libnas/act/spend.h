/* Spending warrants: each nonce once, also across a restart of the hand. */
#ifndef BULKHEAD_ACT_SPEND_H
#define BULKHEAD_ACT_SPEND_H

#include "ticket/ticket.h"

/* 0, or -1 with FAILURE_CONFIRMATION when it was spent before. */
int spend_warrant(int directory, const struct warrant *warrant, struct failure *failure);
/* Removes what has expired by itself. */
void spend_clean(int directory);

#endif
