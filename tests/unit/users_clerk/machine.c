/* The fake machine: account files in memory, changed as the operations say. In place of live.c.
 * Rights: none. */
#include "tests/unit/fake/fake.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemons/users/clerk/users.h"
#include "policy/users_operations.h"
#include "tests/unit/users_clerk/machine.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 512, TEXT_MAX = 128 };

struct line { /* one account or group */
        char name[TEXT_MAX], full_name[TEXT_MAX], shell[TEXT_MAX];
        unsigned number;
        char members[16][TEXT_MAX];
};

static struct {
        struct line users[LINES_MAX], groups[LINES_MAX];
        struct accounts *now;
        void (*changed)(void);
} machine;

static struct line *find(struct line *lines, const char *name)
{
        for (size_t i = 0; i < LINES_MAX; i++)
                if (strcmp(lines[i].name, name) == 0)
                        return &lines[i];
        return NULL;
}

static struct line *add(struct line *lines, const char *name, unsigned number)
{
        struct line *line = find(lines, "");
        ASSERT(line && !find(lines, name));
        snprintf(line->name, sizeof(line->name), "%s", name);
        line->number = number;
        return line;
}

static void drop(struct line *lines, const char *name)
{
        struct line *line = find(lines, name);
        if (line)
                memset(line, 0, sizeof(*line));
}

static void join(const char *group, const char *name, bool in)
{
        struct line *line = find(machine.groups, group);
        ASSERT(line);
        for (size_t i = 0; i < ARRAY_SIZE(line->members); i++)
                if (strcmp(line->members[i], name) == 0)
                        memset(line->members[i], 0, TEXT_MAX);
        for (size_t i = 0; in && i < ARRAY_SIZE(line->members); i++)
                if (!*line->members[i]) {
                        snprintf(line->members[i], TEXT_MAX, "%s", name);
                        return;
                }
}

bool fake_machine_has(const char *group, const char *member)
{
        struct line *line = find(machine.groups, group);
        bool found = line && !*member;
        for (size_t i = 0; line && *member && i < ARRAY_SIZE(line->members); i++)
                found = found || strcmp(line->members[i], member) == 0;
        return found;
}

static void read_lines(const char *text, struct line *lines, bool groups)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *rest = arena_text(arena, text, strlen(text));
        memset(lines, 0, LINES_MAX * sizeof(*lines));
        for (char *one; (one = strsep(&rest, "\n"));) {
                if (!*one)
                        continue;
                const char *name = strsep(&one, ":");
                strsep(&one, ":");
                struct line *line = add(lines, name, (unsigned)strtoul(strsep(&one, ":"), NULL, 10));
                for (char *member; groups && (member = strsep(&one, ","));)
                        if (*member)
                                join(line->name, member, true);
                if (groups)
                        continue;
                strsep(&one, ":");
                snprintf(line->full_name, TEXT_MAX, "%s", strsep(&one, ":"));
                strsep(&one, ":");
                snprintf(line->shell, TEXT_MAX, "%s", one);
        }
}

void fake_machine_set(const char *passwd, const char *group)
{
        read_lines(group, machine.groups, true);
        read_lines(passwd, machine.users, false);
        accounts_reload();
}

/* --- what steps bring about --- */

static void set_role(const struct action *step, bool in)
{
        char group[TEXT_MAX];
        bool admin = step->operation == USERS_ADMIN_JOIN || step->operation == USERS_ADMIN_LEAVE;
        snprintf(group, sizeof(group), "bulkhead-%s", admin ? "admin" : step->values[2].text);
        join(group, step->values[0].text, in);
}

static void remove_user(const char *name)
{
        drop(machine.users, name);
        for (size_t i = 0; i < LINES_MAX; i++)
                if (*machine.groups[i].name)
                        join(machine.groups[i].name, name, false);
}

static void make_user(const struct action *step, unsigned number)
{
        struct line *line = add(machine.users, step->values[0].text, number);
        snprintf(line->full_name, TEXT_MAX, "%s", step->values[2].text);
        snprintf(line->shell, TEXT_MAX, "%s", step->values[3].text);
}

static void do_step(const struct action *step)
{
        const char *name = step->count > 0 ? step->values[0].text : "";
        unsigned number = step->count > 1 ? (unsigned)strtoul(step->values[1].text, NULL, 10) : 0;
        switch (step->operation) {
        case USERS_GROUP_MAKE:
                add(machine.groups, name, number);
                break;
        case USERS_GROUP_DROP:
                drop(machine.groups, name);
                break;
        case USERS_ACCOUNT_MAKE:
                make_user(step, number);
                break;
        case USERS_ACCOUNT_DROP:
                remove_user(name);
                break;
        case USERS_GROUP_JOIN:
        case USERS_GROUP_LEAVE:
                join(step->values[2].text, name, step->operation == USERS_GROUP_JOIN);
                break;
        case USERS_ROLE_JOIN:
        case USERS_ADMIN_JOIN:
                set_role(step, true);
                break;
        case USERS_ROLE_LEAVE:
        case USERS_ADMIN_LEAVE:
                set_role(step, false);
                break;
        case USERS_ACCOUNT_LOCK:
        case USERS_ACCOUNT_UNLOCK:
                join("bulkhead-disabled", name, step->operation == USERS_ACCOUNT_LOCK);
                break;
        case USERS_FULL_NAME_SET:
                snprintf(find(machine.users, name)->full_name, TEXT_MAX, "%s", step->values[2].text);
                break;
        case USERS_SHELL_SET:
                snprintf(find(machine.users, name)->shell, TEXT_MAX, "%s", step->values[2].text);
                break;
        default:
                break;
        }
}

