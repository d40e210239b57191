/* TLS on a socket, and plain sockets the same way: the only door to OpenSSL's libssl.
 * TLS 1.2 and 1.3, ECDHE and AEAD only; no renegotiation, no compression, no early data; tickets for resumption under
 * keys of this process that change every few hours; buffers are given back when a connection idles. */
#ifndef BULKHEAD_TLS_TLS_H
#define BULKHEAD_TLS_TLS_H

#include "base/failure.h"
#include "tls/certificate.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A certificate with its key, and what was found in it. Shared by all connections; read again on reload: connections
 * that are open keep the old one. */
struct tls_identity;

/* Reads identity.pem below dir_fd (tls/certificate.h says what lies there). NULL with the reason: missing, malformed,
 * key of another certificate. An expired one is taken: its owner must get in to mend it. */
struct tls_identity *tls_identity_read(int dir_fd, struct failure *failure);
void tls_identity_free(struct tls_identity *identity); /* when the last connection with it has ended */
const struct tls_facts *tls_identity_facts(const struct tls_identity *identity);

/* Makes a key (P-256) and a certificate signed by itself for these names, and writes below dir_fd identity.pem (0600)
 * and chain.pem (0644, from which the network clerk shows it). */
int tls_identity_make(int dir_fd, const char *const *names, unsigned count, struct failure *failure);

/* One end of a connection: a socket, perhaps with TLS around it. */
struct channel;
struct channel *channel_plain(int fd);                              /* takes the descriptor */
struct channel *channel_tls(int fd, struct tls_identity *identity); /* the same; the handshake goes with the reading */
void channel_free(struct channel *channel);                         /* closes; says goodbye where TLS wants it */
void channel_shut(struct channel *channel); /* says goodbye, writes no more; the peer's rest can still be read */
int channel_fd(const struct channel *channel);
bool channel_is_tls(const struct channel *channel);
bool channel_is_open(const struct channel *channel); /* the handshake is done */
/* Of TLS, before anything was read: does plain HTTP come where a handshake should? Then it can be answered in plain. */
bool channel_is_addressed_plainly(const struct channel *channel);
void channel_become_plain(struct channel *channel);

/* Bytes moved, 0: the end (read only), or -errno. -EAGAIN: wait for channel_wants. -EPROTO: not TLS as it should be;
 * -EPIPE: gone. */
ssize_t channel_read(struct channel *channel, void *target, size_t size);
ssize_t channel_write(struct channel *channel, const void *bytes, size_t length);
/* From a file, by sendfile where there is no TLS. -ENODATA: it is shorter than that. */
ssize_t channel_send_file(struct channel *channel, int file_fd, off_t offset, size_t length);
/* LOOP_READ or LOOP_WRITE that the last -EAGAIN of reading or writing waits for. */
unsigned channel_wants_read(const struct channel *channel);
unsigned channel_wants_write(const struct channel *channel);
/* Whether it keeps the buffers of TLS (34 KiB) from one record to the next; false at first. Quicker for who is busy. */
void channel_keeps(struct channel *channel, bool keeps);
bool channel_has_more(const struct channel *channel); /* decrypted bytes wait: read without waiting */

#endif
