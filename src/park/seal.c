#include "park/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

static unsigned char seal_key[crypto_secretbox_KEYBYTES];
static bool have_key;

static enum err make_key(const char *path)
{
    randombytes_buf(seal_key, sizeof(seal_key));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(ERR_IO, "%s: %s", path, strerror(errno));
    bool written = write(fd, seal_key, sizeof(seal_key)) == sizeof(seal_key) && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    return written ? OK : err_set(ERR_IO, "%s: %s", path, strerror(errno));
}

enum err seal_open_key(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return err_set(ERR_IO, "%s: %s", path, strerror(errno));
    enum err r = OK;
    if (fd < 0) {
        r = make_key(path);
    } else {
        ssize_t n = read(fd, seal_key, sizeof(seal_key));
        close(fd);
        if (n != sizeof(seal_key))
            r = err_set(ERR_CORRUPT, "%s: not a key", path);
    }
    have_key = r == OK;
    return r;
}

struct str seal(struct arena *arena, struct str clear)
{
    assert(have_key);
    if (!clear.ptr)
        return clear;
    size_t len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + clear.len;
    unsigned char *out = arena_alloc(arena, len);
    randombytes_buf(out, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(out + crypto_secretbox_NONCEBYTES, (const unsigned char *)clear.ptr,
                          clear.len, out, seal_key);
    return (struct str){.ptr = (char *)out, .len = len};
}

enum err unseal(struct arena *arena, struct str sealed, struct str *out)
{
    assert(have_key);
    if (!sealed.ptr) {
        *out = sealed;
        return OK;
    }
    size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (sealed.len < overhead)
        return err_set(ERR_CORRUPT, "sealed data is cut off");
    const unsigned char *in = (const unsigned char *)sealed.ptr;
    unsigned char *clear = arena_alloc(arena, sealed.len - overhead + 1);
    if (crypto_secretbox_open_easy(clear, in + crypto_secretbox_NONCEBYTES,
                                   sealed.len - crypto_secretbox_NONCEBYTES, in, seal_key) != 0)
        return err_set(ERR_CORRUPT, "sealed data does not open with this key");
    *out = (struct str){.ptr = (char *)clear, .len = sealed.len - overhead};
    return OK;
}

struct str mask_phone(struct arena *arena, struct str phone)
{
    if (!phone.ptr)
        return phone;
    size_t head = phone.len >= 11 ? 3 : phone.len >= 7 ? 1 : 0;
    size_t tail = phone.len >= 11 ? 4 : phone.len >= 7 ? 2 : 0;
    return str_format(arena, "%.*s****%.*s", (int)head, phone.ptr, (int)tail,
                      phone.ptr + phone.len - tail);
}
