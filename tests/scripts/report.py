#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/report: one page, self-contained, well formed, with the file's numbers; Chromium lays it out, prints it."""
import html.parser
import os
import re
import shutil
import subprocess
import sys
import tempfile

import h5py

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "readers")]
import result as reader  # noqa: E402

PATH = reader.path()
REPORT = os.path.join(reader.root(), "scripts", "report")
SCRATCH = tempfile.TemporaryDirectory()
PAGE = os.path.join(SCRATCH.name, "page.html")
DONE = subprocess.run([sys.executable, "-B", REPORT, PATH, "-o", PAGE, "--only", "energy", "--only", "cost_owned"],
                      capture_output=True, text=True, check=False)
with open(PAGE, encoding="utf-8") as page_file:
    TEXT = page_file.read()


class Tags(html.parser.HTMLParser):
    """Collects what is not closed, and each address that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.fetched, self.anchors, self.ids = [], [], [], [], set()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in ("meta", "img", "br", "wbr", "link"):
            self.open.append(tag)
        self.fetched += [attrs["src"]] if "src" in attrs else []
        self.fetched += [attrs["href"]] if tag == "link" else []
        self.anchors += [attrs["href"][1:]] if attrs.get("href", "").startswith("#") else []
        self.ids.add(attrs.get("id"))
        if tag == "img" and not attrs.get("alt"):
            self.wrong.append("an image without a text for those who do not see it")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


def parsed():
    tags = Tags()
    tags.feed(TEXT)
    return tags


def it_is_made_in_silence():
    if DONE.returncode or DONE.stdout or DONE.stderr:
        yield f"{DONE.returncode} {DONE.stdout} {DONE.stderr}"
    if os.listdir(SCRATCH.name) != ["page.html"]:
        yield f"left behind: {os.listdir(SCRATCH.name)}"


def it_is_well_formed_and_needs_nothing_else():
    tags = parsed()
    yield from tags.wrong
    if tags.open:
        yield f"not closed: {tags.open}"
    yield from (f"fetches {a[:60]}" for a in tags.fetched if not a.startswith("data:"))
    yield from (f"leads nowhere: #{a}" for a in tags.anchors if a not in tags.ids)
    if re.search(r"@import|url\(|<script", TEXT):
        yield "script, import or url()"


def it_says_what_the_file_says():
    with h5py.File(PATH) as file:
        summary = file["summary/energy"]
        at = list(summary["quantile"]).index(0.5)
        wanted = [f"{summary['quantile_value'][0, at]:.0f}", summary.attrs["boundary"].replace("'", "&#x27;"),
                  file.attrs["study_sha256"], file.attrs["title"], f"{file.attrs['draws']:,} scenarios"]
        wanted += [name.decode().replace("_", "_<wbr>") for name in file["inputs/input"]]
        yield from (f"no '{part}'" for part in wanted if part not in TEXT)


def what_is_no_result_is_one_line():
    for arguments, code in ((["/nonexistent.h5"], 4), ([__file__], 4), ([PATH, "--only", "enrgy"], 2)):
        done = subprocess.run([sys.executable, "-B", REPORT, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != code or done.stderr.count("\n") != 1:
            yield f"{arguments}: {done.returncode} {done.stderr}"


def browse(*arguments):
    done = subprocess.run(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                           f"--user-data-dir={SCRATCH.name}/profile", *arguments], capture_output=True, text=True,
                          timeout=120, check=False)
    return done.stdout


def it_fits_a_phone_and_a_desk():
    """Nothing but what scrolls by itself is wider than the window."""
    probe = os.path.join(SCRATCH.name, "probe.html")
    with open(probe, "w", encoding="utf-8") as file:
        file.write('<body style="margin:0">' + "".join(
            f'<iframe src="page.html" style="width:{width}px;height:800px;border:0"></iframe>' for width in (360, 1280))
            + '<script>onload = () => document.body.innerHTML = [...document.querySelectorAll("iframe")].map(f => '
            '"<i>" + f.contentDocument.documentElement.scrollWidth + "/" + f.clientWidth + "</i>").join("")</script>')
    found = re.findall(r"<i>(\d+)/(\d+)</i>",
                       browse("--allow-file-access-from-files", "--dump-dom", "--virtual-time-budget=9000",
                              f"file://{probe}"))
    if len(found) != 2:
        yield f"no two widths: {found}"
    yield from (f"{wide} pixels in a window of {window}" for wide, window in found if int(wide) > int(window))


def it_prints():
    paper = os.path.join(SCRATCH.name, "page.pdf")
    browse("--no-pdf-header-footer", f"--print-to-pdf={paper}", f"file://{PAGE}")
    words = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout
    yield from (f"no '{part}' in the PDF" for part in ("Results", "Provenance", "cost_owned") if part not in words)


TESTS = [it_is_made_in_silence, it_is_well_formed_and_needs_nothing_else, it_says_what_the_file_says,
         what_is_no_result_is_one_line]
reader.run(*TESTS, *([it_fits_a_phone_and_a_desk, it_prints] if shutil.which("chromium") else []))
