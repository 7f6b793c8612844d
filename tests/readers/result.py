# SPDX-License-Identifier: GPL-3.0-or-later
"""What the readers' tests share: the file they are given, and TAP.

A test is a function whose name says what holds; it yields a line for each breach.
"""
import os
import sys
import traceback


def path():
    """The result file: the last argument, or WATTSPAN_RESULT."""
    given = sys.argv[1:] or [os.environ.get("WATTSPAN_RESULT", "")]
    if not os.path.isfile(given[-1]):
        sys.exit(f"usage: {sys.argv[0]} RESULT.h5")
    return given[-1]


def root():
    """The source tree."""
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("WS_SOURCE_ROOT", os.path.join(here, "..", ".."))


def run(*tests):
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            breaches = list(test())
        except Exception:  # a reader that cannot read is a breach
            breaches = [traceback.format_exc()]
        for breach in breaches[:20]:
            print("# " + str(breach).strip().replace("\n", "\n# "))
        failed += bool(breaches)
        print(f"{'not ' if breaches else ''}ok {number} - {test.__name__.replace('_', ' ')}", flush=True)
    print(f"1..{len(tests)}")
    sys.exit(1 if failed else 0)
