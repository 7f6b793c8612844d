#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the house (sim/README.md), held against the source tree and what was built from it.

    structure.py ROOT libwattspan.so libwattspan-core.a [CC]

Prints TAP, one line for each rule, with every breach as a diagnostic before it.
"""
import os
import re
import shutil
import statistics
import subprocess
import sys

LAYERS = "base numeric prior study sampler tally engine analysis store report api cli".split()
MAX_COLUMNS = 120
MAX_FILE_LINES = 700
MAX_FUNCTION_LINES = 100
MAX_MEDIAN_FUNCTION_LINES = 20
GLOBAL_STATE = {"ws_rng_philox4x32"} # a pointer that GSL's convention for generator types wants to be one
SKIPPED_FOLDERS = {".git", "__pycache__"}


def source_files(root):
    """Paths below root, relative to it, of what belongs to the project."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not is_build(os.path.join(folder, f)))
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root)


def is_build(folder):
    return os.path.exists(os.path.join(folder, "build.ninja")) or os.path.isdir(os.path.join(folder, "meson-private"))


def text_of(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def blank_out(match):
    return re.sub(r"[^\n]", " ", match.group())


def code_of(text):
    """C code without comments and the insides of strings, line numbers kept."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: blank_out(m) if m.group()[0] == "/" else '""', text, flags=re.S)


class Tree:
    def __init__(self, root):
        self.root = root
        self.paths = list(source_files(root))
        self.c = [p for p in self.paths if p.endswith((".c", ".h"))]
        self.sim = [p for p in self.c if p.startswith("sim/")]
        self.text = {p: text_of(root, p) for p in self.c}
        self.code = {p: code_of(self.text[p]) for p in self.c}

    def search(self, pattern, allowed):
        """Matches in the code of sim outside of the folders `allowed`."""
        for path in self.sim:
            if folder_of(path) in allowed:
                continue
            for number, line in enumerate(self.code[path].split("\n"), 1):
                found = re.search(pattern, line)
                if found:
                    yield f"{path}:{number}: {found.group().strip()}"


def folder_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "sim" and len(parts) > 2 else ""


def folders_are_the_layers(tree):
    found = {folder_of(p) for p in tree.sim}
    return [f"sim/{f} is not a layer" for f in sorted(found - set(LAYERS))]


def includes_look_down(tree):
    for path in tree.sim:
        own = folder_of(path)
        for number, line in enumerate(tree.text[path].split("\n"), 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            other = found.group(1).split("/")[0] if "/" in found.group(1) else None
            if other == ".." or other in LAYERS and LAYERS.index(other) > LAYERS.index(own):
                yield f"{path}:{number}: sim/{own} must not include {found.group(1)}"
            if own == "cli" and other in LAYERS and other != "cli":
                yield f"{path}:{number}: the program stands on wattspan.h alone"


def includes_of(tree, pattern, home):
    for path in tree.sim:
        for number, line in enumerate(tree.text[path].split("\n"), 1):
            if re.match(rf'\s*#\s*include\s*[<"]({pattern})[>"]', line) and folder_of(path) != home:
                yield f"{path}:{number}: {line.strip()} belongs in sim/{home}"


def hdf5_stays_in_store(tree):
    yield from includes_of(tree, r"hdf5\w*\.h|H5\w*\.h", "store")


def threads_stay_in_engine(tree):
    yield from includes_of(tree, r"omp\.h|mpi\.h", "engine")
    yield from tree.search(r"#\s*pragma\s+omp", {"engine"})


def terminal_stays_in_cli(tree):
    yield from tree.search(r"\b(printf|vprintf|puts|putchar|perror)\s*\(|\b(stdout|stderr)\b", {"cli"})


def exit_stays_in_cli(tree):
    """abort is not meant: it ends a program that has an error in its own code."""
    yield from tree.search(r"\b(exit|_exit|_Exit|quick_exit)\s*\(", {"cli"})


def licence_is_named(tree):
    """In the first three lines: an interpreter line may stand above it."""
    wanted = re.compile(r"\.(c|h|h\.in|py|sh|bash|bats|scd)$|(^|/)meson\.build$|^priors/[^/]*\.yaml$|"
                        r"^scripts/(?!.*\.md$)|^\.ci/")
    for path in tree.paths:
        if wanted.search(path):
            head = "\n".join(text_of(tree.root, path).split("\n")[:3])
            if "SPDX-License-Identifier: GPL-3.0-or-later" not in head:
                yield f"{path}: no SPDX line"


def text_is_tidy(tree):
    wanted = re.compile(r"\.(c|h|py|sh|bash|md|scd)$|(^|/)meson\.build$|^priors/|^scripts/|^\.ci/")
    for path in tree.paths:
        if not wanted.search(path):
            continue
        text = text_of(tree.root, path)
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield f"{path}:{number}: trailing blank"
            if "\t" in line and not path.endswith(".scd"):
                yield f"{path}:{number}: tab"
            if len(line) > MAX_COLUMNS and not path.endswith((".md", ".scd")):
                yield f"{path}:{number}: {len(line)} columns"
        if text and not text.endswith("\n"):
            yield f"{path}: no newline at the end"


FUNCTION = re.compile(r"^[A-Za-z_][^;{}#]*?(\w+)\([^;{}]*\)[^;{}()]*\{\n.*?^\}", re.M | re.S)


def functions_of(code):
    """(line, name, length) of each function; its head starts and its closing brace stands at the margin."""
    for found in FUNCTION.finditer(code):
        yield code.count("\n", 0, found.start()) + 1, found.group(1), found.group().count("\n") + 1


def sizes_are_human(tree):
    lengths = []
    for path in tree.c:
        count = tree.text[path].count("\n")
        if count > MAX_FILE_LINES:
            yield f"{path}: {count} lines, at most {MAX_FILE_LINES} allowed"
        for line, name, length in functions_of(tree.code[path]):
            if path in tree.sim:
                lengths.append(length)
            if length > MAX_FUNCTION_LINES:
                yield f"{path}:{line}: {name} has {length} lines, at most {MAX_FUNCTION_LINES} allowed"
    if lengths and statistics.median(lengths) > MAX_MEDIAN_FUNCTION_LINES:
        yield f"functions have {statistics.median(lengths)} lines in the median"


def map_names_each_folder(tree):
    house = text_of(tree.root, "sim/README.md")
    return [f"sim/README.md does not name {folder}/" for folder in LAYERS if f"{folder}/" not in house]


def language_page_is_complete(tree):
    """priors/README.md names every family and every key."""
    page = text_of(tree.root, "priors/README.md")
    names = re.findall(r'\{\.name = "(\w+)"', tree.text["sim/prior/families.c"])
    names += re.findall(r'\b(?:ROW|FIELD)\("(\w+)"', tree.text["sim/study/keys.c"])
    return [f"priors/README.md does not name {name}" for name in sorted(set(names))
            if not re.search(rf"\b{name}\b", page)]


def links_lead_somewhere(tree):
    for path in tree.paths:
        if not path.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text_of(tree.root, path)):
            if "://" not in target:
                place = os.path.join(tree.root, os.path.dirname(path), target)
                if not os.path.exists(place):
                    yield f"{path}: {target} is not there"


def lines_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


# Symbols that compilers add, with names that no C source can declare: clang's locks of OpenMP, and AddressSanitizer's
# indicators of objects defined twice.
ADDED_BY_COMPILERS = (".gomp_critical_", "__odr_asan.")


def exports_are_the_api(tree, shared):
    header = code_of(text_of(tree.root, "include/wattspan.h"))
    declared = set(re.findall(r"\bWS_API\b[^;]*?\b(ws_\w+)\s*(?:\(|;)", header))
    exported = {line.split()[-1].split("@")[0] for line in lines_of("nm", "-D", "--defined-only", shared)}
    for name in sorted(declared - exported):
        yield f"{name} is declared in wattspan.h but not exported"
    for name in sorted(exported - declared):
        if name.startswith(ADDED_BY_COMPILERS):
            continue
        yield f"{name} is exported but not declared in wattspan.h"


def names_have_the_prefix(tree, archive):
    for line in lines_of("nm", "-g", "--defined-only", archive):
        fields = line.split()
        if len(fields) == 3 and not fields[2].startswith(("ws_", *ADDED_BY_COMPILERS)):
            yield f"{fields[2]}: a global symbol without ws_"


def state_is_not_global(tree, archive):
    """Objects in .data and .bss can change; constants with pointers lie in .data.rel.ro."""
    for line in lines_of("objdump", "-t", archive):
        found = re.search(r"\sO\s+(\.t?(?:data|bss)(?!\.rel\.ro)\S*)\s+\S+\s+(?:\.hidden\s+)?(\S+)$", line)
        if found and found.group(2) not in GLOBAL_STATE and not found.group(2).startswith(ADDED_BY_COMPILERS):
            yield f"{found.group(2)} in {found.group(1)} can change"


def headers_stand_alone(tree, compiler):
    """Each header compiles by itself; the public one as C99 and, where there is a compiler for it, as C++."""
    include = ["-I" + os.path.join(tree.root, "sim"), "-I" + os.path.join(tree.root, "include")]
    packages = ["gsl", "hdf5", "libfyaml", "nettle", "sleef"]
    include += subprocess.run(["pkg-config", "--cflags", *packages], capture_output=True, text=True).stdout.split()
    jobs = [([*compiler, "-std=gnu17", *include], p) for p in tree.sim if p.endswith(".h")]
    jobs.append(([*compiler, "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"], "include/wattspan.h"))
    if shutil.which("g++"):
        jobs.append((["g++", "-Wall", "-Wextra", "-Wpedantic", "-Werror"], "include/wattspan.h"))
    for command, path in jobs:
        language = "c++" if command[0] == "g++" else "c"
        source = f'#include "{os.path.join(tree.root, path)}"\nint main(void);\n'
        done = subprocess.run([*command, "-fsyntax-only", "-x", language, "-"], input=source, capture_output=True,
                              text=True)
        if done.returncode:
            yield f"{path} as {language}: {done.stderr.strip()}"


def main():
    root, shared, archive, *compiler = sys.argv[1:]
    tree = Tree(root)
    rules = [(rule, ()) for rule in (
        folders_are_the_layers, includes_look_down, hdf5_stays_in_store, threads_stay_in_engine, terminal_stays_in_cli,
        exit_stays_in_cli, licence_is_named, text_is_tidy, sizes_are_human, map_names_each_folder,
        language_page_is_complete, links_lead_somewhere)]
    rules += [(exports_are_the_api, (shared,)), (names_have_the_prefix, (archive,)), (state_is_not_global, (archive,)),
              (headers_stand_alone, (compiler or ["cc"],))]
    failed = 0
    for number, (rule, arguments) in enumerate(rules, 1):
        breaches = list(rule(tree, *arguments))
        for breach in breaches:
            print("# " + breach.replace("\n", "\n# "))
        failed += bool(breaches)
        print(f"{'not ' if breaches else ''}ok {number} - {rule.__name__.replace('_', ' ')}", flush=True)
    print(f"1..{len(rules)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
