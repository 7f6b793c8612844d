#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same numbers and names in R (rhdf5), Octave (netcdf), h5wasm under Node, and by h5dump."""
import json
import os
import shutil
import subprocess
import tempfile

import h5py

import result

PATH = result.path()
with h5py.File(PATH) as FILE:
    VALUES = FILE["summary/energy/quantile_value"][0].tolist()
    UNITS = FILE["summary/energy/quantile_value"].attrs["units"]
    INPUTS = [name.decode() for name in FILE["inputs/input"][:]]
    MEANINGS = FILE["prior/hours_route"].attrs["flag_meanings"]
    ROUTES = FILE["prior/hours_route"][0, :20].tolist()
    DRAWS = FILE["prior_predictive/energy"][0, :20].tolist()

TEXTS = {"units": [UNITS], "meanings": [MEANINGS], "inputs": INPUTS}

R = """
suppressMessages(library(rhdf5))
path <- commandArgs(TRUE)[1]
say <- function(name, value) cat(name, value, sep = "\\t", fill = FALSE); end <- function() cat("\\n")
values <- h5read(path, "summary/energy/quantile_value")
say("values", sprintf("%.17g", values)); end()
say("units", h5readAttributes(path, "summary/energy/quantile_value")$units); end()
say("inputs", h5read(path, "inputs/input")); end()
say("meanings", h5readAttributes(path, "prior/hours_route")$flag_meanings); end()
say("routes", h5read(path, "prior/hours_route")[1:20]); end()
say("draws", sprintf("%.17g", h5read(path, "prior_predictive/energy")[1:20])); end()
"""

OCTAVE = """
pkg load netcdf
import_netcdf
path = argv(){1};
function say(name, values)
  printf("%s", name); printf("\\t%s", values{:}); printf("\\n");
end
numbers = @(v) arrayfun(@(x) sprintf("%.17g", x), v(:)', "UniformOutput", false);
say("values", numbers(ncread(path, "/summary/energy/quantile_value")));
say("routes", numbers(double(ncread(path, "/prior/hours_route")(1:20))));
say("draws", numbers(ncread(path, "/prior_predictive/energy")(1:20)));
file = netcdf.open(path, "NOWRITE");
group = netcdf.inqNcid(netcdf.inqNcid(file, "summary"), "energy");
[~, ~, axes] = netcdf.inqVar(group, netcdf.inqVarID(group, "quantile_value"));
say("axes", arrayfun(@(id) netcdf.inqDim(group, id), axes, "UniformOutput", false));
"""


def said_by(command, script, suffix):
    with tempfile.NamedTemporaryFile("w", suffix=suffix) as file:
        file.write(script)
        file.flush()
        done = subprocess.run([*command, file.name, PATH], capture_output=True, text=True, timeout=200, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    rows = (line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    return {row[0].strip(): row[1:] for row in rows}


def differences(said, texts):
    wanted = {"values": VALUES, "draws": DRAWS, "routes": ROUTES}
    for name, numbers in wanted.items():
        if [float(text) for text in said.get(name, [])] != numbers:
            yield f"{name}: {said.get(name)}, wanted {numbers}"
    for name, parts in texts.items():
        if [text.strip() for text in said.get(name, [])] != parts:
            yield f"{name}: {said.get(name)}, wanted {parts}"


def r_reads_it_by_rhdf5():
    yield from differences(said_by(["Rscript", "--vanilla"], R, ".R"), TEXTS)


def octave_reads_it_by_its_netcdf_package():
    """But for attributes: version 1.0.16 of that package cannot read texts of any length."""
    command = ["octave-cli", "--no-init-file", "--quiet"]
    yield from differences(said_by(command, OCTAVE, ".m"), {"axes": ["quantile", "case"]})


def node_reads_it_by_h5wasm():
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json", "h5wasm.mjs"):
            shutil.copy(os.path.join(here, name), folder)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, timeout=200,
                       check=True)
        done = subprocess.run(["node", os.path.join(folder, "h5wasm.mjs"), PATH], capture_output=True, text=True,
                              timeout=100, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    yield from differences(json.loads(done.stdout), TEXTS)


def h5dump_prints_the_numbers():
    done = subprocess.run(["h5dump", "-y", "-m", "%.17g", "-d", "/summary/energy/quantile_value", PATH],
                          capture_output=True, text=True, check=True)
    inside = done.stdout.split("DATA {")[1].split("}")[0]
    found = [float(text) for text in inside.replace("\n", " ").split(",")]
    if found != VALUES:
        yield f"{found}, wanted {VALUES}"
    if UNITS not in done.stdout:
        yield "no units"


TESTS = [(r_reads_it_by_rhdf5, "Rscript"), (octave_reads_it_by_its_netcdf_package, "octave-cli"),
         (node_reads_it_by_h5wasm, "npm"), (h5dump_prints_the_numbers, "h5dump")]
for test, program in TESTS:
    if not shutil.which(program):
        print(f"# {program} is not installed: not tried")
result.run(*(test for test, program in TESTS if shutil.which(program)))
