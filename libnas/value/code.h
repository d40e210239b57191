/* Codes that people type: recovery codes and the set-up code. */
#ifndef BULKHEAD_VALUE_CODE_H
#define BULKHEAD_VALUE_CODE_H

enum { CODE_SIZE = 30 };

/* 120 random bits as six groups of four: "abcd-efgh-...". */
void code_make(char target[CODE_SIZE]);

#endif
