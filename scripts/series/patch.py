# SPDX-License-Identifier: GPL-2.0-only
"""patches/FOLDER/NNNN-slug.patch: mail header, message, ---, manifest, diff.

An overlay file may grow: one patch adds it, and diffs of later ones have it, too.
The overlay holds the file as the last of them leaves it.
"""
import email
import glob
import os
import re

from files import ROOT, Error, exists, hold, read


def split_diff(text):
    at = re.search(r'^diff --git ', text, re.M)
    return (text[:at.start()], text[at.start():]) if at else (text, '')


def sections(diff):
    """The parts of a diff, each about one file."""
    return list(filter(None, re.split(r'^(?=diff --git )', diff, flags=re.M)))


def path_of(section):
    return re.match(r'diff --git a/(\S+) ', section)[1]


class Patch:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.folder = os.path.basename(os.path.dirname(path))
        self.number = self.name[:4]
        text = read(path).decode()
        self.head, line, rest = text.partition('\n---\n')
        if not line:
            raise Error(f'{path}: has no "---" line below its message')
        self.manifest, self.diff = split_diff(rest)
        # Overlay files of the whole series; load_series() knows them.
        self.overlay = set()

        mail = email.message_from_string(self.head)
        self.author, self.date = mail['From'], mail['Date']
        if not self.author or not self.date or not mail['Subject']:
            raise Error(f'{path}: wants From:, Date: and Subject: lines')
        subject = re.sub(r'\s+', ' ', mail['Subject'])
        subject = re.sub(r'^\[PATCH[^]]*\] ', '', subject)
        self.message = f'{subject}\n\n{mail.get_payload().strip()}\n'

        self.moves = [tuple(move.split(' ')) for move in self.claims('Moves')]
        self.adds = self.claims('Adds')
        self.replaces = self.claims('Replaces')
        self.inserts = self.claims('Inserts')
        for claim in filter(None, self.manifest.splitlines()):
            if not re.match(r'((Adds|Replaces|Inserts): \S+|Moves: \S+ \S+)$',
                            claim):
                raise Error(f'{path}: cannot read manifest line "{claim}"')

    def claims(self, kind):
        return re.findall(rf'^{kind}: (.*)$', self.manifest, re.M)

    def own_diff(self, base):
        """Where the diff for this base stands: a base may have its own."""
        own = f'bases/{base}/{self.name}'
        return own if exists(own) else self.path

    def grows(self):
        """What it changes in overlay files: those are the same on every base."""
        return [section for section in sections(self.diff)
                if path_of(section) in self.overlay]

    def diff_for(self, base):
        own = self.own_diff(base)
        if own == self.path:
            return self.diff
        return split_diff(read(own).decode())[1] + ''.join(self.grows())

    def edits(self, base):
        return {path_of(section) for section in sections(self.diff_for(base))}

    def save(self, base, diff):
        """The files are written by release()."""
        own = self.own_diff(base)
        if own != self.path:
            theirs = [s for s in sections(diff) if path_of(s) not in self.overlay]
            grown = [s for s in sections(diff) if path_of(s) in self.overlay]
            hold(own, ''.join(theirs).encode())
            if grown == self.grows():
                return
            diff = ''.join([s for s in sections(self.diff)
                            if path_of(s) not in self.overlay] + grown)
        self.diff = diff
        manifest = self.manifest.strip()
        if manifest:
            manifest += '\n'
        hold(self.path, f'{self.head}\n---\n{manifest}\n{diff}'.encode())


def load_series():
    lines = read('patches/series').decode().splitlines()
    names = [line.split('#')[0].strip() for line in lines]
    series = [Patch(f'patches/{name}') for name in names if name]
    # A patch that is forgotten here would be in no kernel, and nobody would notice.
    there = glob.glob('patches/*/*.patch', root_dir=ROOT)
    for path in sorted(set(there) - {patch.path for patch in series}):
        raise Error(f'{path}: patches/series does not have it')
    overlay = {path for patch in series for path in patch.adds}
    for patch in series:
        patch.overlay = overlay
    return series
