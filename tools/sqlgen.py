#!/usr/bin/env python3
"""Makes typed C from the project's .sql files.

A statement is a header comment and its SQL, up to the next header:

    -- parcel_free :many  in: after_id int, limit int  out: id int, name text, note text?
    SELECT id, name, note FROM parcel WHERE id > :after_id ORDER BY id LIMIT :limit

:one gives one row, :many gives rows, :exec changes rows. Types: int text blob hash bool real; a `?`
behind a type says that the column may be NULL. A header may go on in following `--` lines.
`@postgres` on a line of its own after the SQL starts the same statement in PostgreSQL's dialect.

Usage: sqlgen.py FILE.sql OUT.h OUT.c       the structs and functions of one file
       sqlgen.py --list OUT.c NAME…        the table of all files, for tests that prepare everything
"""
import re
import sys

C_TYPES = {'int': 'int64_t', 'text': 'struct str', 'blob': 'struct str', 'hash': 'struct hash',
           'bool': 'bool', 'real': 'double'}
HEADER = re.compile(r'^-- (\w+) :(one|many|exec)\b(.*)$')


class Statement:
    def __init__(self, name, kind, path):
        self.name, self.kind, self.path = name, kind, path
        self.head, self.sql, self.postgres = '', [], []
        self.ins, self.outs = [], []

    def fail(self, text):
        sys.exit(f'{self.path}: {self.name}: {text}')

    def columns(self, text):
        found = []
        for part in filter(None, (p.strip() for p in text.split(','))):
            words = part.split()
            if len(words) != 2 or words[1].rstrip('?') not in C_TYPES:
                self.fail(f'"{part}" is not "name type"')
            found.append((words[0], words[1].rstrip('?'), words[1].endswith('?')))
        return found

    def finish(self):
        match = re.match(r'^\s*(?:in:(.*?))?(?:\bout:(.*))?$', self.head)
        if not match:
            self.fail(f'cannot read "{self.head}"')
        self.ins = self.columns(match.group(1) or '')
        self.outs = self.columns(match.group(2) or '')
        if (self.kind == 'exec') == bool(self.outs):
            self.fail(':exec has no out, :one and :many have one')
        sql = '\n'.join(self.sql).strip().rstrip(';')
        names = [c[0] for c in self.ins]
        for used in re.findall(r'(?<![:\w]):([a-z_]\w*)', sql):
            if used not in names:
                self.fail(f':{used} is not among its inputs')
        for name in names:
            if not re.search(rf'(?<![:\w]):{name}\b', sql):
                self.fail(f'input {name} is not used')
        self.text = self.number(sql, names)
        other = '\n'.join(self.postgres).strip().rstrip(';')
        self.text_postgres = self.number(other or sql, names, '$')

    @staticmethod
    def number(sql, names, mark='?'):
        return re.sub(r'(?<![:\w]):([a-z_]\w*)', lambda m: f'{mark}{names.index(m.group(1)) + 1}', sql)


def read(path):
    found, current, target, in_head = [], None, None, False
    for line in open(path, encoding='utf-8'):
        line = line.rstrip()
        match = HEADER.match(line)
        if match:
            current = Statement(match.group(1), match.group(2), path)
            current.head, target, in_head = match.group(3), current.sql, True
            found.append(current)
        elif current is None:
            continue
        elif line == '@postgres':
            target = current.postgres
        elif in_head and line.startswith('--'):
            current.head += ' ' + line[2:].strip()
        elif line.startswith('--'):
            continue
        else:
            in_head = in_head and not line
            target.append(line)
    for statement in found:
        statement.finish()
    return found


def struct(name, columns):
    body = ''.join(f'    {C_TYPES[t]} {n};\n' for n, t, _ in columns)
    return f'struct {name} {{\n{body}}};\n'


def function(s, extra, call):
    args = f', const struct {s.name}_in *in' if s.ins else ''
    value = 'in' if s.ins else 'NULL'
    first = 'struct db_tx *tx' if s.kind == 'exec' else 'struct db *db'
    lead, tail = extra
    return (f'MUST_USE static inline enum err sql_{s.name}({first}{lead}{args}, {tail})\n{{\n'
            f'{call.format(statement=f"&SQL_{s.name}", value=value)}}}\n')


