/* bulkhead, the command line. It knows no command: they are in the contracts.
 * Rights: as whoever runs it, and no more: root's rights come from the users hand knowing uid 0, everybody else signs
 * in. Reads the contracts, connects to the daemons' sockets. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/change.h"
#include "cli/help.h"
#include "cli/show.h"
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char *setting(const char *name, const char *otherwise)
{
        const char *value = getenv(name);
        return value != NULL && *value != '\0' ? value : otherwise;
}

static int failed(const struct failure *failure)
{
        show_failure(stderr, failure);
        return exit_code(failure);
}

static void print_answer(const struct asked *asked, const struct json *answer)
{
        struct json_out *out CLEANUP(json_out_freep) = json_out_new();
        const struct json *next = json_member(answer, "next");

        if (asked->json) {
                json_out_value(out, answer);
                printf("%s\n", json_out_bytes(out, NULL));
                return;
        }
        show_answer(stdout, asked->arena, asked->command->method, answer, terminal_width());
        if (asked->command->method->reply->fields == NULL && terminal_shows())
                printf("Done.\n");
        if (json_type_of(next) == JSON_TEXT && terminal_asks())
                fprintf(stderr, "There is more: --cursor %s\n", json_text(next, NULL));
}

static int run_command(struct arena *arena, const struct command *command, char **words, size_t count)
{
        struct json *answer CLEANUP(json_freep) = NULL;
        struct asker asker = {.arena = arena, .directory = setting("BULKHEAD_RUN", RUN_DIRECTORY)};
        struct failure failure = {0};
        struct asked asked;

        if (asked_read(arena, command, words, count, &asked, &failure) < 0)
                return failed(&failure);
        if (asked.help) {
                help_command(stdout, arena, command);
                return 0;
        }
        if (asked_complete(&asked, &failure) < 0 || asker_begin(&asker, &asked, &failure) < 0)
                return failed(&failure);

        const struct order order = {
                .clerk = clerk_of(&asked),
                .method = arena_printf(arena, "%s.%s", command->contract->name, command->method->name),
                .asked = &asked,
                .more = command->method->said.notes[IDL_PROGRESS] != NULL,
        };
        int result = command->method->said.notes[IDL_PLAN] != NULL ? change_make(&asker, &asked, &answer, &failure)
                                                                   : order_send(&asker, &order, &answer, &failure);
        if (result < 0)
                return failed(&failure);
        if (answer != NULL)
                print_answer(&asked, answer);
        return 0;
}

static int show_setup_code(struct arena *arena)
{
        struct failure failure = {0};
        const char *code;

        if (console_setup_code(arena, setting("BULKHEAD_RUN", RUN_DIRECTORY), &code, &failure) < 0)
                return failed(&failure);
        printf("%s\n", code);
        return 0;
}

static int usage(const char *what, const char *word)
{
        fprintf(stderr, "bulkhead: %s%s\n          bulkhead --help shows what there is.\n", what, word);
        return EXIT_USAGE;
}

/* The words that no contract has. -1: it is none of them. */
static int run_own(const struct catalogue *catalogue, int argc, char **argv)
{
        const char *word = argv[1], *more = argc > 2 ? argv[2] : NULL;

        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
                help_all(stdout, catalogue);
                return 0;
        }
        if (strcmp(word, "setup-code") == 0)
                return show_setup_code(catalogue->arena);
        if (strcmp(word, "__complete") == 0) {
                complete(stdout, catalogue, argv + 2, (size_t)(argc - 2));
                return 0;
        }
        if (strcmp(word, "completion") == 0)
                return more != NULL && completion_script(stdout, more) ? 0 : usage("completion is for ", "bash or zsh");
        if (strcmp(word, "man") == 0) {
                if (more != NULL && catalogue_find(catalogue, more, NULL) == NULL)
                        return usage("there is nothing called ", more);
                man_page(stdout, catalogue, more);
                return 0;
        }
        return -1;
}

static int run(struct arena *arena, int argc, char **argv)
{
        struct catalogue catalogue;
        char message[256];

        if (argc > 1 && (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0)) {
                printf("bulkhead %s\n", BULKHEAD_VERSION);
                return 0;
        }
        if (argc > 1 && strcmp(argv[1], "doctor") == 0) /* before anything that could be broken */
                return doctor_start(argv + 1);
        if (catalogue_load(arena, setting("BULKHEAD_CONTRACTS", CONTRACTS_DIRECTORY), &catalogue, message) < 0) {
                fprintf(stderr, "bulkhead: %s\n", message);
                return 1;
        }
        if (argc < 2) {
                help_all(stderr, &catalogue);
                return EXIT_USAGE;
        }
        int own = run_own(&catalogue, argc, argv);
        if (own >= 0)
                return own;
        if (catalogue_find(&catalogue, argv[1], NULL) == NULL)
                return usage("there is nothing called ", argv[1]);
        if (argc < 3 || strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0) {
                help_noun(argc < 3 ? stderr : stdout, &catalogue, argv[1]);
                return argc < 3 ? EXIT_USAGE : 0;
        }
        const struct command *command = catalogue_find(&catalogue, argv[1], argv[2]);
        if (command == NULL)
                return usage(argv[1], arena_printf(arena, " cannot \"%s\"", argv[2]));
        return run_command(arena, command, argv + 3, (size_t)(argc - 3));
}

int main(int argc, char **argv)
{
        struct arena *arena CLEANUP(arena_freep) = arena_new();

        crypto_start();
        return run(arena, argc, argv);
}
