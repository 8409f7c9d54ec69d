# SPDX-License-Identifier: GPL-2.0-only
"""Find and cut C definitions by name."""
import os
import re
import subprocess
import tempfile


def find(text, name):
    """Line ranges, from 0 and end exclusive, of the definitions of @name.

    A name may be defined more than once, under #ifdef.  A range takes along
    the comment and attributes right above and the EXPORT_SYMBOL right below.
    """
    with tempfile.TemporaryDirectory() as d:
        source = os.path.join(d, 'source.c')
        with open(source, 'w') as f:
            f.write(text)
        tags = subprocess.run(['ctags', '--fields=+ne', '-f', '-', source],
                              capture_output=True, text=True, check=True).stdout
    lines = text.splitlines()
    ranges = []
    for tag in tags.splitlines():
        if tag.split('\t')[0] != name:
            continue
        start = int(re.search(r'\tline:(\d+)', tag)[1]) - 1
        end = int(re.search(r'\tend:(\d+)', tag)[1])
        while start and not re.match(r'(#|}|.*;$|$)', lines[start - 1]):
            start -= 1
        while end < len(lines) and re.match(rf'EXPORT_SYMBOL\w*\({name}\)',
                                            lines[end]):
            end += 1
        ranges.append((start, end))
    return sorted(ranges)


def body(text, name):
    lines = text.splitlines(keepends=True)
    return ''.join(''.join(lines[a:b]) for a, b in find(text, name))


def cut(text, name):
    """Take the definitions out, each with one empty line below."""
    lines = text.splitlines(keepends=True)
    for a, b in reversed(find(text, name)):
        if lines[b:b + 1] == ['\n']:
            b += 1
        del lines[a:b]
    return ''.join(lines)
