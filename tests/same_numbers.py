#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""same_numbers.py A.h5 B.h5...: fails unless every result holds what the first one holds, bit by bit, but for when and
where they were made."""
import sys

import h5py
import numpy

MADE = {"date_created", "history", "host", "isa", "threads", "ranks", "wall_seconds"}


def bits(values):
    values = numpy.asarray(values)
    plain = values.dtype.kind in "iuf"
    return values.dtype.str, values.shape, values.tobytes() if plain else repr(values.tolist())


def content(path):
    found = {}
    with h5py.File(path) as file:
        def look(name, item):
            if isinstance(item, h5py.Dataset):
                found[name] = bits(item[()])
        file.visititems(look)
        found.update({"@" + name: bits(value) for name, value in file.attrs.items() if name not in MADE})
    return found


def main(paths):
    first = content(paths[0])
    for path in paths[1:]:
        other = content(path)
        differing = sorted(k for k in first.keys() | other.keys() if first.get(k) != other.get(k))
        if differing:
            sys.exit(f"{paths[0]} and {path} differ in {', '.join(differing[:8])}")


if __name__ == "__main__":
    main(sys.argv[1:])
