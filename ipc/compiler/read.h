/* Inside the parser: tokens, comment lines and the first fault. */
#ifndef BULKHEAD_IPC_COMPILER_READ_H
#define BULKHEAD_IPC_COMPILER_READ_H

#include "ipc/compiler/idl.h"

struct faults { /* only the first is kept */
        const char *file_name;
        char *message; /* 256 bytes */
        bool any;
};
void fault(struct faults *faults, struct idl_place place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

struct comment { /* one line */
        struct comment *next;
        const char *text;       /* without '#' and the blanks around */
        struct idl_place place; /* of the text */
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_SIGN };
struct token {
        enum token_kind kind;
        const char *text; /* in the arena; "" at the end */
        struct idl_place place;
        struct comment *comments; /* directly above */
};

struct lexer {
        struct arena *arena;
        struct faults *faults;
        const char *at, *end, *line_start;
        unsigned line;
};
/* After a fault every further token is the end. */
struct token lexer_next(struct lexer *lexer);

enum above {
        ABOVE_INTERFACE = 1,
        ABOVE_TYPE = 2,
        ABOVE_METHOD = 4,
        ABOVE_ERROR = 8,
        ABOVE_FIELD = 16,
        ABOVE_WORD = 32
};
/* Reads comment lines into documentation and annotations. */
void annotate(struct arena *arena, struct faults *faults, const struct comment *comments, enum above above,
              struct idl_said *ret_said);
/* For comments above nothing: an annotation among them is a fault. */
void annotate_nothing(struct faults *faults, const struct comment *comments);

/* Names get their targets; doubles, unknown names and types that contain themselves are faults. */
void resolve(const struct idl_contract *contract, struct faults *faults);

#endif
