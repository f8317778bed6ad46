"""Answers of Python's own pstats, for the oracle tests.

pstats_check.py equal A B            are the two dumps equal after marshal.load (keys in order, numbers to the last bit)?
pstats_check.py merged OUT A B ...   is OUT what pstats.Stats(A, B, ...).dump_stats writes?
pstats_check.py stripped OUT A       is OUT what Stats(A).strip_dirs() holds, but for callers that collide there?
Prints "equal N" or the first difference.
"""
import io
import marshal
import pstats
import sys


def load(path):
    with open(path, 'rb') as f:
        return marshal.load(f)


def first_difference(theirs, ours, skip=()):
    if list(theirs) != list(ours):
        only_theirs = [k for k in theirs if k not in ours][:3]
        only_ours = [k for k in ours if k not in theirs][:3]
        return 'keys differ: only theirs %r, only ours %r, or their order' % (only_theirs, only_ours)
    for key in theirs:
        if theirs[key][:4] != ours[key][:4]:
            return '%r: theirs %r, ours %r' % (key, theirs[key][:4], ours[key][:4])
        if key in skip:
            continue
        if list(theirs[key][4].items()) != list(ours[key][4].items()):
            return 'callers of %r: theirs %r, ours %r' % (key, theirs[key][4], ours[key][4])
    return None


def main(mode, *paths):
    skip = ()
    if mode == 'equal':
        theirs, ours = load(paths[0]), load(paths[1])
    elif mode == 'merged':
        stats = pstats.Stats(*paths[1:], stream=io.StringIO())
        theirs, ours = stats.stats, load(paths[0])
    else:
        whole = pstats.Stats(paths[1], stream=io.StringIO())
        # strip_dirs keeps only the last of two callers that become one: their numbers are wrong there on purpose.
        base = pstats.func_strip_path
        skip = set()
        for key, value in whole.stats.items():
            if len({base(c) for c in value[4]}) < len(value[4]):
                skip.add(base(key))
        counts = {}
        for key in whole.stats:
            counts[base(key)] = counts.get(base(key), 0) + 1
        theirs, ours = whole.strip_dirs().stats, load(paths[0])
        print('collisions %d' % len(skip))
    difference = first_difference(theirs, ours, skip)
    print('equal %d' % len(theirs) if difference is None else difference)


main(*sys.argv[1:])
