/* The terminal: how wide, whether a person is there, questions and secrets. */
#ifndef BULKHEAD_CLI_TERMINAL_H
#define BULKHEAD_CLI_TERMINAL_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

bool terminal_asks(void);    /* a person is at the other end and can answer */
bool terminal_shows(void);   /* standard output is a terminal */
bool terminal_colours(void); /* the same, and colours are wanted (NO_COLOR, TERM=dumb) */
/* Columns of standard output; 0: not a terminal, as wide as it takes. */
size_t terminal_width(void);

/* Asks at the terminal and reads a line, without its end; NULL: none. */
const char *line_ask(struct arena *arena, const char *question);
/* The same without echo; twice: typed again, NULL when it was not the same. */
const char *secret_ask(struct arena *arena, const char *what, bool twice);
/* One line of a descriptor (several secrets may come by the same one); NULL: none. */
const char *secret_from_fd(struct arena *arena, int fd);

#endif
