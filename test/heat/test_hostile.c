/* Files that lie: each ends in an error, in a process of its own with bounded memory and time. */
#include "test.h"

#include "heat/heat.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SHADOWED true /* Address space tells nothing here. */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SHADOWED true
#endif
#endif
#ifndef SHADOWED
#define SHADOWED false
#endif

enum { SIDE = 16, PIXELS_AT = 512, SECONDS = 20, MEGABYTES = 384 };
enum { OPENED = 0, REFUSED = 1, SILENT = 2, REFUSED_LATE = 3 };

static char folder[] = "/tmp/heat-hostile-XXXXXX";

static const char *file_in(struct arena *arena, const char *name)
{
    return str_format(arena, "%s/%s", folder, name).ptr;
}

static void write_file(const char *path, struct str bytes)
{
    FILE *file = fopen(path, "wbe");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

/* ---- trying a file ------------------------------------------------------------------------ */

/* Opens it and sums up all layers. */
static int try_scene(const char *path, const char *mask_path)
{
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_options options;
    struct heat_scene *scene;
    struct heat_ask ask;
    struct heat_stat stat;
    heat_options_init(&options);
    options.mask_path = mask_path;
    heat_ask_init(&ask);
    ask.threads = 2;
    enum err r = heat_open(&arena, path, &options, &scene);
    bool late = r == OK;
    for (size_t i = 0; r == OK && i < scene->layer_count; i++)
        r = heat_whole(scene, i, &ask, &stat, NULL);
    if (r == OK)
        return OPENED;
    return err_last()->detail[0] == 0 ? SILENT : late ? REFUSED_LATE : REFUSED;
}

static long own_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void bound_child(void)
{
    static const int CAUGHT[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < COUNT_OF(CAUGHT); i++)
        signal(CAUGHT[i], SIG_DFL); /* cmocka would go on with the next test. */
    struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none);
    alarm(SECONDS);
    rlim_t most = (rlim_t)own_bytes() + ((rlim_t)MEGABYTES << 20);
    if (!SHADOWED)
        setrlimit(RLIMIT_AS, &(struct rlimit){most, most});
}

/* Fails the test unless the child says `wanted` or `or`. */
static void expect(const char *what, const char *path, const char *mask_path, int wanted, int or)
{
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bound_child();
        _exit(try_scene(path, mask_path));
    }
    int status;
    struct rusage used;
    assert_int_equal(wait4(child, &status, 0, &used), child);
    if (!WIFEXITED(status))
        fail_msg("%s: killed by signal %d", what, WTERMSIG(status));
    int found = WEXITSTATUS(status);
    if (found != wanted && found != or)
        fail_msg("%s: %s", what,
                 found == OPENED   ? "was accepted"
                 : found == SILENT ? "was refused without a word"
                                   : "ended in another way than expected");
    if (used.ru_maxrss > (long)MEGABYTES * 1024 * (SHADOWED ? 3 : 1))
        fail_msg("%s: took %ld MB", what, used.ru_maxrss / 1024);
}

static void expect_refused(const char *what, const char *path)
{
    expect(what, path, NULL, REFUSED, REFUSED_LATE);
}

/* ---- TIFF files --------------------------------------------------------------------------- */

struct tag {
    uint16_t tag, type;
    uint32_t count, value;
};

enum { SHORT = 3, LONG = 4, DOUBLE = 12, TAGS = 10, CHANGES = 5 };

/* Ten tags of a small image of 300 K, in order. */
static const struct tag GOOD[TAGS] = {
    {256, LONG, 1, SIDE}, {257, LONG, 1, SIDE}, {258, SHORT, 1, 32},
    {259, SHORT, 1, 1},   {262, SHORT, 1, 1},   {273, LONG, 1, PIXELS_AT},
    {277, SHORT, 1, 1},   {278, LONG, 1, SIDE}, {279, LONG, 1, SIDE *SIDE * 4},
    {339, SHORT, 1, 3},
};

static void put(struct buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buf_add_char(out, (char)(value >> (8 * i)));
}

static void pad_to(struct buf *out, size_t length)
{
    while (out->len < length)
        buf_add_char(out, 0);
}

static int by_tag(const void *a, const void *b)
{
    return (int)((const struct tag *)a)->tag - (int)((const struct tag *)b)->tag;
}

