#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts/catalogue makes of two studies, and when it fails, in TAP.

    catalogue.py WATTSPAN ROOT
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

wattspan, root = sys.argv[1], pathlib.Path(sys.argv[2])
KEPT = ("training-run", "gpt-4", "llama-3.1-405b", "frontier-trend")
MARKS = "<!-- catalogue: scripts/catalogue --readme -->\n<!-- end of catalogue -->\n"
count = 0


def check(holds, name, shown=""):
    global count
    count += 1
    if not holds:
        print("# " + shown.replace("\n", "\n# "))
    print(f"{'' if holds else 'not '}ok {count} - {name}")


def make_tree(place):
    """A source tree of a few studies."""
    tree = pathlib.Path(place, "tree")
    (tree / "scripts").mkdir(parents=True)
    shutil.copy(root / "scripts/catalogue", tree / "scripts/catalogue")
    shutil.copytree(root / "priors", tree / "priors")
    for study in (tree / "priors").glob("*.yaml"):
        if study.stem not in KEPT:
            study.unlink()
    (tree / "README.md").write_text(f"# Before\n\n{MARKS}\nAfter\n")
    return tree


def run(tree, *options):
    return subprocess.run([sys.executable, "-B", tree / "scripts/catalogue", "--program", wattspan, *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def change(path, old, new):
    text = path.read_text()
    assert old in text, (path, old)
    path.write_text(text.replace(old, new, 1))


def row_of(text, study, published):
    """Cells of the line of a study, which names itself in its first line only, with that published figure."""
    name = ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or len(cells) < 10:
            continue
        name = cells[0] or name
        if name.startswith(f"[{study}]") and cells[3] == published:
            return cells
    raise ValueError(f"{study}, {published}:\n{text}")


def main():
    with tempfile.TemporaryDirectory() as place:
        tree = make_tree(place)
        done = run(tree, "--readme")
        readme = (tree / "README.md").read_text()
        check(done.returncode == 0, "runs and ends with 0", done.stderr)
        check(readme.startswith("# Before") and readme.endswith("After\n") and done.stdout.strip() in readme,
              "--readme writes between the marks alone", readme)
        check(run(tree, "--check").returncode == 0, "--check agrees with what --readme wrote")
        costs = row_of(readme, "gpt-4", "40.7")
        check(costs[1] == "cost_owned" and costs[2] == "MUSD" and costs[4] == "40.157" and costs[5] == "within 2 %",
              "a figure, its recomputation and the tolerance", str(costs))
        check(costs[9].split(", ")[0] == "gpu_hours" and costs[8].startswith("p"), "percentile and drivers", str(costs))
        check(row_of(readme, "gpt-4", "> 100")[5] == "", "a bound has a sign and no verdict")
        check(row_of(readme, "llama-3.1-405b", "8,930")[5] == "fitted", "a fitted point is named")
        # GPT-4 has 4 values and a bound, Llama 4 values, frontier-trend 1; 3, 3 and 1 state a tolerance without a fit.
        check("Of 9 published values" in readme and "Of 7 whose factors were published 7 are" in readme
              and "; 1 more rest on a fitted point" in readme, "bounds and fitted points are not counted", readme)
        check("%" in row_of(readme, "frontier-trend", "–")[6], "an answer that is true or false is a probability")

        change(tree / "README.md", "40.157", "40.158")
        done = run(tree, "--check")
        check(done.returncode == 1 and "scripts/catalogue --readme writes it" in done.stderr,
              "--check fails where the table is another", done.stderr)

        change(tree / "priors/gpt-4.yaml", "source: epoch_code, basis: read, tolerance: 0.02",
               "source: epoch_code, basis: read, tolerance: 0.001")
        done = run(tree)
        check(done.returncode == 1 and "gpt-4.yaml: cost_owned: recomputed" in done.stderr and "**off**" in done.stdout,
              "a recomputation outside its tolerance is an error", done.stderr)

        (tree / "priors/broken.yaml").write_text("wattspan: 1\ntitle: [\n")
        done = run(tree)
        check(done.returncode == 1 and "broken.yaml" in done.stderr, "so is a study that does not run", done.stderr)
    print(f"1..{count}")


main()
