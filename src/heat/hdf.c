#include "heat/hdf.h"

#include <stdlib.h>

/* Tags of HDF4's specification; a special element has SPECIAL set in its tag. */
enum {
    TAG_NULL = 1,
    TAG_NUMBER_TYPE = 106,
    TAG_DIMENSIONS = 701,
    TAG_DATA = 702,
    TAG_DATA_GROUP = 720,
    TAG_TABLE = 1962,
    TAG_TABLE_DATA = 1963,
    TAG_GROUP = 1965,
    SPECIAL = 0x4000,
    SPECIAL_COMPRESSED = 3,
};

enum { ELEMENTS_MAX = 65536, GROUPS_DEEP = 16, FIELDS_MAX = 256, RANK_MAX = 8 };

struct element {
    uint16_t tag, ref;
    uint32_t at, length;
};

struct hdf {
    struct arena *arena;
    const char *path;
    struct str bytes;
    struct element *items; /* By tag, then ref. */
    size_t count, capacity;
};

static enum err broken(const struct hdf *hdf, const char *what)
{
    return err_refuse(ERR_CORRUPT, "heat.file", "%s: a broken HDF4 file: %s", hdf->path, what);
}

/* ---- bytes -------------------------------------------------------------------------------- */

/* Reading on past the end gives zeros and is remembered. */
struct cursor {
    struct str bytes;
    size_t at;
    bool past;
};

