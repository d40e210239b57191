/* Small tests that several value types share. */
#ifndef BULKHEAD_VALUE_SHAPE_H
#define BULKHEAD_VALUE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

bool shape_only(const char *text, size_t length, const char *allowed);   /* at least one byte, all of them allowed */
bool shape_has(const char *text, size_t length, const char *characters); /* at least one of them */
bool shape_begins(const char *text, size_t length, const char *prefix);
bool shape_is_one_of(const char *text, size_t length, const char *const *words); /* ended by NULL */
/* A decimal number without sign or leading zero, within the bounds. */
bool shape_number(const char *text, size_t length, unsigned long long least, unsigned long long most);
/* A Unix name: 1 to 31 of a-z 0-9 - _, first a letter or _, last not -. */
bool shape_unix_name(const char *text, size_t length);
/* A Unix name that an account or group of ours may have: none that Debian or a service we run uses, however few of them
 * are installed today. The same for both, because every account has a group of its name. */
bool shape_own_name(const char *text, size_t length);
/* A name in the domain name system with at least one dot: labels of 1 to 63 a-z 0-9 -, the last beginning with a
 * letter. */
bool shape_host(const char *text, size_t length);
/* UTF-8 text in lines: no control character but \n, \r and \t. */
bool shape_lines(const char *text, size_t length);
/* prefix followed by exactly count base64url characters, or by least..most of them. */
bool shape_token(const char *text, size_t length, const char *prefix, size_t least, size_t most);

/* A disk as in /dev/disk/by-id, and no partition of one. */
bool shape_disk(const char *text, size_t length);
/* One part of a dataset's name. */
bool shape_file_name(const char *text, size_t length);

#define SHAPE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" SHAPE_LOWER
#define SHAPE_LOWER   "abcdefghijklmnopqrstuvwxyz"
#define SHAPE_DIGITS  "0123456789"
#define SHAPE_BASE64  "ABCDEFGHIJKLMNOPQRSTUVWXYZ" SHAPE_LOWER SHAPE_DIGITS "-_"

#endif
