/* The parser of contracts: the Varlink grammar, one function a rule. After a fault every token is the end, so each
 * function just runs out; the first fault is the one that is told.
 * Rights: as the lexer; reads a text in memory, nothing else. */
#include "base/log.h"
#include "ipc/compiler/read.h"

#include <string.h>

struct parser {
        struct arena *arena;
        struct faults *faults;
        struct lexer lexer;
        struct token token;
        unsigned depth;
};

static void step(struct parser *parser)
{
        annotate_nothing(parser->faults, parser->token.comments);
        parser->token = lexer_next(&parser->lexer);
}

static void unexpected(struct parser *parser, const char *expected)
{
        if (parser->token.kind == TOKEN_END)
                fault(parser->faults, parser->token.place, "found the end, expected %s", expected);
        else
                fault(parser->faults, parser->token.place, "found \"%s\", expected %s", parser->token.text, expected);
        parser->token = (struct token){.kind = TOKEN_END, .text = ""};
}

static bool at_word(const struct parser *parser, const char *word)
{
        return parser->token.kind == TOKEN_WORD && strcmp(parser->token.text, word) == 0;
}

static bool at_sign(const struct parser *parser, const char *sign)
{
        return parser->token.kind == TOKEN_SIGN && strcmp(parser->token.text, sign) == 0;
}

static bool take_sign(struct parser *parser, const char *sign)
{
        if (!at_sign(parser, sign))
                return false;
        step(parser);
        return true;
}

static void need_sign(struct parser *parser, const char *sign, const char *expected)
{
        if (!take_sign(parser, sign))
                unexpected(parser, expected);
}

/* The comment lines above the token now become what is said about what begins there. */
static void take_said(struct parser *parser, enum above above, struct idl_said *ret_said)
{
        annotate(parser->arena, parser->faults, parser->token.comments, above, ret_said);
        parser->token.comments = NULL;
}

static bool is_upper(char c)
{
        return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
        return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_letter_or_digit(char c)
{
        return is_letter(c) || (c >= '0' && c <= '9');
}

/* [A-Z][A-Za-z0-9]* */
static bool is_member_name(const char *name)
{
        if (!is_upper(*name))
                return false;
        while (is_letter_or_digit(*name))
                name++;
        return *name == '\0';
}

/* [A-Za-z](_?[A-Za-z0-9])* */
static bool is_field_name(const char *name)
{
        if (!is_letter(*name))
                return false;
        for (name++; *name != '\0'; name++)
                if (!is_letter_or_digit(*name) && !(*name == '_' && is_letter_or_digit(name[1])))
                        return false;
        return true;
}

/* [A-Za-z](-*[A-Za-z0-9])*(\.[A-Za-z0-9](-*[A-Za-z0-9])*)+ */
static bool is_interface_name(const char *name)
{
        size_t dots = 0;

        if (!is_letter(*name))
                return false;
        for (const char *at = name; *at != '\0'; at++) {
                dots += *at == '.';
                if (*at == '.' && (!is_letter_or_digit(at[-1]) || !is_letter_or_digit(at[1])))
                        return false;
                if (*at == '_' || (*at == '-' && at[1] != '-' && !is_letter_or_digit(at[1])))
                        return false;
        }
        return dots > 0;
}

static const char *take_name(struct parser *parser, bool (*is_name)(const char *), const char *expected)
{
        const char *name = parser->token.text;

        if (parser->token.kind != TOKEN_WORD || !is_name(name)) {
                unexpected(parser, expected);
                return "";
        }
        step(parser);
        return name;
}

static struct idl_type *parse_type(struct parser *parser);

/* After "(": fields up to ")". An enum is a list of names without types; what the first one is, all must be. */
static struct idl_type *parse_list(struct parser *parser, struct idl_place place, bool may_be_enum)
{
        struct idl_type *list = arena_alloc(parser->arena, sizeof(*list));
        struct idl_field **last = &list->fields;
        size_t count = 0;

        list->kind = IDL_STRUCT;
        list->place = place;
        while (!at_sign(parser, ")") || count > 0) {
                struct idl_field *field = arena_alloc(parser->arena, sizeof(*field));
                struct token token = parser->token;
                parser->token.comments = NULL;
                field->place = token.place;
                field->name = take_name(parser, is_field_name, count == 0 ? "a field name or )" : "a field name");
                if (count == 0 && may_be_enum && !at_sign(parser, ":"))
                        list->kind = IDL_ENUM;
                annotate(parser->arena, parser->faults, token.comments,
                         list->kind == IDL_ENUM ? ABOVE_WORD : ABOVE_FIELD, &field->said);
                if (list->kind == IDL_STRUCT) {
                        need_sign(parser, ":", "\":\" and the field's type");
                        field->type = parse_type(parser);
                }
                *last = field;
                last = &field->next;
                if (++count > IDL_FIELDS_MAX)
                        fault(parser->faults, field->place, "too many fields, expected at most %d", IDL_FIELDS_MAX);
                if (!take_sign(parser, ","))
                        break;
        }
        need_sign(parser, ")", "\",\" or \")\"");
        return list;
}

/* A type without "?", "[]" or "[string]" before it. */
static void parse_element(struct parser *parser, struct idl_type *type)
{
        static const struct {
                const char *word;
                enum idl_kind kind;
        } simple[] = {
                {"bool", IDL_BOOL},     {"int", IDL_INT},       {"float", IDL_FLOAT},
                {"string", IDL_STRING}, {"object", IDL_OBJECT},
        };

        for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
                if (at_word(parser, simple[i].word)) {
                        type->kind = simple[i].kind;
                        step(parser);
                        return;
                }
        }
        if (take_sign(parser, "(")) {
                struct idl_type *list = parse_list(parser, type->place, true);
                type->kind = list->kind;
                type->fields = list->fields;
                return;
        }
        type->kind = IDL_NAMED;
        type->name = take_name(parser, is_member_name,
                               "a type: bool, int, float, string, object, a type's name, (, [], [string] or ?");
}

