/* PNG (ISO/IEC 15948) of one palette: bytes that a picture of our scales needs, a quarter of RGBA.
 */
#include "heat/picture_inside.h"

#include <zlib.h>

enum { DEFLATE_LEVEL = 6, CHUNK_BYTES = 32 * 1024, NOTE_KEY_MAX = 79 };

static void add_u32(struct buf *out, uint32_t value)
{
    const unsigned char bytes[] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                   (unsigned char)(value >> 8), (unsigned char)value};
    buf_add(out, bytes, sizeof(bytes));
}

static void add_chunk(struct buf *out, const char name[4], struct str data)
{
    assert(data.len <= INT32_MAX);
    add_u32(out, (uint32_t)data.len);
    buf_add(out, name, 4);
    buf_add_str(out, data);
    uLong sum = crc32(0, (const Bytef *)name, 4);
    if (data.len > 0)
        sum = crc32(sum, (const Bytef *)data.ptr, (uInt)data.len);
    add_u32(out, (uint32_t)sum);
}

static void add_palette(struct buf *out, const struct heat_rgba *palette, size_t count)
{
    char colours[3 * 256], alphas[256];
    size_t last = 0; /* Behind the last that is not opaque. */
    for (size_t i = 0; i < count; i++) {
        memcpy(&colours[3 * i], &palette[i], 3);
        alphas[i] = (char)palette[i].a;
        if (palette[i].a < 255)
            last = i + 1;
    }
    add_chunk(out, "PLTE", (struct str){colours, 3 * count});
    if (last > 0)
        add_chunk(out, "tRNS", (struct str){alphas, last});
}

/* Text of ASCII as tEXt, which every tool shows; else iTXt. */
static void add_note(struct buf *out, const struct heat_note *note)
{
    CLEANUP(buf_release) struct buf data;
    buf_init(&data, 1 << 20);
    bool ascii = true;
    for (size_t i = 0; i < note->text.len; i++)
        ascii = ascii && (unsigned char)note->text.ptr[i] < 0x80 && note->text.ptr[i];
    assert(note->key.len > 0 && note->key.len <= NOTE_KEY_MAX);
    buf_add_str(&data, note->key);
    buf_add(&data, "\0\0\0\0\0", ascii ? 1 : 5); /* No compression, language, translation. */
    buf_add_str(&data, note->text);
    add_chunk(out, ascii ? "tEXt" : "iTXt", buf_str(&data));
}

enum err heat_png_begin(struct heat_png *png, struct buf *out, int32_t width, int32_t height,
                        const struct heat_rgba *palette, size_t count,
                        const struct heat_note *notes, size_t note_count)
{
    assert(count <= 256);
    *png = (struct heat_png){.out = out, .width = width};
    CLEANUP(buf_release) struct buf header;
    buf_init(&header, 64);
    add_u32(&header, (uint32_t)width);
    add_u32(&header, (uint32_t)height);
    buf_add(&header, "\x08\x03\0\0\0", 5); /* 8 bits, palette, deflate, no filter, in order. */
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(out, "IHDR", buf_str(&header));
    add_chunk(out, "sRGB", (struct str){"\0", 1});
    add_palette(out, palette, count);
    for (size_t i = 0; i < note_count; i++)
        add_note(out, &notes[i]);
    png->stream = arena_alloc(&png->arena, sizeof(z_stream));
    png->piece = arena_alloc(&png->arena, CHUNK_BYTES);
    z_stream *stream = png->stream;
    if (deflateInit(stream, DEFLATE_LEVEL) != Z_OK) {
        heat_png_drop(png);
        return err_set(ERR_LIMIT, "no memory to compress a picture");
    }
    png->open = true;
    stream->next_out = (Bytef *)png->piece;
    stream->avail_out = CHUNK_BYTES;
    return OK;
}

static enum err squeeze(struct heat_png *png, const void *bytes, size_t count, int flush)
{
    z_stream *stream = png->stream;
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)count;
    int state;
    do {
        state = deflate(stream, flush);
        if (stream->avail_out == 0 || state == Z_STREAM_END) {
            size_t filled = CHUNK_BYTES - stream->avail_out;
            add_chunk(png->out, "IDAT", (struct str){png->piece, filled});
            stream->next_out = (Bytef *)png->piece;
            stream->avail_out = CHUNK_BYTES;
        }
    } while (stream->avail_in > 0 || (flush == Z_FINISH && state == Z_OK));
    return buf_check(png->out);
}

enum err heat_png_row(struct heat_png *png, const uint8_t *row)
{
    enum err r = squeeze(png, "\0", 1, Z_NO_FLUSH); /* Filter: none. */
    return r == OK ? squeeze(png, row, (size_t)png->width, Z_NO_FLUSH) : r;
}

enum err heat_png_end(struct heat_png *png)
{
    enum err r = squeeze(png, "", 0, Z_FINISH);
    if (r == OK) {
        add_chunk(png->out, "IEND", (struct str){"", 0});
        r = buf_check(png->out);
    }
    return r;
}

void heat_png_drop(struct heat_png *png)
{
    if (png->open)
        deflateEnd(png->stream);
    png->open = false;
    arena_release(&png->arena);
}
