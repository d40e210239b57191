/* How the SMB server is set.
 * Rights: the shares clerk; reads the hand's file, plans, its hand acts. */
#include "daemons/shares/clerk/shares.h"

#include "base/mem.h"
#include "value/types.h"

#include <string.h>

static struct {
        struct arena *arena; /* of its texts */
        struct nas_shares_smb_server now;
} one;

void smb_server_reload(void)
{
        arena_free(one.arena);
        one.arena = arena_new();
        one.now = smb_server_read(service_file("smb.conf", one.arena));
        const struct audit_rules rules = audit_rules(one.arena);
        one.now.audit_days = rules.days;
        one.now.audit_max = rules.most;
}

const struct nas_shares_smb_server *smb_server(void)
{
        return &one.now;
}

void smb_server_write(struct json_out *out, struct call *call, void *context)
{
        (void)call;
        (void)context;
        struct nas_shares_get_smb_server_out reply = {.server = one.now};
        nas_shares_get_smb_server_out_write(out, &reply);
}

void nas_shares_get_smb_server(struct call *call, const struct nas_shares_get_smb_server_in *in)
{
        (void)in;
        topic_serve(topics.smb_server, call);
}

static void answer(struct json_out *out, const struct reply *reply, void *context)
{
        (void)reply;
        smb_server_write(out, NULL, context);
}

int smb_text_is_right(const char *text, struct failure *failure)
{
        size_t length = strlen(text);
        return length == 0 ? 0 : value_check(&value_share_text, "description", text, length, failure);
}

/* Who has no account has no key either: neither signs nor encrypts. Samba would let such a client in, and then answer
 * nothing that it asks. */
static int guests_fit(const struct nas_shares_smb_server *server, struct failure *failure)
{
        if (server->guests && (server->signing_required || server->encryption != NAS_SHARES_SMB_ENCRYPTION_DEFAULT))
                return failure_set(failure, FAILURE_CONFLICT, "guests",
                                   "Set as well: --no-signing-required --encryption default; shares can ask for "
                                   "encryption themselves.",
                                   "Who has no account can neither sign nor encrypt.");
        for (size_t i = 0; !server->guests && i < smb_count(); i++)
                if (smb_at(i)->guest_ok)
                        return failure_set(failure, FAILURE_CONFLICT, "guests", "Change or delete it first.",
                                           "The share %s lets in who has no account.", smb_at(i)->name);
        return 0;
}

/* What answers Windows' probes says in which group of machines this one is, and reads that as it starts. */
int wsd_plan_group(struct plan *plan, struct failure *failure)
{
        return service_runs("wsd") ? plan_step(plan, failure, SHARES_SERVICE_RESTART, "wsd", NULL) : 0;
}

static int plan_audit(struct change *change, const struct nas_shares_update_smb_server_in *in, struct failure *failure)
{
        const struct audit_rules rules = {.days = in->has_audit_days ? in->audit_days : one.now.audit_days,
                                          .most = in->has_audit_max ? in->audit_max : one.now.audit_max};
        return drift_refuse_server("audit", failure) == 0 ? audit_plan_keep(change->plan, &rules, failure) : -1;
}

static int plan_set(struct change *change, const struct nas_shares_update_smb_server_in *in, struct failure *failure)
{
        const char *lines[SMB_LINES_MAX];
        struct nas_shares_smb_server server = one.now;
        if (in->workgroup)
                server.workgroup = in->workgroup;
        if (in->description)
                server.description = in->description;
        if (in->has_oldest_protocol)
                server.oldest_protocol = in->oldest_protocol;
        if (in->has_signing_required)
                server.signing_required = in->signing_required;
        if (in->has_encryption)
                server.encryption = in->encryption;
        if (in->has_guests)
                server.guests = in->guests;
        if (in->workgroup && domain_is(NULL, 0))
                return failure_set(failure, FAILURE_CONFLICT, "workgroup", "bulkhead smb leave",
                                   "This machine is in a domain, which says what it is.");
        if (drift_refuse_server("smb", failure) != 0 || guests_fit(&server, failure) != 0 ||
            smb_text_is_right(server.description, failure) != 0)
                return -1;
        size_t count = smb_server_lines(&server, change->arena, lines);
        if (plan_step_values(change->plan, failure, SHARES_SMB_SERVER, lines, count) != 0)
                return -1;
        if (service_runs("smb") && plan_step(change->plan, failure, SHARES_SERVICE_RELOAD, "smb", NULL) != 0)
                return -1;
        if (strcmp(server.workgroup, one.now.workgroup) != 0 && wsd_plan_group(change->plan, failure) != 0)
                return -1;
        return in->has_audit_days || in->has_audit_max ? plan_audit(change, in, failure) : 0;
}

void nas_shares_update_smb_server(struct call *call, const struct nas_shares_update_smb_server_in *in)
{
        struct failure failure = {0};
        struct change *change = shares_change("server", "smb");
        change->who = "who connects from now on";
        change->answer = answer;
        shares_run(call, change, plan_set(change, in, &failure), &failure);
}
