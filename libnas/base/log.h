/* Severity words with fixed meaning. Library code below serve/ never logs: it returns failures.
 * Lines go to stderr with the journal's <N> prefix; serve/ adds structured fields for clerks. */
#ifndef BULKHEAD_BASE_LOG_H
#define BULKHEAD_BASE_LOG_H

void log_open(const char *process_name);
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_fail(const char *format, ...) __attribute__((format(printf, 1, 2))); /* this request failed */
/* The environment does not let us work: says so and exits with 1. */
_Noreturn void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What cannot go on without it: the result, or log_fatal with its name when it is a -errno. */
int log_must(int result, const char *what);
/* Our own invariant is broken: says so and aborts. */
_Noreturn void log_bug(const char *file, int line, const char *condition);
#define ASSERT(condition)                                                                                              \
        do {                                                                                                           \
                if (__builtin_expect(!(condition), 0))                                                                 \
                        log_bug(__FILE__, __LINE__, #condition);                                                       \
        } while (0)

#endif
