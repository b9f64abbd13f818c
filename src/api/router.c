#include <stdio.h>

#include "api/inside.h"

/* A tree of path segments; {…} is the child of last resort. */
struct node {
    struct str segment;
    struct node *children, *next, *any;
    bool takes_rest;
    const struct route *routes[DELETE + 1];
    size_t numbers[DELETE + 1];
    const char *allow;
};

struct router {
    struct node root;
};

static bool next_segment(struct str path, size_t *at, struct str *out)
{
    if (*at >= path.len)
        return false;
    assert(path.ptr[*at] == '/');
    size_t begin = *at + 1, end = str_find(path, STR("/"), begin);
    *out = str_sub(path, begin, end - begin);
    *at = end;
    return true;
}

static struct node *child_of(struct arena *arena, struct node *node, struct str segment)
{
    if (segment.len > 0 && segment.ptr[0] == '{') {
        if (!node->any)
            node->any = ARENA_NEW(arena, struct node);
        node->any->takes_rest = str_ends(segment, STR("...}"));
        return node->any;
    }
    for (struct node *child = node->children; child; child = child->next)
        if (str_equal(child->segment, segment))
            return child;
    struct node *child = ARENA_NEW(arena, struct node);
    child->segment = segment;
    child->next = node->children;
    node->children = child;
    return child;
}

static void check_route(const struct route *route)
{
    assert(route->path[0] == '/' && route->doc);
    assert(route->roles.public || route->roles.any_of);
    assert(!route->query != !route->command);
    assert(route->method == GET ? route->query != NULL : true);
    assert(!route->body || route->body_size > 0);
    (void)route;
}

static void add_allow(struct arena *arena, struct node *node)
{
    static const char *const names[] = {"", "GET, HEAD", "POST", "PUT", "PATCH", "DELETE"};
    struct str all = STR("");
    for (size_t i = GET; i <= DELETE; i++)
        if (node->routes[i])
            all = str_format(arena, "%.*s%s%s", STR_ARG(all), all.len ? ", " : "", names[i]);
    node->allow = str_c(arena, all);
}

static void add_route(struct arena *arena, struct router *router, const struct route *route,
                      size_t number)
{
    check_route(route);
    struct node *node = &router->root;
    struct str path = str_of(route->path), segment;
    for (size_t at = 0; next_segment(path, &at, &segment);)
        node = child_of(arena, node, segment);
    assert(!node->routes[route->method]); /* Two rows for one path and method. */
    node->routes[route->method] = route;
    node->numbers[route->method] = number;
    add_allow(arena, node);
}

struct router *router_new(struct arena *arena, size_t *route_count)
{
    struct router *router = ARENA_NEW(arena, struct router);
    size_t count = 0;
    for (const struct route *const *table = API_ROUTES; *table; table++)
        for (const struct route *route = *table; route->method; route++)
            add_route(arena, router, route, count++);
    *route_count = count;
    return router;
}

static enum http_method_set method_of(struct str method)
{
    static const char *const names[] = {"", "GET", "POST", "PUT", "PATCH", "DELETE"};
    if (str_is(method, "HEAD"))
        return GET;
    for (size_t i = GET; i <= DELETE; i++)
        if (str_is(method, names[i]))
            return (enum http_method_set)i;
    return 0;
}

static const struct node *step(const struct node *node, struct str segment)
{
    for (const struct node *child = node->children; child; child = child->next)
        if (str_equal(child->segment, segment))
            return child;
    return node->any;
}

void router_match(const struct router *router, struct str method, struct str path,
                  struct route_match *out)
{
    *out = (struct route_match){0};
    const struct node *node = &router->root;
    size_t ids = 0;
    struct str segment;
    for (size_t at = 0, begin = 0; next_segment(path, &at, &segment); begin = at) {
        const struct node *next = step(node, segment);
        if (!next || (next == node->any && ids == API_PATH_IDS_MAX))
            return;
        if (next == node->any)
            out->text[ids++] = next->takes_rest ? str_sub(path, begin + 1, path.len) : segment;
        node = next;
        if (node->takes_rest)
            break;
    }
    enum http_method_set which = method_of(method);
    out->allow = node->allow;
    out->route = which ? node->routes[which] : NULL;
    out->number = which ? node->numbers[which] : 0;
}
