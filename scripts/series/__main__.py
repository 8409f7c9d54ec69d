# SPDX-License-Identifier: GPL-2.0-only
"""Turn a base and the series into commits, mails, and back.

usage: python3 scripts/series COMMAND BASE [SERIES... | NNNN [PATH...]]

  build     make one commit per patch on the base; print the last one
  alone     the same with the patches of some SERIES only
  checkout  build, and put the result into build/BASE/ours
  refresh   write edits made in build/BASE/ours back, all or those of PATH;
            to patch NNNN, or to the last one that has the file already
  undo      take the last refresh back; its edits are edits again
  mails     write build/BASE/mails/SERIES for each, and show that they apply
  check     each overlay file claimed once, each replaced body known
  sums      accept the base's replaced bodies as they are now
"""
import os
import subprocess
import sys
import tempfile

from files import ROOT, Error, put
from mails import folders, write_mails
from refresh import edited, refresh, undo
from tree import build, build_alone, save_sums


def stock(base):
    return os.path.join(ROOT, 'build', base, 'stock')


def git(base, *args):
    done = subprocess.run(['git', '-C', stock(base), *args],
                          capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().split('\n')[0]
        raise Error(f'git {args[0]} on base {base}: {said}')
    return done.stdout.strip()


def checkout(base):
    tip, ours = build(base), os.path.join(ROOT, 'build', base, 'ours')
    if not os.path.isdir(ours):
        git(base, 'worktree', 'prune')
        git(base, 'worktree', 'add', '-f', '--detach', ours, tip)
    elif edited(ours):
        raise Error(f'build/{base}/ours was edited: "make refresh BASE={base}" '
                    f'keeps the edits, "git -C build/{base}/ours stash" drops them')
    elif git(base, '-C', ours, 'rev-parse', 'HEAD') != tip:
        git(base, '-C', ours, 'checkout', '-q', '--detach', tip)


def settle(base, tip, paths):
    """The series has these edits now: they are no edits any more."""
    ours = os.path.join(ROOT, 'build', base, 'ours')
    for path in paths:
        tracked = git(base, '-C', ours, 'ls-files', path)
        if tracked:
            git(base, '-C', ours, 'checkout', '-q', '--', path)
        else:
            os.unlink(os.path.join(ours, path))
    git(base, '-C', ours, 'checkout', '-q', '--detach', tip)


def take_back(base):
    ours = os.path.join(ROOT, 'build', base, 'ours')
    edits = undo(base)
    git(base, '-C', ours, 'checkout', '-q', '--detach', build(base))
    for path, data in edits.items():
        put(os.path.join(ours, path), data)


def apply_mails(base, scratch, out, start, tip):
    """git am of the mails must give the tree that the series gives."""
    git(base, 'worktree', 'add', '-q', '--no-checkout', '--detach', scratch, start)
    try:
        # Only the few files that the mails change are checked out.
        touched = git(base, 'diff', '--name-only', start, tip).splitlines()
        git(base, '-C', scratch, 'sparse-checkout', 'set', '--no-cone',
            *[f'/{path}' for path in touched])
        git(base, '-C', scratch, 'checkout', '-q')
        names = sorted(os.listdir(out))[1:]
        done = subprocess.run(
            ['git', '-c', 'user.name=am', '-c', 'user.email=am@localhost',
             'am', '-q', *[os.path.join(out, n) for n in names]],
            cwd=scratch, capture_output=True, text=True)
        if done.returncode:
            raise Error(f'git am: {done.stderr.strip().splitlines()[0]}')
        got = git(base, '-C', scratch, 'rev-parse', 'HEAD^{tree}')
    finally:
        git(base, 'worktree', 'remove', '--force', scratch)
    if got != git(base, 'rev-parse', f'{tip}^{{tree}}'):
        raise Error('the mails give another tree than the series')
    return len(names)


def mails(base):
    """Those of each series, on the base and what the series needs."""
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, 'build')) as d:
        for folder in folders():
            out, start, tip = write_mails(base, folder)
            count = apply_mails(base, os.path.join(d, 'am'), out, start, tip)
            print(f'  MAILS   {count} in build/{base}/mails/{folder}; '
                  'git am of them gives the tree of the series')


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    command, base = sys.argv[1:3]
    try:
        if command in ('build', 'check'):
            print(build(base))
        elif command == 'alone':
            print(build_alone(base, set(sys.argv[3:]))[-1][0])
        elif command == 'checkout':
            checkout(base)
        elif command == 'refresh':
            tip, paths = refresh(base, *sys.argv[3:])
            if paths:
                settle(base, tip, paths)
        elif command == 'undo':
            take_back(base)
        elif command == 'mails':
            mails(base)
        elif command == 'sums':
            save_sums(base)
        else:
            sys.exit(__doc__.strip())
    except Error as e:
        sys.exit(f'series: {e}')


main()
