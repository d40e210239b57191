/* Prints every operation of every hand for tests/arch/policies.py: one line a fact, tab-separated,
 * "HAND NUMBER NAME FACT VALUE". Read from the compiled policies, so it is what the hands have.
 * Rights: a test program; reads nothing. */
#include "plan/operation.h"

#include <stdio.h>

static const struct operations *hand;
static unsigned number;

static void fact(const char *name, const char *value)
{
        if (value == NULL)
                return;
        printf("%s\t%u\t%s\t%s\t", hand->hand, number, hand->list[number].name, name);
        for (; *value != '\0'; value++) /* a value of several lines stays one of ours */
                putchar(*value == '\n' ? ' ' : *value);
        putchar('\n');
}

static void facts(const char *name, const char *const *values)
{
        for (; *values != NULL; values++)
                fact(name, *values);
}

static void print(const struct operation *operation)
{
        static const char *const acts[] = {"run", "file", "unit", "call", "table"};
        static const char *const proofs[] = {"clerk", "ticket", "warrant", "console"};
        fact("act", acts[operation->act]);
        fact("proof", proofs[operation->proof]);
        fact("role", role_name(operation->role));
        fact("answers", operation->flags & OPERATION_ANSWERS ? "yes" : NULL);
        fact("destroys", operation->flags & OPERATION_DESTROYS ? "yes" : NULL);
        fact("says", operation->says);
        facts("param", operation->params);
        fact("program", operation->program);
        facts("arg", operation->args);
        fact("input", operation->input);
        fact("path", operation->path);
        fact("lines", operation->lines);
        fact("check", operation->check);
        fact("call", operation->call);
        fact("guard", operation->guard);
        fact("undo", operation->undo);
        facts("undo_value", operation->undo_values);
}

int main(void)
{
        for (const struct operations *const *list = operation_lists; *list != NULL; list++) {
                hand = *list;
                for (number = 0; number < hand->count; number++)
                        if (hand->list[number].name != NULL)
                                print(&hand->list[number]);
        }
        return 0;
}
