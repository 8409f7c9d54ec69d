# SPDX-License-Identifier: GPL-2.0-only
"""The repository's own files, and the one kind of error that ends a run."""
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
OVERLAY = ('Documentation', 'crypto', 'fs', 'include', 'lib', 'net', 'samples',
           'security', 'tools')


# Files to write once everything applies. Until then they are kept in memory, and read
# from there.
pending = {}


class Error(Exception):
    """One line that says what failed, why, and what to do."""


def exists(path):
    return path in pending or os.path.lexists(os.path.join(ROOT, path))


def read(path):
    if path in pending:
        return pending[path]
    try:
        with open(os.path.join(ROOT, path), 'rb') as f:
            return f.read()
    except OSError as e:
        raise Error(f'{path}: {e.strerror}') from None


def write(path, data):
    """All or nothing: a full disk leaves the old file as it was."""
    full = os.path.join(ROOT, path)
    try:
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full + '.new', 'wb') as f:
            f.write(data)
        if os.path.exists(full):
            shutil.copymode(full, full + '.new')
        os.replace(full + '.new', full)
    except OSError as e:
        if os.path.exists(full + '.new'):
            os.unlink(full + '.new')
        raise Error(f'{path}: {e.strerror}') from None


def hold(path, data):
    """To be written by release(), and to be read from now on."""
    pending[path] = data


def held():
    return list(pending)


def release():
    for path in held():
        write(path, pending.pop(path))


def put(full, data):
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, 'wb') as f:
        f.write(data)


def copy(source, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy2(source, target)


def mode(path):
    return '100755' if os.access(os.path.join(ROOT, path), os.X_OK) else '100644'


def overlay_files():
    """What stands in the overlay, committed or not, but not ignored."""
    listed = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard',
         '--', *OVERLAY], cwd=ROOT, capture_output=True, text=True, check=True)
    return {p for p in listed.stdout.split('\0') if p and exists(p)}
