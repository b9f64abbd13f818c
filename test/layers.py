#!/usr/bin/env python3
"""Holds what ARCHITECTURE.md says about layers and calls. Prints TAP; a violation names file and line."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# A file includes only rows with a lower number; inside a row only its own folder.
ROWS = [['base'], ['json', 'xml', 'db'], ['http', 'feel', 'journal', 'heat'], ['dmn', 'bpmn'],
        ['engine'], ['park'], ['channel'], ['api'], ['cmd']]
ROW = {folder: number for number, row in enumerate(ROWS) for folder in row}

# Another project's header, and the one folder that knows it.
HEADERS = {'sqlite3.h': 'db', 'libpq-fe.h': 'db', 'microhttpd.h': 'http', 'expat.h': 'xml',
           'xlsxwriter.h': 'park', 'unzip.h': 'park', 'minizip/unzip.h': 'park', 'gdal.h': 'heat',
           'ogr_api.h': 'heat', 'ogr_srs_api.h': 'heat', 'cpl_conv.h': 'heat', 'cpl_error.h': 'heat',
           'gdal_frmts.h': 'heat', 'dlfcn.h': 'heat', 'zlib.h': 'heat',
           'bid_conf.h': 'feel', 'bid_functions.h': 'feel', 'curl/curl.h': 'channel'}

ANYWHERE = set()
CALLS = [  # calls, the folders or files that may make them, what to do instead
    (['strcpy', 'strcat', 'strncpy', 'strncat', 'sprintf', 'vsprintf', 'gets', 'strtok', 'alloca'],
     ANYWHERE, 'base/buf.h and base/str.h know their bounds'),
    (['atoi', 'atol', 'atoll', 'atof', 'sscanf'], ANYWHERE, 'str_to_int says when it fails'),
    (['system', 'popen', 'execl', 'execlp', 'execvp', 'execv'], ANYWHERE, 'no shell, no programs'),
    (['rand', 'random', 'srand', 'srandom', 'drand48'], ANYWHERE, 'random_bytes, or a seed given'),
    (['localtime', 'gmtime', 'localtime_r', 'gmtime_r', 'mktime', 'strftime', 'strptime', 'ctime',
      'asctime'], ANYWHERE, 'base/clock.h and the calendar'),
    # The last ones only wait: a timed wait wants the system's time.
    (['time', 'gettimeofday', 'clock_gettime'], {'base/clock.c', 'http/server.c', 'channel/hub.c',
                                                'base/lookout.c', 'api/wait.c'},
     'base/clock.h has a test clock'),
    (['malloc', 'realloc', 'strdup', 'strndup', 'asprintf'],
     {'base', 'db', 'http', 'channel'}, 'an arena'),
    # What lives as long as the process.
    (['calloc'], {'base', 'db', 'http', 'channel', 'api', 'cmd', 'journal/sign.c',
                  'park/service.c', 'park/case_run.c', 'park/process_model.c',
                  'park/scheduler.c', 'park/heat_work.c', 'park/heat_gallery.c'}, 'an arena'),
    (['printf', 'fprintf', 'puts', 'perror', 'syslog'], {'api', 'cmd', 'main.c', 'base/arena.c', 'base/buf.c'},
     'libraries return errors, the edge logs'),
    (['exit', '_exit', 'quick_exit'], {'main.c', 'cmd'}, 'return an error'),
]
# What decides is told the time and everything else that could differ from run to run.
PURE = ['feel', 'dmn', 'bpmn', 'engine']
PURE_CALLS = ['clock_now_us', 'clock_monotonic_us', 'random_bytes', 'id_next', 'open', 'fopen',
              'getenv', 'pthread_create']

LINES_MAX, COLUMNS_MAX, FUNCTION_MAX = 800, 100, 70


def tracked(*patterns):
    listed = subprocess.run(['git', 'ls-files', '--cached', '--others', '--exclude-standard', *patterns],
                            cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(p for p in set(listed.stdout.split()) if os.path.exists(os.path.join(ROOT, p)))


def blank(match):
    return re.sub(r'[^\n]', ' ', match.group(0))


def code_only(text):
    """Comments and literals become spaces, so that line numbers stay."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def folder_of(path):
    parts = path.split('/')
    return parts[1] if len(parts) > 2 else None


