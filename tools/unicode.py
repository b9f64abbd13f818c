#!/usr/bin/env python3
"""Writes Unicode's case mappings and general categories as C tables.

usage: unicode.py OUTPUT.c
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


def main():
    parts = ['#include "feel/unicode.h"', '']
    for kind, name, rows in (('case', 'CASE', cases()), ('category', 'CATEGOR', categories())):
        plural = 'UNICODE_CASES' if name == 'CASE' else 'UNICODE_CATEGORIES'
        count = 'UNICODE_CASE_COUNT' if name == 'CASE' else 'UNICODE_CATEGORY_COUNT'
        parts += [f'const struct unicode_{kind}_row {plural}[] = {{', *rows, '};',
                  f'const size_t {count} = sizeof({plural}) / sizeof({plural}[0]);', '']
    with open(sys.argv[1], 'w', encoding='ascii') as out:
        out.write('\n'.join(parts))


main()
