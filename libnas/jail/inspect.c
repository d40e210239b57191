/* Compares what the kernel says this process is with what its policy says it may be.
 * Rights: runs at the start of every clerk and hand, before the fences; reads /etc/passwd and /etc/group. */
#include "jail/jail.h"

#include "base/log.h"
#include "base/mem.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/capability.h>
#include <sys/types.h>
#include <unistd.h>

enum { GROUPS_MAX = 32 };

static int refuse(struct failure *failure, const char *what, const char *is, const char *should)
{
        return failure_set(failure, FAILURE_FAILED, "", "Start it by its unit, which is made from the policy.",
                           "%s: is %s, the policy says %s", what, is, should);
}

static int refuse_id(struct failure *failure, const char *what, unsigned is, unsigned should)
{
        return failure_set(failure, FAILURE_FAILED, "", "Start it by its unit, which is made from the policy.",
                           "%s: is %u, the policy says %u", what, is, should);
}

static int inspect_user(const struct process_policy *policy, struct failure *failure)
{
        const struct passwd *user = getpwnam(policy->user);
        if (user == NULL)
                return refuse(failure, "user", "not known to this system", policy->user);
        uid_t expected = user->pw_uid, ids[3];
        if (expected == 0 && policy->why_root == NULL)
                return refuse(failure, "user", "root under another name", policy->user);
        if (getresuid(&ids[0], &ids[1], &ids[2]) < 0)
                return refuse(failure, "user", "not readable", policy->user);
        for (int i = 0; i < 3; i++)
                if (ids[i] != expected)
                        return refuse_id(failure, "user", ids[i], expected);
        return 0;
}

static gid_t group_number(const char *name)
{
        const struct group *group = getgrnam(name);
        return group != NULL ? group->gr_gid : (gid_t)-1;
}

/* Is this supplementary group one that the policy names? The primary group may be repeated. */
static bool group_allowed(const struct process_policy *policy, gid_t gid)
{
        if (gid == group_number(policy->group))
                return true;
        for (const char *const *name = policy->groups; name != NULL && *name != NULL; name++)
                if (gid == group_number(*name))
                        return true;
        return false;
}

static int inspect_groups(const struct process_policy *policy, struct failure *failure)
{
        gid_t expected = group_number(policy->group), ids[3], groups[GROUPS_MAX];
        if (expected == (gid_t)-1)
                return refuse(failure, "group", "not known to this system", policy->group);
        if (getresgid(&ids[0], &ids[1], &ids[2]) < 0)
                return refuse(failure, "group", "not readable", policy->group);
        for (int i = 0; i < 3; i++)
                if (ids[i] != expected)
                        return refuse_id(failure, "group", ids[i], expected);
        int count = getgroups(GROUPS_MAX, groups);
        if (count < 0)
                return refuse(failure, "groups", "not readable", policy->group);
        for (int i = 0; i < count; i++)
                if (!group_allowed(policy, groups[i]))
                        return failure_set(failure, FAILURE_FAILED, "", "Start it by its unit.",
                                           "groups: is also in group %u, which the policy does not name", groups[i]);
        for (const char *const *name = policy->groups; name != NULL && *name != NULL; name++) {
                bool found = false;
                for (int i = 0; i < count; i++)
                        found = found || groups[i] == group_number(*name);
                if (!found)
                        return refuse(failure, "groups", "not in it", *name);
        }
        return 0;
}

static uint64_t policy_capabilities(const struct process_policy *policy)
{
        uint64_t set = 0;
        for (const struct process_capability *c = policy->capabilities; c != NULL && c->capability >= 0; c++)
                set |= UINT64_C(1) << c->capability;
        return set;
}

static int compare_capability(const char *set, int capability, bool has, bool should, struct failure *failure)
{
        if (has == should)
                return 0;
        char *name = cap_to_name(capability);
        failure_set(failure, FAILURE_FAILED, "", "Start it by its unit, which is made from the policy.",
                    has ? "capabilities: has %s (%s), which the policy does not give" : "capabilities: lacks %s (%s)",
                    name != NULL ? name : "?", set);
        cap_free(name);
        return -1;
}

static int inspect_capabilities(const struct process_policy *policy, struct failure *failure)
{
        static const struct {
                const char *name;
                cap_flag_t flag;
        } sets[] = {{"effective", CAP_EFFECTIVE}, {"permitted", CAP_PERMITTED}, {"inheritable", CAP_INHERITABLE}};
        uint64_t expected = policy_capabilities(policy);
        cap_t now = cap_get_proc();
        if (now == NULL)
                return refuse(failure, "capabilities", "not readable", "they are");
        int result = 0;
        for (int c = 0; result == 0 && CAP_IS_SUPPORTED(c); c++) {
                bool should = (expected >> c & 1) != 0;
                for (size_t i = 0; result == 0 && i < ARRAY_SIZE(sets); i++) {
                        cap_flag_value_t has = CAP_CLEAR;
                        cap_get_flag(now, c, sets[i].flag, &has);
                        result = compare_capability(sets[i].name, c, has == CAP_SET, should, failure);
                }
                if (result == 0)
                        result = compare_capability("bounding", c, cap_get_bound(c) == 1, should, failure);
                if (result == 0)
                        result = compare_capability("ambient", c, cap_get_ambient(c) == 1, should, failure);
        }
        cap_free(now);
        return result;
}

int jail_inspect(const struct process_policy *policy, struct failure *failure)
{
        ASSERT(policy != NULL);
        if (inspect_user(policy, failure) < 0 || inspect_groups(policy, failure) < 0)
                return -1;
        return inspect_capabilities(policy, failure);
}
