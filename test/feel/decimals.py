#!/usr/bin/env python3
"""Random decimal operations against Python's decimal module, an independent implementation.

usage: decimals.py KUAILIAN [COUNT]
"""
import decimal
import json
import math
import random
import subprocess
import sys
from decimal import Decimal

CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emax=6144, Emin=-6143)
WIDE = decimal.Context(prec=400, Emax=999999, Emin=-999999)
BATCH = 500


def number(rng):
    digits = rng.choice((1, 2, 3, 5, 9, 17, 34))
    value = Decimal(rng.randrange(10 ** digits)).scaleb(-rng.randrange(0, digits + 3), WIDE)
    return value if rng.random() < 0.7 else -value


def rounded(value, scale, rounding):
    return value.quantize(Decimal(1).scaleb(-scale), rounding=rounding, context=WIDE)


def modulo(a, b):
    rest = WIDE.remainder(a, b)
    return CONTEXT.plus(WIDE.add(rest, b) if rest and (rest < 0) != (b < 0) else rest)


ROUNDINGS = {'decimal': decimal.ROUND_HALF_EVEN, 'round up': decimal.ROUND_UP,
             'round down': decimal.ROUND_DOWN, 'round half up': decimal.ROUND_HALF_UP,
             'round half down': decimal.ROUND_HALF_DOWN, 'floor': decimal.ROUND_FLOOR,
             'ceiling': decimal.ROUND_CEILING}


def text(value):
    return f'({value:f})'


def case(rng):
    a, b = number(rng), number(rng)
    kind = rng.randrange(8)
    if kind < 3:
        sign, op = (('+', CONTEXT.add), ('-', CONTEXT.subtract), ('*', CONTEXT.multiply))[kind]
        return f'{text(a)} {sign} {text(b)}', op(a, b), 0
    if kind == 3 and b:
        return f'{text(a)} / {text(b)}', CONTEXT.divide(a, b), 0
    if kind == 4 and b:
        return f'modulo({text(a)}, {text(b)})', modulo(a, b), 0
    if kind == 5:
        return f'sqrt({text(abs(a))})', CONTEXT.sqrt(abs(a)), 0
    if kind == 6 and a:
        n = rng.choice((-1, 1)) * rng.randrange(0, 60)
        return f'{text(a)} ** {n}', CONTEXT.plus(WIDE.power(a, n)), 0
    if rng.random() < 0.1 and a:
        small = CONTEXT.plus(Decimal(rng.randrange(-50000, 50000)) / 1000)
        return f'exp({text(small)})', CONTEXT.plus(WIDE_EXP.exp(small)), 2
    if rng.random() < 0.1 and a:
        return f'log({text(abs(a))})', CONTEXT.plus(WIDE_EXP.ln(abs(a))), 2
    name, scale = rng.choice(list(ROUNDINGS)), rng.randrange(0, 6)
    a = Decimal(rng.randrange(-10 ** 12, 10 ** 12)).scaleb(-rng.randrange(0, 12))
    return f'{name}({text(a)}, {scale})', rounded(a, scale, ROUNDINGS[name]), 0


WIDE_EXP = decimal.Context(prec=60, Emax=999999, Emin=-999999)


def ulps(found, expected):
    if found == expected:
        return 0
    unit = Decimal(1).scaleb(expected.adjusted() - 33, WIDE)
    return abs(found - expected) / unit if expected else math.inf


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    rng, wrong, done = random.Random(20261123), [], 0
    decimal.setcontext(WIDE)
    while done < count:
        cases = [case(rng) for _ in range(min(BATCH, count - done))]
        out = subprocess.run([program, 'feel', '[' + ', '.join(c[0] for c in cases) + ']'],
                             capture_output=True, text=True, check=True).stdout
        found = json.loads(out, parse_float=Decimal, parse_int=Decimal)
        for (expression, expected, slack), value in zip(cases, found):
            if value is None or ulps(value, expected) > slack:
                wrong.append(f'{expression} is {value} instead of {expected}')
        done += len(cases)
    print('1..1')
    for line in wrong[:20]:
        print('#', line)
    print('not ok' if wrong else 'ok', f'1 - {done} random operations, {len(wrong)} wrong')
    sys.exit(1 if wrong else 0)


main()
