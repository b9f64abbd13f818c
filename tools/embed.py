#!/usr/bin/env python3
"""Makes a C table of files, their bytes taken in by .incbin.

Usage: embed.py TABLE ROOT OUT.c FILE…   defines `const struct asset TABLE[]` and `TABLE_COUNT`,
sorted by path relative to ROOT.
"""
import os
import sys


def main():
    table, root, out, files = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3], sys.argv[4:]
    rows = sorted((os.path.relpath(os.path.abspath(f), root), os.path.abspath(f)) for f in files)
    with open(out, 'w', encoding='utf-8') as c:
        c.write('/* Made by tools/embed.py. */\n#include "base/asset.h"\n\n')
        for i, (_, path) in enumerate(rows):
            c.write(f'__asm__(".section .rodata\\n.balign 16\\n{table}_{i}:\\n.incbin \\"{path}\\"\\n"\n'
                    f'        "{table}_{i}_end:\\n.byte 0\\n.previous\\n");\n'
                    f'extern const char {table}_{i}[], {table}_{i}_end[];\n')
        c.write(f'\nconst struct asset {table}[] = {{\n')
        for i, (name, _) in enumerate(rows):
            c.write(f'    {{"{name}", {table}_{i}, {table}_{i}_end}},\n')
        c.write('    {0},\n};\n' f'const size_t {table}_COUNT = {len(rows)};\n')


if __name__ == '__main__':
    main()
