#!/usr/bin/env python3
"""Has the log verified by other people's clients, and by ours after somebody has touched the store.

usage: clients.py KUAILIAN MAKE_STORE   Prints TAP.
"""
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = os.path.join(HERE, 'clients')
KUAILIAN, MAKE_STORE = (os.path.abspath(p) for p in sys.argv[1:3])
ENTRIES = 1100
points = 0


def point(good, name, skip=None):
    global points
    points += 1
    print(f'{"ok" if good else "not ok"} {points} - {name}{" # SKIP " + skip if skip else ""}',
          flush=True)


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def comment(done):
    for line in (done.stdout + done.stderr).strip().split('\n')[:20]:
        print(f'# {line}')


def journal(folder, *words):
    return run(KUAILIAN, 'journal', *words, '--dir', folder)


def go_client(folder, what, entries):
    name = f"Go's sumdb/note and tlog verify every entry and the growth of {what}"
    source = '/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog'
    if not shutil.which('go') or not os.path.isdir(source):
        return point(True, name, 'golang-go or golang-golang-x-mod-dev is not installed')
    env = dict(os.environ, GO111MODULE='off', GOPATH='/usr/share/gocode', GOFLAGS='',
               GOCACHE=os.environ.get('GOCACHE') or os.path.expanduser('~/.cache/go-build'))
    program = os.path.join(folder, 'verify')
    built = run('go', 'build', '-o', program, os.path.join(CLIENTS, 'verify.go'), env=env)
    if built.returncode != 0:
        point(False, name)
        return comment(built)
    done = run(program, os.path.join(folder, 'old'), os.path.join(folder, 'new'))
    point(done.returncode == 0 and f'verified: {entries} entries' in done.stdout, name)
    comment(done)
    tile = os.path.join(folder, 'new/tile/0/001')
    with open(tile, 'r+b') as file:
        file.seek(77)
        byte = file.read(1)[0]
        file.seek(77)
        file.write(bytes([byte ^ 1]))
    done = run(program, os.path.join(folder, 'old'), os.path.join(folder, 'new'))
    point(done.returncode != 0, 'and refuse a tile with a changed bit')
    comment(done)


def npm_client(folder, what, entries):
    name = f'@sigstore/verify verifies proofs and their checkpoint of {what}'
    if not shutil.which('node') or not os.path.isdir(os.path.join(CLIENTS, 'node_modules')):
        return point(True, name, 'node or test/journal/clients/node_modules is not there')
    wanted = [0, 1, 255, 256, 700, entries - 2, entries - 1]
    proofs = ''.join(journal(folder, 'proof', '--entry', str(n)).stdout for n in wanted)
    done = run('node', 'verify.mjs', os.path.join(folder, 'new/key'), input=proofs, cwd=CLIENTS)
    point(done.returncode == 0 and f'verified: {len(wanted)} proofs' in done.stdout, name)
    comment(done)


def found(folder, *words):
    """The verification fails and says all these words."""
    done = journal(folder, 'verify')
    good = done.returncode == 1 and all(w in done.stdout for w in words)
    if not good:
        comment(done)
    return good


def erasure(folder):
    done = journal(folder, 'erase', '--subject', '7', '--reason', 'asked for')
    erased = ENTRIES // 10
    point(done.returncode == 0 and f'{erased} bodies erased' in done.stdout,
          'one person is erased')
    comment(done)
    done = journal(folder, 'verify')
    point(done.returncode == 0 and f'({erased} erased)' in done.stdout, 'and the log verifies')
    comment(done)
    with open(os.path.join(folder, 'park.db'), 'rb') as file:
        bytes_of = file.read()
    point(b'entry 13"' not in bytes_of and b'entry 14"' in bytes_of,
          'the erased texts are nowhere in the file')


