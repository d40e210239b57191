/* SHA-1, which RFC 6455 wants in the greeting of a WebSocket. It protects nothing there, and nothing else may use it.
 */
#ifndef BULKHEAD_TLS_SHA1_H
#define BULKHEAD_TLS_SHA1_H

#include <stddef.h>

enum { SHA1_BASE64_SIZE = 29 };
void sha1_base64(const void *bytes, size_t length, char ret_text[SHA1_BASE64_SIZE]);

#endif
