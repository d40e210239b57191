/* The skeleton of every hand: sockets, inspection, prepare, jail, resume of unfinished plans, one record at a
 * time, gone when idle. A hand's main() is: return hand_main(&users_hand); */
#ifndef BULKHEAD_SERVE_HAND_H
#define BULKHEAD_SERVE_HAND_H

#include "act/hand.h"

int hand_main(const struct hand *hand);

#endif
