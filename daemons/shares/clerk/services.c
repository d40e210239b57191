/* The services that share files: what PID 1 says of them, and what is asked of it.
 * Rights: the shares clerk; plans, its hand has PID 1 act. */
#include "daemons/shares/clerk/shares.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/units.h"
#include "sys/file.h"
#include "value/service.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct nas_shares_service service;

/* There when PID 1 has the kernel serve NFS (systemd/generator/kernel.c), which then needs no program of another's. */
#define BY_KERNEL "/run/systemd/generator/bulkhead-nfs.service"

/* In the order of service_names. */
static const struct {
        const char *unit, *title, *program, *configuration;
        bool discovers;
} known[] = {
        {"bulkhead-smb.service", "SMB, for Windows, macOS and Linux", "/usr/sbin/smbd", "/etc/bulkhead/smb", false},
        {"bulkhead-nfs.service", "NFS, for Linux and other Unix machines", "/usr/bin/ganesha.nfsd", "/etc/bulkhead/nfs",
         false},
        {"bulkhead-mdns.service", "Shows the machine in Finder and Files", "/usr/sbin/avahi-daemon",
         "/usr/share/bulkhead/avahi", true},
        {"bulkhead-wsd.service", "Shows the machine in Explorer", "/usr/sbin/wsdd2", "", true},
        {"bulkhead-ftp.service", "FTP with TLS", "/usr/sbin/proftpd", TRANSFERS_FOLDER, false},
        {"bulkhead-sftp.service", "SFTP, over SSH", "/usr/sbin/sshd", TRANSFERS_FOLDER, false},
        {"bulkhead-webdav.service", "WebDAV, over HTTPS", "/usr/bin/rclone", TRANSFERS_FOLDER, false},
        {"bulkhead-rsync.service", "rsync, over SSH", "/usr/bin/rsync", TRANSFERS_FOLDER, false},
};
enum { SERVICES = ARRAY_SIZE(known) };

static struct {
        struct units *units;
        int folder; /* of what is wanted */
} all = {.folder = -1};

/* --- what there is --- */

static size_t place_of(const char *name)
{
        for (size_t i = 0; i < SERVICES; i++)
                if (strcmp(service_names[i], name) == 0)
                        return i;
        return (size_t)strtoul(name, NULL, 10) - 1; /* the number of a service_key */
}

static bool wanted_since(const char *name, struct stat *ret_status)
{
        return fstatat(all.folder, name, ret_status, AT_SYMLINK_NOFOLLOW) == 0;
}

const char *service_unit(const char *key)
{
        ASSERT(key && place_of(key) < SERVICES);
        return known[place_of(key)].unit;
}

bool service_wanted(const char *name)
{
        struct stat status;
        return wanted_since(name, &status);
}

bool service_runs(const char *name)
{
        const char *active = units_state(all.units, known[place_of(name)].unit)->active;
        return strcmp(active, "active") == 0 || strcmp(active, "reloading") == 0;
}

char *service_file(const char *file, struct arena *arena)
{
        ASSERT(file && arena);
        enum { FILE_MAX = 64 * 1024 };
        return file_text_below(all.folder, file, FILE_MAX, arena);
}

bool nfs_by_kernel(void)
{
        struct stat status;
        return stat(BY_KERNEL, &status) == 0;
}

static bool installed(size_t place)
{
        struct stat status;
        return stat(known[place].program, &status) == 0 ||
               (strcmp(service_names[place], "nfs") == 0 && nfs_by_kernel());
}

const char *service_why_not(const char *name)
{
        return !service_wanted(name) ? "Its service is turned off."
               : !service_runs(name) ? "Its service does not run."
                                     : NULL;
}

static enum nas_shares_service_status status_of(size_t place, const struct unit_state *state)
{
        static const struct {
                const char *active;
                enum nas_shares_service_status status;
        } words[] = {{"active", NAS_SHARES_SERVICE_STATUS_RUNNING},
                     {"reloading", NAS_SHARES_SERVICE_STATUS_RELOADING},
                     {"inactive", NAS_SHARES_SERVICE_STATUS_STOPPED},
                     {"failed", NAS_SHARES_SERVICE_STATUS_FAILED},
                     {"activating", NAS_SHARES_SERVICE_STATUS_STARTING},
                     {"deactivating", NAS_SHARES_SERVICE_STATUS_STOPPING}};
        if (!installed(place))
                return NAS_SHARES_SERVICE_STATUS_MISSING;
        if (strcmp(state->sub, "auto-restart") == 0)
                return NAS_SHARES_SERVICE_STATUS_FAILED;
        for (size_t i = 0; state->known && i < ARRAY_SIZE(words); i++)
                if (strcmp(words[i].active, state->active) == 0)
                        return words[i].status;
        return NAS_SHARES_SERVICE_STATUS_UNKNOWN;
}

