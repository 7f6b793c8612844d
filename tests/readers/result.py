# SPDX-License-Identifier: GPL-3.0-or-later
"""What the readers' tests share: the result files they are given, and TAP.

A test is a function whose name says what holds; it yields a line for each breach.
"""
import os
import sys
import traceback

import h5py


def path():
    """The result file: the last argument, or WATTSPAN_RESULT."""
    given = sys.argv[1:] or [os.environ.get("WATTSPAN_RESULT", "")]
    if not os.path.isfile(given[-1]):
        sys.exit(f"usage: {sys.argv[0]} RESULT.h5")
    return given[-1]


def kinds():
    """{kind: path}: the results in the folder that is the last argument, or the one result that it is."""
    given = sys.argv[-1]
    if os.path.isfile(given):
        return {"result": given}
    return {name[:-3]: os.path.join(given, name) for name in sorted(os.listdir(given)) if name.endswith(".h5")}


def root():
    """The source tree."""
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("WS_SOURCE_ROOT", os.path.join(here, "..", ".."))


class Tap:
    """Counts and prints."""

    def __init__(self):
        self.count, self.failed = 0, 0

    def test(self, name, function, *arguments):
        self.count += 1
        try:
            breaches = list(function(*arguments))
        except Exception:  # a reader that cannot read is a breach
            breaches = [traceback.format_exc()]
        for breach in breaches[:20]:
            print("# " + str(breach).strip().replace("\n", "\n# "))
        self.failed += bool(breaches)
        print(f"{'not ' if breaches else ''}ok {self.count} - {name}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed or not self.count else 0)


def words(function):
    return function.__name__.replace("_", " ")


def run(*tests):
    tap = Tap()
    for test in tests:
        tap.test(words(test), test)
    tap.end()


def run_kinds(*tests):
    """Each test with each result, as an open h5py file."""
    tap, found = Tap(), kinds()
    for kind, place in found.items():
        with h5py.File(place, "r") as file:
            for test in tests:
                tap.test(f"{kind}: {words(test)}", test, file)
    tap.end()


# ---- what h5py knows of a file; names of objects are not asked for, which in HDF5 is a search through the file ----


def items(file, kind):
    """(path, object) of all groups or datasets, the file itself as a group with the path ''."""
    found = [("", file)] if kind is h5py.Group else []
    file.visititems(lambda name, item: found.append((name, item)) if isinstance(item, kind) else None)
    return found


def is_text(dataset):
    return h5py.check_string_dtype(dataset.dtype) is not None


def is_scale(dataset):
    return h5py.h5ds.is_scale(dataset.id)


def axis_of(scale):
    return h5py.h5ds.get_scale_name(scale.id).decode()


def axes_of(path, dataset):
    """Names of a dataset's axes."""
    if is_scale(dataset):
        return [path.split("/")[-1]]
    return [axis_of(dim[0]) for dim in dataset.dims]


def values_of(dataset):
    return dataset.asstr()[()] if is_text(dataset) else dataset[()]
