# SPDX-License-Identifier: GPL-2.0-only
"""Write what was edited in build/BASE/ours back into overlay and patches."""
import os
import subprocess

from files import ROOT, Error, write
from patch import load_series
from tree import Tree, build

CONTEXT = '-U2'


def edited(ours):
    """Paths that differ from what the series makes, new files included."""
    listed = subprocess.run(
        ['git', 'status', '--porcelain', '-z', '--no-renames', '-uall'],
        cwd=ours, capture_output=True, text=True, check=True).stdout
    return [row[3:] for row in listed.split('\0') if row]


def load(ours, path):
    full = os.path.join(ours, path)
    if not os.path.exists(full):
        return None
    with open(full, 'rb') as f:
        return f.read()


def owner(series, base, path, number):
    """The last patch that touches a base file carries the edit."""
    if number:
        wanted = [p for p in series if p.number == number]
    else:
        wanted = [p for p in series if path in p.edits(base)]
    if not wanted:
        raise Error(f'{path} belongs to no patch: name one with P=NNNN')
    return wanted[-1]


def new_diff(base, series, target, path, data):
    """The diff of @target with @path turned into @data."""
    with Tree(base) as tree:
        for patch in series[:series.index(target)]:
            tree.apply(patch)
        tree.load()
        tree.take_out_and_add(target)
        before = tree.git('write-tree').strip()
        tree.edit(target)
        tree.put(path, data)
        after = tree.git('write-tree').strip()
        return tree.git('diff', CONTEXT, '--no-color', '--no-ext-diff',
                        before, after)


def refresh(base, number=None, *only):
    ours = os.path.join(ROOT, 'build', base, 'ours')
    if not os.path.isdir(ours):
        raise Error(f'no tree of base {base} yet: run "make tree BASE={base}"')
    claimed = {path for patch in load_series() for path in patch.adds}
    paths = only or edited(ours)
    for path in paths:
        data = load(ours, path)
        if data is None:
            raise Error(f'{path} is gone from the tree: take it out of the '
                        'repository by hand')
        series = load_series()
        if path in claimed:
            write(path, data)
            print(f'  REFRESH {path}')
            continue
        target = owner(series, base, path, number)
        target.save(base, new_diff(base, series, target, path, data))
        print(f'  REFRESH {target.own_diff(base)} ({path})')
    return build(base), paths
