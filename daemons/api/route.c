/* Routes: the paths of all methods as one tree, segment by segment. A literal segment goes before a parameter; where a
 * path fits several routes, the first that knows the verb is taken.
 * Rights: the front end; memory only. */
#include "daemons/api/parts.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { SEGMENTS_MAX = 16, VERBS = HTTP_OPTIONS + 1 };

struct node {
        const char *literal; /* its segment; NULL: a parameter */
        size_t length;
        struct node *next, *children; /* children: literals first, then at most one parameter */
        const struct api_method *methods[VERBS];
};

static struct node *root; /* in api.arena */

static const char *verb_name(enum http_method verb)
{
        static const char *const names[VERBS] = {[HTTP_GET] = "GET",
                                                 [HTTP_POST] = "POST",
                                                 [HTTP_PUT] = "PUT",
                                                 [HTTP_PATCH] = "PATCH",
                                                 [HTTP_DELETE] = "DELETE"};
        return names[verb];
}

/* --- making the tree --- */

static struct node *child(struct node *parent, const char *segment, size_t length)
{
        bool param = *segment == '{';
        struct node **at = &parent->children;

        for (; *at != NULL; at = &(*at)->next) {
                if (param ? (*at)->literal == NULL
                          : (*at)->literal != NULL && (*at)->length == length &&
                                    memcmp((*at)->literal, segment, length) == 0)
                        return *at;
                if ((*at)->literal == NULL)
                        break; /* literals go before it */
        }
        struct node *made = arena_alloc(api.arena, sizeof(*made));
        *made = (struct node){.literal = param ? NULL : segment, .length = length, .next = *at};
        *at = made;
        return made;
}

static void add(const struct api_method *method)
{
        struct node *node = root;

        for (const char *at = method->path; *at == '/';) {
                size_t length = strcspn(at + 1, "/");
                node = child(node, at + 1, length);
                at += length + 1;
        }
        if (node->methods[method->verb] == NULL)
                node->methods[method->verb] = method;
}

void route_compile(void)
{
        ASSERT(api.arena != NULL);
        root = arena_alloc(api.arena, sizeof(*root));
        for (size_t i = 0; i < api.method_count; i++)
                if (api.methods[i].verb != HTTP_OTHER)
                        add(&api.methods[i]);
        for (size_t i = 0; i < api.also_count; i++)
                add(&api.also[i]);
}

/* --- finding --- */

struct search {
        struct http_text segments[SEGMENTS_MAX];
        unsigned count;
        enum http_method verb;
        const struct api_method *method;
        unsigned known; /* verbs that the path has, as bits */
};

static void look(struct search *search, const struct node *node, unsigned depth)
{
        if (depth == search->count) {
                for (unsigned verb = 0; verb < VERBS; verb++)
                        if (node->methods[verb] != NULL)
                                search->known |= 1U << verb;
                if (search->method == NULL)
                        search->method = node->methods[search->verb];
                return;
        }
        const struct http_text *segment = &search->segments[depth];
        for (const struct node *n = node->children; n != NULL && search->method == NULL; n = n->next)
                if (n->literal == NULL ||
                    (n->length == segment->length && memcmp(n->literal, segment->bytes, n->length) == 0))
                        look(search, n, depth + 1);
}

static bool take_apart(struct http_text path, struct search *search)
{
        size_t at = 0;
        struct http_text segment;

        while (http_segment(path, &at, &segment)) {
                if (search->count == SEGMENTS_MAX || segment.length == 0)
                        return false;
                search->segments[search->count++] = segment;
        }
        return search->count > 0;
}

static void write_allow(unsigned known, char *allow, size_t size)
{
        FILE *out = fmemopen(allow, size, "w");
        ASSERT(out != NULL);
        for (enum http_method verb = HTTP_GET; verb < HTTP_OPTIONS; verb++)
                if ((known & 1U << verb) != 0)
                        fprintf(out, "%s, %s", verb_name(verb), verb == HTTP_GET ? "HEAD, " : "");
        fprintf(out, "OPTIONS");
        fclose(out);
}

/* The values are where the path of the method that was found has parameters. */
static void take_params(const struct search *search, struct route *route)
{
        const char *at = route->method->path;

        for (unsigned i = 0; i < search->count; i++) {
                size_t length = strcspn(at + 1, "/");
                if (at[1] == '{' && route->param_count < ARRAY_SIZE(route->params)) {
                        route->params[route->param_count].name = (struct http_text){at + 2, length - 2};
                        route->params[route->param_count++].value = search->segments[i];
                }
                at += length + 1;
        }
}

int route_find(enum http_method verb, struct http_text path, struct route *ret_route)
{
        ASSERT(ret_route != NULL && (unsigned)verb < VERBS);
        struct search search = {.verb = verb == HTTP_HEAD ? HTTP_GET : verb};

        *ret_route = (struct route){0};
        if (root == NULL || !take_apart(path, &search))
                return 404;
        look(&search, root, 0);
        if (search.method == NULL && search.known == 0)
                return 404;
        ret_route->method = search.method;
        if (search.method == NULL) {
                write_allow(search.known, ret_route->allow, sizeof(ret_route->allow));
                return 405;
        }
        take_params(&search, ret_route);
        return 0;
}

/* --- what may not be added --- */

bool builtin_has(const char *path)
{
        ASSERT(path != NULL);
        static const char *const own[] = {"/api/stream",      "/api/contracts",    "/api/contracts/{name}",
                                          "/api/system/live", "/api/system/ready", "/api/docs",
                                          "/api/docs/{name}", "/api/ui",           "/api/ui/contracts"};

        for (size_t i = 0; i < ARRAY_SIZE(own); i++)
                if (idl_path_is_same(path, own[i]) || idl_path_shadows(path, own[i]))
                        return true;
        return false;
}
