/* Starts one process as its unit would: socket, user, groups, capabilities, limits and notify socket all from its
 * policy; a hand only when somebody connects, again and again. What happens is told on standard output, one line an
 * event: "listening", "started PID", "ready PID", "exited PID code N", "exited PID signal N".
 *
 *   launch NAME [options] -- PROGRAM [ARGUMENT...]      (PROGRAM may be a wrapper such as strace -D)
 *     --once           end, with the same code, when the program ends
 *     --restart        start a clerk again when it ended (a hand always is)
 *     --listen NAME=PORT   a front end: passes a socket of that name too, listening at 127.0.0.1 (NAME=6:PORT: at ::1)
 *     --further        one more process of a front end: only with those, as its template's instances are
 *     --env NAME=VALUE --also CAP --without CAP --all-bounding --uid NUMBER --group NAME: as the unit would not
 *
 * Rights: for tests; needs root, in a mount namespace of its own (tests/lib/box.py). */
#include "policy/policies.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTIFY_FOLDER "/run/bulkhead-launch"
enum { EXTRA_MAX = 16, GROUPS_MAX = 16, SOCKETS_MAX = 8 };

struct launch {
        const struct process_policy *policy;
        bool once, restart, further, all_bounding;
        const char *env[EXTRA_MAX];
        size_t env_count;
        uint64_t capabilities;
        uid_t uid;
        gid_t gid, groups[GROUPS_MAX];
        size_t group_count;
        char **program;
        int listen_fd, notify_fd, signal_fd;
        int ports[SOCKETS_MAX]; /* sockets passed after the first */
        size_t port_count;
        char names[256]; /* LISTEN_FDNAMES */
        char notify_path[108];
        pid_t child; /* 0: none */
        unsigned quick_ends;
};

__attribute__((noreturn)) static void die(const char *what)
{
        fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
        exit(125);
}

static void say(const char *event, pid_t pid, const char *how, int number)
{
        if (how != NULL)
                printf("%s %d %s %d\n", event, (int)pid, how, number);
        else if (pid > 0)
                printf("%s %d\n", event, (int)pid);
        else
                printf("%s\n", event);
        fflush(stdout);
}

/* --- what the policy and the options say --- */

static gid_t group_of(const char *name)
{
        const struct group *group = getgrnam(name);
        if (group == NULL)
                die(name);
        return group->gr_gid;
}

static void from_policy(struct launch *launch, const char *name)
{
        for (size_t i = 0; policies[i] != NULL; i++)
                if (strcmp(policies[i]->name, name) == 0)
                        launch->policy = policies[i];
        if (launch->policy == NULL)
                die(name);
        const struct passwd *user = getpwnam(launch->policy->user);
        if (user == NULL)
                die(launch->policy->user);
        launch->uid = user->pw_uid;
        launch->gid = group_of(launch->policy->group);
        for (const char *const *group = launch->policy->groups; group != NULL && *group != NULL; group++)
                launch->groups[launch->group_count++] = group_of(*group);
        for (const struct process_capability *c = launch->policy->capabilities; c != NULL && c->capability >= 0; c++)
                launch->capabilities |= UINT64_C(1) << c->capability;
}

static uint64_t capability_bit(const char *name)
{
        cap_value_t value;
        if (cap_from_name(name, &value) < 0)
                die(name);
        return UINT64_C(1) << value;
}

static void add_port(struct launch *launch, const char *name_and_port)
{
        const char *where = strchr(name_and_port, '=');
        if (where == NULL || launch->port_count == SOCKETS_MAX - 1)
                die(name_and_port);
        bool six = strncmp(where, "=6:", 3) == 0;
        in_port_t port = htons((uint16_t)strtoul(where + (six ? 3 : 1), NULL, 10));
        struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
        if (fd < 0 ||
            bind(fd, six ? (const void *)&address : (const void *)&four, six ? sizeof(address) : sizeof(four)) < 0 ||
            listen(fd, 4096) < 0)
                die(name_and_port);
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 64); /* out of the way of those that the child gets */
        if (fd < 0)
                die(name_and_port);
        launch->ports[launch->port_count++] = fd;
        size_t length = strlen(launch->names);
        snprintf(launch->names + length, sizeof(launch->names) - length, ":%.*s", (int)(where - name_and_port),
                 name_and_port);
}

