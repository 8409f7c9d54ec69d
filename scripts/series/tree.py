# SPDX-License-Identifier: GPL-2.0-only
"""Commits on top of a base, made in the object store alone.

No file of a work tree is touched on the way.  So a later checkout rewrites only
what really changed, and an incremental kernel build stays incremental.
"""
import hashlib
import json
import os
import re
import subprocess

import definition
from files import ROOT, Error, exists, mode, overlay_files, read, write
from grow import as_added
from patch import load_series


class Tree:
    def __init__(self, base, series):
        self.base = base
        self.added = as_added(series)
        # These paths have files of the base, moved by an earlier patch.
        self.moved = {new for patch in series for _, new in patch.moves}
        self.dir = os.path.join(ROOT, 'build', base, 'stock')
        if not os.path.isdir(os.path.join(self.dir, '.git')):
            raise Error(f'no base {base} yet: run "make base BASE={base}"')
        self.index = os.path.join(self.dir, '.git', f'series.{os.getpid()}')
        self.head = self.git('rev-parse', 'base^{commit}').strip()
        self.sums = load_sums(base)
        self.steps = Steps(self.dir)
        self.loaded = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.path.exists(self.index):
            os.unlink(self.index)

    def run(self, *args, stdin=None, env=None):
        return subprocess.run(
            ['git', '-c', 'core.hooksPath=/dev/null', *args],
            cwd=self.dir, input=stdin, capture_output=True,
            env={**os.environ, 'GIT_INDEX_FILE': self.index, **(env or {})})

    def git(self, *args, **how):
        done = self.run(*args, **how)
        if done.returncode:
            said = done.stderr.decode(errors='replace').strip().split('\n')
            raise Error(f'git {args[0]} on base {self.base}: {said[0]}')
        return done.stdout.decode(errors='replace')

    def load(self):
        """The index holds what @head has; to read it takes a second."""
        if self.loaded != self.head:
            self.git('read-tree', self.head)
            self.loaded = self.head

    def cat(self, path):
        done = self.run('cat-file', 'blob', f':{path}')
        return None if done.returncode else done.stdout.decode()

    def put(self, path, data, bits='100644'):
        blob = self.git('hash-object', '-w', '--stdin', stdin=data).strip()
        self.git('update-index', '--add', '--cacheinfo', f'{bits},{blob},{path}')

    def replaced_body(self, what):
        """What a Replaces: line stands for in the base; None if nothing."""
        path, _, name = what.partition(':')
        done = self.run('cat-file', 'blob', f'base:{path}')
        if done.returncode:
            return None
        text = done.stdout.decode()
        return definition.body(text, name) or None if name else text

    def guard(self, what):
        """A changed body may be a security fix that ours has to follow."""
        found, known = digest(self.replaced_body(what)), self.sums.get(what)
        if known is None:
            raise Error(f'{what}: no sum in bases/{self.base}/replaces.sum: '
                        f'run "make sums BASE={self.base}"')
        if found != known:
            raise Error(f'{what} is not what it was when it was replaced: read '
                        f'base:{what.partition(":")[0]} in the repository '
                        f'build/{self.base}/stock, follow what it fixes, '
                        f'then run "make sums BASE={self.base}"')

    def replace(self, what):
        self.guard(what)
        if self.replaced_body(what) is None:
            return
        path, _, name = what.partition(':')
        if name:
            self.put(path, definition.cut(self.cat(path), name).encode())
        else:
            self.git('update-index', '--force-remove', path)

    def move(self, old, new):
        """A file of the base, as it is there: what stands for it is guarded."""
        self.guard(old)
        self.put(new, self.cat(old).encode())
        self.git('update-index', '--force-remove', old)

    def take_out_and_add(self, patch):
        for old, new in patch.moves:
            self.move(old, new)
        for what in patch.replaces:
            if what in self.moved:
                self.git('update-index', '--force-remove', what)
            else:
                self.replace(what)
        for path in patch.adds:
            self.put(path, self.added.get(path) or read(path), mode(path))
        for path in patch.inserts:
            self.put(path, insert_entries(self.cat(path), read(path).decode()))

    def edit(self, patch):
        diff = patch.diff_for(self.base)
        if not diff:
            return
        done = self.run('apply', '--cached', '-', stdin=diff.encode())
        if done.returncode:
            said = done.stderr.decode().strip().split('\n')[0]
            raise Error(f'{patch.own_diff(self.base)} does not apply to base '
                        f'{self.base}: {said}')

    def check_grown(self, path):
        """A file that was taken back and put on again must be the overlay's."""
        made = self.run('cat-file', 'blob', f'{self.head}:{path}').stdout
        if made != read(path):
            raise Error(f'{path}: the patches make another file than stands there')

    def commit(self, patch):
        """Commit the index; it is what the new head has."""
        name, address = re.match(r'(.*?)\s*<(.*)>', patch.author).groups()
        who = {f'GIT_{role}_{key}': value
               for role in ('AUTHOR', 'COMMITTER')
               for key, value in (('NAME', name), ('EMAIL', address),
                                  ('DATE', patch.date))}
        tree = self.git('write-tree').strip()
        self.head = self.git('commit-tree', tree, '-p', self.head, env=who,
                             stdin=patch.message.encode()).strip()
        self.loaded = self.head

    def inputs(self, patch):
        """All that decides what the commit of a patch on @head is."""
        yield self.head.encode()
        yield read(patch.path)
        yield patch.diff_for(self.base).encode()
        for path in patch.adds + patch.inserts:
            yield f'{path} {mode(path)}'.encode()
            yield self.added.get(path) or read(path)
        for what in replaced_by(patch):
            yield str(self.sums.get(what)).encode()

    def apply(self, patch):
        step = self.steps.name(self.inputs(patch))
        known = self.steps.find(step)
        if known:
            self.head = known
        else:
            self.load()
            self.take_out_and_add(patch)
            self.edit(patch)
            self.commit(patch)
        self.steps.keep(step, self.head)


