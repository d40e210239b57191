/* One end of a connection, plain or with TLS around it.
 * Rights: the front end; the sockets it is given. */
#include "base/log.h"
#include "base/mem.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "tls/parts.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECORD_BYTES = 16384 };

struct channel {
        int fd;
        unsigned char reads_when, writes_when; /* LOOP_READ or LOOP_WRITE */
        bool drained;                          /* the last reading took all there was */
        bool failed;                           /* TLS is broken: no goodbye either */
        bool shut;
        bool keeps; /* its buffers, also while nothing is half there */
        SSL *ssl;   /* NULL: plain */
        struct tls_identity *identity;
};

struct channel *channel_plain(int fd)
{
        ASSERT(fd >= 0);
        struct channel *channel = mem_new(1, sizeof(*channel));
        *channel = (struct channel){.fd = fd, .reads_when = LOOP_READ, .writes_when = LOOP_WRITE};
        return channel;
}

struct channel *channel_tls(int fd, struct tls_identity *identity)
{
        ASSERT(identity != NULL);
        struct channel *channel = channel_plain(fd);
        channel->identity = tls_identity_hold(identity);
        channel->ssl = SSL_new(identity->context);
        if (channel->ssl == NULL)
                log_fatal("out of memory");
        tls_socket_put(channel->ssl, identity->sockets, fd);
        SSL_set_accept_state(channel->ssl);
        return channel;
}

void channel_shut(struct channel *channel)
{
        ASSERT(channel != NULL);
        if (channel->shut)
                return;
        channel->shut = true;
        if (channel->ssl != NULL && !channel->failed && SSL_is_init_finished(channel->ssl)) {
                (void)SSL_shutdown(channel->ssl);
                ERR_clear_error();
        }
        (void)shutdown(channel->fd, SHUT_WR);
}

void channel_free(struct channel *channel)
{
        if (channel == NULL)
                return;
        if (channel->ssl != NULL && !channel->failed && !channel->shut && SSL_is_init_finished(channel->ssl)) {
                (void)SSL_shutdown(channel->ssl);
                ERR_clear_error();
        }
        SSL_free(channel->ssl);
        tls_identity_free(channel->identity);
        fd_closep(&channel->fd);
        free(channel);
}

int channel_fd(const struct channel *channel)
{
        ASSERT(channel != NULL);
        return channel->fd;
}

bool channel_is_tls(const struct channel *channel)
{
        ASSERT(channel != NULL);
        return channel->ssl != NULL;
}

bool channel_is_open(const struct channel *channel)
{
        ASSERT(channel != NULL);
        return channel->ssl == NULL || SSL_is_init_finished(channel->ssl);
}

/* A handshake begins with 22; a request with the first letter of its method. */
bool channel_is_addressed_plainly(const struct channel *channel)
{
        ASSERT(channel != NULL);
        char first;
        return channel->ssl != NULL && SSL_in_before(channel->ssl) != 0 &&
               recv(channel->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && first >= 'A' && first <= 'Z';
}

void channel_become_plain(struct channel *channel)
{
        ASSERT(channel != NULL && channel->ssl != NULL && SSL_in_before(channel->ssl) != 0);
        SSL_free(TAKE(channel->ssl));
        tls_identity_free(TAKE(channel->identity));
}

/* Its error of now must be the only one there; clearing a queue that is empty costs more than looking. */
static void clear_errors(void)
{
        if (ERR_peek_error() != 0)
                ERR_clear_error();
}

void channel_keeps(struct channel *channel, bool keeps)
{
        ASSERT(channel != NULL);
        if (channel->ssl == NULL || channel->keeps == keeps)
                return;
        channel->keeps = keeps;
        if (keeps)
                (void)SSL_clear_mode(channel->ssl, SSL_MODE_RELEASE_BUFFERS);
        else
                (void)SSL_set_mode(channel->ssl, SSL_MODE_RELEASE_BUFFERS);
        if (!keeps)
                (void)SSL_free_buffers(channel->ssl);
}

/* What OpenSSL says of a call that moved nothing; when: which wait it belongs to. */
static ssize_t why_nothing(struct channel *channel, int result, unsigned char *when)
{
        int saved = errno, reason = SSL_get_error(channel->ssl, result);
        if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
                *when = reason == SSL_ERROR_WANT_READ ? LOOP_READ : LOOP_WRITE;
                return -EAGAIN;
        }
        if (reason == SSL_ERROR_ZERO_RETURN)
                return 0;
        channel->failed = true;
        ERR_clear_error();
        if (reason == SSL_ERROR_SYSCALL)
                return saved == 0 || saved == EPIPE || saved == ECONNRESET ? -EPIPE : -saved;
        return -EPROTO;
}

