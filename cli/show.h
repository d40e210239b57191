/* Showing answers: tables, single things, progress, plans, failures. */
#ifndef BULKHEAD_CLI_SHOW_H
#define BULKHEAD_CLI_SHOW_H

#include "base/failure.h"
#include "cli/catalogue.h"
#include "json/json.h"
#include "plan/plan.h"

#include <stdio.h>

/* An answer's parameters for people, by the method's result types; width as in table.h. */
void show_answer(FILE *out, struct arena *arena, const struct idl_member *method, const struct json *answer,
                 size_t width);
/* A reply that continues, as a bar on standard error; NULL: the bar is over. True when there is a bar now. */
bool show_progress(const struct json *reply);
/* What a plan does, rendered here from its typed steps. */
void show_plan(FILE *out, struct arena *arena, const struct plan *plan, const char *digest, bool colours);
void show_failure(FILE *out, const struct failure *failure);
/* The bar itself: percent of width columns. */
const char *bar_text(struct arena *arena, unsigned percent, size_t width);

#endif
