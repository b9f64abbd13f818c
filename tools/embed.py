#!/usr/bin/env python3
"""Makes a C table of files, their bytes taken in by .incbin.

Usage: embed.py TABLE ROOT OUT.c FILE…   defines `const struct asset TABLE[]` and `TABLE_COUNT`,
sorted by path relative to ROOT.

       embed.py --gzip TABLE ROOT OUT.c         the same of all files below ROOT, compressed as
NAME.gz where that saves space. ROOT may be missing: then the table is empty.
"""
import gzip
import hashlib
import os
import sys


def compressed(root, out):
    """Makes OUT.gz/DIGEST.gz of each file that shrinks; gives (name, path) rows."""
    store, rows = out + '.d', []
    os.makedirs(store, exist_ok=True)
    for folder, _, names in os.walk(root):
        for path in (os.path.join(folder, name) for name in names):
            name = os.path.relpath(path, root)
            with open(path, 'rb') as file:
                data = file.read()
            made = os.path.join(store, hashlib.sha256(data).hexdigest()[:32] + '.gz')
            if not os.path.exists(made):
                with open(made + '.new', 'wb') as file:
                    file.write(gzip.compress(data, 9, mtime=0))
                os.replace(made + '.new', made)
            if os.path.getsize(made) < len(data) * 0.95:
                rows.append((name + '.gz', made))
            else:
                rows.append((name, path))
    return sorted(rows)


def main():
    if sys.argv[1] == '--gzip':
        table, root, out = sys.argv[2:]
        write(table, compressed(os.path.abspath(root), os.path.abspath(out)), out)
        return
    table, root, out, files = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3], sys.argv[4:]
    rows = sorted((os.path.relpath(os.path.abspath(f), root), os.path.abspath(f)) for f in files)
    write(table, rows, out)


def write(table, rows, out):
    text = '/* Made by tools/embed.py. */\n#include "base/asset.h"\n\n'
    for i, (_, path) in enumerate(rows):
        with open(path, 'rb') as file: # So that other bytes make another C file, and a new object.
            text += f'/* {hashlib.sha256(file.read()).hexdigest()} */\n'
        text += (f'__asm__(".section .rodata\\n.balign 16\\n{table}_{i}:\\n.incbin \\"{path}\\"\\n"\n'
                 f'        "{table}_{i}_end:\\n.byte 0\\n.previous\\n");\n'
                 f'extern const char {table}_{i}[], {table}_{i}_end[];\n')
    text += f'\nextern const struct asset {table}[];\nextern const size_t {table}_COUNT;\n'
    text += f'const struct asset {table}[] = {{\n'
    for i, (name, _) in enumerate(rows):
        text += f'    {{"{name}", {table}_{i}, {table}_{i}_end}},\n'
    text += '    {0},\n};\n' f'const size_t {table}_COUNT = {len(rows)};\n'
    if not os.path.exists(out) or open(out, encoding='utf-8').read() != text:
        with open(out, 'w', encoding='utf-8') as c:
            c.write(text)


if __name__ == '__main__':
    main()
