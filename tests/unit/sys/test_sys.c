/* Files, sockets and the loop.
 * Rights: none; works in a temporary directory. */
#include "base/crypto.h"
#include "sys/file.h"
#include "sys/folders.h"
#include "sys/loop.h"
#include "sys/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static int directory(void)
{
        char path[] = "/tmp/bulkhead-sys-XXXXXX";
        assert_non_null(mkdtemp(path));
        int fd = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(symlinkat("/etc", fd, "out"), 0);
        return fd;
}

static void files_are_replaced_whole(void **state)
{
        (void)state;
        int dir = directory();
        uint8_t *bytes;
        size_t length;
        assert_int_equal(file_replace(dir, "a", "one", 3, 0640, (uid_t)-1, (gid_t)-1), 0);
        assert_int_equal(file_replace(dir, "a", "three", 5, 0600, (uid_t)-1, (gid_t)-1), 0);
        assert_int_equal(file_read_below(dir, "a", 100, &bytes, &length), 0);
        assert_string_equal((char *)bytes, "three");
        free(bytes);
        struct stat status;
        assert_int_equal(fstatat(dir, "a", &status, 0), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(file_read_below(dir, "a", 4, &bytes, &length), -EFBIG);
        assert_int_equal(file_create(dir, "a", "x", 1, 0600), -EEXIST);
        assert_int_equal(file_create(dir, "b", "x", 1, 0600), 0);
        assert_int_equal(file_remove(dir, "b"), 0);
        assert_int_equal(file_remove(dir, "b"), 0);
        close(dir);
}

static void put_aged(int dir, const char *name, time_t age_s)
{
        int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - age_s}};
        assert_true(fd >= 0 && futimens(fd, times) == 0);
        close(fd);
}

/* Only what file_replace names so, only when it is old, only regular files, only in a folder of one's own. */
static void what_a_kill_left_is_swept(void **state)
{
        (void)state;
        static const char *const stay[] = {"keys",
                                           ".keys",
                                           ".keys.0123456789abcde",
                                           ".keys.0123456789abcdeg",
                                           "..0123456789abcdef",
                                           ".keys.0123456789ABCDEF",
                                           "keys.0123456789abcdef",
                                           ".keys-0123456789abcdef"};
        int dir = directory();
        for (size_t i = 0; i < sizeof(stay) / sizeof(*stay); i++)
                put_aged(dir, stay[i], 7200);
        put_aged(dir, ".keys.0123456789abcdef", 7200);
        put_aged(dir, ".a.b.00000000000000ff", 601);
        put_aged(dir, ".keys.fedcba9876543210", 500);
        assert_int_equal(mkdirat(dir, ".d.0123456789abcdef", 0700), 0);
        assert_int_equal(symlinkat("keys", dir, ".l.0123456789abcdef"), 0);
        assert_int_equal(file_sweep(dir, 600), 2);
        for (size_t i = 0; i < sizeof(stay) / sizeof(*stay); i++)
                assert_int_equal(faccessat(dir, stay[i], F_OK, 0), 0);
        assert_int_equal(faccessat(dir, ".keys.fedcba9876543210", F_OK, 0), 0);
        assert_int_equal(faccessat(dir, ".l.0123456789abcdef", F_OK, AT_SYMLINK_NOFOLLOW), 0);
        assert_int_not_equal(faccessat(dir, ".keys.0123456789abcdef", F_OK, 0), 0);
        assert_int_equal(file_sweep(dir, 0), 1);
        put_aged(dir, ".keys.0123456789abcdef", 0); /* of this very second */
        assert_int_equal(file_sweep(dir, 0), 1);
        struct stat before, after;
        assert_int_equal(file_keep(dir, "kept", "ab", 2, 0640), 0);
        assert_int_equal(fstatat(dir, "kept", &before, 0), 0);
        assert_int_equal(file_keep(dir, "kept", "ab", 2, 0640), 0);
        assert_int_equal(fstatat(dir, "kept", &after, 0), 0);
        assert_true(before.st_ino == after.st_ino && before.st_mode == (S_IFREG | 0640));
        assert_int_equal(file_keep(dir, "kept", "ac", 2, 0640), 0);
        assert_int_equal(file_keep(dir, "kept", "acd", 3, 0640), 0);
        assert_int_equal(fstatat(dir, "kept", &after, 0), 0);
        assert_int_equal(after.st_size, 3);
        assert_int_equal(file_keep(dir, "kept", "", 0, 0640), 0);
        assert_int_equal(fstatat(dir, "kept", &after, 0), 0);
        assert_int_equal(after.st_size, 0);
        uint32_t *here, *there;
        assert_int_equal(file_share(dir, "shared", sizeof(*here), (void **)&here), 0);
        assert_int_equal(file_share(dir, "shared", sizeof(*there), (void **)&there), 0);
        assert_int_equal(*here, 0);
        *here = 4711;
        assert_int_equal(*there, 4711);
        assert_int_equal(file_share(-1, "shared", sizeof(*here), (void **)&here), -EBADF);
        if (geteuid() == 0) {
                put_aged(dir, ".keys.0123456789abcdef", 7200);
                assert_int_equal(fchown(dir, 4242, (gid_t)-1), 0);
                assert_int_equal(file_sweep(dir, 600), 0);
        }
        close(dir);
}

