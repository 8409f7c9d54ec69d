# SPDX-License-Identifier: GPL-2.0-only
"""Write what was edited in build/BASE/ours back into overlay and patches.

All files are made and the whole series is applied before any of them is written,
and what was there before is kept for "undo".
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile

import files
from files import ROOT, Error
from grow import difference, grown_paths, history, leads_to
from patch import load_series, path_of, sections
from tree import Tree, build

CONTEXT = '-U2'
NUMBER_DIGITS = 4


def run(*args, **how):
    return subprocess.run(args, capture_output=True, text=True, **how)


def edited(ours):
    """Paths that differ from what the series makes, new files included."""
    listed = run('git', 'status', '--porcelain', '-z', '--no-renames', '-uall',
                 cwd=ours, check=True).stdout
    return [row[3:] for row in listed.split('\0') if row]


def load(ours, path):
    full = os.path.join(ours, path)
    if not os.path.exists(full):
        raise Error(f'{path} is gone from the tree: take it out of the '
                    'repository by hand')
    with open(full, 'rb') as f:
        return f.read()


def owner(series, base, path, number):
    """The patch that the edit goes to: the one named, else the last that has
    the file."""
    wanted = [p for p in series if path in p.edits(base)]
    if number:
        number = number.zfill(NUMBER_DIGITS)
        wanted = [p for p in series if p.number == number]
        if not wanted:
            raise Error(f'P={number} names no patch in patches/series')
    if not wanted:
        raise Error(f'{path} belongs to no patch: name one with P=NNNN')
    return wanted[-1]


def merge(path, mine, before, after):
    """@mine with what changed from @before to @after, and nothing else."""
    if mine == before:
        return after
    with tempfile.TemporaryDirectory() as d:
        names = []
        for name, data in (('mine', mine), ('before', before), ('after', after)):
            names.append(os.path.join(d, name))
            with open(names[-1], 'wb') as f:
                f.write(data or b'')
        done = subprocess.run(['git', 'merge-file', '-p', '-q', *names],
                              capture_output=True, check=False)
    if done.returncode:
        raise Error(f'{path}: the edit stands in lines that a later patch brings '
                    'or changes: name that one with P=NNNN')
    return done.stdout


def blob(tree, path):
    text = tree.cat(path)
    return None if text is None else text.encode()


def with_section(diff, path, own):
    """@diff with @own as what it has of @path; what it has of others stays."""
    parts = sections(diff)
    mine = [i for i, part in enumerate(parts) if path_of(part) == path]
    if mine:
        if '\nindex ' not in parts[mine[0]]:
            own = re.sub(r'\nindex .*', '', own)
        parts[mine[0]] = own
    else:
        parts.append(own)
    return ''.join(parts)


def new_diff(base, series, target, path, before, after):
    """The diff of @target with the edit of @path from @before to @after."""
    with Tree(base, series) as tree:
        for patch in series[:series.index(target)]:
            tree.apply(patch)
        tree.load()
        tree.take_out_and_add(target)
        start = tree.git('write-tree').strip()
        tree.edit(target)
        tree.put(path, merge(path, blob(tree, path), before, after))
        end = tree.git('write-tree').strip()
        own = tree.git('diff', CONTEXT, '--no-color', '--no-ext-diff',
                       start, end, '--', path)
    return with_section(target.diff_for(base), path, own)


def merges(path, data, before, after):
    try:
        merge(path, data, before, after)
    except Error:
        return False
    return True


def is_step(steps, number):
    return number and number.zfill(NUMBER_DIGITS) in [p.number for p, _ in steps]


def step_of(series, steps, path, number, before, after):
    """Which of @steps the edit goes to: the patch named, which may be a new step,
    else the first in which the lines around the edit stand."""
    if not number:
        return next(i for i, (_, data) in enumerate(steps)
                    if merges(path, data, before, after))
    target = owner(series, None, path, number)
    order = [series.index(patch) for patch, _ in steps]
    at = series.index(target)
    if at < order[0]:
        raise Error(f'{path} enters with {steps[0][0].path}, after P={number}')
    if at not in order:
        i = sum(1 for known in order if known < at)
        steps.insert(i, (target, steps[i - 1][1]))
        return i
    return order.index(at)


def regrow(base, series, path, steps, number, after):
    """Write an edit of an overlay file that several patches bring; returns which
    patch it went to."""
    before = steps[-1][1]
    at = step_of(series, steps, path, number, before, after)
    made = [data if i < at else merge(path, data, before, after)
            for i, (_, data) in enumerate(steps)]
    files.hold(path, after)
    for i in range(max(at, 1), len(steps)):
        patch = steps[i][0]
        if not leads_to(path, patch, made[i - 1], made[i]):
            own = difference(path, made[i - 1], made[i], CONTEXT)
            patch.save(base, with_section(patch.diff_for(base), path, own))
    return steps[at][0]


def edited_here(series):
    """Overlay files whose edit here leaves no place for what a later patch brings,
    with the steps of what is committed."""
    found = {}
    for path in grown_paths(series):
        try:
            history(series, path)
        except Error:
            known = committed(ROOT, path)
            if known is None:
                raise
            found[path] = history(series, path, known)
    return found


def committed(ours, path):
    done = subprocess.run(['git', 'show', f'HEAD:{path}'], cwd=ours,
                          capture_output=True, check=False)
    return None if done.returncode else done.stdout


def check_result(base, ours, tip, edits):
    """The series with the edits must make what stands in the tree."""
    for path, data in edits.items():
        made = subprocess.run(['git', 'show', f'{tip}:{path}'], cwd=ours,
                              capture_output=True, check=False).stdout
        if made != data:
            raise Error(f'{path}: with the edit in that patch the series makes '
                        'another file: name a later one with P=NNNN')


def warn_of_others(base):
    """The other bases may need a diff of their own, which is no reason to stop."""
    for other in sorted(os.listdir(os.path.join(ROOT, 'bases'))):
        if other == base or not os.path.isdir(
                os.path.join(ROOT, 'build', other, 'stock')):
            continue
        try:
            build(other)
        except Error as e:
            print(f'  WARNING {e}: bases/{other}/ may need a diff of its own')


def digest(data):
    return hashlib.sha256(data).hexdigest()


def undo_folder(base):
    return os.path.join(ROOT, 'build', base, 'undo')


def keep_for_undo(base, edits):
    """Copies of the files that are about to be written, and the edits."""
    folder = undo_folder(base)
    shutil.rmtree(folder, ignore_errors=True)
    for path in files.held():
        files.copy(os.path.join(ROOT, path), os.path.join(folder, 'repo', path))
    for path, data in edits.items():
        files.put(os.path.join(folder, 'ours', path), data)
    with open(os.path.join(folder, 'list'), 'w') as f:
        json.dump({'repo': {path: digest(files.read(path))
                            for path in files.held()},
                   'ours': list(edits)}, f)


def refresh(base, number=None, *only):
    """Returns the new tip and the paths of the edits, none if there is nothing."""
    ours = os.path.join(ROOT, 'build', base, 'ours')
    if not os.path.isdir(ours):
        raise Error(f'no tree of base {base} yet: run "make tree BASE={base}"')
    series = load_series()
    here = edited_here(series)
    edits = {path: files.read(path) for path in here}
    edits.update((path, load(ours, path)) for path in only or edited(ours))
    if not edits:
        print(f'  REFRESH nothing was edited in build/{base}/ours')
        return None, []
    claimed = {path for patch in series for path in patch.adds}
    said = []
    for path, data in edits.items():
        series = load_series()
        if path in claimed:
            steps = here.get(path) or history(series, path)
            named = number if path in only or is_step(steps, number) else None
            target = regrow(base, series, path, steps, named, data)
            said.append(path if len(steps) == 1 else
                        f'{path}, in what {target.path} brings')
            continue
        target = owner(series, base, path, number)
        target.save(base, new_diff(base, series, target, path,
                                   committed(ours, path), data))
        said.append(f'{target.own_diff(base)} ({path})')
    tip = build(base)
    check_result(base, ours, tip, edits)
    warn_of_others(base)
    keep_for_undo(base, edits)
    files.release()
    for line in said:
        print(f'  REFRESH {line}')
    print(f'  UNDO    make refresh BASE={base} UNDO=1')
    return tip, list(edits)


def undo(base):
    """Puts back what the last refresh wrote; returns the edits as they were."""
    folder = undo_folder(base)
    try:
        with open(os.path.join(folder, 'list')) as f:
            lists = json.load(f)
    except OSError:
        raise Error(f'nothing to undo: no refresh of base {base} yet') from None
    for path, written in lists['repo'].items():
        if digest(files.read(path)) != written:
            raise Error(f'{path} was changed after the refresh: undo it by hand')
    for path in lists['repo']:
        files.copy(os.path.join(folder, 'repo', path), os.path.join(ROOT, path))
        print(f'  UNDO    {path}')
    edits = {path: load(os.path.join(folder, 'ours'), path)
             for path in lists['ours']}
    shutil.rmtree(folder)
    return edits