def declare(s):
    out = [f'extern const struct sql_statement SQL_{s.name};\n']
    if s.ins:
        out.append(struct(f'{s.name}_in', s.ins))
    if s.kind == 'exec':
        out.append(function(s, ('', 'int64_t *changed'),
                            '    return db_exec(tx, {statement}, {value}, changed);\n'))
        return out
    out.append(struct(f'{s.name}_row', s.outs))
    if s.kind == 'one':
        needs = any(t in ('text', 'blob') for _, t, _ in s.outs)
        lead, arena = (', struct arena *arena', 'arena') if needs else ('', 'NULL')
        out.append(function(s, (lead, f'struct {s.name}_row *row'),
                            '    return db_one(db, {statement}, {value}, ' + arena + ', row);\n'))
        return out
    rows = f'struct {s.name}_rows'
    out.append(f'{rows} {{\n    const struct {s.name}_row *rows;\n    size_t count;\n}};\n')
    out.append(function(s, (', struct arena *arena', f'{rows} *out'),
                        '    struct sql_rows found;\n'
                        '    enum err r = db_many(db, {statement}, {value}, arena, &found);\n'
                        '    if (r == OK)\n'
                        f'        *out = ({rows}){{{{.rows = found.rows, .count = found.count}}}};\n'
                        '    return r;\n'))
    return out


def literal(text):
    lines = (line.replace('\\', '\\\\').replace('"', '\\"') for line in text.split('\n'))
    return '\n        '.join(f'"{line}\\n"' for line in lines)


def table(name, suffix, struct_name, columns):
    if not columns:
        return ''
    rows = ''.join(f'    {{"{n}", SQL_{t.upper()}, {"true" if q else "false"}, '
                   f'offsetof(struct {struct_name}, {n})}},\n' for n, t, q in columns)
    return f'static const struct sql_column {name}_{suffix}_columns[] = {{\n{rows}}};\n'


def define(s):
    ins = f'{s.name}_in_columns' if s.ins else 'NULL'
    outs = f'{s.name}_out_columns' if s.outs else 'NULL'
    size = f'sizeof(struct {s.name}_row)' if s.outs else '0'
    return (table(s.name, 'in', f'{s.name}_in', s.ins) + table(s.name, 'out', f'{s.name}_row', s.outs) +
            f'const struct sql_statement SQL_{s.name} = {{\n    "{s.name}",\n    {literal(s.text)},\n'
            f'    {literal(s.text_postgres)},\n    {ins},\n    {outs},\n    {len(s.ins)},\n'
            f'    {len(s.outs)},\n    {size}}};\n')


def generate(path, header_path, source_path):
    folder, name = path.split('/')[-2:]
    module = name[:-len('.sql')]
    statements = read(path)
    guard = f'{folder}_{module}_SQL_H'.upper().replace('-', '_')
    with open(header_path, 'w', encoding='utf-8') as out:
        out.write(f'/* Made by tools/sqlgen.py from {name}. */\n#ifndef {guard}\n#define {guard}\n\n'
                  '#include "db/db.h"\n\n')
        for s in statements:
            out.write('\n'.join(declare(s)) + '\n')
        out.write(f'#endif\n')
    with open(source_path, 'w', encoding='utf-8') as out:
        out.write(f'/* Made by tools/sqlgen.py from {name}. */\n#include "{folder}/{module}_sql.h"\n\n')
        out.write('\n'.join(define(s) for s in statements))
        out.write(f'\nextern const struct sql_statement *const SQL_FILE_{module}[];\n'
                  f'const struct sql_statement *const SQL_FILE_{module}[] = {{\n' +
                  ''.join(f'    &SQL_{s.name},\n' for s in statements) + '    NULL,\n};\n')


def list_files(path, names):
    with open(path, 'w', encoding='utf-8') as out:
        out.write('/* Made by tools/sqlgen.py. */\n#include "db/db.h"\n\n')
        out.write(''.join(f'extern const struct sql_statement *const SQL_FILE_{n}[];\n' for n in names))
        out.write('\nconst struct sql_statement *const *const SQL_FILES[] = {\n' +
                  ''.join(f'    SQL_FILE_{n},\n' for n in names) + '    NULL,\n};\n')


if __name__ == '__main__':
    if sys.argv[1] == '--list':
        list_files(sys.argv[2], sys.argv[3:])
    else:
        generate(*sys.argv[1:4])