def may(path, allowed):
    below = path[len('src/'):]
    return folder_of(path) in allowed or below in allowed


def calls(code, names):
    pattern = r'(?<![\w.>])(' + '|'.join(names) + r')\s*\('
    for number, line in enumerate(code.split('\n'), 1):
        for match in re.finditer(pattern, line):
            yield number, match.group(1)


def include_rule(files):
    for path, text in files.items():
        own = folder_of(path)
        level = ROW[own] if own else len(ROWS)
        for number, line in enumerate(text.split('\n'), 1):
            match = re.match(r'\s*#\s*include\s+"(\w+)/', line)
            if not match or match.group(1) == own:
                continue
            if match.group(1) not in ROW:
                yield f'{path}:{number}: {match.group(1)}/ is no folder of src/'
            elif ROW[match.group(1)] >= level:
                yield f'{path}:{number}: {own}/ may not include {match.group(1)}/'


def every_folder_has_a_row(files):
    for folder in sorted({folder_of(p) for p in files} - {None}):
        if folder not in ROW:
            yield f'src/{folder}: in no row'


def header_rule(files):
    for path, text in files.items():
        for number, line in enumerate(text.split('\n'), 1):
            match = re.match(r'\s*#\s*include\s+<([^>]+)>', line)
            owner = match and HEADERS.get(match.group(1))
            if owner and folder_of(path) != owner:
                yield f'{path}:{number}: only src/{owner}/ includes {match.group(1)}'


def banned_calls(files):
    for path, text in files.items():
        code = code_only(text)
        for names, allowed, instead in CALLS:
            if not may(path, allowed):
                for number, name in calls(code, names):
                    yield f'{path}:{number}: {name}(): {instead}'


def pure_core(files):
    for path, text in files.items():
        if folder_of(path) in PURE:
            for number, name in calls(code_only(text), PURE_CALLS):
                yield f'{path}:{number}: {name}(): {folder_of(path)}/ is pure'


def sizes(files):
    for path, text in files.items():
        lines = text.split('\n')
        if len(lines) - 1 > LINES_MAX:
            yield f'{path}: {len(lines) - 1} lines, more than {LINES_MAX}'
        for number, line in enumerate(lines if not path.endswith('.sql') else [], 1):
            if len(line) > COLUMNS_MAX:
                yield f'{path}:{number}: {len(line)} columns, more than {COLUMNS_MAX}'


def functions(files):
    for path, text in files.items():
        if not path.startswith('src/'):
            continue
        begin = None
        for number, line in enumerate(text.split('\n'), 1):
            if line == '{':
                begin = number
            elif line == '}' and begin:
                if number - begin - 1 > FUNCTION_MAX:
                    yield f'{path}:{begin}: a function of {number - begin - 1} lines'
                begin = None


def sql_names(files):
    seen = {}
    for path in tracked('src/*.sql'):
        if '/migrations/' in path:
            continue
        name = os.path.basename(path)
        if name in seen:
            yield f'{path}: {seen[name]} has the same name'
        seen[name] = path


def no_sql_in_c(files):
    """Statements stand in .sql files; pragmas and savepoints are src/db/'s own."""
    for path, text in files.items():
        if folder_of(path) in (None, 'db'):
            continue
        for number, line in enumerate(text.split('\n'), 1):
            if re.search(r'"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE)\s', line):
                yield f'{path}:{number}: SQL belongs in a .sql file'


def main():
    def read(paths):
        found = {}
        for path in paths:
            with open(os.path.join(ROOT, path), encoding='utf-8') as file:
                found[path] = file.read()
        return found
    source = read(tracked('src/*.c', 'src/*.h'))
    every = read(tracked('src/*.c', 'src/*.h', 'src/*.sql', 'test/*.c', 'test/*.h', 'bench/*.c'))
    rules = [(every_folder_has_a_row, source), (include_rule, source), (header_rule, source),
             (banned_calls, source), (pure_core, source), (sizes, every), (functions, every),
             (sql_names, source), (no_sql_in_c, source)]
    print(f'1..{len(rules)}')
    failed = 0
    for number, (rule, files) in enumerate(rules, 1):
        found = list(rule(files))
        failed += bool(found)
        print(f'{"not ok" if found else "ok"} {number} - {rule.__name__}')
        for violation in found:
            print(f'# {violation}')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
