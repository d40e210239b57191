/* Codes that people type: recovery codes and the set-up code. */
#ifndef BULKHEAD_VALUE_CODE_H
#define BULKHEAD_VALUE_CODE_H

#include <stdint.h>

enum { CODE_SIZE = 30, CODE_RANDOM_BYTES = CODE_SIZE - 1 };

/* 120 of these random bits as six groups of four: "abcd-efgh-...". */
void code_make(const uint8_t random[CODE_RANDOM_BYTES], char target[CODE_SIZE]);

#endif