static void read_option(struct launch *launch, const char *option, const char *value)
{
        if (strcmp(option, "--env") == 0 && launch->env_count < EXTRA_MAX)
                launch->env[launch->env_count++] = value;
        else if (strcmp(option, "--listen") == 0)
                add_port(launch, value);
        else if (strcmp(option, "--also") == 0)
                launch->capabilities |= capability_bit(value);
        else if (strcmp(option, "--without") == 0)
                launch->capabilities &= ~capability_bit(value);
        else if (strcmp(option, "--uid") == 0)
                launch->uid = (uid_t)strtoul(value, NULL, 10);
        else if (strcmp(option, "--group") == 0 && launch->group_count < GROUPS_MAX)
                launch->groups[launch->group_count++] = group_of(value);
        else
                die(option);
}

static void read_options(struct launch *launch, char **argv)
{
        for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++) {
                if (strcmp(*argv, "--once") == 0) {
                        launch->once = true;
                } else if (strcmp(*argv, "--restart") == 0) {
                        launch->restart = true;
                } else if (strcmp(*argv, "--further") == 0) {
                        launch->further = true;
                } else if (strcmp(*argv, "--all-bounding") == 0) {
                        launch->all_bounding = true;
                } else if (argv[1] != NULL) {
                        read_option(launch, argv[0], argv[1]);
                        argv++;
                }
        }
        if (*argv == NULL || argv[1] == NULL)
                die("no program");
        launch->program = argv + 1;
}

/* --- sockets --- */

static int bind_socket(int type, const char *path, mode_t mode, gid_t group)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        unlink(path);
        if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                die(path);
        if (chown(path, 0, group) < 0 || chmod(path, mode) < 0)
                die(path);
        return fd;
}

static void open_sockets(struct launch *launch)
{
        const struct process_policy *policy = launch->policy;
        int type = policy->kind == PROCESS_HAND ? SOCK_SEQPACKET : SOCK_STREAM;
        launch->listen_fd = -1;
        if (!launch->further)
                launch->listen_fd =
                        bind_socket(type, policy->socket, (mode_t)policy->socket_mode, group_of(policy->socket_group));
        if (!launch->further && listen(launch->listen_fd, 4096) < 0)
                die(policy->socket);
        mkdir(NOTIFY_FOLDER, 0755);
        snprintf(launch->notify_path, sizeof(launch->notify_path), NOTIFY_FOLDER "/%s.%d", policy->name, (int)getpid());
        launch->notify_fd = bind_socket(SOCK_DGRAM, launch->notify_path, 0666, 0);
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGCHLD);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        launch->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
        if (launch->signal_fd < 0)
                die("signalfd");
        say("listening", 0, NULL, 0);
}

/* --- the child --- */

/* The order matters: the bounding set while we may still change it, ambient when uid and sets are final. */
static void become(const struct launch *launch)
{
        for (int c = 0; CAP_IS_SUPPORTED(c); c++)
                if (!launch->all_bounding && (launch->capabilities >> c & 1) == 0 && cap_drop_bound(c) < 0)
                        die("bounding set");
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(launch->group_count, launch->groups) < 0 ||
            setresgid(launch->gid, launch->gid, launch->gid) < 0 ||
            setresuid(launch->uid, launch->uid, launch->uid) < 0)
                die("user");
        cap_t set = cap_init();
        for (int c = 0; CAP_IS_SUPPORTED(c); c++) {
                const cap_value_t value = c;
                if ((launch->capabilities >> c & 1) == 0)
                        continue;
                cap_set_flag(set, CAP_PERMITTED, 1, &value, CAP_SET);
                cap_set_flag(set, CAP_EFFECTIVE, 1, &value, CAP_SET);
                cap_set_flag(set, CAP_INHERITABLE, 1, &value, CAP_SET);
        }
        if (cap_set_proc(set) < 0)
                die("capabilities");
        cap_free(set);
        for (int c = 0; CAP_IS_SUPPORTED(c); c++)
                if ((launch->capabilities >> c & 1) != 0 && cap_set_ambient(c, CAP_SET) < 0)
                        die("ambient capabilities");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                die("no_new_privs");
}

