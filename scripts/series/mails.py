# SPDX-License-Identifier: GPL-2.0-only
"""The series as the mails that go to a list."""
import os
import shutil
import subprocess

from files import ROOT, read
from tree import build


def write_mails(base):
    """Mails with a cover letter in build/BASE/mails; returns the folder."""
    tip = build(base)
    out = os.path.join(ROOT, 'build', base, 'mails')
    shutil.rmtree(out, ignore_errors=True)
    stock = os.path.join(ROOT, 'build', base, 'stock')
    subprocess.run(['git', 'format-patch', '-q', '--cover-letter', '--no-base',
                    '--no-signature', '-o', out, f'base..{tip}'], cwd=stock, check=True)
    subject, _, blurb = read('patches/cover-letter').decode().partition('\n\n')
    cover = next(f for f in sorted(os.listdir(out)) if f.startswith('0000'))
    path = os.path.join(out, cover)
    with open(path) as f:
        text = f.read()
    with open(path, 'w') as f:
        f.write(text.replace('*** SUBJECT HERE ***', subject)
                .replace('*** BLURB HERE ***', blurb.strip()))
    return out