static struct idl_type *parse_type(struct parser *parser)
{
        struct idl_type *type = arena_alloc(parser->arena, sizeof(*type));

        type->place = parser->token.place;
        if (++parser->depth > IDL_DEPTH_MAX)
                fault(parser->faults, type->place, "types nested too deep, expected at most %d", IDL_DEPTH_MAX);
        type->optional = take_sign(parser, "?");
        if (take_sign(parser, "[")) {
                type->kind = IDL_ARRAY;
                if (at_word(parser, "string")) {
                        type->kind = IDL_MAP;
                        step(parser);
                }
                need_sign(parser, "]", type->kind == IDL_MAP ? "\"]\"" : "\"]\" or \"string]\"");
                type->of = parse_type(parser);
        } else {
                parse_element(parser, type);
        }
        parser->depth--;
        return type;
}

static struct idl_type *parse_struct(struct parser *parser, const char *expected)
{
        struct idl_place place = parser->token.place;

        need_sign(parser, "(", expected);
        return parse_list(parser, place, false);
}

static struct idl_member *parse_member(struct parser *parser)
{
        static const struct {
                const char *word;
                enum idl_what what;
                enum above above;
        } kinds[] = {{"type", IDL_TYPE, ABOVE_TYPE},
                     {"method", IDL_METHOD, ABOVE_METHOD},
                     {"error", IDL_ERROR, ABOVE_ERROR}};
        struct idl_member *member = arena_alloc(parser->arena, sizeof(*member));
        size_t kind = 0;

        while (kind < 3 && !at_word(parser, kinds[kind].word))
                kind++;
        if (kind == 3) {
                unexpected(parser, "\"type\", \"method\" or \"error\"");
                return member;
        }
        member->what = kinds[kind].what;
        take_said(parser, kinds[kind].above, &member->said);
        step(parser);
        member->place = parser->token.place;
        member->name = take_name(parser, is_member_name, "a name that begins with a capital letter");

        struct idl_place place = parser->token.place;
        if (member->what == IDL_TYPE) {
                need_sign(parser, "(", "\"(\"");
                member->type = parse_list(parser, place, true);
                return member;
        }
        member->type =
                parse_struct(parser, member->what == IDL_METHOD ? "\"(\" and the parameters" : "\"(\" and the fields");
        if (member->what == IDL_METHOD) {
                need_sign(parser, "->", "\"->\" and the results");
                member->reply = parse_struct(parser, "\"(\" and the results");
        }
        return member;
}

static void parse_contract(struct parser *parser, struct idl_contract *contract)
{
        struct idl_member **last = &contract->members;
        size_t count = 0;

        parser->token = lexer_next(&parser->lexer);
        if (!at_word(parser, "interface")) {
                unexpected(parser, "\"interface\"");
                return;
        }
        take_said(parser, ABOVE_INTERFACE, &contract->said);
        step(parser);
        contract->place = parser->token.place;
        contract->name = take_name(parser, is_interface_name, "the interface's name, such as nas.example");
        do {
                struct idl_member *member = parse_member(parser);
                *last = member;
                last = &member->next;
                if (++count > IDL_MEMBERS_MAX)
                        fault(parser->faults, member->place, "too many members, expected at most %d", IDL_MEMBERS_MAX);
        } while (parser->token.kind != TOKEN_END);
        annotate_nothing(parser->faults, parser->token.comments);
}

const struct idl_contract *idl_parse(struct arena *arena, const char *file_name, const char *text, size_t length,
                                     char message[256])
{
        ASSERT(arena != NULL && file_name != NULL && text != NULL && message != NULL);
        struct faults faults = {.file_name = file_name, .message = message};
        struct parser parser = {.arena = arena, .faults = &faults};
        struct idl_contract *contract = arena_alloc(arena, sizeof(*contract));

        contract->file_name = arena_text(arena, file_name, strlen(file_name));
        parser.lexer = (struct lexer){arena, &faults, text, text + length, text, 1};
        if (length > IDL_BYTES_MAX)
                fault(&faults, (struct idl_place){1, 1}, "%zu bytes, expected at most %d", length, IDL_BYTES_MAX);
        parse_contract(&parser, contract);
        if (!faults.any)
                resolve(contract, &faults);
        return faults.any ? NULL : contract;
}
