#!/usr/bin/env python3
"""Runs every test and adds them up: the last line is "N passed, M failed".

usage: check.py [SUITE…]   without names, all suites in their order

A suite is a command and how its outcome is counted: `tap` and `meson` count test points, `node` reads
Node's own summary, `step` is one point that passes if the command succeeds.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SANITIZED = 'build-asan'
ENV = dict(os.environ, UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1',
           ASAN_OPTIONS='detect_leaks=1', CMOCKA_MESSAGE_OUTPUT='TAP',
           KUAILIAN=os.path.join(ROOT, SANITIZED, 'kuailian'))


def have(path):
    return os.path.exists(os.path.join(ROOT, path))


def glob_tests(folder):
    base = os.path.join(ROOT, folder)
    if not os.path.isdir(base):
        return []
    return sorted(os.path.join(folder, f) for f in os.listdir(base) if f.endswith('.test.mjs'))


def setup(build, *options, env=None):
    """A meson build folder, configured once."""
    if have(f'{build}/build.ninja'):
        return 'true'
    words = ' '.join(options)
    return f'{env or ""} meson setup {build} {words}'.strip()


def suites():
    yield 'format', 'step', ("git ls-files 'src/*.[ch]' 'test/*.[ch]' 'bench/*.[ch]' | "
                             'xargs clang-format --dry-run -Werror')
    yield 'layers', 'tap', 'python3 test/layers.py'
    yield 'build', 'step', (setup(SANITIZED, '-Db_sanitize=address,undefined') +
                            f' && ninja -C {SANITIZED}')
    yield 'clang', 'step', (setup('build-clang', '-Doptimization=0', '-Dweb=false', env='CC=clang') +
                            ' && ninja -C build-clang')
    yield 'unit', 'meson', f'meson test -C {SANITIZED} --no-rebuild --no-suite lint --num-processes 2'
    yield 'services', 'step', f'{SANITIZED}/kuailian service check services/* test/park/services/*'
    yield 'web', 'node-vitest', 'cd web && npm run --silent test -- --reporter=json --outputFile=../build-asan/vitest.json'
    yield 'api', 'node', 'node --test --test-reporter=tap --test-concurrency=2 ' + ' '.join(glob_tests('test/api'))
    yield 'browser', 'node', ('node --test --test-reporter=tap --test-concurrency=1 ' +
                              ' '.join(glob_tests('test/browser')))
    yield 'faults', 'tap', 'python3 test/faults/kill.py --kills 10'


def count_tap(text):
    points = re.findall(r'^(ok|not ok)\b(.*)$', text, re.M)
    skipped = [rest for word, rest in points if word == 'ok' and re.search(r'# *skip', rest, re.I)]
    failed = [rest.strip() for word, rest in points if word == 'not ok']
    return len(points) - len(failed) - len(skipped), failed, skipped


def count_meson(text):
    passed, failed, skipped = 0, [], []
    with open(os.path.join(ROOT, SANITIZED, 'meson-logs/testlog.json'), encoding='utf-8') as log:
        for line in log:
            test = json.loads(line)
            p, f, s = count_tap(test.get('stdout') or '')
            if test['result'] not in ('OK', 'SKIP', 'EXPECTEDFAIL') and not f:
                f = [f'{test["result"]}: {(test.get("stderr") or "")[-2000:]}']
            passed += p
            failed += [f'{test["name"]}: {name}' for name in f]
            skipped += s
    return passed, failed, skipped


def count_node(text):
    def summary(word):
        found = re.search(rf'^# {word} (\d+)$', text, re.M)
        return int(found.group(1)) if found else 0
    failed = re.findall(r'^\s*not ok \d+ - (.*)$', text, re.M)
    skipped = re.findall(r'^\s*ok \d+ - (.*# SKIP.*)$', text, re.M)
    if not summary('tests'):
        failed.append('no test ran')
    return summary('pass'), failed, skipped


def count_vitest(_):
    with open(os.path.join(ROOT, SANITIZED, 'vitest.json'), encoding='utf-8') as report:
        found = json.load(report)
    failed = [t['fullName'] for f in found['testResults'] for t in f['assertionResults']
              if t['status'] == 'failed']
    return found['numPassedTests'], failed, []


COUNTERS = {'tap': count_tap, 'meson': count_meson, 'node': count_node, 'node-vitest': count_vitest}


def around_failures(lines):
    """What followed the first failed points, and the end."""
    first = [i for i, line in enumerate(lines) if line.lstrip().startswith('not ok')][:5]
    shown = {i for at in first for i in range(at, min(at + 25, len(lines)))}
    shown.update(range(max(0, len(lines) - 30), len(lines)))
    return [lines[i] for i in sorted(shown)]


def run(name, kind, command):
    begin = time.monotonic()
    done = subprocess.run(['bash', '-o', 'pipefail', '-c', command], cwd=ROOT, env=ENV,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors='replace')
    if kind == 'step':
        passed, failed, skipped = (1, [], []) if done.returncode == 0 else (0, [name], [])
    else:
        try:
            passed, failed, skipped = COUNTERS[kind](done.stdout)
        except OSError as error:
            passed, failed, skipped = 0, [str(error)], []
        if done.returncode != 0 and not failed:
            failed = [f'{name} ended with {done.returncode}']
        if passed + len(failed) + len(skipped) == 0:
            failed = [f'{name} ran no test']
    seconds = time.monotonic() - begin
    print(f'{name:10} {passed:5} passed, {len(failed)} failed, {len(skipped)} skipped  ({seconds:.0f} s)',
          flush=True)
    for reason in skipped[:10]:
        print(f'    skipped: {reason.strip()}')
    if failed:
        print(''.join(f'    failed: {f}\n' for f in failed[:30]) + '    output around it:')
        print('\n'.join('      ' + line for line in around_failures(done.stdout.splitlines())), flush=True)
    return passed, [f'{name}: {f}' for f in failed], len(skipped)


def main():
    wanted = sys.argv[1:]
    if wanted == ['lint']:
        wanted = ['format', 'layers', 'build', 'clang']
    shutil.which('ccache') and ENV.setdefault('CCACHE_BASEDIR', ROOT)
    passed, failed, skipped = 0, [], 0
    for name, kind, command in suites():
        if wanted and name not in wanted:
            continue
        if kind == 'node' and not command.split()[-1].endswith('.mjs'):
            print(f'{name:10} has no test')
            continue
        more = run(name, kind, command)
        passed, failed, skipped = passed + more[0], failed + more[1], skipped + more[2]
    for what in failed[:30]:
        print(f'failed: {what}')
    print(f'{passed} passed, {len(failed)} failed' + (f', {skipped} skipped' if skipped else ''))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
