/* Any bytes as a Landsat metadata file: text, JSON or XML. What is read are views into the text,
 * and written as lines it is read again as the same. */
#include "heat/mtl.h"

#include <math.h>

static const char *const NAMES[] = {"LANDSAT_PRODUCT_ID", "COLLECTION_NUMBER", "FILE_NAME_BAND_10",
                                    "K1_CONSTANT_BAND_10", "RADIANCE_MULT_BAND_10"};

/* A line holds no break, no quotes around its value, and no '=' in its name. */
static bool is_plain(const struct mtl_entry *entry)
{
    struct str name = entry->name, value = entry->value;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '=' || name.ptr[i] == '\n')
            return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == '\n' || value.ptr[i] == '"')
            return false;
    return name.len > 0 && str_equal(str_trim(name), name) && str_equal(str_trim(value), value) &&
           name.ptr[0] != '{' && name.ptr[0] != '<' && !str_is(name, "GROUP") &&
           !str_is(name, "END_GROUP");
}

static void write_again(struct arena *arena, const struct mtl *mtl)
{
    CLEANUP(buf_release) struct buf text;
    buf_init(&text, 8 << 20);
    size_t count = 0;
    for (size_t i = 0; i < mtl->count; i++) {
        if (!is_plain(&mtl->items[i]))
            continue;
        buf_add_str(&text, mtl->items[i].name);
        buf_add_c(&text, " = ");
        buf_add_str(&text, mtl->items[i].value);
        buf_add_char(&text, '\n');
        count++;
    }
    struct mtl again;
    if (buf_check(&text) != OK)
        return;
    enum err r = mtl_read(arena, buf_str(&text), &again);
    assert(r == OK && again.count == count);
    for (size_t i = 0, at = 0; i < mtl->count; i++)
        if (is_plain(&mtl->items[i])) {
            assert(str_equal(again.items[at].name, mtl->items[i].name));
            assert(str_equal(again.items[at++].value, mtl->items[i].value));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct mtl mtl;
    if (mtl_read(&arena, (struct str){(const char *)data, size}, &mtl) != OK) {
        assert(err_last()->detail[0]);
        return 0;
    }
    double value;
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (mtl_real(&mtl, NAMES[i], &value) == OK)
            assert(isfinite(value) && mtl_text(&mtl, NAMES[i]).ptr);
    write_again(&arena, &mtl);
    return 0;
}