static void nothing_leads_outside(void **state)
{
        (void)state;
        int dir = directory();
        uint8_t *bytes;
        size_t length;
        assert_int_equal(file_read_below(dir, "out/hostname", 100, &bytes, &length), -ELOOP);
        assert_int_equal(file_read_below(dir, "../etc/hostname", 100, &bytes, &length), -EXDEV);
        assert_int_equal(file_read_below(dir, "/etc/hostname", 100, &bytes, &length), -EXDEV);
        close(dir);
}

static void descriptors_are_counted(void **state)
{
        (void)state;
        int pair[2], fds[SOCKET_FDS_MAX];
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
        struct peer peer;
        assert_int_equal(socket_peer(pair[0], &peer), 0);
        assert_int_equal(peer.uid, getuid());
        char byte;
        size_t count = 1;
        assert_int_equal(socket_send(pair[0], "x", 1, (int[]){0, 1}, 2), 1);
        assert_int_equal(socket_receive(pair[1], &byte, 1, fds, &count), -EBADMSG);
        assert_int_equal(count, 0);
        count = 2;
        assert_int_equal(socket_send(pair[0], "x", 1, (int[]){0, 1}, 2), 1);
        assert_int_equal(socket_receive(pair[1], &byte, 1, fds, &count), 1);
        assert_int_equal(count, 2);
        close(fds[0]);
        close(fds[1]);
        count = 0;
        assert_int_equal(socket_send(pair[0], "long", 4, NULL, 0), 4);
        assert_int_equal(socket_receive(pair[1], &byte, 1, fds, &count), -EBADMSG);
        close(pair[0]);
        assert_int_equal(socket_receive(pair[1], &byte, 1, fds, &count), 0);
        close(pair[1]);
}

struct ticks {
        struct loop *loop;
        struct loop_watch *every;
        int soon, ticked;
};

static void soon(void *context)
{
        ((struct ticks *)context)->soon++;
}

static void tick(void *context)
{
        struct ticks *ticks = context;
        if (++ticks->ticked < 3)
                return;
        loop_unwatch(ticks->every);
        loop_stop(ticks->loop);
}

static void the_loop_ticks(void **state)
{
        (void)state;
        struct ticks ticks = {.loop = loop_new()};
        loop_soon(ticks.loop, soon, &ticks);
        ticks.every = loop_every(ticks.loop, 1, tick, &ticks);
        assert_int_equal(ticks.soon, 0);
        assert_int_equal(loop_run(ticks.loop), 0);
        assert_int_equal(ticks.soon, 1);
        assert_int_equal(ticks.ticked, 3);
        loop_free(ticks.loop);
}

struct ends_seen {
        struct loop *loop;
        unsigned events, calls, ticks;
        struct loop_watch *now;
};

static void note_end(int fd, unsigned events, void *context)
{
        struct ends_seen *seen = context;
        (void)fd;
        seen->calls++;
        seen->events |= events;
        loop_stop(seen->loop);
}

static void stop_waiting(void *context)
{
        struct ends_seen *seen = context;
        loop_stop(seen->loop);
}

/* How somebody goes: politely, or with something unread, which is an error to the other side. Either way it is told
 * once, and not asked for again and again meanwhile. */