class Steps:
    """Commits made before, by a digest of what went into each.

    Only those of the last walk through the series are kept, and of walks through
    parts of it since, in the base's git folder, with the commits they name.
    """
    def __init__(self, folder):
        self.path = os.path.join(folder, '.git', 'series.steps')
        self.kept = {}
        try:
            with open(self.path) as f:
                self.known = json.load(f)
        except (OSError, ValueError):
            self.known = {}
        # The code that turns a patch into a commit is an input of every step.
        here = os.path.dirname(os.path.abspath(__file__))
        self.tool = b''.join(read(os.path.join(here, name))
                             for name in sorted(os.listdir(here))
                             if name.endswith('.py'))

    def name(self, inputs):
        whole = hashlib.sha256()
        for data in (self.tool, *inputs):
            whole.update(b'%d ' % len(data) + data)
        return whole.hexdigest()

    def find(self, step):
        return self.known.get(step)

    def keep(self, step, commit):
        self.kept[step] = commit

    def save(self, and_known=False):
        if and_known:
            self.kept = {**self.known, **self.kept}
        new = f'{self.path}.{os.getpid()}'
        with open(new, 'w') as f:
            json.dump(self.kept, f)
        os.replace(new, self.path)


def replaced_by(patch):
    """What a patch takes away from where the base has it."""
    return [old for old, _ in patch.moves] + patch.replaces


def digest(text):
    return 'absent' if text is None else hashlib.sha256(text.encode()).hexdigest()


def load_sums(base):
    path = f'bases/{base}/replaces.sum'
    if not exists(path):
        return {}
    lines = [line.split() for line in read(path).decode().splitlines()]
    return {what: known for known, what in filter(None, lines)}


def save_sums(base):
    """Write down what the bodies are that the series takes out of this base."""
    series = load_series()
    with Tree(base, series) as tree:
        rows = [f'{digest(tree.replaced_body(what))}  {what}\n'
                for patch in series for what in replaced_by(patch)
                if what not in tree.moved]
    write(f'bases/{base}/replaces.sum', ''.join(rows).encode())


def insert_entries(text, ours):
    """Add MAINTAINERS entries of ours where the alphabet wants them."""
    lines = text.splitlines()
    for entry in filter(None, re.split(r'\n\n+', ours.strip('\n'))):
        entry = entry.splitlines()
        titles = (i for i in range(1, len(lines) - 1)
                  if not lines[i - 1] and re.match(r'[A-Z]:\t', lines[i + 1]))
        at = next((i for i in titles if lines[i] > entry[0]), len(lines))
        lines[at:at] = entry + ['']
    return ('\n'.join(lines) + '\n').encode()


def check_claims(series):
    """Each overlay file enters with exactly one patch."""
    claimed = {}
    for patch in series:
        for path in patch.adds:
            if path in claimed:
                raise Error(f'{path} is added by {claimed[path]} and by '
                            f'{patch.path}: keep one Adds: line')
            if not exists(path):
                raise Error(f'{patch.path} adds {path}, which is not there')
            claimed[path] = patch.path
    for path in sorted(overlay_files() - set(claimed)):
        raise Error(f'{path} is added by no patch: give it an Adds: line in '
                    'one of patches/')


def build(base):
    series = load_series()
    check_claims(series)
    with Tree(base, series) as tree:
        for patch in series:
            tree.apply(patch)
        for path in tree.added:
            tree.check_grown(path)
        tree.steps.save()
        return tree.head


def build_alone(base, folders):
    """Only the patches of @folders; returns the commits, with the patch of each."""
    series = load_series()
    made = []
    with Tree(base, series) as tree:
        for patch in series:
            if patch.folder in folders:
                tree.apply(patch)
                made.append((tree.head, patch))
        tree.steps.save(and_known=True)
    return made
