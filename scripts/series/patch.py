# SPDX-License-Identifier: GPL-2.0-only
"""patches/NNNN-slug.patch: mail header, message, ---, manifest, diff."""
import email
import os
import re

from files import Error, exists, hold, read


def split_diff(text):
    at = re.search(r'^diff --git ', text, re.M)
    return (text[:at.start()], text[at.start():]) if at else (text, '')


class Patch:
    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        self.number = self.name[:4]
        text = read(path).decode()
        self.head, line, rest = text.partition('\n---\n')
        if not line:
            raise Error(f'{path}: has no "---" line below its message')
        self.manifest, self.diff = split_diff(rest)

        mail = email.message_from_string(self.head)
        self.author, self.date = mail['From'], mail['Date']
        if not self.author or not self.date or not mail['Subject']:
            raise Error(f'{path}: wants From:, Date: and Subject: lines')
        subject = re.sub(r'\s+', ' ', mail['Subject'])
        subject = re.sub(r'^\[PATCH[^]]*\] ', '', subject)
        self.message = f'{subject}\n\n{mail.get_payload().strip()}\n'

        self.adds = self.claims('Adds')
        self.replaces = self.claims('Replaces')
        self.inserts = self.claims('Inserts')
        for claim in filter(None, self.manifest.splitlines()):
            if not re.match(r'(Adds|Replaces|Inserts): \S+$', claim):
                raise Error(f'{path}: cannot read manifest line "{claim}"')

    def claims(self, kind):
        return re.findall(rf'^{kind}: (\S+)$', self.manifest, re.M)

    def own_diff(self, base):
        """Where the diff for this base stands: a base may have its own."""
        own = f'bases/{base}/{self.name}'
        return own if exists(own) else self.path

    def diff_for(self, base):
        own = self.own_diff(base)
        return split_diff(read(own).decode())[1] if own != self.path else self.diff

    def edits(self, base):
        return set(re.findall(r'^diff --git a/(\S+) ', self.diff_for(base), re.M))

    def save(self, base, diff):
        """The file is written by release()."""
        own = self.own_diff(base)
        manifest = self.manifest.strip()
        if manifest:
            manifest += '\n'
        text = f'{self.head}\n---\n{manifest}\n{diff}'
        hold(own, (text if own == self.path else diff).encode())


def load_series():
    lines = read('patches/series').decode().splitlines()
    names = [line.split('#')[0].strip() for line in lines]
    return [Patch(f'patches/{name}') for name in names if name]