static const char *message_of(const service *one, const struct unit_state *state, struct arena *arena)
{
        if (one->status == NAS_SHARES_SERVICE_STATUS_MISSING)
                return "Its programs are not installed.";
        if (one->status == NAS_SHARES_SERVICE_STATUS_UNKNOWN)
                return "The system's manager cannot be asked.";
        if (one->status == NAS_SHARES_SERVICE_STATUS_FAILED && strcmp(state->result, "exit-code") == 0)
                return arena_printf(arena, "It ended by itself with code %u; its log says more.", state->exit_code);
        if (one->status == NAS_SHARES_SERVICE_STATUS_FAILED)
                return arena_printf(arena, "It did not go on: %s; its log says more.", state->result);
        if (one->status == NAS_SHARES_SERVICE_STATUS_RUNNING && state->restarts > 0)
                return arena_printf(arena, "It ended by itself and was started anew, %u times.", state->restarts);
        return one->status == NAS_SHARES_SERVICE_STATUS_STOPPED && one->enabled ? "It was stopped." : NULL;
}

/* Names of units are systemd's own words, with a blank between. */
static const char *const *needs_of(const struct unit_state *state, struct arena *arena, size_t *ret_count)
{
        const char **list = arena_array(arena, UNIT_NEEDS_SIZE / 2, sizeof(*list));
        char *text = arena_text(arena, state->needs, strlen(state->needs));
        *ret_count = 0;
        for (char *one; (one = strsep(&text, " "));)
                if (*one != '\0')
                        list[(*ret_count)++] = one;
        return list;
}

static const char *const *holders_of(size_t place, struct arena *arena, size_t *ret_count)
{
        const char **list = arena_array(arena, SHARES_MAX, sizeof(*list));
        *ret_count = 0;
        if (strcmp(service_names[place], "smb") == 0)
                for (size_t i = 0; i < smb_count() && *ret_count < SHARES_MAX; i++)
                        if (smb_at(i)->enabled)
                                list[(*ret_count)++] = smb_at(i)->name;
        if (strcmp(service_names[place], "nfs") == 0)
                for (size_t i = 0; i < nfs_count() && *ret_count < SHARES_MAX; i++)
                        if (nfs_at(i)->enabled)
                                list[(*ret_count)++] = nfs_at(i)->name;
        for (size_t i = 0; i < transfers_count() && *ret_count < SHARES_MAX; i++)
                if (transfer_at(i)->enabled && transfer_uses(transfer_at(i), service_names[place]))
                        list[(*ret_count)++] = transfer_at(i)->name;
        return list;
}

static const char *moment(int64_t us, struct arena *arena)
{
        char *text = arena_alloc(arena, RFC3339_SIZE);
        clock_format(us, text);
        return text;
}

static service shown(size_t place, struct arena *arena)
{
        const struct unit_state *state = units_state(all.units, known[place].unit);
        struct stat wanted;
        service one = {.id = (int64_t)place + 1,
                       .name = service_names[place],
                       .title = known[place].title,
                       .service_type = known[place].discovers ? NAS_SHARES_SERVICE_KIND_DISCOVERY
                                                              : NAS_SHARES_SERVICE_KIND_SHARING,
                       .status = status_of(place, state),
                       .main_pid = state->pid,
                       .restarts = state->restarts,
                       .unit = known[place].unit,
                       .configuration = known[place].configuration};
        if (wanted_since(one.name, &wanted)) {
                one.enabled = one.auto_start = true;
                one.created_at = one.updated_at = moment((int64_t)wanted.st_mtim.tv_sec * 1000000, arena);
        }
        const uint64_t since_us =
                one.status == NAS_SHARES_SERVICE_STATUS_RUNNING ? state->active_since_us : state->since_us;
        if (since_us > 0)
                one.since = moment((int64_t)since_us, arena);
        one.has_memory = state->known && state->pid > 0 && state->memory_bytes != UINT64_MAX;
        one.memory = one.has_memory ? (int64_t)state->memory_bytes : 0;
        one.message = message_of(&one, state, arena);
        one.needs = needs_of(state, arena, &one.needs_count);
        one.holders = holders_of(place, arena, &one.holders_count);
        return one;
}

/* --- showing them --- */

void services_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        service list[SERVICES];
        for (size_t i = 0; i < SERVICES; i++)
                list[i] = shown(i, arena);
        struct nas_shares_list_services_out reply = {.services = list, .services_count = SERVICES};
        nas_shares_list_services_out_write(out, &reply);
}

static void write_one(struct json_out *out, size_t place)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_service_out reply = {.service = shown(place, arena)};
        nas_shares_get_service_out_write(out, &reply);
}

void service_write(struct json_out *out, struct call *call, void *context)
{
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_service_in in;
        struct failure failure; /* it was read before, when it came */
        if (nas_shares_get_service_in_read(call_parameters(call), arena, &in, &failure) == 0)
                write_one(out, place_of(in.id));
}

