#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same numbers, units, labels and axes in other languages' readers.

    languages.py LANGUAGE FOLDER     LANGUAGE: r (rhdf5), octave (netcdf), h5wasm (under Node), h5dump

Each reads the same variables of every kind of result, some of each type and each shape.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy

import result

HERE = os.path.dirname(os.path.abspath(__file__))
WANTED = r"""
    summary/\w+/(quantile|quantile_value|n|mean) summary_by/\w+/\w+/(alternative|quantile_value)
    inputs/(input|p50|prior) published/(value|source|unit) histogram/\w+/(bin_bounds|count)
    sensitivity/\w+/(spearman|total|factor) prior/\w+ prior_predictive/\w+ cases/\w+
    evidence/(fact|ess|observed) convergence/\w+/(se|watched) correlation/requested posterior_predictive/\w+
    summary_posterior/\w+/quantile_value sources/sha256 sketch/\w+/size""".split()
MOST = 500  # values of a variable that are compared


def variables_of(file):
    wanted = re.compile("|".join(f"({part})" for part in WANTED))
    return {path: dataset for path, dataset in result.items(file, h5py.Dataset) if wanted.fullmatch(path)}


class Cannot(Exception):
    """The language is not here, for a reason."""


# ---- what each language says: {path: {values, units, label, meanings, axes}}, what it cannot know left out ----

R = r"""
suppressMessages(library(rhdf5))
arguments <- commandArgs(TRUE); path <- arguments[1]
say <- function(...) cat(..., sep = "\t"); end <- function() cat("\n")
for (name in readLines(arguments[2])) {
  value <- h5read(path, name, bit64conversion = "double")
  say("shape", name, dim(value)); end()
  attributes <- h5readAttributes(path, name)
  value <- as.vector(value)
  text <- if (is.character(value)) value else ifelse(is.nan(value), "NaN", sprintf("%.17g", value))
  say("values", name, head(text, most)); end()
  for (attribute in c("units", "unit_label", "flag_meanings"))
    if (!is.null(attributes[[attribute]])) { say(attribute, name, attributes[[attribute]]); end() }
}
"""

OCTAVE = r"""
pkg load netcdf
import_netcdf
path = argv(){1};
names = strsplit(strtrim(fileread(argv(){2})), "\n");
file = netcdf.open(path, "NOWRITE");
for i = 1:numel(names)
  name = names{i};
  parts = strsplit(name, "/"); group = file;
  for k = 1:numel(parts) - 1, group = netcdf.inqNcid(group, parts{k}); end
  [~, type, axes] = netcdf.inqVar(group, netcdf.inqVarID(group, parts{end}));
  names_of_axes = arrayfun(@(id) netcdf.inqDim(group, id), axes, "UniformOutput", false);
  printf("axes\t%s", name); printf("\t%s", fliplr(names_of_axes){:});
  printf("\n");
  if type == 12, continue; end
  values = double(ncread(path, ["/" name]))(:)';
  printf("values\t%s", name);
  printf("\t%.17g", values(1:min(end, most))); printf("\n");
end
"""


def said_by(command, script, suffix, path, names):
    with tempfile.TemporaryDirectory() as folder:
        script_path, list_path = os.path.join(folder, "script" + suffix), os.path.join(folder, "names")
        with open(script_path, "w", encoding="utf-8") as file:
            file.write(script.replace("most", str(MOST)))
        with open(list_path, "w", encoding="utf-8") as file:
            file.write("\n".join(names) + "\n")
        done = subprocess.run([*command, script_path, path, list_path], capture_output=True, text=True, timeout=250,
                              check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    said = {name: {} for name in names}
    for row in (line.split("\t") for line in done.stdout.splitlines() if "\t" in line):
        said[row[1]][row[0]] = row[2:]
    return said


def by_r(path, names):
    """Axes stand in R's order; their names are behind references, which rhdf5 does not follow."""
    return said_by(["Rscript", "--vanilla"], R, ".R", path, names)


def by_octave(path, names):
    """But for texts: version 1.0.16 of the package reads neither variables nor attributes of any length."""
    return said_by(["octave-cli", "--no-init-file", "--quiet"], OCTAVE, ".m", path, names)


def install_h5wasm(folder):
    for name in ("package.json", "package-lock.json", "h5wasm.mjs"):
        shutil.copy(os.path.join(HERE, name), folder)
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=4", "--fetch-timeout=60000"],
                          cwd=folder, capture_output=True, text=True, timeout=200, check=False)
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    if re.search("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|TIMEDOUT|ENETUNREACH|SOCKET_TIMEOUT|E403|E407", said):
        raise Cannot("h5wasm was not tried, for the npm registry cannot be reached: "
                     + next(line for line in said.splitlines() if "npm" in line))
    raise RuntimeError(said)


