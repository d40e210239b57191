/* How the FTP server is set.
 * Rights: the shares clerk; reads the hand's file, plans, its hand acts. */
#include "daemons/shares/clerk/shares.h"

#include "base/log.h"
#include "base/mem.h"
#include "value/types.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FTP_CLIENTS = 512, FTP_PASSIVE_FIRST = 50000, FTP_PASSIVE_LAST = 50999 };
typedef struct nas_shares_ftp_server ftp_server;

struct nas_shares_ftp_server ftp_server_read(const char *text)
{
        ftp_server server = {.passive_first = FTP_PASSIVE_FIRST,
                             .passive_last = FTP_PASSIVE_LAST,
                             .tls_required = true,
                             .max_clients = FTP_CLIENTS};
        for (const char *at = text; at && *at; at += strcspn(at, "\n"), at += *at == '\n') {
                char *end;
                const size_t length = strcspn(at, "\n");
                if (!value_is(&value_ftp_server_setting, at, length))
                        continue;
                const char *value = strchr(at, ' ') + 1;
                if (*at == 'T') {
                        server.tls_required = strncmp(value, "on", strlen("on")) == 0;
                } else if (*at == 'M') {
                        server.max_clients = strtoll(value, NULL, 10);
                } else {
                        server.passive_first = strtoll(value, &end, 10);
                        server.passive_last = strtoll(end, NULL, 10);
                }
        }
        return server;
}

void ftp_server_lines(const ftp_server *server, struct arena *arena, const char *ret_lines[FTP_LINES])
{
        ASSERT(server && arena && ret_lines);
        ret_lines[0] =
                arena_printf(arena, "PassivePorts %" PRId64 " %" PRId64, server->passive_first, server->passive_last);
        ret_lines[1] = server->tls_required ? "TLSRequired on" : "TLSRequired off";
        ret_lines[2] = arena_printf(arena, "MaxInstances %" PRId64, server->max_clients);
}

void ftp_server_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct nas_shares_get_ftp_server_out reply = {.server = ftp_server_read(service_file("ftp.conf", arena))};
        nas_shares_get_ftp_server_out_write(out, &reply);
}

void nas_shares_get_ftp_server(struct call *call, const struct nas_shares_get_ftp_server_in *in)
{
        (void)in;
        topic_serve(topics.ftp_server, call);
}

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        ftp_server_write(out, NULL, context);
}

static int plan_set(struct change *change, const struct nas_shares_update_ftp_server_in *in, struct failure *failure)
{
        const char *lines[FTP_LINES];
        ftp_server server = ftp_server_read(service_file("ftp.conf", change->arena));
        if (in->has_passive_first)
                server.passive_first = in->passive_first;
        if (in->has_passive_last)
                server.passive_last = in->passive_last;
        if (in->has_tls_required)
                server.tls_required = in->tls_required;
        if (in->has_max_clients)
                server.max_clients = in->max_clients;
        if (drift_refuse_server("ftp", failure) != 0)
                return -1;
        if (server.passive_first > server.passive_last)
                return failure_set(failure, FAILURE_CONFLICT, "passive_last", "Set both, the lower first.",
                                   "The last port would be below the first.");
        ftp_server_lines(&server, change->arena, lines);
        if (plan_step_values(change->plan, failure, SHARES_FTP_SERVER, lines, FTP_LINES) != 0)
                return -1;
        return service_runs("ftp") ? plan_step(change->plan, failure, SHARES_SERVICE_RELOAD, "ftp", NULL) : 0;
}

void nas_shares_update_ftp_server(struct call *call, const struct nas_shares_update_ftp_server_in *in)
{
        struct failure failure = {0};
        struct change *change = shares_change("server", "ftp");
        change->who = "who connects from now on";
        change->answer = answer;
        shares_run(call, change, plan_set(change, in, &failure), &failure);
}