static uint32_t take(struct cursor *cursor, size_t size)
{
    if (size > cursor->bytes.len - cursor->at) {
        cursor->past = true;
        return 0;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | (uint8_t)cursor->bytes.ptr[cursor->at++];
    return value;
}

static struct str take_bytes(struct cursor *cursor, size_t size)
{
    struct str bytes = str_sub(cursor->bytes, cursor->at, size);
    cursor->past |= bytes.len < size;
    cursor->at += bytes.len;
    return bytes;
}

/* A text behind its length. */
static struct str take_text(struct cursor *cursor)
{
    return take_bytes(cursor, take(cursor, 2));
}

static struct cursor in_element(const struct hdf *hdf, const struct element *element)
{
    return (struct cursor){.bytes = str_sub(hdf->bytes, element->at, element->length)};
}

/* ---- descriptors -------------------------------------------------------------------------- */

static int by_tag(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    return x->tag != y->tag ? x->tag - y->tag : x->ref - y->ref;
}

static const struct element *find(const struct hdf *hdf, uint32_t tag, uint32_t ref)
{
    struct element wanted = {.tag = (uint16_t)tag, .ref = (uint16_t)ref};
    return hdf->count ? bsearch(&wanted, hdf->items, hdf->count, sizeof(wanted), by_tag) : NULL;
}

static enum err read_block(struct hdf *hdf, struct cursor *cursor)
{
    uint32_t count = take(cursor, 2), next = take(cursor, 4);
    for (uint32_t i = 0; i < count; i++) {
        struct element e = {.tag = (uint16_t)take(cursor, 2), .ref = (uint16_t)take(cursor, 2)};
        e.at = take(cursor, 4);
        e.length = take(cursor, 4);
        if (cursor->past)
            return broken(hdf, "descriptors behind its end");
        if (e.tag == TAG_NULL)
            continue;
        if (e.at == UINT32_MAX && e.length == UINT32_MAX)
            e.at = e.length = 0; /* Announced, and never written. */
        if (e.at > hdf->bytes.len || e.length > hdf->bytes.len - e.at)
            return broken(hdf, "an element reaches behind its end");
        if (hdf->count == ELEMENTS_MAX)
            return broken(hdf, "too many elements");
        *ARENA_PUSH(hdf->arena, hdf->items, hdf->count, hdf->capacity) = e;
    }
    /* Blocks are appended, so they follow each other; one that leads back is a loop. */
    if (next && next < cursor->at)
        return broken(hdf, "descriptors lead back");
    cursor->at = next < hdf->bytes.len ? next : hdf->bytes.len;
    cursor->past = next >= hdf->bytes.len;
    return next == 0 ? OK : cursor->past ? broken(hdf, "descriptors behind its end") : ERR_BUSY;
}

static enum err read_descriptors(struct hdf *hdf)
{
    struct cursor cursor = {.bytes = hdf->bytes};
    if (take(&cursor, 4) != UINT32_C(0x0e031301))
        return broken(hdf, "its first bytes");
    enum err r;
    while ((r = read_block(hdf, &cursor)) == ERR_BUSY)
        continue;
    if (r != OK)
        return r;
    if (hdf->count == 0)
        return broken(hdf, "nothing in it");
    qsort(hdf->items, hdf->count, sizeof(*hdf->items), by_tag);
    for (size_t i = 1; i < hdf->count; i++)
        if (by_tag(&hdf->items[i - 1], &hdf->items[i]) == 0)
            return broken(hdf, "two elements of one name");
    return OK;
}

/* ---- elements ----------------------------------------------------------------------------- */

/* Bytes of a number of that type; 0: none that a raster or a table here has. */
static uint32_t width_of(uint32_t type)
{
    static const uint8_t WIDTH[] = {[3] = 1,  [4] = 1,  [5] = 4,  [6] = 8,  [20] = 1,
                                    [21] = 1, [22] = 2, [23] = 2, [24] = 4, [25] = 4};
    return type < sizeof(WIDTH) ? WIDTH[type] : 0;
}

static enum err check_number_type(const struct hdf *hdf, const struct element *element)
{
    struct cursor c = in_element(hdf, element);
    uint32_t version = take(&c, 1), width = width_of(take(&c, 1));
    uint32_t bits = take(&c, 1), order = take(&c, 1);
    bool sound = version == 1 && width > 0 && bits == 8 * width && order <= 1 && !c.past;
    return sound ? OK : broken(hdf, "a number type");
}

/* The size that a dimension's table gives is that of some raster. */
static bool is_dimension(const struct hdf *hdf, const struct element *data)
{
    if (!data || data->length != 4)
        return false;
    struct cursor c = in_element(hdf, data);
    uint32_t size = take(&c, 4);
    bool found = false;
    for (size_t i = 0; i < hdf->count && !found; i++) {
        if (hdf->items[i].tag != TAG_DIMENSIONS)
            continue;
        c = in_element(hdf, &hdf->items[i]);
        uint32_t rank = take(&c, 2);
        for (uint32_t d = 0; d < rank && d < RANK_MAX && !c.past; d++)
            found |= take(&c, 4) == size && !c.past;
    }
    return found;
}

static enum err check_table(const struct hdf *hdf, const struct element *element)
{
    struct cursor c = in_element(hdf, element);
    take(&c, 2);
    uint64_t rows = take(&c, 4), width = take(&c, 2), fields = take(&c, 2), sum = 0;
    uint32_t types[FIELDS_MAX], sizes[FIELDS_MAX];
    if (fields > FIELDS_MAX)
        return broken(hdf, "a table of too many fields");
    for (size_t i = 0; i < fields; i++)
        types[i] = take(&c, 2);
    for (size_t i = 0; i < fields; i++)
        sum += sizes[i] = take(&c, 2);
    take_bytes(&c, fields * 2); /* Where each field begins. */
    for (size_t i = 0; i < fields; i++)
        if (sizes[i] == 0 || sizes[i] != take(&c, 2) * width_of(types[i]))
            return broken(hdf, "a table's field");
    for (size_t i = 0; i < fields + 1; i++) /* Then its own name. */
        take_text(&c);
    struct str kind = take_text(&c);
    const struct element *data = find(hdf, TAG_TABLE_DATA, element->ref);
    if (c.past || sum != width)
        return broken(hdf, "a table");
    if (rows * width > 0 && (!data || rows * width > data->length))
        return broken(hdf, "a table of more rows than it has");
    if (str_is(kind, "DimVal0.1") && !is_dimension(hdf, data))
        return broken(hdf, "a dimension that no raster has");
    return OK;
}

/* Only DEFLATE inside the file itself: an element may also name another file. */
static enum err check_special(const struct hdf *hdf, const struct element *element)
{
    enum { TAG_COMPRESSED = 40, DEFLATE = 4 };
    struct cursor c = in_element(hdf, element);
    uint32_t kind = take(&c, 2);
    take(&c, 2);
    uint64_t length = take(&c, 4);
    uint32_t ref = take(&c, 2);
    take(&c, 2);
    uint32_t coder = take(&c, 2);
    const struct element *data = find(hdf, TAG_COMPRESSED, ref);
    if (kind != SPECIAL_COMPRESSED || coder != DEFLATE || c.past)
        return broken(hdf, "data stored in a way that is not read");
    /* DEFLATE makes nothing smaller than 1/1032. */
    if (!data || length > LIMIT_HEAT_BLOCK || length > (uint64_t)data->length * 1032 + 64)
        return broken(hdf, "compressed data");
    return OK;
}

/* ---- groups ------------------------------------------------------------------------------- */

struct raster {
    const struct element *type, *data, *dimensions;
};

static enum err note_member(const struct hdf *hdf, uint32_t tag, uint32_t ref, struct raster *out)
{
    if (tag == TAG_NUMBER_TYPE)
        out->type = find(hdf, tag, ref);
    if (tag == TAG_DIMENSIONS)
        out->dimensions = find(hdf, tag, ref);
    if (tag == TAG_DATA) {
        out->data = find(hdf, tag, ref);
        if (!out->data)
            out->data = find(hdf, TAG_DATA | SPECIAL, ref);
        if (!out->data)
            return broken(hdf, "a raster without pixels");
    }
    return OK;
}

/* A raster's pixels are as many bytes as its size and type say: its readers count on it. */
static enum err check_raster(const struct hdf *hdf, const struct raster *raster)
{
    if (!raster->data)
        return OK;
    if (!raster->type || !raster->dimensions)
        return broken(hdf, "a raster without type or size");
    struct cursor c = in_element(hdf, raster->type);
    take(&c, 1);
    uint64_t bytes = width_of(take(&c, 1)), found = raster->data->length;
    c = in_element(hdf, raster->dimensions);
    uint32_t rank = take(&c, 2);
    if (rank == 0 || rank > RANK_MAX)
        return broken(hdf, "a raster's size");
    for (uint32_t i = 0; i < rank && bytes <= LIMIT_HEAT_BLOCK; i++)
        bytes *= take(&c, 4);
    if (raster->data->tag & SPECIAL) {
        c = in_element(hdf, raster->data);
        take(&c, 4);
        found = take(&c, 4);
    }
    if (c.past || bytes == 0 || bytes != found)
        return broken(hdf, "a raster's size is not that of its pixels");
    return OK;
}

/* An array's own list: pairs of tag and ref. */
static enum err check_data_group(const struct hdf *hdf, const struct element *element,
                                 struct raster *out)
{
    struct cursor c = in_element(hdf, element);
    enum err r = element->length % 4 ? broken(hdf, "a list of elements") : OK;
    for (size_t i = 0; r == OK && i < element->length / 4; i++) {
        uint32_t tag = take(&c, 2);
        r = note_member(hdf, tag, take(&c, 2), out);
    }
    return r;
}

static bool is_known(const struct hdf *hdf, uint32_t tag, uint32_t ref)
{
    return find(hdf, tag, ref) || find(hdf, tag | SPECIAL, ref);
}

/* Behind its members a group has a name, a class, no extension, and a version. */
static enum err check_names(const struct hdf *hdf, struct cursor *c)
{
    enum { VERSION = 3 };
    struct str name = take_text(c), kind = take_text(c);
    uint32_t extension = take(c, 4), version = take(c, 2);
    if (c->past || extension != 0 || version != VERSION)
        return broken(hdf, "a group's name or version");
    bool grid = str_is(kind, "GRID");
    if (!grid && !str_is(kind, "Var0.0"))
        return OK;
    /* Its description is looked for by this name, and believed to be there. */
    struct str described =
        str_format(hdf->arena, "%s=\"%.*s\"", grid ? "GridName" : "DataFieldName", STR_ARG(name));
    if (str_find(hdf->bytes, described, 0) == hdf->bytes.len)
        return broken(hdf, "a grid or field without a description");
    return OK;
}

static enum err check_group(const struct hdf *hdf, const struct element *element, int depth)
{
    struct cursor c = in_element(hdf, element), refs = c;
    struct raster raster = {0};
    uint32_t count = take(&c, 2);
    enum err r = depth > GROUPS_DEEP ? broken(hdf, "groups in a circle") : OK;
    refs.at = c.at;
    take_bytes(&refs, count * 2);
    take_bytes(&c, count * 4);
    if (c.past)
        return broken(hdf, "a group");
    c.at = 2;
    for (uint32_t i = 0; r == OK && i < count; i++) {
        uint32_t tag = take(&c, 2), ref = take(&refs, 2);
        if ((tag == TAG_GROUP || tag == TAG_TABLE || tag == TAG_DATA_GROUP) &&
            !is_known(hdf, tag, ref))
            r = broken(hdf, "a group with a member that is not there");
        if (r == OK && tag == TAG_GROUP)
            r = check_group(hdf, find(hdf, tag, ref), depth + 1);
        if (r == OK && tag == TAG_DATA_GROUP)
            r = check_data_group(hdf, find(hdf, tag, ref), &raster);
        if (r == OK)
            r = note_member(hdf, tag, ref, &raster);
    }
    if (r == OK)
        r = check_names(hdf, &refs);
    return r == OK ? check_raster(hdf, &raster) : r;
}

static enum err check_element(const struct hdf *hdf, const struct element *element)
{
    struct raster raster = {0};
    enum err r;
    if (element->tag & SPECIAL)
        return check_special(hdf, element);
    switch (element->tag) {
    case TAG_NUMBER_TYPE:
        return check_number_type(hdf, element);
    case TAG_TABLE:
        return check_table(hdf, element);
    case TAG_GROUP:
        return check_group(hdf, element, 0);
    case TAG_DATA_GROUP:
        r = check_data_group(hdf, element, &raster);
        return r == OK ? check_raster(hdf, &raster) : r;
    default:
        return OK;
    }
}

enum err heat_hdf_check(const char *path)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct hdf hdf = {.arena = &arena, .path = path};
    enum err r = heat_text_read(&arena, path, LIMIT_HEAT_HDF, &hdf.bytes);
    if (r == OK)
        r = read_descriptors(&hdf);
    for (size_t i = 0; r == OK && i < hdf.count; i++)
        r = check_element(&hdf, &hdf.items[i]);
    return r;
}
