/* What TLS costs here beside what OpenSSL itself costs, at the least that a program can ask of it: 32 connections that
 * send 250 bytes and get 900 back, turn by turn; then connections that idle. Lines: figure, ours, peer, ratio, target,
 * met.
 *
 *   tls [EXCHANGES]
 *
 * Rights: for benches; socket pairs, a certificate in a folder under /tmp. */
#include "tls/tls.h"
#include "base/crypto.h"
#include "base/mem.h"

#include <fcntl.h>
#include <malloc.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BUSY = 32, IDLE = 400, ASKED = 250, ANSWERED = 900, ROUNDS = 9 };
enum how { PLAIN, BARE, OURS, HOWS };

struct end { /* one connection of the server */
        int fd;
        SSL *bare;
        struct channel *ours;
};

static struct {
        enum how how;
        SSL_CTX *context;
        struct tls_identity *identity;
} bench;

static void must(bool good, const char *what)
{
        if (good)
                return;
        perror(what);
        exit(2);
}

/* --- the other side, the same for all --- */

static void client_turn(SSL *ssl, int fd)
{
        static char bytes[ANSWERED];
        for (size_t have = 0; have < ANSWERED;) {
                int got = bench.how == PLAIN ? (int)recv(fd, bytes, ANSWERED - have, 0)
                                             : SSL_read(ssl, bytes, (int)(ANSWERED - have));
                if (got <= 0)
                        exit(0);
                have += (size_t)got;
        }
        (void)(bench.how == PLAIN ? (int)send(fd, bytes, ASKED, MSG_NOSIGNAL) : SSL_write(ssl, bytes, ASKED));
}

static _Noreturn void client(int fds[][2], int count)
{
        static SSL *ends[IDLE];
        static const char ask[ASKED];
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());
        int poll = epoll_create1(EPOLL_CLOEXEC);
        for (int i = 0; i < count; i++) {
                struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
                (void)close(fds[i][1]);
                ends[i] = SSL_new(context);
                (void)SSL_set_fd(ends[i], fds[i][0]);
                if (bench.how != PLAIN)
                        must(SSL_connect(ends[i]) == 1 && SSL_write(ends[i], ask, ASKED) == ASKED, "connect");
                else
                        must(send(fds[i][0], ask, ASKED, 0) == ASKED, "send");
                must(epoll_ctl(poll, EPOLL_CTL_ADD, fds[i][0], &event) == 0, "epoll");
        }
        for (struct epoll_event events[BUSY];;)
                for (int i = 0, got = epoll_wait(poll, events, BUSY, -1); i < got; i++)
                        client_turn(ends[events[i].data.u32], fds[events[i].data.u32][0]);
}

/* --- the server's side: plain, with OpenSSL and nothing around it, with channels --- */

static ssize_t end_read(const struct end *end, char *bytes, size_t size)
{
        if (end->ours != NULL)
                return channel_read(end->ours, bytes, size);
        return end->bare != NULL ? SSL_read(end->bare, bytes, (int)size) : recv(end->fd, bytes, size, 0);
}

static void end_write(const struct end *end, const char *bytes, size_t length)
{
        if (end->ours != NULL)
                (void)channel_write(end->ours, bytes, length);
        else if (end->bare != NULL)
                (void)SSL_write(end->bare, bytes, (int)length);
        else
                (void)send(end->fd, bytes, length, MSG_NOSIGNAL);
}

static void end_open(struct end *end, int fd)
{
        *end = (struct end){.fd = fd};
        must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
        if (bench.how == OURS) {
                end->ours = channel_tls(fd, bench.identity);
                channel_keeps(end->ours, true);
        } else if (bench.how == BARE) {
                end->bare = SSL_new(bench.context);
                (void)SSL_set_fd(end->bare, fd);
                SSL_set_accept_state(end->bare);
        }
}

static void end_close(struct end *end)
{
        if (end->ours != NULL) {
                channel_free(end->ours);
                return;
        }
        SSL_free(end->bare);
        (void)close(end->fd);
}

