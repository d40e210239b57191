/* Where each daemon is reached: the socket is there, for those who may and nobody else, and somebody answers. Asking a
 * hand wakes it, so that it can be looked at afterwards.
 * Rights: part of the doctor, as root; connects to every socket of ours and to the ports on the loopback. */
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/doctor/doctor.h"
#include "sys/file.h"
#include "sys/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { ANSWER_MS = 5000 };

static const char question_clerk[] = "{\"method\":\"org.varlink.service.GetInfo\"}"; /* its NUL ends it */
static const char question_front[] = "GET /api/system/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

static const char *socket_unit(struct doctor *doctor, const struct process_policy *policy)
{
        return arena_printf(doctor->arena, "systemctl restart bulkhead-%s.socket", policy->name);
}

/* Owner, group and mode are who may call; false: it need not be asked. */
static bool judge_file(struct doctor *doctor, const struct process_policy *policy, const struct accounts *accounts)
{
        struct stat status;
        const struct account_group *group = accounts_group(accounts, policy->socket_group);
        const char *again = socket_unit(doctor, policy);
        if (lstat(doctor_path(doctor, policy->socket), &status) < 0) {
                found_bad(doctor, policy->socket, again, "is not there: %s cannot be reached", policy->name);
                return false;
        }
        if (!S_ISSOCK(status.st_mode)) {
                found_bad(doctor, policy->socket, again, "is no socket");
                return false;
        }
        if (status.st_uid != 0 || group == NULL || status.st_gid != group->gid ||
            (status.st_mode & 07777) != (unsigned)policy->socket_mode)
                found_bad(doctor, policy->socket, again,
                          "has mode %04o, owner %u and group %u; it must be %04o, root and %s: the wrong ones may call",
                          status.st_mode & 07777, status.st_uid, status.st_gid, (unsigned)policy->socket_mode,
                          policy->socket_group);
        return true;
}

static const char *ask(int fd, const void *question, size_t length, const char *begins)
{
        char answer[64] = "";
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        ssize_t sent = socket_send(fd, question, length, NULL, 0);
        if (sent != (ssize_t)length)
                return strerror(sent < 0 ? (int)-sent : EIO);
        if (poll(&polled, 1, ANSWER_MS) <= 0)
                return "no answer within 5 seconds";
        size_t none = 0;
        ssize_t got = socket_receive(fd, answer, sizeof(answer) - 1, NULL, &none);
        if (got <= 0)
                return got < 0 ? strerror((int)-got) : "it hung up";
        return strncmp(answer, begins, strlen(begins)) == 0 ? NULL : "it answers something else";
}

/* A hand says nothing that is not asked by its clerk or root's console: that it takes the connection is all. */
static void judge_answer(struct doctor *doctor, const struct process_policy *policy)
{
        bool hand = policy->kind == PROCESS_HAND, clerk = policy->kind == PROCESS_CLERK;
        const char *again = arena_printf(doctor->arena, "systemctl restart bulkhead-%s.service", policy->name);
        CLEANUP_FD int fd = socket_connect(doctor_path(doctor, policy->socket), hand ? SOCK_SEQPACKET : SOCK_STREAM);
        const char *wrong = fd < 0  ? strerror(-fd)
                            : hand  ? NULL
                            : clerk ? ask(fd, question_clerk, sizeof(question_clerk), "{")
                                    : ask(fd, question_front, sizeof(question_front) - 1, "HTTP/1.");
        if (wrong != NULL)
                found_bad(doctor, policy->name, again, "does not answer at %s: %s", policy->socket, wrong);
        else
                found_good(doctor, policy->name, "answers at %s", policy->socket);
}

static void judge_port(struct doctor *doctor, const struct process_policy *policy, const struct process_port *port)
{
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port->port)};
        CLEANUP_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const char *name = arena_printf(doctor->arena, "port %u", port->port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
                found_good(doctor, name, "listens");
        else
                found_bad(doctor, name,
                          arena_printf(doctor->arena, "systemctl restart bulkhead-%s-%s.socket", policy->name,
                                       port->name),
                          "is closed (%s); it is for %s", strerror(errno), port->why);
}

void check_sockets(struct doctor *doctor)
{
        ASSERT(doctor != NULL);
        struct accounts accounts;
        int error = accounts_read(doctor->arena, &accounts);
        if (error < 0) {
                found_unknown(doctor, "/etc/passwd", "", "cannot be read: %s", strerror(-error));
                return;
        }
        for (size_t i = 0; policies[i] != NULL; i++) {
                /* Ports first: asking at the socket starts the service, which brings its ports along. */
                for (const struct process_port *port = policies[i]->ports; port != NULL && port->name != NULL; port++)
                        judge_port(doctor, policies[i], port);
                if (judge_file(doctor, policies[i], &accounts))
                        judge_answer(doctor, policies[i]);
        }
}