/* The good tags, each change in the place of its like or beside them; type 0 takes one away. */
static void put_directory(struct buf *out, const struct tag *changes, size_t count, uint32_t next)
{
    struct tag tags[TAGS + CHANGES], kept[TAGS + CHANGES];
    size_t all = TAGS, left = 0;
    memcpy(tags, GOOD, sizeof(GOOD));
    for (size_t i = 0; i < count && changes[i].tag; i++) {
        size_t at = 0;
        while (at < all && tags[at].tag != changes[i].tag)
            at++;
        tags[at] = changes[i];
        all += at == all;
    }
    for (size_t i = 0; i < all; i++)
        if (tags[i].type)
            kept[left++] = tags[i];
    qsort(kept, left, sizeof(*kept), by_tag);
    put(out, left, 2);
    for (size_t i = 0; i < left; i++) {
        put(out, kept[i].tag, 2);
        put(out, kept[i].type, 2);
        put(out, kept[i].count, 4);
        put(out, kept[i].value, 4);
    }
    put(out, next, 4);
}

static void put_pixels(struct buf *out)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        float kelvin = 300 + (float)i / 256;
        buf_add(out, &kelvin, sizeof(kelvin));
    }
}

/* A second directory stands behind the pixels if `second` says what its next one is. */
static void put_tiff(struct buf *out, const struct tag *changes, uint32_t next, uint32_t second)
{
    buf_add(out, "II\x2a\0\x08\0\0\0", 8);
    put_directory(out, changes, CHANGES, next);
    assert_true(out->len <= 256);
    pad_to(out, 256);
    for (int i = 0; i < 16; i++) /* A transformation that is none, for who points here. */
        put(out, UINT64_C(0x7ff8000000000000), 8);
    pad_to(out, PIXELS_AT);
    put_pixels(out);
    if (second)
        put_directory(out, (struct tag[CHANGES]){{254, LONG, 1, 1}}, CHANGES, second);
}

enum { SECOND_AT = PIXELS_AT + SIDE * SIDE * 4 };

static const struct {
    const char *what;
    struct tag changes[CHANGES];
} LIES[] = {
    {"2³¹ − 1 pixels wide and high", {{256, LONG, 1, INT32_MAX}, {257, LONG, 1, INT32_MAX}}},
    {"2³² − 1 pixels wide", {{256, LONG, 1, UINT32_MAX}}},
    {"a line of 2³⁰ pixels", {{256, LONG, 1, 1 << 30}, {257, LONG, 1, 1}}},
    {"40,000 × 40,000", {{256, LONG, 1, 40000}, {257, LONG, 1, 40000}, {278, LONG, 1, 1}}},
    {"one strip of 4 GB", {{256, LONG, 1, 32768}, {257, LONG, 1, 32768}, {278, LONG, 1, 32768}}},
    {"no width", {{256, 0, 0, 0}}},
    {"width 0", {{256, LONG, 1, 0}}},
    {"a width that is a text far away", {{256, 2, UINT32_MAX, UINT32_MAX}}},
    {"complex numbers", {{258, SHORT, 1, 64}, {339, SHORT, 1, 6}}},
    {"complex whole numbers", {{258, SHORT, 1, 32}, {339, SHORT, 1, 5}}},
    {"0 bits", {{258, SHORT, 1, 0}}},
    {"33 bits", {{258, SHORT, 1, 33}, {339, SHORT, 1, 1}}},
    {"65,535 bits", {{258, SHORT, 1, 65535}}},
    {"65,535 samples", {{277, SHORT, 1, 65535}}},
    {"a compression nobody knows", {{259, SHORT, 1, 9999}}},
    {"JPEG without a table", {{259, SHORT, 1, 7}}},
    {"old JPEG of floats", {{259, SHORT, 1, 6}}},
    {"DEFLATE that is none", {{259, SHORT, 1, 8}}},
    {"LZW that is none", {{259, SHORT, 1, 5}}},
    {"LERC that is none", {{259, SHORT, 1, 34887}}},
    {"zstd that is none", {{259, SHORT, 1, 50000}}},
    {"LZMA that is none", {{259, SHORT, 1, 34925}}},
    {"a DEFLATE strip of 64 MB",
     {{256, LONG, 1, 4096}, {257, LONG, 1, 4096}, {278, LONG, 1, 4096}, {259, SHORT, 1, 8}}},
    {"a strip behind the end", {{273, LONG, 1, 0x7fffff00}}},
    {"a strip across the end", {{273, LONG, 1, SECOND_AT - 100}}},
    {"a strip of 2³² − 1 bytes", {{279, LONG, 1, UINT32_MAX}, {273, LONG, 1, UINT32_MAX}}},
    {"more lines than the strip has", {{257, LONG, 1, 64}, {278, LONG, 1, 64}}},
    {"a strip table behind the end", {{273, LONG, 4, 0x7fffff00}, {278, LONG, 1, 4}}},
    {"tiles of no size",
     {{322, LONG, 1, 0}, {323, LONG, 1, 0}, {324, LONG, 1, 512}, {325, LONG, 1, 1024}}},
    {"tiles of 65,536 × 65,536",
     {{322, LONG, 1, 65536}, {323, LONG, 1, 65536}, {324, LONG, 1, 512}, {325, LONG, 1, 1024}}},
    {"a place on earth that is no number", {{34264, DOUBLE, 16, 256}}},
};

