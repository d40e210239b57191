/* Device tokens: given to a browser or program that signed in, to be known by later. A token is the account's number
 * and random bytes, and a keyed hash of them, so there is no list of them. */
#ifndef BULKHEAD_VALUE_DEVICE_H
#define BULKHEAD_VALUE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

enum { DEVICE_TEXT_SIZE = 48 };

void device_make(const uint8_t key[32], uint32_t uid, char target[DEVICE_TEXT_SIZE]);
bool device_is_of(const uint8_t key[32], const char *text, uint32_t uid);

#endif
