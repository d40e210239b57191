/* main() for a fuzz target without libFuzzer: replays a corpus, and changes of it that are the same in every run.
 *     FUZZER [-m CHANGES] FOLDER|FILE ...
 * Prints "N inputs". When the target dies, the input is left in ./replay-FUZZER and named on stderr.
 * Rights: a test; reads the files it is given. */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_MAX = 256 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static uint8_t input[INPUT_MAX];
static size_t input_length;
static unsigned long inputs;
static char origin[512], last[256];

static void tell(void)
{
        FILE *file = fopen(last, "wb");
        if (file != NULL) {
                (void)!fwrite(input, 1, input_length, file);
                fclose(file);
        }
        fprintf(stderr, "died on input %lu, made from %s; left in %s\n", inputs, origin, last);
}

static void died(int number)
{
        tell();
        signal(number, SIG_DFL);
        raise(number);
}

static void try_input(void)
{
        inputs++;
        /* A copy of exactly the right size, so that reading past its end is seen. */
        uint8_t *copy = malloc(input_length == 0 ? 1 : input_length);
        if (copy == NULL)
                exit(2);
        memcpy(copy, input, input_length);
        (void)LLVMFuzzerTestOneInput(copy, input_length);
        free(copy);
}

static uint64_t next_random(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

/* One small change: a bit, a byte, a piece taken out or doubled, a cut. */
static void change(uint64_t *state)
{
        uint64_t random = next_random(state);
        size_t at = input_length == 0 ? 0 : next_random(state) % input_length;
        size_t piece =
                input_length == at ? 0 : 1 + next_random(state) % (input_length - at < 16 ? input_length - at : 16);
        if (input_length == 0)
                return;
        switch (random % 5) {
        case 0:
                input[at] ^= (uint8_t)(1u << (random >> 8) % 8);
                break;
        case 1:
                input[at] = (uint8_t)(random >> 8);
                break;
        case 2:
                memmove(input + at, input + at + piece, input_length - at - piece);
                input_length -= piece;
                break;
        case 3:
                if (input_length + piece > INPUT_MAX)
                        break;
                memmove(input + at + piece, input + at, input_length - at);
                input_length += piece;
                break;
        default:
                input_length = at;
                break;
        }
}

static void replay_file(const char *path, unsigned long changes)
{
        FILE *file = fopen(path, "rb");
        if (file == NULL) {
                perror(path);
                exit(2);
        }
        (void)snprintf(origin, sizeof origin, "%s", path);
        size_t length = fread(input, 1, sizeof input, file);
        fclose(file);
        uint8_t *whole = malloc(length + 1);
        if (whole == NULL)
                exit(2);
        memcpy(whole, input, length);
        input_length = length;
        try_input();
        uint64_t state = 0x9e3779b97f4a7c15u ^ length;
        for (unsigned long i = 0; i < changes; i++) {
                memcpy(input, whole, length);
                input_length = length;
                for (uint64_t count = 1 + next_random(&state) % 3; count > 0; count--)
                        change(&state);
                try_input();
        }
        free(whole);
}

static void replay(const char *path, unsigned long changes)
{
        struct stat status;
        if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode)) {
                replay_file(path, changes);
                return;
        }
        struct dirent **names = NULL;
        int count = scandir(path, &names, NULL, alphasort);
        for (int i = 0; i < count; i++) {
                char whole[512];
                if (names[i]->d_name[0] != '.' &&
                    snprintf(whole, sizeof whole, "%s/%s", path, names[i]->d_name) < (int)sizeof whole)
                        replay_file(whole, changes);
                free(names[i]);
        }
        free(names);
}

int main(int argc, char **argv)
{
        const char *name = strrchr(argv[0], '/');
        unsigned long changes = 0;
        int option;
        (void)snprintf(last, sizeof last, "replay-%s", name == NULL ? argv[0] : name + 1);
        while ((option = getopt(argc, argv, "m:")) != -1) {
                if (option != 'm')
                        return 2;
                changes = strtoul(optarg, NULL, 10);
        }
        if (__sanitizer_set_death_callback != NULL)
                __sanitizer_set_death_callback(tell);
        signal(SIGABRT, died);
        if (LLVMFuzzerInitialize != NULL)
                LLVMFuzzerInitialize(&argc, &argv);
        input_length = 0;
        try_input(); /* nothing at all is an input too */
        for (int i = optind; i < argc; i++)
                replay(argv[i], changes);
        printf("%lu inputs\n", inputs);
        return 0;
}