void nas_shares_list_services(struct call *call, const struct nas_shares_list_services_in *in)
{
        (void)in;
        topic_serve(topics.services, call);
}

void nas_shares_get_service(struct call *call, const struct nas_shares_get_service_in *in)
{
        (void)in;
        topic_serve(topics.service, call);
}

/* --- watching them --- */

void services_prepare(int folder)
{
        all.folder = folder;
}

void services_watch(loop_tick *changed)
{
        static const char *names[SERVICES + 1];
        for (size_t i = 0; i < SERVICES; i++)
                names[i] = known[i].unit;
        all.units = units_watch(clerk.loop, names, changed, NULL);
}

void services_refresh(loop_tick *done, void *context)
{
        units_refresh(all.units, done, context);
}

/* --- what is asked of them --- */

int plan_service(struct change *change, const char *name, struct failure *failure)
{
        ASSERT(change && name);
        if (!installed(place_of(name)))
                return failure_set(failure, FAILURE_CONFLICT, "", "apt install what docs/shares.md names for it.",
                                   "The programs of the service %s are not installed.", name);
        if (!service_wanted(name) && plan_step(change->plan, failure, SHARES_SERVICE_WANT, name, NULL) != 0)
                return -1;
        return service_runs(name) ? 0 : plan_step(change->plan, failure, SHARES_SERVICE_START, name, NULL);
}

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        write_one(out, place_of(context));
}

static struct change *service_change(const char *key)
{
        const char *name = service_names[place_of(key)];
        struct change *change = shares_change("service", name);
        change->context = arena_text(change->arena, name, strlen(name));
        change->answer = answer;
        return change;
}

static const char *who_uses(struct change *change, const char *what)
{
        size_t count;
        (void)holders_of(place_of(change->context), change->arena, &count);
        return arena_printf(change->arena, "those who use one of its %zu shares, who are disconnected%s", count, what);
}

static int may_run(const char *name, struct failure *failure)
{
        return service_wanted(name)
                       ? 0
                       : failure_set(failure, FAILURE_CONFLICT, "id", "bulkhead services enable, by an administrator.",
                                     "The service %s is not enabled.", name);
}

static int must_run(const char *name, struct failure *failure)
{
        return service_runs(name) ? 0
                                  : failure_set(failure, FAILURE_CONFLICT, "id", "bulkhead services start",
                                                "The service %s does not run.", name);
}

void nas_shares_start_service(struct call *call, const struct nas_shares_start_service_in *in)
{
        struct failure failure = {0};
        struct change *change = service_change(in->id);
        const char *name = change->context;
        change->who = "nobody is disconnected";
        shares_run(call, change, may_run(name, &failure) != 0 ? -1 : plan_service(change, name, &failure), &failure);
}

void nas_shares_stop_service(struct call *call, const struct nas_shares_stop_service_in *in)
{
        struct failure failure = {0};
        struct change *change = service_change(in->id);
        change->who = who_uses(change, " until it is started");
        shares_run(call, change, plan_step(change->plan, &failure, SHARES_SERVICE_STOP, change->context, NULL),
                   &failure);
}

void nas_shares_restart_service(struct call *call, const struct nas_shares_restart_service_in *in)
{
        struct failure failure = {0};
        struct change *change = service_change(in->id);
        int result = may_run(change->context, &failure);
        change->who = who_uses(change, " for a moment");
        if (result == 0)
                result = plan_step(change->plan, &failure, SHARES_SERVICE_RESTART, change->context, NULL);
        shares_run(call, change, result, &failure);
}

void nas_shares_reload_service(struct call *call, const struct nas_shares_reload_service_in *in)
{
        struct failure failure = {0};
        struct change *change = service_change(in->id);
        int result = must_run(change->context, &failure);
        change->who = "nobody is disconnected";
        if (result == 0)
                result = plan_step(change->plan, &failure, SHARES_SERVICE_RELOAD, change->context, NULL);
        shares_run(call, change, result, &failure);
}

void nas_shares_enable_service(struct call *call, const struct nas_shares_enable_service_in *in)
{
        struct failure failure = {0};
        struct change *change = service_change(in->id);
        change->who = "the network, which it serves from now on";
        shares_run(call, change, plan_service(change, change->context, &failure), &failure);
}

static int plan_disable(struct change *change, const char *name, struct failure *failure)
{
        if (plan_step(change->plan, failure, SHARES_SERVICE_STOP, name, NULL) != 0)
                return -1;
        return service_wanted(name) ? plan_step(change->plan, failure, SHARES_SERVICE_FORGET, name, NULL) : 0;
}

void nas_shares_disable_service(struct call *call, const struct nas_shares_disable_service_in *in)
{
        struct failure failure = {0};
        struct change *change = service_change(in->id);
        change->who = who_uses(change, " until it is enabled");
        shares_run(call, change, plan_disable(change, change->context, &failure), &failure);
}
