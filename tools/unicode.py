#!/usr/bin/env python3
"""Writes Unicode's case mappings, general categories and blocks as C tables.

usage: unicode.py BLOCKS.txt OUTPUT.c
"""
import sys
import unicodedata


def literal(text):
    return ''.join(f'\\{byte:03o}' for byte in text.encode())


def cases():
    for point in range(0x110000):
        char = chr(point)
        if 0xD800 <= point < 0xE000 or (char.upper() == char and char.lower() == char):
            continue
        yield f'    {{0x{point:X}, "{literal(char.upper())}", "{literal(char.lower())}"}},'


def categories():
    last = None
    for point in range(0x110000):
        category = unicodedata.category(chr(point))
        if category != last:
            yield f"    {{0x{point:X}, {{'{category[0]}', '{category[1]}'}}}},"
            last = category


def blocks(path):
    with open(path, encoding='ascii') as lines:
        for line in lines:
            if not line.startswith('#'):
                first, last, name = line.split()
                yield f'    {{0x{first}, 0x{last}, "{name}"}},'


def main():
    parts = ['#include "feel/unicode.h"', '']
    for kind, plural, rows in (('case', 'CASES', cases()), ('category', 'CATEGORIES', categories()),
                               ('block', 'BLOCKS', blocks(sys.argv[1]))):
        table = f'UNICODE_{plural}'
        parts += [f'const struct unicode_{kind}_row {table}[] = {{', *rows, '};',
                  f'const size_t UNICODE_{kind.upper()}_COUNT = sizeof({table}) / sizeof({table}[0]);', '']
    with open(sys.argv[2], 'w', encoding='ascii') as out:
        out.write('\n'.join(parts))


main()
