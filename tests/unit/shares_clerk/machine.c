/* The fake machine: in place of what live.c and serve/units.c read.
 * Rights: none; files under /tmp. */
#include "tests/unit/shares_clerk/machine.h"

#include "base/log.h"
#include "base/mem.h"
#include "serve/units.h"
#include "sys/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fake_machine fake_machine;
static struct {
        char top[32];
        int smb, nfs, transfers, services, run;
        struct unit_state state;
} behind = {.smb = -1, .nfs = -1, .transfers = -1, .services = -1, .run = -1};

static int folder_of(const char *top, const char *name)
{
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", top, name);
        ASSERT(mkdir(path, 0700) == 0);
        return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void open_folders(void)
{
        if (behind.smb >= 0)
                return;
        snprintf(behind.top, sizeof(behind.top), "/tmp/shares_clerk-XXXXXX");
        ASSERT(mkdtemp(behind.top));
        behind.smb = folder_of(behind.top, "smb");
        behind.nfs = folder_of(behind.top, "nfs");
        behind.transfers = folder_of(behind.top, "transfers");
        behind.services = folder_of(behind.top, "services");
        behind.run = folder_of(behind.top, "run");
        smb_prepare(behind.smb);
        nfs_prepare(behind.nfs);
        transfers_prepare(behind.transfers);
        smb_clients_prepare(behind.run);
        nfs_check_prepare(behind.run);
        nfs_clients_prepare(behind.run);
        domain_prepare(behind.run);
        services_prepare(behind.services);
}

static void reload(void)
{
        smb_reload();
        nfs_reload();
        transfers_reload();
        smb_server_reload();
        smb_forget();
        struct topic *const told[] = {topics.smb_shares, topics.smb_share, topics.smb_server, topics.nfs_exports,
                                      topics.nfs_export, topics.transfers, topics.transfer};
        for (size_t i = 0; i < ARRAY_SIZE(told); i++)
                if (told[i])
                        topic_changed(told[i]);
}

static void empty(int folder)
{
        DIR *listing = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        for (struct dirent *entry; (entry = readdir(listing));)
                if (entry->d_name[0] != '.')
                        unlinkat(folder, entry->d_name, 0);
        closedir(listing);
}

void fake_machine_clear(void)
{
        fake_machine = (struct fake_machine){0};
        open_folders();
        empty(behind.smb);
        empty(behind.nfs);
        empty(behind.transfers);
        empty(behind.services);
        static const char ftp[] = "PassivePorts 50000 50999\nTLSRequired on\nMaxInstances 512\n";
        ASSERT(file_put(behind.services, "smb", "wanted\n", 7, 0644) == 0);
        ASSERT(file_put(behind.services, "ftp.conf", ftp, strlen(ftp), 0644) == 0);
        ASSERT(file_put(behind.services, "nfs.conf", "", 0, 0644) == 0);
        reload();
}

void fake_machine_end(void)
{
        static const char *const names[] = {"smb", "nfs", "transfers", "services", "run", ""};
        char path[64];
        fake_machine_clear();
        empty(behind.services);
        empty(behind.run);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                snprintf(path, sizeof(path), "%s/%s", behind.top, names[i]);
                rmdir(path);
        }
}

const char *fake_machine_file(const char *share)
{
        static char text[16384];
        uint8_t *bytes = NULL;
        size_t length = 0;
        text[0] = '\0';
        if (file_read_below(behind.smb, share, sizeof(text) - 1, &bytes, &length) == 0)
                snprintf(text, sizeof(text), "%.*s", (int)length, (const char *)bytes);
        free(bytes);
        return text;
}

void fake_machine_put(const char *share, const char *text)
{
        ASSERT(file_put(behind.smb, share, text, strlen(text), 0644) == 0);
        reload();
}

void fake_machine_put_server(const char *file, const char *text)
{
        ASSERT(text ? file_put(behind.services, file, text, strlen(text), 0644) == 0
                    : unlinkat(behind.services, file, 0) == 0);
        reload();
}

void fake_machine_put_transfer(const char *name, const char *text)
{
        ASSERT(file_put(behind.transfers, name, text, strlen(text), 0644) == 0);
        reload();
}

void fake_machine_put_run(const char *file, const char *text)
{
        ASSERT(file_put(behind.run, file, text, strlen(text), 0600) == 0);
}

/* --- as the clerk reads it --- */

int live_prepare(void)
{
        open_folders();
        return 0;
}

void live_watch(void)
{
        services_watch(NULL);
        reload();
}

void live_tick(void)
{
}

void live_acted(const struct plan *plan, loop_tick *done, void *context)
{
        (void)plan;
        reload();
        done(context);
}

int mounts_prepare(void)
{
        return 0;
}

void mounts_watch(loop_tick *changed)
{
        (void)changed;
}

const char *live_pool_of(const char *path, struct arena *arena)
{
        path += strlen("/srv/");
        return arena_text(arena, path, strcspn(path, "/"));
}

bool live_path_is_read_only(const char *path)
{
        (void)path;
        return false;
}

bool live_path_is_here(const char *path)
{
        static const char tank[] = "/srv/tank";
        return !fake_machine.tank_is_away && strncmp(path, tank, strlen(tank)) == 0 &&
               strchr("/", path[strlen(tank)]) != NULL;
}

const char *live_path_why_not(const char *path)
{
        return live_path_is_here(path) ? NULL : "Its pool is away.";
}

struct units *units_watch(struct loop *loop, const char *const *names, loop_tick *changed, void *context)
{
        (void)loop;
        (void)names;
        (void)changed;
        (void)context;
        return (struct units *)&behind; /* nothing looks into it */
}

