# -*- coding: utf-8 -*-
"""Usage: check.py DUMP... - prints, as a JSON list, what marshal.load makes of each dump (null where it cannot).

Numbers are printed as text with their type (i5, f0.25), so that nothing is lost on the way. Names are printed as UTF-8
decoded byte by byte where they are no UTF-8. A code object as a name is printed as Python shows it, less its address.
Then pstats itself must be able to load, sort and print whatever has no sampling mark.
"""
from __future__ import print_function
import io
import json
import marshal
import pstats
import sys


def text(x):
    if hasattr(x, 'co_name'):
        return '<code object %s, file "%s", line %d>' % (text(x.co_name), text(x.co_filename), x.co_firstlineno)
    if isinstance(x, bytes):
        try:
            return x.decode('utf-8')
        except UnicodeDecodeError:
            return x.decode('latin-1')
    return x


def key(k):
    return [text(k[0]), k[1], text(k[2])]


def number(n):
    if isinstance(n, float):
        return 'f' + repr(n)
    return 'i%d' % n


def numbers(v):
    return [number(n) for n in v] if isinstance(v, tuple) else number(v)


class Sink(object):
    def write(self, s):
        pass


def check(path):
    try:
        with io.open(path, 'rb') as f:
            stats = marshal.loads(f.read())
    except (ValueError, SystemError, EOFError, TypeError):
        return None
    sampled = stats.pop(('__sampled__',), False)
    rows = [[key(k), numbers(v[:4]), [[key(c), numbers(x)] for c, x in v[4].items()]] for k, v in stats.items()]
    if not sampled and '--print' in sys.argv:
        s = pstats.Stats(path, stream=Sink())
        s.sort_stats('cumulative', 'name').print_stats()
        s.print_callers()
    return {'sampled': sampled, 'rows': rows}


print(json.dumps([check(a) for a in sys.argv[1:] if a != '--print']))
