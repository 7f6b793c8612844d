#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `check` says a run needs of memory, against what runs have needed beside the program and its libraries: within
a fifth less and a quarter more, of studies of many shapes (a tenth mostly; how much the allocator gives back between
the indices and the file differs from run to run), and of sweeps, the program included, within a tenth. $WATTSPAN is
the program. Prints TAP.
"""
import os
import re
import subprocess
import tempfile
import time

WATTSPAN = os.environ["WATTSPAN"]
PRIORS = [
    "normal: {{mean: {}, sd: 1.2}}",
    "lognormal: {{p5: {}, p95: 190}}",
    "uniform: {{min: {}, max: 200}}",
    "triangular: {{min: {}, mode: 150, max: 200}}",
]
UNITS = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}


def study(inputs, derived, outputs, labels=0, evidence=False):
    """Sums and products over the inputs, every output split by each of the categorical inputs."""
    lines = ["wattspan: 1", "inputs:"]
    lines += [f"  x{i}: {{unit: 1, prior: {{{PRIORS[i % 4].format(10 + i % 97)}}}}}" for i in range(inputs)]
    lines += [f"  c{i}: {{prior: {{choice: {{a: 0.3, b: 0.5, c: 0.2}}}}}}" for i in range(labels)]
    lines += ["derived:"] + [
        f"  d{i}: {{unit: 1, formula: x{i % inputs} * x{(7 * i + 3) % inputs} / (1 + x{(13 * i + 5) % inputs})}}"
        for i in range(derived)]
    by = ", by: [" + ", ".join(f"c{i}" for i in range(labels)) + "]" if labels else ""
    lines += ["outputs:"] + [
        f"  y{i}: {{unit: 1, formula: d{(9 * i) % derived} + x{i % inputs} * x{(3 * i + 1) % inputs}{by}}}"
        for i in range(outputs)]
    if evidence:
        lines += ["evidence:", "  e: {quantity: y0, unit: 1, observed: {normal: {mean: 3000, sd: 2000}}, source: s}"]
        lines += ["sources:", "  s: {title: a source}"]
    return "\n".join(lines) + "\n"


def peak(*words):
    """Peak MiB of a process."""
    process = subprocess.Popen([WATTSPAN, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    return usage.ru_maxrss / 1024


def loaded():
    """MiB of the program and its libraries: it has asked for a study and got none yet. (What a process is said to have
    taken at its peak counts what its parent had when it was made, this one's own 15 MiB.)"""
    with subprocess.Popen([WATTSPAN, "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        while True:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                status = file.read()
            if "Name:\twattspan" in status and "State:\tS" in status:
                break
            time.sleep(0.01)
        process.stdin.close()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def stated(*words):
    text = subprocess.run([WATTSPAN, "check", *words], capture_output=True, text=True, check=True).stdout
    number, unit = re.search(r"needs\s+([0-9.,]+)\s+([KMG]iB)", text).groups()
    return float(number.replace(",", "")) * UNITS[unit]


CASES = {
    "narrow": (study(12, 13, 6), ["-n", "1e6"]),
    "narrow, sobol": (study(12, 13, 6), ["-n", "1e6", "--design", "sobol"]),
    "nothing kept": (study(12, 13, 6), ["-n", "1e6", "--keep", "0"]),
    "narrow, evidence": (study(30, 40, 12, evidence=True), ["-n", "1e6"]),
    "wide": (study(100, 90, 10), ["-n", "4e5"]),
    "wide, sobol": (study(100, 90, 10), ["-n", "4e5", "--design", "sobol"]),
    "wide, evidence": (study(100, 90, 10, evidence=True), ["-n", "4e5"]),
    "wider": (study(300, 270, 30), ["-n", "2e5"]),
    "by": (study(20, 30, 10, labels=3), ["-n", "4e5"]),
    "by, evidence": (study(20, 30, 10, labels=3, evidence=True), ["-n", "4e5"]),
    "many kept": (study(30, 30, 10), ["-n", "4e5", "--keep", "100000"]),
    "sweep": (study(12, 13, 6), ["-n", "1e4", "--vary", "x0=10:200:500"]),
    "sweep of many cases": (study(5, 5, 3), ["-n", "1e3", "--vary", "x0=10:200:5000"]),
    "sweep, evidence": (study(12, 13, 6, evidence=True), ["-n", "1e4", "--vary", "x1=10:200:500"]),
    "sweep, evidence, on disk": (study(12, 13, 6, evidence=True),
                                 ["-n", "1e4", "--vary", "x1=10:200:1000", "--memory", "250MiB"]),
}


def main():
    print(f"1..{len(CASES)}")
    program = loaded()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for number, (name, (text, words)) in enumerate(CASES.items(), 1):
            with open("s.yaml", "w", encoding="utf-8") as file:
                file.write(text)
            words = ["s.yaml", "--threads", "2", *words]
            says, took = stated(*words), peak("run", *words, "--quiet", "-o", "r.h5")
            least, most = 0.9, 1.1
            if "--vary" not in words: # whose statement has the program in it, as --memory has
                took -= program
                least, most = 0.8, 1.25
            good = least <= says / took <= most
            print(f"{'ok' if good else 'not ok'} {number} - memory: {name}")
            print(f"# {says:.1f} MiB stated, {took:.1f} needed, {says / took:.2f}")


if __name__ == "__main__":
    main()