static void test_lies(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    const char *path = file_in(&arena, "lie.tif");
    for (size_t i = 0; i < COUNT_OF(LIES); i++) {
        CLEANUP(buf_release) struct buf file;
        buf_init(&file, 1 << 20);
        put_tiff(&file, LIES[i].changes, 0, 0);
        write_file(path, buf_str(&file));
        expect_refused(LIES[i].what, path);
    }
}

/* Tags that only decorate, or are longer than they need to be, may be wrong: the pixels are there,
 * or it is refused; never more. */
static void test_decoration(void **state)
{
    (void)state;
    static const struct tag LOUD[] = {
        {42112, 2, 0xfffffff0, 256},
        {42113, 2, 0x7fffffff, 256},
        {34735, SHORT, 65535, 256},
        {34736, DOUBLE, 0x10000000, 256},
        {34737, 2, 0x7fffffff, 600},
        {33550, DOUBLE, 3, 0x7fffff00},
        {33922, DOUBLE, 0x1fffffff, 64},
        {320, SHORT, 0x7fffffff, 256},
        {700, 1, 0xffffffff, 256},
        {34675, 7, 0xffffffff, 256},
        {50844, 1, 0x7fffffff, 8},
        {270, 2, 0xffffffff, 8},
        {273, LONG, 1000000000, PIXELS_AT + 4},
        {65000, 99, 0xffffffff, 8},
        {530, SHORT, 2, 0},
    };
    CLEANUP(arena_release) struct arena arena = {0};
    const char *path = file_in(&arena, "loud.tif");
    for (size_t i = 0; i < COUNT_OF(LOUD); i++) {
        CLEANUP(buf_release) struct buf file;
        buf_init(&file, 1 << 20);
        put_tiff(&file, (struct tag[CHANGES]){LOUD[i]}, 0, 0);
        write_file(path, buf_str(&file));
        const char *what = str_format(&arena, "tag %d", LOUD[i].tag).ptr;
        expect(what, path, NULL, OPENED, REFUSED);
    }
}

/* Directories that lead back, to themselves or to each other, also as overviews. */
static void test_loops(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint32_t next, second;
        struct tag change;
    } LOOPS[] = {
        {"the next directory is the first", 8, 0, {0}},
        {"the next directory stands behind the end", 0x7fffff00, 0, {0}},
        {"an overview whose next is the first", SECOND_AT, 8, {0}},
        {"an overview whose next is itself", SECOND_AT, SECOND_AT, {0}},
        {"a sub-directory that is its own parent", 0, 0, {330, LONG, 1, 8}},
        {"a sub-directory among the pixels", 0, 0, {330, LONG, 1, PIXELS_AT}},
        {"10⁹ sub-directories", 0, 0, {330, LONG, 1000000000, 256}},
        {"an Exif directory that is the first", 0, 0, {34665, LONG, 1, 8}},
    };
    CLEANUP(arena_release) struct arena arena = {0};
    const char *path = file_in(&arena, "loop.tif");
    for (size_t i = 0; i < COUNT_OF(LOOPS); i++) {
        CLEANUP(buf_release) struct buf file;
        buf_init(&file, 1 << 20);
        struct tag changes[CHANGES] = {LOOPS[i].change};
        put_tiff(&file, changes, LOOPS[i].next, LOOPS[i].second);
        write_file(path, buf_str(&file));
        expect(LOOPS[i].what, path, NULL, OPENED, REFUSED);
    }
}

/* The whole file is read; no part of it is. */
static void test_truncated(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf file;
    buf_init(&file, 1 << 20);
    put_tiff(&file, (struct tag[CHANGES]){{0}}, 0, 0);
    const char *path = file_in(&arena, "cut.tif");
    write_file(path, buf_str(&file));
    expect("the whole file", path, NULL, OPENED, OPENED);
    for (size_t length = 0; length < file.len; length += length < 300 ? 13 : 97) {
        write_file(path, str_sub(buf_str(&file), 0, length));
        expect_refused(str_format(&arena, "the first %zu bytes", length).ptr, path);
    }
}

