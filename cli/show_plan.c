/* Plans and their progress for people. A plan is rendered here, from its typed steps and this machine's policies; what
 * the clerk says of it is not looked at.
 * Rights: the command line, as whoever runs it; writes to the terminal. */
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/show.h"

#include <string.h>
#include <unistd.h>

enum { BAR_COLUMNS = 24, WORDS_BYTES = 160 };

void show_plan(FILE *out, struct arena *arena, const struct plan *plan, const char *digest, bool colours)
{
        ASSERT(out != NULL && arena != NULL && plan != NULL && digest != NULL);
        const char *bold = colours ? "\033[1m" : "", *dim = colours ? "\033[2m" : "", *red = colours ? "\033[31m" : "";
        const char *plain = colours ? "\033[0m" : "";

        fprintf(out, "%sPlan%s of %u step%s, digest %s\n", bold, plain, plan->count, plan->count == 1 ? "" : "s",
                digest);
        for (unsigned i = 0; i < plan->count; i++) {
                const struct action *step = &plan->steps[i];
                const char *undo = action_undo_literal(plan->operations, step, arena);
                bool destroys = (plan->operations->list[step->operation].flags & OPERATION_DESTROYS) != 0;
                fprintf(out, "%4u  %s%s%s\n", i + 1, destroys ? red : "", action_words(plan->operations, step, arena),
                        plain);
                fprintf(out, "      %s%s%s\n", dim, action_literal(plan->operations, step, arena), plain);
                if (undo != NULL)
                        fprintf(out, "      %sundo: %s%s\n", dim, undo, plain);
                else if (destroys)
                        fprintf(out, "      %scannot be brought back%s\n", red, plain);
        }
        if (plan_destroys(plan))
                fprintf(out, "%sThis takes away what cannot be brought back.%s\n", red, plain);
}

const char *bar_text(struct arena *arena, unsigned percent, size_t width)
{
        ASSERT(arena != NULL && width > 0);
        char *bar = arena_alloc(arena, width + 1);
        size_t full = (percent > 100 ? 100 : percent) * width / 100;

        memset(bar, '.', width);
        memset(bar, '#', full);
        return bar;
}

static int64_t number(const struct json *object, const char *name)
{
        const struct json *member = json_member(object, name);
        return json_type_of(member) == JSON_INTEGER ? json_integer(member) : 0;
}

bool show_progress(const struct json *reply)
{
        static const char wipe[] = "\r\033[K";
        const struct json *progress = reply != NULL ? json_member(reply, "progress") : NULL;
        struct arena *arena CLEANUP(arena_freep) = arena_new();
        char words[WORDS_BYTES] = "";
        size_t length;

        if (isatty(STDERR_FILENO) != 1 || (reply != NULL && progress == NULL))
                return false;
        if (progress == NULL) {
                fputs(wipe, stderr);
                return false;
        }
        const struct json *text = json_member(progress, "words");
        if (json_type_of(text) == JSON_TEXT) {
                const char *bytes = json_text(text, &length);
                text_escape(bytes, length, words, 48);
        }
        unsigned percent = (unsigned)number(progress, "percent");
        fprintf(stderr, "%s[%s] %3u %%  %lld/%lld  %s", wipe, bar_text(arena, percent, BAR_COLUMNS), percent,
                (long long)number(progress, "step"), (long long)number(progress, "steps"), words);
        fflush(stderr);
        return true;
}
