#!/usr/bin/env python3
"""Kills the server under load again and again: what it acknowledged is there, whole and once.

usage: kill.py [--kills N] [--seed N] [--dir DIR]   Prints TAP. The program is $KUAILIAN or build/kuailian.

Clients file requests and write messages, each under its own Idempotency-Key, and repeat one that got
no answer until it has one. After the kills, the store itself is asked what happened how often.
"""
import argparse
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KUAILIAN = os.environ.get('KUAILIAN') or os.path.join(ROOT, 'build/kuailian')
CLIENTS = 6
points = failures = 0


def point(good, name):
    global points, failures
    points += 1
    failures += not good
    print(f'{"ok" if good else "not ok"} {points} - {name}', flush=True)


def comment(text):
    for line in str(text).strip().split('\n')[:20]:
        print(f'# {line}', flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.errors = open(os.path.join(folder, 'stderr.log'), 'ab')

    def answers(self):
        try:
            connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=5)
            connection.request('GET', '/healthz')
            return connection.getresponse().status == 200
        except OSError:
            return False

    def start(self):
        self.process = subprocess.Popen(
            [KUAILIAN, 'serve', '--dir', self.folder, '--listen', f'127.0.0.1:{self.port}',
             '--write-rate', '0'], stdout=subprocess.DEVNULL, stderr=self.errors)
        for _ in range(600):
            if self.answers():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise SystemExit(f'Bail out! the server does not start: see {self.errors.name}')

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Client(threading.Thread):
    """Files cases and writes messages to them; remembers every answer."""

    def __init__(self, number, port, token, enterprise, seed, ending):
        super().__init__(daemon=True)
        self.number, self.port, self.token, self.enterprise = number, port, token, enterprise
        self.chance, self.ending = random.Random(seed * 1000 + number), ending
        self.connection, self.wrong = None, []
        self.cases, self.messages = {}, {}  # key -> case id, as answered
        self.repeats = 0

    def send(self, target, key, body):
        """The answer to this key's command, however many connections it takes."""
        text = json.dumps(body)
        while True:
            try:
                if not self.connection:
                    self.connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=30)
                self.connection.request('POST', target, text, {
                    'Authorization': f'Bearer {self.token}', 'Content-Type': 'application/json',
                    'Idempotency-Key': key})
                reply = self.connection.getresponse()
                answer = reply.read()
                if reply.status < 300:
                    return json.loads(answer)
                if reply.status not in (429, 503):
                    self.wrong.append(f'{target} {key}: {reply.status} {answer[:200]}')
                    return None
            except (OSError, http.client.HTTPException):
                if self.connection:
                    self.connection.close()
                self.connection = None
            self.repeats += 1
            time.sleep(0.01)

    def file_case(self, key):
        answer = self.send('/api/v1/cases', key, {
            'service': 'request', 'enterprise_id': self.enterprise,
            'form': {'title': key, 'category': 'consult', 'text': 'kill -9'}, 'file_ids': []})
        return answer and answer['id']

    def run(self):
        turn = 0
        while not self.ending.is_set():
            turn += 1
            key = f'kill-{self.number}-{turn}'
            if self.cases and turn % 3 == 0:
                of = self.chance.choice(list(self.cases.values()))
                answer = self.send(f'/api/v1/cases/{of}/messages', key,
                                   {'text': key, 'file_ids': [], 'internal': False})
                if answer:
                    self.messages[key] = of
            elif self.cases and turn % 10 == 1:  # Again, as a client would that lost the answer.
                old = self.chance.choice(list(self.cases))
                if self.file_case(old) != self.cases[old]:
                    self.wrong.append(f'{old} was answered with another case')
            else:
                made = self.file_case(key)
                if made:
                    self.cases[key] = made


def verify(folder):
    done = subprocess.run([KUAILIAN, 'journal', 'verify', '--dir', folder], capture_output=True,
                          text=True)
    if done.returncode != 0:
        comment(done.stdout + done.stderr)
    return done.returncode == 0


