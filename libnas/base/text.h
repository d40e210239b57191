/* Small text helpers: UTF-8, hex, base64url, and text made safe to print. */
#ifndef BULKHEAD_BASE_TEXT_H
#define BULKHEAD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Well-formed UTF-8: no overlong form, surrogate or value above U+10FFFF. */
bool text_utf8_valid(const char *text, size_t length);
/* UTF-8 without control characters (C0, DEL, C1) and without bidirectional overrides. */
bool text_printable(const char *text, size_t length);

/* UTF-8 in one byte a character. False: it holds what Latin-1 has not, or does not fit with its NUL. */
bool text_latin1(const char *text, char *target, size_t size);

/* target holds 2 * length + 1. */
void text_hex(const void *bytes, size_t length, char *target);
/* Exactly 2 * length lower-case digits; 0 or -1. */
int text_unhex(const char *text, size_t text_length, void *target, size_t length);

/* base64url without padding. Encoding: target holds TEXT_BASE64_SIZE(length).
 * Decoding: strict, canonical only (unused bits zero); the length, or -1. */
#define TEXT_BASE64_SIZE(length) (((length)*4 + 2) / 3 + 1)
void text_base64(const void *bytes, size_t length, char *target);
long text_unbase64(const char *text, size_t text_length, void *target, size_t size);

/* Copies text for a log line or a terminal: control characters, invalid bytes and bidirectional
 * marks become \xNN. Always NUL-terminated; cut at size. */
void text_escape(const char *text, size_t length, char *target, size_t size);

#endif
