/* XML: whatever is read can be written, and reads again as the same. */
#include "xml/xml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf first, second;
    const struct xml_node *root, *again;
    buf_init(&first, LIMIT_XML_SIZE);
    buf_init(&second, LIMIT_XML_SIZE);
    if (size > 64 * 1024 ||
        xml_parse(&arena, (struct str){.ptr = (const char *)data, .len = size}, &root) != OK)
        return 0;
    xml_write(&first, root);
    if (first.full)
        return 0;
    if (xml_parse(&arena, buf_str(&first), &again) != OK)
        abort();
    xml_write(&second, again);
    if (!str_equal(buf_str(&first), buf_str(&second)))
        abort();
    return 0;
}