static void an_end_is_told(void **state)
{
        (void)state;
        for (int way = 0; way < 4; way++) {
                int pair[2];
                struct ends_seen seen = {.loop = loop_new()};
                assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
                struct loop_watch *watch = loop_fd(seen.loop, pair[0], LOOP_READ, note_end, &seen);
                loop_fd_events(watch, LOOP_CLOSED);
                struct loop_watch *end = loop_timer(seen.loop, 30, stop_waiting, &seen);
                assert_int_equal(write(pair[1], "x", 1), 1); /* nobody reads it, and nobody is told of it */
                loop_run(seen.loop);
                assert_int_equal(seen.calls, 0);
                if (way % 2 == 1)
                        assert_int_equal(write(pair[0], "unread", 6), 6);
                if (way < 2)
                        close(pair[1]);
                else
                        shutdown(pair[1], SHUT_WR);
                clock_t before = clock();
                loop_timer_again(end, 300);
                loop_run(seen.loop);
                assert_int_equal(seen.calls, 1);
                assert_int_equal(seen.events, LOOP_CLOSED);
                assert_true(clock() - before < CLOCKS_PER_SEC / 10);
                loop_unwatch(watch);
                loop_unwatch(end);
                loop_free(seen.loop);
                close(pair[0]);
                if (way >= 2)
                        close(pair[1]);
        }
}

static void tick_now(void *context)
{
        struct ends_seen *seen = context;
        if (++seen->ticks < 3)
                loop_timer_now(seen->now);
        else
                loop_stop(seen->loop);
}

static void a_timer_can_be_hurried(void **state)
{
        (void)state;
        struct ends_seen seen = {.loop = loop_new()};
        seen.now = loop_timer(seen.loop, 3600 * 1000, tick_now, &seen);
        loop_timer_now(seen.now);
        assert_int_equal(seen.ticks, 0); /* never from within the caller */
        loop_run(seen.loop);
        assert_int_equal(seen.ticks, 3);
        loop_unwatch(seen.now);
        loop_free(seen.loop);
}

struct told {
        struct loop *loop;
        struct loop_watch *later;
        int folder, times;
        struct folders folders;
};

static void change_again(void *context)
{
        const struct told *told = context;
        assert_int_equal(file_put(told->folder, "again", "c", 1, 0600), 0);
}

/* What begins with a dot is told of to nobody; had it been, the next thing would not have come to pass. */
static void told_of(void *context)
{
        struct told *told = context;
        if (++told->times == 1) {
                assert_int_equal(file_put(told->folder, ".again", "c", 1, 0600), 0);
                told->later = loop_timer(told->loop, 200, change_again, told);
        } else {
                assert_int_equal(faccessat(told->folder, "again", F_OK, 0), 0);
                loop_stop(told->loop);
        }
}

static char named_last[8];

static void name_it(const char *name, void *context)
{
        (void)context;
        snprintf(named_last, sizeof(named_last), "%s", name);
}

static void folders_tell_of_many_changes_once(void **state)
{
        (void)state;
        struct told told = {.loop = loop_new(), .folder = directory()};
        char path[64];
        snprintf(path, sizeof(path), "/proc/self/fd/%d", told.folder);
        assert_int_equal(folders_open(&told.folders), 0);
        assert_int_equal(folders_add(&told.folders, path, IN_MOVED_TO), 0);
        assert_int_equal(folders_add(&told.folders, "/nowhere", IN_MOVED_TO), 0);
        assert_int_equal(folders_add(&told.folders, "/etc/passwd/x", IN_MOVED_TO), -ENOTDIR);
        folders_name(&told.folders, name_it);
        folders_watch(&told.folders, told.loop, 20, told_of, &told);
        for (char name[2] = "a"; *name < 'k'; (*name)++)
                assert_int_equal(file_put(told.folder, name, "b", 1, 0600), 0);
        folders_read(&told.folders); /* who cannot wait for the loop */
        assert_string_equal(named_last, "j");
        loop_run(told.loop);
        assert_int_equal(told.times, 2); /* for all of those, and for what came after */
        assert_string_equal(named_last, "again");
        loop_unwatch(told.later);
        loop_unwatch(told.folders.watch);
        loop_free(told.loop);
        close(told.folders.fd);
        close(told.folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_replaced_whole), cmocka_unit_test(what_a_kill_left_is_swept),
                cmocka_unit_test(nothing_leads_outside),    cmocka_unit_test(descriptors_are_counted),
                cmocka_unit_test(the_loop_ticks),           cmocka_unit_test(an_end_is_told),
                cmocka_unit_test(a_timer_can_be_hurried),   cmocka_unit_test(folders_tell_of_many_changes_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
