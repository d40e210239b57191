/* Inside the checker: the shapes of the objects in a view, as tables, and what walks them. */
#ifndef BULKHEAD_WEB_CHECK_SHAPES_H
#define BULKHEAD_WEB_CHECK_SHAPES_H

#include "web/check/check.h"

struct shape;

struct here { /* one object of a view */
        struct checker *checker;
        const struct shape *shape;
        const struct json *object;
        const char *place;
        const struct scope *outer, *inner; /* around it; with what its own method answers or asks for */
        const struct idl_member *method;   /* its own; NULL */
};

typedef void means(const struct here *here, const struct json *value, const char *place);

enum brings { NOTHING, ITEMS, THING, CALL, ADDRESS }; /* into its inner scope */

struct shape {
        const char *name; /* for messages */
        enum brings brings;
        const char *shorthand; /* a text stands for an object with only this member; NULL: it must be an object */
        void (*after)(const struct here *here); /* what members have to do with each other; NULL */
        const struct member {
                const char *name;
                means *means;
                bool required;
        } members[28];
};

/* --- shapes.c, tables.c --- */
void check_object(const struct here *around, const struct shape *shape, const struct json *value,
                  const struct scope *scope, const char *place);
void check_list(const struct here *around, const struct shape *shape, const struct json *value,
                const struct scope *scope, const char *place);
const char *text_of(const struct json *object, const char *name); /* NULL: it has no such text */

extern const struct shape view_shape, column_shape, form_field_shape, action_shape, step_shape, empty_shape,
        choices_shape, from_shape;
const struct shape *part_shape(const char *kind); /* NULL: there is no such component */

/* --- words.c, inside.c: what a member may say --- */
const char *word_in(const struct here *here, const struct json *value, const char *place); /* NULL: told so */
void check_path(const struct here *here, const char *path, const char *place);             /* a field; NULL is fine */
means is_text, is_flag, is_number, is_word, is_icon, is_as, is_tone, is_view, is_own_name, is_address, is_navigation;
means is_method, is_needs, is_of, is_with, is_when, is_when_inside, is_field, is_sort, is_tones, is_columns,
        is_reply_columns;
means is_form_fields, is_param, is_params, is_initial, is_choices, is_actions, is_row, is_action, is_next_action,
        is_steps;
means is_parts, is_empty, is_open, is_to, is_back, is_confirm, is_from, is_template;

/* --- rules.c --- */
void column_after(const struct here *here);
void form_field_after(const struct here *here);
void action_after(const struct here *here);
void check_opens(const struct here *here, const struct scope *scope, const char *view, const char *place);

#endif
