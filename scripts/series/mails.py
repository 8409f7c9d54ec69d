# SPDX-License-Identifier: GPL-2.0-only
"""Each series as the mails that go to a list."""
import os
import re
import shutil
import subprocess

from files import ROOT, Error, exists, read
from patch import load_series
from tree import build_alone


class Cover:
    """patches/FOLDER/cover-letter: Needs: and Cc: lines, subject, empty line, text."""
    def __init__(self, folder):
        path = f'patches/{folder}/cover-letter'
        if not exists(path):
            raise Error(f'{path} is missing: each folder is a series with one')
        head, _, self.blurb = read(path).decode().partition('\n\n')
        lines = head.split('\n')
        self.subject = lines.pop()
        self.needs = [line[7:] for line in lines if line.startswith('Needs: ')]
        self.cc = [line[4:] for line in lines if line.startswith('Cc: ')]


def folders():
    """In the order in which the series has them."""
    return list(dict.fromkeys(patch.folder for patch in load_series()))


def write_mails(base, folder):
    """Mails with a cover letter in build/BASE/mails/FOLDER; returns that folder, the
    commit that they go on, and the one that they have to make."""
    cover = Cover(folder)
    made = build_alone(base, {folder, *cover.needs})
    before = [commit for commit, patch in made if patch.folder != folder]
    start = before[-1] if before else 'base'
    tip = made[-1][0]
    if [patch.folder for _, patch in made[:len(before)]].count(folder):
        raise Error(f'patches/{folder} comes before what it needs')
    out = os.path.join(ROOT, 'build', base, 'mails', folder)
    shutil.rmtree(out, ignore_errors=True)
    stock = os.path.join(ROOT, 'build', base, 'stock')
    subprocess.run(['git', 'format-patch', '-q', '--cover-letter', '--no-base',
                    '--no-signature', *[f'--cc={cc}' for cc in cover.cc],
                    '-o', out, f'{start}..{tip}'], cwd=stock, check=True)
    first = next(f for f in sorted(os.listdir(out)) if f.startswith('0000'))
    path = os.path.join(out, first)
    with open(path) as f:
        text = f.read()
    with open(path, 'w') as f:
        f.write(re.sub(r'\*\*\* BLURB HERE \*\*\*', lambda _: cover.blurb.strip(),
                       text.replace('*** SUBJECT HERE ***', cover.subject)))
    return out, start, tip