/* Heads of large TIFF files, and no TIFF at all. */
static void test_heads(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct str bytes;
    } HEADS[] = {
        {"nothing", STR_INIT("")},
        {"a text", STR_INIT("surface temperature\n")},
        {"no directory", STR_INIT("II\x2a\0\0\0\0\0")},
        {"a directory far away", STR_INIT("MM\0\x2a\x7f\xff\xff\xff")},
        {"65,535 entries", STR_INIT("II\x2a\0\x08\0\0\0\xff\xff")},
        {"BigTIFF with offsets of 4 bytes", STR_INIT("II\x2b\0\x04\0\0\0\x10\0\0\0\0\0\0\0")},
        {"BigTIFF of 2⁶⁰ entries", STR_INIT("II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0"
                                            "\0\0\0\0\0\0\0\x10\0\x01\x04\0")},
        {"HDF4 without descriptors", STR_INIT("\x0e\x03\x13\x01")},
        {"HDF4 whose descriptors lead back",
         STR_INIT("\x0e\x03\x13\x01\0\x01\0\0\0\x04\0\x1e\0\x01\0\0\0\0\0\0\0\x10")},
        {"HDF4 of 65,535 descriptors", STR_INIT("\x0e\x03\x13\x01\xff\xff\x7f\xff\xff\xff")},
        {"a virtual raster",
         STR_INIT("<VRTDataset rasterXSize=\"9\" rasterYSize=\"9\"><VRTRasterBand dataType=\"Byte\""
                  " band=\"1\"/></VRTDataset>")},
    };
    CLEANUP(arena_release) struct arena arena = {0};
    static const char *const NAMES[] = {"head.tif", "MOD11A1.A2019305.h14v09.006.hdf"};
    for (size_t i = 0; i < COUNT_OF(HEADS); i++)
        for (size_t n = 0; n < COUNT_OF(NAMES); n++) {
            const char *path = file_in(&arena, NAMES[n]);
            write_file(path, HEADS[i].bytes);
            expect_refused(HEADS[i].what, path);
            unlink(path);
        }
}

static const char HDF[] = "../shared/heat/modis-mod11a1-h14v09-2019305/"
                          "MOD11A1.A2019305.h14v09.006.2019306084028.hdf";

/* A real HDF4 file, cut; and with bytes changed where it describes itself, behind its pixels. */
static void test_hdf(void **state)
{
    enum { DESCRIBED = 77000 };
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    FILE *from = fopen(HDF, "rbe");
    if (!from) {
        print_message("skipped: %s is not there\n", HDF);
        return;
    }
    size_t size = 16 << 20;
    char *bytes = arena_alloc(&arena, size);
    size = fread(bytes, 1, size, from);
    fclose(from);
    const char *path = file_in(&arena, "MOD11A1.A2019305.h14v09.006.hdf");
    for (size_t tenth = 1; tenth < 10; tenth++) {
        write_file(path, (struct str){bytes, size * tenth / 10});
        expect_refused(str_format(&arena, "%zu tenths of an HDF4 file", tenth).ptr, path);
    }
    uint64_t seed = 20200214;
    for (int round = 0; round < 24; round++) {
        struct str copy = str_copy(&arena, (struct str){bytes, size});
        for (int i = 0; i < 8; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t reach = round % 3 == 0 ? 200 : DESCRIBED; /* Its first or its later parts. */
            size_t start = round % 3 == 0 ? 0 : size - DESCRIBED;
            ((char *)copy.ptr)[start + (seed >> 33) % reach] = (char)(seed >> 20);
        }
        write_file(path, copy);
        const char *what = str_format(&arena, "changed HDF4 file %d", round).ptr;
        expect(what, path, NULL, OPENED, REFUSED);
    }
    unlink(path);
}

/* ---- names -------------------------------------------------------------------------------- */

static int listen_here(uint16_t *port)
{
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(here);
    assert_true(door >= 0);
    assert_int_equal(bind(door, (struct sockaddr *)&here, length), 0);
    assert_int_equal(listen(door, 8), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&here, &length), 0);
    *port = ntohs(here.sin_port);
    return door;
}