# What somebody could do who repairs the page checksums: through SQLite, then sealed again.
FORGERIES = [
    ("UPDATE journal_entry SET body = replace(body, 'entry 500', 'entry 5oo') WHERE seq = 500",
     'entry 500', 'body was changed'),
    ('UPDATE journal_entry SET actor_id = 1 WHERE seq = 20', "is not its entries' hash", 'head'),
    ('UPDATE journal_entry SET time_us = time_us + 1 WHERE seq = 1099', 'size 1100', 'not the root'),
    ('UPDATE journal_entry SET body = NULL, salt = NULL WHERE seq = 33', 'no entry says'),
    ('DELETE FROM journal_entry WHERE seq = 700', 'entry 700 is missing'),
    ('DELETE FROM journal_entry WHERE seq >= 1090', 'newest head has 1100 entries, the log 1090'),
    ("UPDATE journal_node SET hash = zeroblob(32) WHERE level = 3 AND last = 47", 'node 3/5'),
    ('DELETE FROM journal_node WHERE level = 2 AND last = 39', 'node 2/9 cannot be read'),
    ("INSERT INTO journal_node VALUES (1, 1048575, 20, zeroblob(32))", 'nodes are stored'),
    ("UPDATE journal_head SET signature = randomblob(64) WHERE size = 14", 'size 14 is not signed'),
    ('UPDATE journal_head SET time_us = time_us + 1 WHERE size = 21', 'size 21 is not signed'),
]


def forgeries(folder):
    for sql, *words in FORGERIES:
        forged = folder + '-forged'
        shutil.copytree(folder, forged)
        with sqlite3.connect(os.path.join(forged, 'park.db')) as db:
            db.execute(sql)
        db.close()
        sealed = run(MAKE_STORE, '--seal', os.path.join(forged, 'park.db'))
        point(sealed.returncode == 0 and found(forged, *words), f'found: {sql[:60]}')
        shutil.rmtree(forged)


def touched_bytes(folder):
    store = os.path.join(folder, 'park.db')
    chance = random.Random(1)
    missed = []
    for _ in range(60):
        at = chance.randrange(os.path.getsize(store))
        with open(store, 'r+b') as file:
            for _ in range(2):
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 32]))
                file.flush()
                if _ == 0 and not found(folder, f'page {at // 4096 + 1} of', 'belongs to'):
                    missed.append(at)
    point(not missed, '60 changed bytes are each found and named')
    for at in missed:
        print(f'# byte {at} was missed')


def keys(folder):
    os.rename(f'{folder}/journal.key', f'{folder}/kept.key')
    point(found(folder, 'journal.key'), 'a missing key is named')
    with open(f'{folder}/journal.key', 'wb') as file:
        file.write(bytes(32))
    point(found(folder, 'is not signed by this key'), 'so is another key')
    os.replace(f'{folder}/kept.key', f'{folder}/journal.key')
    point(journal(folder, 'verify').returncode == 0, 'and with its own the log verifies again')


def sample_park(parent):
    """What `make demo` opens, after one more entry."""
    folder = os.path.join(parent, 'demo')
    with subprocess.Popen([KUAILIAN, 'demo', '--dir', folder, '--listen', '127.0.0.1:0'],
                          stdout=subprocess.PIPE, text=True) as server:
        ready = any('http://' in line for line in server.stdout)
        server.terminate()
    exported = [journal(folder, 'export', '--to', os.path.join(folder, 'old')),
                run(KUAILIAN, 'token', 'new', '--user', 'leader1', '--dir', folder),
                journal(folder, 'export', '--to', os.path.join(folder, 'new'))]
    point(ready and all(done.returncode == 0 for done in exported),
          'the sample park is made, and its log exported twice')
    for done in exported:
        if done.returncode != 0:
            comment(done)
    with open(os.path.join(folder, 'new/checkpoint'), encoding='utf-8') as file:
        entries = int(file.read().split('\n')[1])
    npm_client(folder, 'the sample park', entries)
    go_client(folder, 'the sample park', entries)


def main():
    with tempfile.TemporaryDirectory() as parent:
        folder = os.path.join(parent, 'store')
        os.mkdir(folder)
        made = run(MAKE_STORE, folder, str(ENTRIES))
        point(made.returncode == 0, 'a store is made')
        comment(made)
        done = journal(folder, 'verify')
        point(done.returncode == 0 and ' 0 findings' in done.stdout, 'our own verification holds')
        comment(done)
        go_client(folder, 'a made store', ENTRIES)
        npm_client(folder, 'a made store', ENTRIES)
        forgeries(folder)
        touched_bytes(folder)
        keys(folder)
        erasure(folder)
        sample_park(parent)
    print(f'1..{points}')


main()