ssize_t channel_read(struct channel *channel, void *target, size_t size)
{
        ASSERT(channel != NULL && target != NULL && size > 0);
        if (channel->ssl == NULL) {
                ssize_t got = recv(channel->fd, target, size, 0);
                channel->drained = got < (ssize_t)size;
                return got >= 0 ? got : errno == ECONNRESET ? -EPIPE : errno == EINTR ? -EAGAIN : -errno;
        }
        if (channel->failed)
                return -EPROTO;
        clear_errors();
        errno = 0;
        int got = SSL_read(channel->ssl, target, (int)(size < INT32_MAX ? size : INT32_MAX));
        channel->drained = got <= 0;
        channel->reads_when = LOOP_READ;
        return got > 0 ? got : why_nothing(channel, got, &channel->reads_when);
}

ssize_t channel_write(struct channel *channel, const void *bytes, size_t length)
{
        ASSERT(channel != NULL && bytes != NULL && length > 0);
        if (channel->ssl == NULL) {
                ssize_t sent = send(channel->fd, bytes, length, MSG_NOSIGNAL);
                return sent >= 0 ? sent : errno == ECONNRESET ? -EPIPE : errno == EINTR ? -EAGAIN : -errno;
        }
        if (channel->failed)
                return -EPIPE;
        clear_errors();
        errno = 0;
        int sent = SSL_write(channel->ssl, bytes, (int)(length < INT32_MAX ? length : INT32_MAX));
        channel->writes_when = LOOP_WRITE;
        if (sent > 0)
                return sent;
        ssize_t why = why_nothing(channel, sent, &channel->writes_when);
        return why == 0 ? -EPIPE : why;
}

/* A record's worth is read and encrypted; what did not go out is read again next time. */
static ssize_t send_file_tls(struct channel *channel, int file_fd, off_t offset, size_t length)
{
        uint8_t bytes[RECORD_BYTES];
        ssize_t got = pread(file_fd, bytes, length < sizeof(bytes) ? length : sizeof(bytes), offset);
        if (got <= 0)
                return got < 0 ? -errno : -ENODATA;
        return channel_write(channel, bytes, (size_t)got);
}

ssize_t channel_send_file(struct channel *channel, int file_fd, off_t offset, size_t length)
{
        ASSERT(channel != NULL && file_fd >= 0 && length > 0);
        if (channel->ssl != NULL)
                return send_file_tls(channel, file_fd, offset, length);
        ssize_t sent = sendfile(channel->fd, file_fd, &offset, length);
        if (sent == 0)
                return -ENODATA; /* the file has become shorter */
        return sent > 0 ? sent : errno == ECONNRESET ? -EPIPE : errno == EINTR ? -EAGAIN : -errno;
}

unsigned channel_wants_read(const struct channel *channel)
{
        ASSERT(channel != NULL);
        return channel->reads_when;
}

unsigned channel_wants_write(const struct channel *channel)
{
        ASSERT(channel != NULL);
        return channel->writes_when;
}

bool channel_has_more(const struct channel *channel)
{
        ASSERT(channel != NULL);
        return channel->ssl != NULL && !channel->failed && !channel->drained && SSL_has_pending(channel->ssl) == 1;
}