void fake_machine_do(const struct plan *plan)
{
        for (size_t i = 0; i < plan->count; i++)
                do_step(&plan->steps[i]);
}

/* --- in place of live.c --- */

static FILE *written(const struct line *lines, bool groups, char **text, size_t *length)
{
        FILE *file = open_memstream(text, length);
        for (size_t i = 0; i < LINES_MAX; i++) {
                const struct line *line = &lines[i];
                if (!*line->name)
                        continue;
                fprintf(file, "%s:x:%u:", line->name, line->number);
                const char *comma = "";
                for (size_t m = 0; groups && m < ARRAY_SIZE(line->members); m++)
                        if (*line->members[m]) {
                                fprintf(file, "%s%s", comma, line->members[m]);
                                comma = ",";
                        }
                if (!groups)
                        fprintf(file, "%u:%s:/home/%s:%s", line->number, line->full_name, line->name, line->shell);
                fprintf(file, "\n");
        }
        fclose(file);
        return *length ? fmemopen(*text, *length, "r") : fopen("/dev/null", "re");
}

void accounts_reload(void)
{
        char *passwd_text = NULL, *group_text = NULL;
        size_t passwd_length, group_length;
        FILE *passwd = written(machine.users, false, &passwd_text, &passwd_length);
        FILE *group = written(machine.groups, true, &group_text, &group_length);
        accounts_free(machine.now);
        machine.now = accounts_parse(passwd, group);
        fclose(passwd);
        fclose(group);
        free(passwd_text);
        free(group_text);
        if (machine.changed)
                machine.changed();
}

const struct accounts *accounts_now(void)
{
        return machine.now;
}

void accounts_watch(void (*changed)(void))
{
        machine.changed = changed;
}

int accounts_prepare(void)
{
        accounts_reload();
        return 0;
}

/* --- what the hand answers --- */
static void put(struct writer *writer, const char *text)
{
        writer_field(writer, text, strlen(text));
}

static void answer_of(const struct action *action, struct writer *writer)
{
        const char *first = action->count > 0 ? action->values[0].text : "";
        uint8_t signature[SIGNATURE_BYTES] = {7};
        switch (action->operation) {
        case USERS_HELLO:
                writer_u8(writer, 0), writer_u16(writer, 12), writer_u8(writer, 0);
                break;
        case USERS_LOGIN:
                put(writer, "bht1_ticket"), writer_u64(writer, clock_boot_ms() + 600000), put(writer, "bhs_session");
                put(writer, "bhd_device"), writer_u32(writer, 20000), writer_u64(writer, 4711);
                break;
        case USERS_EXCHANGE:
        case USERS_REFRESH:
                put(writer, "bht1_fresh"), writer_u64(writer, clock_boot_ms() + 600000);
                break;
        case USERS_CONFIRM:
                put(writer, fake_warrant(first, 20000)), writer_u64(writer, clock_boot_ms() + 60000);
                break;
        case USERS_SETUP_TICKET:
                put(writer, fake_ticket("setup", 4294967294, ROLE_ADMIN, 0)),
                        writer_u64(writer, clock_boot_ms() + 60000);
                put(writer, fake_warrant(action->values[1].text, 4294967294)),
                        writer_u64(writer, clock_boot_ms() + 60000);
                break;
        case USERS_CHECKPOINT:
                writer_u32(writer, 1), writer_u64(writer, 1700000000),
                        writer_copy(writer, signature, sizeof(signature));
                break;
        case USERS_TOTP_BEGIN:
                put(writer, "otpauth://totp/x"), put(writer, "JBSWY3DPEHPK3PXP");
                break;
        case USERS_KEY_MAKE:
                put(writer, "bhk_1_made");
                break;
        case USERS_TOTP_FINISH:
                put(writer, "aaaa-bbbb cccc-dddd");
                break;
        default:
                break;
        }
}

/* Asked by the clerk itself, when nobody waits. */
static bool is_quiet(uint16_t operation)
{
        return operation == USERS_HELLO || operation == USERS_CHECKPOINT;
}

static bool is_ready(void)
{
        return tables_now() != NULL;
}

const struct fake_clerk fake_clerk = {.description = users_clerk,
                                      .role = "bulkhead-users",
                                      .interface = "nas.users.",
                                      .is_ready = is_ready,
                                      .is_quiet = is_quiet,
                                      .act = fake_machine_do,
                                      .answer = answer_of};