/* Names that GDAL would take for hosts, archives or documents; nobody comes to the door. */
static void test_names(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "/vsicurl/http://127.0.0.1:%u/a.tif",
        "/vsicurl?url=http://127.0.0.1:%u/a.tif",
        "/vsicurl_streaming/http://127.0.0.1:%u/a.tif",
        "http://127.0.0.1:%u/a.tif",
        "/vsizip//vsicurl/http://127.0.0.1:%u/a.zip/a.tif",
        "/vsigzip//vsicurl/http://127.0.0.1:%u/a.tif.gz",
        "/vsis3/bucket%u/a.tif",
        "/vsimem/%u.tif",
        "/vsistdin/%u",
        "GTIFF_DIR:off:%u:/vsicurl/http://127.0.0.1/a.tif",
        "GTIFF_RAW:/vsicurl/http://127.0.0.1:%u/a.tif",
        "HDF4_EOS:EOS_GRID:\"/vsicurl/http://127.0.0.1:%u/a.hdf\":Grid:LST_Day_1km",
        ("<GDAL_WMS><Service name=\"TMS\"><ServerUrl>http://127.0.0.1:%u/</ServerUrl></Service>"
         "</GDAL_WMS>"),
        "<VRTDataset rasterXSize=\"%u\" rasterYSize=\"9\"></VRTDataset>",
    };
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf file;
    uint16_t port;
    int door = listen_here(&port);
    buf_init(&file, 1 << 20);
    put_tiff(&file, (struct tag[CHANGES]){{0}}, 0, 0);
    const char *good = file_in(&arena, "good.tif");
    write_file(good, buf_str(&file));
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        CLEANUP(buf_release) struct buf name;
        buf_init(&name, 1000);
        const char *mark = strstr(NAMES[i], "%u");
        buf_add(&name, NAMES[i], (size_t)(mark - NAMES[i]));
        buf_add_int(&name, port);
        buf_add_c(&name, mark + 2);
        const char *path = str_c(&arena, buf_str(&name));
        expect_refused(path, path);
        expect(path, good, path, REFUSED, REFUSED_LATE);
    }
    assert_int_equal(accept(door, NULL, NULL), -1);
    assert_true(errno == EAGAIN);
    close(door);
}

/* What lies beside a file is not believed: no overviews, no .aux.xml, no source of a raster. */
static void test_neighbours(void **state)
{
    (void)state;
    CLEANUP(arena_release) struct arena arena = {0};
    CLEANUP(buf_release) struct buf file;
    uint16_t port;
    int door = listen_here(&port);
    buf_init(&file, 1 << 20);
    put_tiff(&file, (struct tag[CHANGES]){{0}}, 0, 0);
    const char *path = file_in(&arena, "beside.tif");
    write_file(path, buf_str(&file));
    struct str source = str_format(
        &arena,
        "<VRTDataset rasterXSize=\"8\" rasterYSize=\"8\"><VRTRasterBand dataType=\"Float32\" "
        "band=\"1\"><SimpleSource><SourceFilename>/vsicurl/http://127.0.0.1:%u/b.tif"
        "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
        port);
    struct str aux = str_format(&arena,
                                "<PAMDataset><Metadata domain=\"OVERVIEWS\"><MDI "
                                "key=\"OVERVIEW_FILE\">/vsicurl/http://127.0.0.1:%u/b.ovr</MDI>"
                                "</Metadata></PAMDataset>",
                                port);
    write_file(file_in(&arena, "beside.tif.ovr"), source);
    write_file(file_in(&arena, "beside.tif.msk"), source);
    write_file(file_in(&arena, "beside.tif.aux.xml"), aux);
    expect("a file with false neighbours", path, NULL, OPENED, OPENED);
    write_file(path, source);
    expect_refused("a virtual raster by a TIFF's name", path);
    assert_int_equal(accept(door, NULL, NULL), -1);
    close(door);
    const char *pipe_path = file_in(&arena, "pipe.tif");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    expect_refused("a pipe", pipe_path);
    expect_refused("a device", "/dev/zero");
}

/* ---- begin and end ------------------------------------------------------------------------ */

/* GDAL is loaded once here, so that every child has it. */
static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    CLEANUP(arena_release) struct arena arena = {0};
    struct heat_zones zones;
    return heat_zones_read(&arena, STR("{\"type\":\"FeatureCollection\",\"features\":[]}"), NULL,
                           false, &zones) == OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const LEFT[] = {"lie.tif",        "loud.tif",       "loop.tif",
                                       "cut.tif",        "good.tif",       "beside.tif",
                                       "beside.tif.ovr", "beside.tif.msk", "beside.tif.aux.xml",
                                       "pipe.tif"};
    CLEANUP(arena_release) struct arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(LEFT); i++)
        unlink(file_in(&arena, LEFT[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lies),  cmocka_unit_test(test_decoration),
        cmocka_unit_test(test_loops), cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_heads), cmocka_unit_test(test_hdf),
        cmocka_unit_test(test_names), cmocka_unit_test(test_neighbours),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