__attribute__((noreturn)) static void run_child(const struct launch *launch)
{
        static char pid[32], notify[128], user[64], sockets[32], names[320];
        const struct rlimit files = {launch->policy->files_max, launch->policy->files_max}, core = {0, 0};
        char *env[EXTRA_MAX + 8] = {pid, notify, sockets, names, (char *)"LANG=C.UTF-8", user};
        size_t count = launch->policy->grants != NULL ? 6 : 5;
        snprintf(pid, sizeof(pid), "LISTEN_PID=%d", (int)getpid());
        snprintf(sockets, sizeof(sockets), "LISTEN_FDS=%zu", launch->port_count + !launch->further);
        snprintf(names, sizeof(names), "LISTEN_FDNAMES=%s%s",
                 launch->further                         ? ""
                 : launch->policy->kind == PROCESS_FRONT ? "proxy"
                                                         : "socket",
                 launch->names + launch->further); /* without the colon that stands before each */
        snprintf(notify, sizeof(notify), "NOTIFY_SOCKET=%s", launch->notify_path);
        snprintf(user, sizeof(user), "PGUSER=%s", launch->policy->user);
        for (size_t i = 0; i < launch->env_count; i++)
                env[count++] = (char *)launch->env[i];
        env[count] = NULL;
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        umask(0077);
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (chdir("/") < 0 || null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(2, 1) < 0)
                die("standard descriptors");
        if (unshare(CLONE_NEWNET) < 0) /* PrivateNetwork=yes */
                die("network namespace");
        if (setrlimit(RLIMIT_NOFILE, &files) < 0 || setrlimit(RLIMIT_CORE, &core) < 0)
                die("limits");
        become(launch);
        int next_fd = 3;
        if (!launch->further && dup3(launch->listen_fd, next_fd++, 0) < 0 &&
            !(errno == EINVAL && fcntl(3, F_SETFD, 0) == 0))
                die("socket");
        for (size_t i = 0; i < launch->port_count; i++)
                if (dup3(launch->ports[i], next_fd++, 0) < 0)
                        die("socket");
        execve(launch->program[0], launch->program, env);
        die(launch->program[0]);
}

static void start(struct launch *launch)
{
        launch->child = fork();
        if (launch->child < 0)
                die("fork");
        if (launch->child == 0)
                run_child(launch);
        say("started", launch->child, NULL, 0);
}

static void ended(struct launch *launch, int status)
{
        bool killed = WIFSIGNALED(status);
        int number = killed ? WTERMSIG(status) : WEXITSTATUS(status);
        say("exited", launch->child, killed ? "signal" : "code", number);
        launch->child = 0;
        if (launch->once)
                exit(killed ? 128 + number : number);
        launch->quick_ends = status == 0 ? 0 : launch->quick_ends + 1;
        if (launch->quick_ends > 5)
                usleep(50 * 1000); /* it does not come up: do not burn the machine */
}

static void stop(struct launch *launch)
{
        if (launch->child > 0) {
                kill(launch->child, SIGTERM);
                for (int i = 0; i < 300 && waitpid(launch->child, NULL, WNOHANG) == 0; i++)
                        usleep(10 * 1000);
                kill(launch->child, SIGKILL);
        }
        if (!launch->further)
                unlink(launch->policy->socket);
        exit(0);
}

static void read_signals(struct launch *launch)
{
        struct signalfd_siginfo info;
        while (read(launch->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
                if (info.ssi_signo != SIGCHLD)
                        stop(launch);
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
                if (pid == launch->child)
                        ended(launch, status);
}

static void read_notifications(struct launch *launch)
{
        char text[512];
        ssize_t length;
        while ((length = recv(launch->notify_fd, text, sizeof(text) - 1, 0)) > 0) {
                text[length] = '\0';
                if (strstr(text, "READY=1") != NULL)
                        say("ready", launch->child, NULL, 0);
        }
}

static void run(struct launch *launch)
{
        bool hand = launch->policy->kind == PROCESS_HAND, first = true;
        for (;;) {
                if (launch->child == 0 && !hand && (first || launch->restart))
                        start(launch);
                first = false;
                struct pollfd ready[] = {{.fd = launch->signal_fd, .events = POLLIN},
                                         {.fd = launch->notify_fd, .events = POLLIN},
                                         {.fd = launch->listen_fd, .events = POLLIN}};
                bool waiting = hand && launch->child == 0;
                if (poll(ready, waiting ? 3 : 2, -1) < 0 && errno != EINTR)
                        die("poll");
                read_notifications(launch);
                read_signals(launch);
                if (waiting && launch->child == 0 && (ready[2].revents & POLLIN) != 0)
                        start(launch);
        }
}

int main(int argc, char **argv)
{
        struct launch launch = {0};
        if (argc < 4)
                die("launch NAME [options] -- PROGRAM [ARGUMENT...]");
        from_policy(&launch, argv[1]);
        read_options(&launch, argv + 2);
        open_sockets(&launch);
        run(&launch);
}
