/* OpenSSL's way to a socket: recv and send and nothing around them. Its own way reads and writes as if it were a file,
 * which costs more in the kernel at every record, and lets SIGPIPE come.
 * Rights: the front end; the sockets it is given. */
#include "tls/parts.h"

#include "base/log.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

enum { OUR_TYPE = 128 | BIO_TYPE_SOURCE_SINK };

static int fd_of(BIO *bio)
{
        return (int)(intptr_t)BIO_get_data(bio);
}

/* What went wrong now may go well later. */
static bool is_passing(void)
{
        return errno == EAGAIN || errno == EINTR;
}

static int read_some(BIO *bio, char *target, size_t size, size_t *ret_got)
{
        ssize_t got = recv(fd_of(bio), target, size, 0);
        BIO_clear_retry_flags(bio);
        if (got < 0 && is_passing())
                BIO_set_retry_read(bio);
        if (got == 0)
                BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
        *ret_got = got > 0 ? (size_t)got : 0;
        return got > 0;
}

static int write_some(BIO *bio, const char *bytes, size_t length, size_t *ret_sent)
{
        ssize_t sent = send(fd_of(bio), bytes, length, MSG_NOSIGNAL);
        BIO_clear_retry_flags(bio);
        if (sent < 0 && is_passing())
                BIO_set_retry_write(bio);
        *ret_sent = sent > 0 ? (size_t)sent : 0;
        return sent > 0;
}

static long control(BIO *bio, int what, long number, void *pointer)
{
        (void)number;
        (void)pointer;
        if (what == BIO_CTRL_EOF)
                return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
        return what == BIO_CTRL_FLUSH;
}

BIO_METHOD *tls_socket_method(void)
{
        BIO_METHOD *method = BIO_meth_new(OUR_TYPE, "socket of ours");
        if (method == NULL || BIO_meth_set_read_ex(method, read_some) != 1 ||
            BIO_meth_set_write_ex(method, write_some) != 1 || BIO_meth_set_ctrl(method, control) != 1)
                log_fatal("out of memory");
        return method;
}

void tls_socket_put(SSL *ssl, const BIO_METHOD *method, int fd)
{
        ASSERT(ssl != NULL && method != NULL && fd >= 0);
        BIO *bio = BIO_new(method);
        if (bio == NULL)
                log_fatal("out of memory");
        BIO_set_data(bio, (void *)(intptr_t)fd);
        BIO_set_init(bio, 1);
        SSL_set_bio(ssl, bio, bio);
}
