# SPDX-License-Identifier: GPL-2.0-only
"""What an overlay file is in the patch that adds it, if later ones change it."""
import os
import re
import subprocess
import tempfile

from files import Error, put, read
from patch import path_of


def take_back(path, data, patch, section):
    """@data without what @section, of a later patch, brings."""
    with tempfile.TemporaryDirectory() as d:
        put(os.path.join(d, path), data)
        done = subprocess.run(
            ['git', 'apply', '-R', '-'], input=section.encode(), cwd=d,
            env={**os.environ, 'GIT_CEILING_DIRECTORIES': os.path.dirname(d)},
            capture_output=True, check=False)
        if done.returncode:
            raise Error(f'{path} was edited in lines that {patch.path} brings: '
                        'edit it in build/BASE/ours, or "make refresh" here')
        with open(os.path.join(d, path), 'rb') as f:
            return f.read()


def leads_to(path, patch, before, after):
    """Whether @patch as it is makes @after of @before."""
    mine = [section for section in patch.grows() if path_of(section) == path]
    try:
        return len(mine) == 1 and \
            take_back(path, after, patch, mine[0]) == before
    except Error:
        return False


def difference(path, old, new, context):
    """How a patch says that @path becomes @new; empty if it does not change."""
    with tempfile.TemporaryDirectory() as d:
        put(os.path.join(d, 'a', path), old)
        put(os.path.join(d, 'b', path), new)
        said = subprocess.run(
            ['git', 'diff', '--no-index', '--no-prefix', '--no-color',
             '--no-ext-diff', context, f'a/{path}', f'b/{path}'], cwd=d,
            capture_output=True, text=True, check=False).stdout
    return re.sub(r'\nindex .*', '', said, count=1)


def history(series, path, data=None):
    """The patches that have @path and what each leaves, the one that adds it first;
    the last leaves @data, or what stands in the overlay."""
    first = next(i for i, patch in enumerate(series) if path in patch.adds)
    data, steps = data or read(path), []
    for patch in reversed(series[first + 1:]):
        for section in reversed(patch.grows()):
            if path_of(section) == path:
                steps.insert(0, (patch, data))
                data = take_back(path, data, patch, section)
    return [(series[first], data), *steps]


def grown_paths(series):
    return {path_of(section) for patch in series for section in patch.grows()}


def as_added(series):
    """Of each overlay file that grows, what its own patch adds."""
    return {path: history(series, path)[0][1] for path in grown_paths(series)}
