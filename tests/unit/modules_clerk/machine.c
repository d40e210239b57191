/* The fake machine: in place of known.c and machine.c, one module whose contract stands here; in place of its socket, a
 * pair. Rights: none. */
#include "tests/unit/modules_clerk/machine.h"

#include "base/log.h"
#include "base/mem.h"
#include "sys/socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char contract[] =
        "# A toy.\ninterface module.toy\n"
        "type State (\n  count: int,\n  # @max 16\n  word: ?string\n)\n"
        "# @http GET /api/modules/toy/count\n# @role viewer\n# @more\nmethod GetCount() -> (count: int)\n"
        "# @http POST /api/modules/toy/add\n# @role user\n# @plan\nmethod Add(\n  # @range 1 9\n"
        "  by: int,\n  # @max 16\n  why: ?string\n) -> (count: int)\n"
        "# @http DELETE /api/modules/toy/count\n# @role admin\n# @plan\n# @destroys\n# @warrant\n"
        "method Reset() -> ()\n";

struct fake_program fake_program;

static struct {
        struct known known;
        int line;
        struct loop_watch *watch;
        bool enabled;
} machine = {.line = -1};

/* --- in place of known.c and machine.c --- */

int known_prepare(void)
{
        return 0;
}

int machine_prepare(void)
{
        return 0;
}

const struct machine *machine_now(void)
{
        static const struct machine none;
        return &none;
}

const struct idl_contract *machine_contract(const char *name)
{
        (void)name;
        return NULL;
}

void known_watch(void)
{
}

void known_fresh(void)
{
}

void known_refresh(void)
{
        struct known *known = &machine.known;
        char message[256];
        if (!known->arena) {
                known->arena = arena_new();
                known->examined = (struct examined){.name = "toy", .folder = "/toy", .text = contract};
                known->examined.contract =
                        idl_parse(known->arena, "module.toy.varlink", contract, strlen(contract), message);
                ASSERT(known->examined.contract && idl_check(&known->examined.contract, 1, message) == 0 &&
                       idl_check_module(known->examined.contract, "toy", message) == 0);
        }
        struct module *was = TAKE(known->module);
        known->enabled = machine.enabled;
        if (known->enabled)
                known->module = module_begin(&known->examined);
        else if (was)
                module_end(was);
        modules_tell();
}

const struct known *known_at(size_t index)
{
        return index == 0 ? &machine.known : NULL;
}

const struct known *known_named(const char *name)
{
        return strcmp(name, "toy") == 0 ? &machine.known : NULL;
}

/* --- its program --- */

static void hang_up(void)
{
        loop_unwatch(TAKE(machine.watch));
        if (machine.line >= 0)
                close(machine.line);
        machine.line = -1;
}

void fake_program_say(const char *message)
{
        size_t length = strlen(message) + 1;
        ASSERT(send(machine.line, message, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static void answer(void)
{
        fake_program.asked++;
        if (!fake_program.answers)
                return;
        if (*fake_program.answers == '\0') {
                hang_up();
                return;
        }
        char *text = mem_copy_text(fake_program.answers), *at = text;
        for (char *end; (end = strchr(at, '|')); at = end + 1) {
                *end = '\0';
                fake_program_say(at);
        }
        free(text);
}

static void take(const char *message)
{
        snprintf(fake_program.heard, sizeof(fake_program.heard), "%s", message);
        if (strncmp(message, "{\"state\":", 9) != 0) {
                answer();
                return;
        }
        snprintf(fake_program.first, sizeof(fake_program.first), "%s", message);
        if (fake_program.publishes)
                fake_program_say(fake_program.publishes);
}

static void ready(int fd, unsigned events, void *context)
{
        static char bytes[65536];
        static size_t length;
        (void)events;
        (void)context;
        ssize_t got = recv(fd, bytes + length, sizeof(bytes) - length, 0);
        if (got <= 0) {
                length = 0;
                if (got == 0)
                        hang_up();
                return;
        }
        length += (size_t)got;
        for (char *end; machine.line >= 0 && (end = memchr(bytes, '\0', length));) {
                take(bytes);
                length -= (size_t)(end + 1 - bytes);
                memmove(bytes, end + 1, length);
        }
        length = machine.line >= 0 ? length : 0;
}

int socket_connect(const char *path, int type)
{
        int ends[2];
        ASSERT(strcmp(path, "/run/bulkhead-modules/toy") == 0);
        hang_up();
        if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
                return -errno;
        fake_program.connected++;
        machine.line = ends[0];
        machine.watch = loop_fd(clerk.loop, machine.line, LOOP_READ, ready, NULL);
        return ends[1];
}

/* --- the rest --- */

void fake_machine_clear(void)
{
        fake_program = (struct fake_program){.publishes = "{\"commit\":{\"count\":7}}",
                                             .answers = "{\"commit\":{\"count\":9}}|{\"done\":{\"count\":9}}|"};
        machine.enabled = true;
        if (clerk.loop) {
                machine.enabled = false;
                known_refresh();
                hang_up();
                for (const struct module *module = module_each(NULL); module; module = module_each(module))
                        while (module->published.writing)
                                fake_run_ms(10);
                (void)fake_sql("delete from modules.state");
                machine.enabled = true;
                known_refresh();
        }
}

void fake_machine_crash(void)
{
        hang_up();
        machine.known.module = NULL;
        for (struct module *module = module_each(NULL); module; module = module_each(module)) {
                free(module->published.state);
                module->published = (struct published){0};
                module->program = NULL; /* its loop goes */
                module->enabled = false;
        }
}

static void act(const struct plan *plan)
{
        for (size_t i = 0; i < plan->count; i++) {
                machine.enabled = machine.enabled || plan->steps[i].operation == MODULES_ENABLE;
                machine.enabled = machine.enabled && plan->steps[i].operation != MODULES_DISABLE;
        }
}

static void answer_hand(const struct action *action, struct writer *writer)
{
        (void)action;
        (void)writer;
}

const struct fake_clerk fake_clerk = {.description = modules_clerk,
                                      .role = "bulkhead-modules",
                                      .interface = "module.toy.",
                                      .is_ready = states_known,
                                      .act = act,
                                      .answer = answer_hand};