const struct unit_state *units_state(const struct units *units, const char *name)
{
        (void)units;
        (void)name;
        behind.state = (struct unit_state){.known = true};
        snprintf(behind.state.active, sizeof(behind.state.active), "%s",
                 fake_machine.smb_is_down ? "inactive" : "active");
        return &behind.state;
}

void units_refresh(struct units *units, loop_tick *done, void *context)
{
        (void)units;
        done(context);
}

/* --- what steps bring about --- */

static void do_step(const struct action *step, struct arena *arena)
{
        const struct operation *operation = &shares_operations.list[step->operation];
        if (operation->act != ACT_FILE)
                return;
        int folder = strstr(operation->path, "/smb/")         ? behind.smb
                     : strstr(operation->path, "/nfs/")       ? behind.nfs
                     : strstr(operation->path, "/transfers/") ? behind.transfers
                                                              : behind.services;
        const char *path = template_fill(operation->path, operation, step, false, arena);
        const char *name = strrchr(path, '/') + 1;
        if (!operation->lines) {
                unlinkat(folder, name, 0);
                return;
        }
        const char *text = arena_printf(arena, "%s\n", template_lines(operation, step, false, arena));
        ASSERT(file_put(folder, name, text, strlen(text), 0644) == 0);
}

static void act(const struct plan *plan)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        for (size_t i = 0; i < plan->count; i++)
                do_step(&plan->steps[i], arena);
        reload();
}

/* Everybody's; the first folder in a pool is a dataset, and what is called "plain" is none. What is below "zfs" is ZFS's. */
static void tell_of(const char *path, struct writer *writer)
{
        for (const char *at = path + strlen("/srv/"); at; at = strchr(at + 1, '/')) {
                writer_u32(writer, 0);
                writer_u32(writer, 0);
                writer_u16(writer, 0777);
                const bool dataset = strncmp(at, "/plain", strlen("/plain")) != 0;
                writer_u8(writer,
                          dataset && strncmp(path, "/srv/tank/zfs/", strlen("/srv/tank/zfs/")) == 0 ? 2 : dataset);
                writer_u64(writer, 0);
                writer_field(writer, NULL, 0);
        }
}

static void answer(const struct action *action, struct writer *writer)
{
        if (action->operation == SHARES_FOLDER_LOOK)
                tell_of(action->values[0].text, writer);
        if (action->operation == SHARES_DOMAIN_LOOK)
                ASSERT(file_put(behind.run, "domain-look", fake_machine.domain, strlen(fake_machine.domain), 0600) ==
                       0);
        if (action->operation == SHARES_SMB_LOOK)
                ASSERT(file_put(behind.run, "smb-look", fake_machine.clients, strlen(fake_machine.clients), 0600) == 0);
        if (action->operation == SHARES_NFS_LOOK)
                ASSERT(file_put(behind.run, "nfs-look", fake_machine.clients, strlen(fake_machine.clients), 0600) == 0);
}

static bool is_quiet(uint16_t operation)
{
        return operation == SHARES_SMB_LOOK || operation == SHARES_NFS_LOOK || operation == SHARES_DOMAIN_LOOK ||
               operation == SHARES_NAME_LOOK || operation == SHARES_FOLDER_LOOK;
}

static const char *output(const struct action *action)
{
        return action->operation == SHARES_NAME_LOOK ? fake_machine.sid : "";
}

const struct fake_clerk fake_clerk = {.description = shares_clerk,
                                      .role = "bulkhead-shares",
                                      .interface = "nas.shares.",
                                      .is_quiet = is_quiet,
                                      .act = act,
                                      .answer = answer,
                                      .output = output};

/* --- what every group of tests begins and ends with --- */

struct arena *fake_arena;

int fake_machine_start(void **state)
{
        (void)state;
        fake_arena = arena_new();
        fake_machine_clear();
        fake_start();
        return 0;
}

int fake_machine_stop(void **state)
{
        (void)state;
        fake_stop();
        fake_machine_end();
        arena_free(fake_arena);
        return 0;
}

int fake_machine_set_up(void **state)
{
        (void)state;
        fake_machine_clear();
        fake_hand.mode = FAKE_OBEYS;
        return 0;
}

/* --- asking --- */

struct fake_reply fake_ask(const char *method, const char *parameters)
{
        return fake_call(method, parameters,
                         arena_printf(fake_arena, "\"ticket\":\"%s\"", fake_ticket("ada", 20000, ROLE_ADMIN, 0)));
}

void fake_done(const char *method, const char *parameters)
{
        struct fake_reply reply = fake_ask(method, parameters);
        if (reply.error)
                fail_msg("%s %s: %s", method, parameters, fake_at(&reply, "message"));
        fake_reply_free(&reply);
}

void fake_fails(const char *method, const char *parameters, const char *word)
{
        const unsigned before = fake_hand.executed;
        struct fake_reply reply = fake_ask(method, parameters);
        if (!reply.error || !strstr(fake_at(&reply, "message"), word))
                fail_msg("%s %s: '%s' does not say '%s'", method, parameters, fake_at(&reply, "message"), word);
        assert_int_equal(fake_hand.executed, before);
        fake_reply_free(&reply);
}

void fake_in_order(const char *const *words)
{
        const char *at = fake_hand.steps;
        for (; *words; words++) {
                const char *found = strstr(at, *words);
                if (!found)
                        fail_msg("no %s where it should be in: %s", *words, fake_hand.steps);
                at = found + strlen(*words);
        }
}