static double cpu_us(void)
{
        struct timespec now;
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Opens so many, then does exchanges; ret_bytes: of memory for each, when they idle. CPU of one exchange in us. */
static double serve(enum how how, int count, long exchanges, double *ret_bytes)
{
        static int fds[IDLE][2];
        static struct end ends[IDLE];
        static char bytes[16384];
        int poll = epoll_create1(EPOLL_CLOEXEC);
        bench.how = how;
        for (int i = 0; i < count; i++)
                must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds[i]) == 0, "socketpair");
        pid_t child = fork();
        if (child == 0)
                client(fds, count);
        size_t before = mallinfo2().uordblks;
        for (int i = 0; i < count; i++) {
                struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
                (void)close(fds[i][0]);
                end_open(&ends[i], fds[i][1]);
                must(epoll_ctl(poll, EPOLL_CTL_ADD, fds[i][1], &event) == 0, "epoll");
        }
        double begun = 0;
        for (long done = -count; done < exchanges;) {
                struct epoll_event events[BUSY];
                for (int i = 0, got = epoll_wait(poll, events, BUSY, -1); i < got; i++) {
                        const struct end *end = &ends[events[i].data.u32];
                        if (end_read(end, bytes, sizeof bytes) <= 0)
                                continue;
                        if (++done == 0)
                                begun = cpu_us();
                        if (ret_bytes == NULL || done < exchanges)
                                end_write(end, bytes, ANSWERED);
                }
        }
        double each = (cpu_us() - begun) / (double)exchanges;
        for (int i = 0; ret_bytes != NULL && i < count; i++)
                if (how == OURS)
                        channel_keeps(ends[i].ours, false);
                else
                        (void)SSL_free_buffers(ends[i].bare);
        if (ret_bytes != NULL)
                *ret_bytes = (double)(mallinfo2().uordblks - before) / count;
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
        for (int i = 0; i < count; i++)
                end_close(&ends[i]);
        (void)close(poll);
        return each;
}

/* --- the figures --- */

static int by_size(const void *a, const void *b)
{
        const double *first = a, *second = b;
        return (*first > *second) - (*first < *second);
}

static void line(const char *figure, double ours, double peer, double target)
{
        printf("%s\t%.2f\t%.2f\t%.2f\t<= %.2f\t%s\n", figure, ours, peer, ours / peer, target,
               ours / peer <= target ? "yes" : "no");
}

static void prepare(void)
{
        static const char *const names[] = {"localhost"};
        char folder[] = "/tmp/bulkhead-tls-XXXXXX", path[64];
        must(mkdtemp(folder) != NULL, "mkdtemp");
        int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        must(dir >= 0 && tls_identity_make(dir, names, 1, NULL) == 0, "identity");
        bench.identity = tls_identity_read(dir, NULL);
        (void)snprintf(path, sizeof path, "%s/" CERTIFICATE_IDENTITY_FILE, folder);
        bench.context = SSL_CTX_new(TLS_server_method());
        must(bench.identity != NULL && SSL_CTX_use_certificate_chain_file(bench.context, path) == 1 &&
                     SSL_CTX_use_PrivateKey_file(bench.context, path, SSL_FILETYPE_PEM) == 1,
             "certificate");
        (void)SSL_CTX_set_read_ahead(bench.context, 1);
        (void)SSL_CTX_set_num_tickets(bench.context, 1);
        (void)SSL_CTX_set_session_cache_mode(bench.context, SSL_SESS_CACHE_OFF);
        (void)unlinkat(dir, CERTIFICATE_IDENTITY_FILE, 0);
        (void)unlinkat(dir, CERTIFICATE_CHAIN_FILE, 0);
        (void)close(dir);
        (void)rmdir(folder);
}

int main(int argc, char **argv)
{
        long exchanges = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
        double each[HOWS][ROUNDS], idle[HOWS];
        crypto_start();
        (void)signal(SIGPIPE, SIG_IGN);
        prepare();
        for (int i = 0; i < ROUNDS; i++)
                for (enum how how = PLAIN; how < HOWS; how++)
                        each[how][i] = serve(how, BUSY, exchanges, NULL);
        for (enum how how = PLAIN; how < HOWS; how++)
                qsort(each[how], ROUNDS, sizeof(double), by_size);
        (void)serve(BARE, IDLE, 1, &idle[BARE]); /* whatever is allocated once */
        (void)serve(BARE, IDLE, 1, &idle[BARE]);
        (void)serve(OURS, IDLE, 1, &idle[OURS]);
        line("CPU of an exchange over TLS, us, beside OpenSSL with nothing around it", each[OURS][ROUNDS / 2],
             each[BARE][ROUNDS / 2], 1.1);
        line("CPU of an exchange without TLS, us, beside the same", each[PLAIN][ROUNDS / 2], each[BARE][ROUNDS / 2], 1);
        line("memory of an idle TLS connection, KiB, beside OpenSSL with nothing around it", idle[OURS] / 1024,
             idle[BARE] / 1024, 1.1);
        tls_identity_free(bench.identity);
        SSL_CTX_free(bench.context);
        return 0;
}