def by_h5wasm(path, names):
    if not hasattr(by_h5wasm, "folder"):
        by_h5wasm.folder = tempfile.TemporaryDirectory()
        install_h5wasm(by_h5wasm.folder.name)
    done = subprocess.run(["node", os.path.join(by_h5wasm.folder.name, "h5wasm.mjs"), path, *names],
                          capture_output=True, text=True, timeout=100, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    said = json.loads(done.stdout)
    for name, of in said.items():
        of["values"] = [str(value) if isinstance(value, (int, float)) else value for value in of["values"][:MOST]]
        for short, attribute in (("units", "units"), ("label", "unit_label"), ("meanings", "flag_meanings")):
            text = of.pop(short)
            if text is not None:
                of[attribute] = [text]
    return said


def by_h5dump(path, names):
    """One call for all, since each start of it reads the head of the file."""
    chosen = [word for name in names for word in ("-d", "/" + name)]
    done = subprocess.run(["h5dump", "-y", "-w", "0", "-m", "%.17g", *chosen, path], capture_output=True, text=True,
                          check=True)
    said = {}
    for part in re.split(r'^DATASET "/', done.stdout, flags=re.M)[1:]:
        name, body = part.split('"', 1)
        data = body.split("DATA {", 1)[1].split("\n   }", 1)[0]
        if "H5T_STRING" in body.split("DATASPACE", 1)[0]:
            values = [json.loads(text) for text in re.findall(r'"(?:[^"\\]|\\.)*"', data)]
        else:
            values = data.replace(",", " ").split()
        said[name] = {"values": values[:MOST]}
        for attribute in ("units", "unit_label", "flag_meanings"):
            found = re.search(rf'ATTRIBUTE "{attribute}" {{.*?DATA {{\s+"(.*?)"\n', body, re.S)
            if found:
                said[name][attribute] = [found.group(1)]
    return said


# ---- against h5py ----


def texts_of(dataset):
    values = result.values_of(dataset).ravel()[:MOST]
    return values.tolist() if result.is_text(dataset) else values.astype(float)


def equal(found, wanted):
    if isinstance(wanted, list):
        return found == wanted
    return numpy.array_equal(numpy.array([float(text) for text in found]), wanted, equal_nan=True)


def differences(said, variables, knows):
    for name, dataset in variables.items():
        of = said[name]
        if "values" in of or "texts" in knows or not result.is_text(dataset):
            if not equal(of.get("values", []), texts_of(dataset)):
                yield f"{name}: {of.get('values', [])[:5]}..., wanted {texts_of(dataset)[:5]}..."
        if "axes" in knows and of.get("axes") != result.axes_of(name, dataset):
            yield f"{name}: axes {of.get('axes')}, wanted {result.axes_of(name, dataset)}"
        if "shape" in knows and [int(size) for size in of["shape"]] != list(dataset.shape[::-1]):
            yield f"{name}: shape {of['shape']}, wanted {dataset.shape[::-1]}"
        for attribute in ("units", "unit_label", "flag_meanings") if "texts" in knows else ():
            wanted = dataset.attrs.get(attribute)
            if of.get(attribute) != (None if wanted is None else [wanted]):
                yield f"{name}: {attribute} is {of.get(attribute)}, wanted {wanted}"


LANGUAGES = {"r": ("Rscript", by_r, {"texts", "shape"}), "octave": ("octave-cli", by_octave, {"axes"}),
             "h5wasm": ("npm", by_h5wasm, {"texts", "axes"}), "h5dump": ("h5dump", by_h5dump, {"texts"})}


def main():
    language = sys.argv[1]
    program, reader, knows = LANGUAGES[language]
    if not shutil.which(program):
        print(f"1..0 # SKIP {program} is not installed")
        return
    tap = result.Tap()
    for kind, path in result.kinds().items():
        with h5py.File(path) as file:
            variables = variables_of(file)
            try:
                said = reader(path, list(variables))
            except Cannot as reason:
                print(f"1..0 # SKIP {reason}")
                return
            tap.test(f"{kind}: {language} reads {len(variables)} variables as they are", differences, said, variables,
                     knows)
    tap.end()


main()
