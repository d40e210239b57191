/* The systemd units of every process, made from its policy: a service with its sandbox, its socket, and the users,
 * groups and folders they need.
 * Rights: part of policy-print, a host program. */
#include "policy/policies.h"
#include "policy/project/project.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FRONT_GROUP "bulkhead-api"

static bool has_grants(const struct process_policy *policy)
{
        return policy->grants != NULL;
}

static bool is_below(const char *path, const char *folder)
{
        size_t length = strlen(folder);
        return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool is_written(const struct process_path *path)
{
        return (path->rights & (PATH_WRITE | PATH_PREPARE)) != 0;
}

FILE *unit_open(const char *directory, const char *folder, const char *name, const char *suffix)
{
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", directory, folder);
        if (mkdir(directory, 0755) < 0 && errno != EEXIST)
                fprintf(stderr, "policy-print: %s: %s\n", directory, strerror(errno));
        if (mkdir(path, 0755) < 0 && errno != EEXIST)
                fprintf(stderr, "policy-print: %s: %s\n", path, strerror(errno));
        snprintf(path, sizeof(path), "%s/%s/bulkhead%s%s", directory, folder, name, suffix);
        FILE *out = fopen(path, "we");
        if (out == NULL)
                fprintf(stderr, "policy-print: %s: %s\n", path, strerror(errno));
        else
                fprintf(out, "%s Made by policy-print from policy/; do not edit.\n",
                        strcmp(suffix, ".rules") == 0 ? "//" : "#");
        return out;
}

int unit_close(FILE *out)
{
        if (fclose(out) == 0)
                return 0;
        fprintf(stderr, "policy-print: %s\n", strerror(errno));
        return -1;
}

/* --- the service --- */

/* at: "@" in the template of a front end's further processes, else "". They share the TCP ports (ReusePort), not the
 * Unix socket. */
static void write_sockets(FILE *out, const char *key, const struct process_policy *policy, const char *at)
{
        const char *number = *at != '\0' ? "%i" : "";
        fprintf(out, "%s=", key);
        if (*at == '\0')
                fprintf(out, "bulkhead-%s.socket ", policy->name);
        for (const struct process_port *port = policy->ports; port != NULL && port->name != NULL; port++)
                fprintf(out, "bulkhead-%s-%s%s%s.socket ", policy->name, port->name, at, number);
}

static void write_start(FILE *out, const struct process_policy *policy, const char *at)
{
        bool hand = policy->kind == PROCESS_HAND, front = policy->kind == PROCESS_FRONT;
        fprintf(out, "[Unit]\nDescription=Bulkhead %s: %s\nDocumentation=man:bulkhead(1)\n", policy->name,
                policy->says);
        write_sockets(out, "Requires", policy, at);
        fputc('\n', out);
        write_sockets(out, "After", policy, at);
        fputs("systemd-tmpfiles-setup.service", out);
        fputs(has_grants(policy) ? " postgresql.service\n" : "\n", out);
        fputs("PartOf=bulkhead.target\nStartLimitIntervalSec=0\n\n[Service]\nType=notify\nNotifyAccess=main\n", out);
        fprintf(out, "ExecStart=/usr/libexec/bulkhead/%s\nUser=%s\nGroup=%s\n", policy->name, policy->user,
                policy->group);
        /* Further groups are those of the user (sysusers.d). */
        if (front) {
                write_sockets(out, "Sockets", policy, at);
                fputc('\n', out);
        }
        if (has_grants(policy)) /* so that libpq need not read /etc/passwd */
                fprintf(out, "Environment=PGUSER=%s\n", policy->user);
        /* A hand is started by its socket and goes when idle; one that failed comes back by itself, to finish or undo
         * what it had begun, but not in a hot loop. A clerk is always there. Both are watched: a hand says that it
         * lives between steps and while a tool or PID 1 works for it, which it gives two minutes itself (libnas/act); a
         * single call of the kernel may take as long. It holds back polite signals, so it is shot. */
        fputs(hand ? "Restart=on-failure\nRestartSec=500ms\nWatchdogSec=120\nWatchdogSignal=SIGKILL\n"
                   : "Restart=always\nRestartSec=200ms\nWatchdogSec=20\n",
              out);
        fprintf(out, "MemoryMax=%s\nMemorySwapMax=0\nTasksMax=%u\nLimitNOFILE=%u\nLimitCORE=0\nUMask=0077\n",
                policy->memory_max, policy->tasks_max, policy->files_max);
        for (const struct process_fact *fact = policy->facts; fact != NULL && fact->name != NULL; fact++)
                fprintf(out, "LoadCredential=%s:%s\nSetCredential=%s:unknown\n", fact->name, fact->path, fact->name);
        if (policy->state_directory != NULL)
                fprintf(out, "StateDirectory=%s\nStateDirectoryMode=0700\n", policy->state_directory);
        if (policy->runtime_directory != NULL) /* kept while it is away: sessions and spent warrants lie there */
                fprintf(out, "RuntimeDirectory=%s\nRuntimeDirectoryMode=0700\nRuntimeDirectoryPreserve=yes\n",
                        policy->runtime_directory);
}

static void write_capabilities(FILE *out, const struct process_policy *policy)
{
        static const char *const sets[] = {"CapabilityBoundingSet=", "AmbientCapabilities="};
        for (size_t i = 0; i < 2; i++) {
                fputs(sets[i], out);
                for (const struct process_capability *c = policy->capabilities; c != NULL && c->capability >= 0; c++) {
                        char *name = cap_to_name(c->capability);
                        for (char *letter = name; *letter != '\0'; letter++)
                                fputc(*letter >= 'a' && *letter <= 'z' ? *letter - 'a' + 'A' : *letter, out);
                        fputc(' ', out);
                        cap_free(name);
                }
                fputc('\n', out);
        }
        fputs("NoNewPrivileges=yes\nKeyringMode=private\nLockPersonality=yes\n"
              "RestrictRealtime=yes\nRestrictNamespaces=yes\nRemoveIPC=yes\n",
              out);
}

/* A readable path inside a writable one is kept read-only: Landlock cannot say that, the unit can. */
static bool inside_writable(const struct process_policy *policy, const char *path)
{
        for (const struct process_path *p = policy->paths; p->path != NULL; p++)
                if (is_written(p) && is_below(path, p->path))
                        return true;
        return false;
}

static void write_paths(FILE *out, const struct process_policy *policy)
{
        bool homes = false;
        for (const struct process_path *p = policy->paths; p->path != NULL; p++) {
                homes = homes || strcmp(p->path, "/home") == 0;
                if (is_below(p->path, "/dev"))
                        continue;
                if (is_written(p))
                        fprintf(out, "ReadWritePaths=-%s\n", p->path);
                else if (inside_writable(policy, p->path))
                        fprintf(out, "ReadOnlyPaths=-%s\n", p->path);
        }
        fprintf(out, "ProtectHome=%s\n", homes ? "no" : "yes");
        if (homes)
                fputs("InaccessiblePaths=-/root\n", out);
        /* What can be written cannot be run. Nothing wider: NoExecPaths and ExecPaths of a folder that ProtectSystem
         * had made read-only make it writable again (systemd 252). /run is left writable by strict. */
        fputs("ReadOnlyPaths=/run\nNoExecPaths=-/tmp -/var/tmp", out);
        for (const struct process_path *p = policy->paths; p->path != NULL; p++)
                if (is_written(p) && !is_below(p->path, "/dev"))
                        fprintf(out, " -%s", p->path);
        fputc('\n', out);
}

/* A hand whose system calls are not listed runs tools, and they may. */
static bool may_chown(const struct process_policy *policy)
{
        for (const struct syscall_group *const *group = policy->syscalls; group != NULL && *group != NULL; group++)
                for (const int *number = (*group)->numbers; *number >= 0; number++)
                        if (*number == __NR_fchown || *number == __NR_fchownat)
                                return true;
        return policy->syscalls == NULL;
}

/* A private /dev has no disks in it; who needs some gets the machine's, with those allowed alone. */
static void write_devices(FILE *out, const struct process_policy *policy)
{
        fprintf(out, "PrivateDevices=%s\n", policy->devices ? "no" : "yes");
        for (const struct process_device *d = policy->devices; d != NULL && d->device != NULL; d++)
                fprintf(out, "DeviceAllow=%s %s%s\n", d->device, (d->rights & PATH_READ) != 0 ? "r" : "",
                        (d->rights & PATH_WRITE) != 0 ? "w" : "");
}

static void write_sandbox(FILE *out, const struct process_policy *policy)
{
        bool hand = policy->kind == PROCESS_HAND, local = strcmp(policy->families, "AF_UNIX") == 0;
        fputs("ProtectSystem=strict\nPrivateTmp=yes\nPrivateMounts=yes\nDevicePolicy=closed\nPrivateIPC=yes\n"
              "ProtectKernelTunables=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes\nProtectControlGroups=yes\n"
              "ProtectClock=yes\nProtectHostname=yes\nProtectProc=invisible\nMemoryDenyWriteExecute=yes\n",
              out);
        write_devices(out, policy);
        fprintf(out, "RestrictAddressFamilies=%s\n", policy->families);
        if (local)
                fputs("PrivateNetwork=yes\nIPAddressDeny=any\n", out);
        /* A coarse fence for the time before the process closes its own (libnas/jail), which is the tight one. */
        fputs("SystemCallArchitectures=native\nSystemCallErrorNumber=EPERM\n"
              "SystemCallFilter=@system-service landlock_create_ruleset landlock_add_rule landlock_restrict_self "
              "seccomp\n"
              "SystemCallFilter=~@privileged @resources\n",
              out);
        /* No RestrictSUIDSGID: systemd then answers every openat2 with ENOSYS, and that is how files are opened here.
         */
        if (hand && may_chown(policy))
                fputs("SystemCallFilter=@chown\n", out);
        /* PAM's helper gives up rights that it does not have, and from 1.7 on ends when it may not even ask. */
        if (hand && policy->capabilities != NULL && policy->capabilities->capability >= 0)
                fputs("SystemCallFilter=@setuid\n", out);
}

static int write_service(const char *directory, const char *name, const struct process_policy *policy, const char *at)
{
        FILE *out = unit_open(directory, "system", name, *at != '\0' ? "@.service" : ".service");
        if (out == NULL)
                return -1;
        write_start(out, policy, at);
        write_capabilities(out, policy);
        write_paths(out, policy);
        write_sandbox(out, policy);
        if (policy->kind != PROCESS_HAND)
                fputs("\n[Install]\nWantedBy=bulkhead.target\n", out);
        return unit_close(out);
}

static int write_socket(const char *directory, const char *name, const struct process_policy *policy)
{
        FILE *out = unit_open(directory, "system", name, ".socket");
        if (out == NULL)
                return -1;
        bool hand = policy->kind == PROCESS_HAND;
        fprintf(out, "[Unit]\nDescription=Bulkhead %s: where it is reached\nPartOf=bulkhead.target\n\n[Socket]\n",
                policy->name);
        fprintf(out, "%s=%s\nSocketUser=root\nSocketGroup=%s\nSocketMode=%04o\n",
                hand ? "ListenSequentialPacket" : "ListenStream", policy->socket, policy->socket_group,
                (unsigned)policy->socket_mode);
        if (policy->kind == PROCESS_FRONT)
                fputs("FileDescriptorName=proxy\n", out);
        /* However often it is called and goes: nobody can make systemd give the socket up. */
        fputs("DirectoryMode=0755\nTriggerLimitIntervalSec=0\n\n[Install]\nWantedBy=bulkhead.target\n", out);
        return unit_close(out);
}

/* A TCP port. Every process listens by a socket of its own, and the kernel shares the clients out among them. */
static int write_port(const char *directory, const struct process_policy *policy, const struct process_port *port,
                      const char *at)
{
        const char *number = *at != '\0' ? "%i" : "";
        char name[64];
        snprintf(name, sizeof(name), "-%s-%s%s", policy->name, port->name, at);
        FILE *out = unit_open(directory, "system", name, ".socket");
        if (out == NULL)
                return -1;
        fprintf(out,
                "[Unit]\nDescription=Bulkhead %s: %s\nPartOf=bulkhead.target\n\n[Socket]\nListenStream=[::]:%u\n"
                "BindIPv6Only=both\nReusePort=yes\nNoDelay=yes\nBacklog=4096\nFileDescriptorName=%s\n"
                "Service=bulkhead-%s%s%s.service\nTriggerLimitIntervalSec=0\n\n[Install]\nWantedBy=",
                policy->name, port->why, port->port, port->name, policy->name, at, number);
        if (*at != '\0')
                fprintf(out, "bulkhead-%s@%%i.service\n", policy->name);
        else
                fputs("bulkhead.target\n", out);
        return unit_close(out);
}

static int write_ports(const char *directory, const struct process_policy *policy)
{
        for (const struct process_port *port = policy->ports; port != NULL && port->name != NULL; port++)
                if (write_port(directory, policy, port, "") < 0 || write_port(directory, policy, port, "@") < 0)
                        return -1;
        return 0;
}

/* --- users, groups and folders --- */

static int write_sysusers(const char *directory)
{
        FILE *out = unit_open(directory, "sysusers.d", "", ".conf");
        if (out == NULL)
                return -1;
        fputs("# Who may connect to the clerks.\ng bulkhead-callers -\n# Roles of accounts; a disabled account keeps "
              "its own.\n",
              out);
        for (int role = ROLE_VIEWER; role <= ROLE_ADMIN; role++)
                fprintf(out, "g bulkhead-%s -\n", role_name((enum role)role));
        fputs("g bulkhead-disabled -\n", out);
        for (size_t i = 0; policies[i] != NULL; i++)
                if (policies[i]->kind == PROCESS_FRONT)
                        fprintf(out, "# A reverse proxy's user, whose word of its clients is believed.\ng %s -\n",
                                policies[i]->socket_group);
        fputs("# The processes.\n", out);
        for (size_t i = 0; policies[i] != NULL; i++) {
                const struct process_policy *policy = policies[i];
                if (strcmp(policy->user, "root") != 0)
                        fprintf(out, "u %s - \"Bulkhead %s\" / /usr/sbin/nologin\n", policy->user, policy->name);
                for (const char *const *group = policy->groups; group != NULL && *group != NULL; group++)
                        fprintf(out, "m %s %s\n", policy->user, *group);
        }
        return unit_close(out);
}

/* With the folder's group on whatever is made in it, so that its owner need not be in that group. */
static bool shared(const struct process_path *path)
{
        return (path->rights & PATH_FRONT) != 0;
}

/* Folders that a hand publishes in: it writes, everybody reads. Its own are closed. */
static int write_tmpfiles(const char *directory)
{
        FILE *out = unit_open(directory, "tmpfiles.d", "", ".conf");
        if (out == NULL)
                return -1;
        fputs("d /run/bulkhead 0755 root root -\nd /var/lib/bulkhead 0755 root root -\nd /etc/bulkhead 0755 root root "
              "-\n",
              out);
        for (size_t i = 0; policies[i] != NULL; i++) {
                const struct process_policy *policy = policies[i];
                for (const struct process_path *p = policy->paths; p->path != NULL; p++)
                        if (is_written(p) &&
                            (is_below(p->path, "/run/bulkhead") || is_below(p->path, "/var/lib/bulkhead") ||
                             is_below(p->path, "/etc/bulkhead")))
                                fprintf(out, "d %s %s %s %s -\n", p->path,
                                        shared(p)                        ? "2755"
                                        : (p->rights & PATH_CLOSED) != 0 ? "0700"
                                                                         : "0755",
                                        policy->user, shared(p) ? FRONT_GROUP : policy->group);
                if (policy->state_directory != NULL)
                        fprintf(out, "d /var/lib/%s 0700 %s %s -\n", policy->state_directory, policy->user,
                                policy->group);
                if (policy->runtime_directory != NULL)
                        fprintf(out, "d /run/%s 0700 %s %s -\n", policy->runtime_directory, policy->user,
                                policy->group);
        }
        return unit_close(out);
}

int print_units(const char *directory)
{
        for (size_t i = 0; policies[i] != NULL; i++) {
                char name[64];
                snprintf(name, sizeof(name), "-%s", policies[i]->name);
                bool front = policies[i]->kind == PROCESS_FRONT;
                if (write_service(directory, name, policies[i], "") < 0 ||
                    write_socket(directory, name, policies[i]) < 0 || write_ports(directory, policies[i]) < 0 ||
                    (front && write_service(directory, name, policies[i], "@") < 0))
                        return -1;
        }
        return write_sysusers(directory) < 0 || write_tmpfiles(directory) < 0 || write_polkit(directory) < 0 ? -1 : 0;
}
