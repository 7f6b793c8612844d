# SPDX-License-Identifier: GPL-3.0-or-later
"""A packed tally of /sketch, taken apart as results/README.md says, and by nothing else."""
import struct
from fractions import Fraction


class Bytes:
    def __init__(self, row):
        self.row, self.at = bytes(row), 0

    def whole(self):
        value = shift = 0
        while True:
            byte = self.row[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def real(self):
        self.at += 8
        return struct.unpack_from("<d", self.row, self.at - 8)[0]

    def sum(self):
        negative, first, count = self.whole(), self.whole(), self.whole()
        total = sum(Fraction(2) ** (32 * (first + i) - 1126) * self.whole() for i in range(count))
        left_out = [self.whole() for _ in range(3)]
        return (-total if negative else total), left_out

    def pages(self):
        """{(octave, bin): count}"""
        counts = {}
        shift, n_pages = divmod(self.whole(), 4096)
        for _ in range(n_pages):
            code, place = self.whole(), 0
            octave = -(code + 1) // 2 if code % 2 else code // 2
            while place < 1024:
                count = self.whole()
                if count:
                    counts[octave, place] = count << shift
                    place += 1
                else:
                    place += self.whole()
            assert place == 1024
        return counts


class Tally:
    def __init__(self, row):
        b = Bytes(row)
        self.pivot, self.scale, self.minimum, self.maximum = b.real(), b.real(), b.real(), b.real()
        self.n, self.n_invalid, self.first_invalid = b.whole(), b.whole(), b.whole() - 1
        self.sums = [b.sum() for _ in range(4)]
        self.origin, self.counts = b.real(), b.pages()
        self.squares = None
        if b.whole():
            self.square_sums = [b.sum() for _ in range(4)]
            assert b.real() == self.origin
            self.squares = b.pages()
        assert b.at == len(b.row)

    def quantile_bounds(self, p):
        """Ends of the bin that holds the quantile."""
        wanted, below = p * sum(self.counts.values()), 0
        for octave, place in sorted(self.counts, key=lambda at: (at[0], at[1] if at[0] > 0 else -at[1])):
            below += self.counts[octave, place]
            if below >= wanted:
                break
        ends = [2.0 ** (abs(octave) - 1024) * (1 + (place + k) / 1024) if octave else 0.0 for k in (0, 1)]
        return sorted(self.origin + (end if octave > 0 else -end) for end in ends)


def tallies(group, case, slot=0):
    """Those of all randomisations in a case; none where nothing was drawn."""
    sizes = group["size"][case, :, slot]
    return [Tally(row[:size]) for size, row in zip(sizes, group["packed"][case, :, slot]) if size]