def prepare(folder):
    """A sample park, its contact's token and enterprise."""
    port = free_port()
    demo = subprocess.Popen([KUAILIAN, 'demo', '--dir', folder, '--cases', '20', '--listen',
                             f'127.0.0.1:{port}'], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    for _ in range(3000):
        try:
            socket.create_connection(('127.0.0.1', port), 1).close()
            break
        except OSError:
            time.sleep(0.02)
    demo.send_signal(signal.SIGTERM)
    demo.wait(60)
    made = subprocess.run([KUAILIAN, 'token', 'new', '--user', 'contact1', '--dir', folder],
                          capture_output=True, text=True, check=True)
    with sqlite3.connect(os.path.join(folder, 'park.db')) as db:
        row = db.execute("SELECT c.enterprise_id FROM account a JOIN enterprise_contact c ON "
                         "c.person_id = a.person_id WHERE a.login = 'contact1'").fetchone()
    db.close()
    return made.stdout.strip(), str(row[0])


# What a command leaves, all of it or nothing: (rule, SQL that counts breaches).
WHOLE = [
    ('every case has its filing in the journal, once',
     "SELECT ABS((SELECT COUNT(*) FROM cases) - (SELECT COUNT(*) FROM journal_entry WHERE "
     "kind = 'case.filed')) + (SELECT COUNT(*) FROM cases WHERE id NOT IN (SELECT case_id FROM "
     "journal_entry WHERE kind = 'case.filed'))"),
    ('every open case has an open task',
     "SELECT COUNT(*) FROM cases c WHERE c.title LIKE 'kill-%' AND c.closed = 0 AND NOT EXISTS "
     "(SELECT 1 FROM case_task t WHERE t.park_id = c.park_id AND t.case_id = c.id AND "
     "t.done_us IS NULL)"),
    ('no task, message or entry is of a case that is not there',
     "SELECT (SELECT COUNT(*) FROM case_task WHERE case_id NOT IN (SELECT id FROM cases)) + "
     "(SELECT COUNT(*) FROM case_message WHERE case_id NOT IN (SELECT id FROM cases)) + "
     "(SELECT COUNT(*) FROM journal_entry WHERE case_id <> 0 AND case_id NOT IN "
     "(SELECT id FROM cases))"),
    ('every message has its entry in the journal',
     "SELECT (SELECT COUNT(*) FROM case_message WHERE text LIKE 'kill-%') - "
     "(SELECT COUNT(*) FROM journal_entry WHERE body LIKE '%\"kill-%' AND kind LIKE '%message%')"),
]


def examine(folder, clients):
    cases = {k: v for c in clients for k, v in c.cases.items()}
    messages = {k: v for c in clients for k, v in c.messages.items()}
    db = sqlite3.connect(f'file:{folder}/park.db?mode=ro', uri=True)
    stored, twice = {}, []
    for case_id, title in db.execute("SELECT id, title FROM cases WHERE title LIKE 'kill-%'"):
        twice += [title] if title in stored else []
        stored[title] = str(case_id)
    written, again = {}, []
    for case_id, text in db.execute("SELECT case_id, text FROM case_message WHERE text LIKE 'kill-%'"):
        again += [text] if text in written else []
        written[text] = str(case_id)
    lost = [k for k, v in cases.items() if stored.get(k) != v]
    lost += [k for k, v in messages.items() if written.get(k) != v]
    point(not lost, f'{len(cases)} acknowledged cases and {len(messages)} messages are there')
    point(not twice and not again, 'none happened twice')
    for name, items in ('lost', lost), ('twice', twice + again):
        if items:
            comment(f'{name}: {items[:10]}')
    for name, sql in WHOLE:
        breaches = db.execute(sql).fetchone()[0]
        point(breaches == 0, name)
        if breaches:
            comment(f'{breaches} times not')
    db.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--kills', type=int, default=10)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--dir')
    args = parser.parse_args()
    scratch = None if args.dir else tempfile.TemporaryDirectory()
    folder = args.dir or scratch.name
    token, enterprise = prepare(folder)
    server, ending, chance = Server(folder), threading.Event(), random.Random(args.seed)
    clients = [Client(n, server.port, token, enterprise, args.seed, ending) for n in range(CLIENTS)]
    server.start()
    for client in clients:
        client.start()
    damaged, began = 0, time.monotonic()
    for kill in range(args.kills):
        time.sleep(chance.uniform(0.02, 0.8))
        server.kill()
        server.start()
        if kill % 10 == 9 and not verify(folder):  # Beside the running server.
            damaged += 1
    ending.set()
    for client in clients:
        client.join(60)
    comment(f'{args.kills} kills in {time.monotonic() - began:.0f} s, '
            f'{sum(c.repeats for c in clients)} requests repeated')
    point(not any(c.is_alive() for c in clients), 'every client got its answers')
    wrong = [w for c in clients for w in c.wrong]
    point(not wrong, 'no answer was wrong, and a repeated key was answered the same')
    if wrong:
        comment('\n'.join(wrong))
    point(damaged == 0, 'the store verified while the server ran')
    point(server.stop() == 0, 'the server stops when asked to')
    point(verify(folder), 'the store verifies at rest')
    examine(folder, clients)
    print(f'1..{points}')
    sys.exit(1 if failures else 0)


main()
