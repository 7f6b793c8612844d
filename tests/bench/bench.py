#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times the program and its peers in rotation and prints medians and ratios; see scripts/bench."""
import argparse
import datetime
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

MARK = ("<!-- bench: scripts/bench --readme -->", "<!-- end of bench -->")
STUDY = "priors/reference.yaml"


class Job:
    """A command with {n} for the number of draws and {out} for a scratch file."""

    def __init__(self, name, command, threads=2, slow=False):
        self.name, self.command, self.threads = name, command, threads
        self.slow = slow  # runs once, with a quarter of the draws
        self.share = 1 / 4 if slow else 1
        self.walls = []

    def run(self, n, scratch):
        """Wall seconds, CPU seconds and peak MiB of one run."""
        command = [word.format(n=n, out=os.path.join(scratch, "out.h5")) for word in self.command]
        environment = dict(os.environ, OMP_NUM_THREADS=str(self.threads))
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
        errors = child.stderr.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"{self.name} failed: {errors}")
        return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def jobs_of(build):
    program = [f"{build}/wattspan", "run", STUDY, "-n", "{n}", "-o", "{out}", "--quiet"]
    python = sys.executable
    return [
        Job("wattspan, 2 threads", program),
        Job("wattspan, 1 thread", program, threads=1),
        Job("wattspan, sobol, 2 threads", program + ["--design", "sobol"]),
        Job("NumPy, SFC64, 2 threads", [python, "tests/bench/peers/numpy_peer.py", "{n}"]),
        Job("GSL + OpenMP, 2 threads", [f"{build}/tests/gsl_peer", "{n}"], slow=True),
        Job("OpenTURNS", [python, "tests/bench/peers/openturns_peer.py", "{n}"], slow=True),
    ]


def rotate(jobs, n, rounds, scratch):
    for job in jobs:
        job.run(int(n * job.share) // 10, scratch)  # caches and lazy imports
    for i in range(rounds):
        for job in jobs:
            if job.slow and i > 0:
                continue
            job.walls.append(job.run(int(n * job.share), scratch)[0] / job.share)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    return f"{model.group(1) if model else 'unknown processor'}, {len(os.sched_getaffinity(0))} CPUs"


def table(jobs, n, rounds):
    slow = int(n * min(job.share for job in jobs))
    yield f"{n:,} draws of `{STUDY}`, whole processes, median of {rounds} rounds;"
    yield f"GSL and OpenTURNS once, {slow:,} draws, times four"
    yield f"({machine()}, {datetime.date.today()}):"
    yield ""
    yield "| job | seconds | ns per draw | times the first |"
    yield "|---|---:|---:|---:|"
    for job in jobs:
        seconds = statistics.median(job.walls)
        ratio = statistics.median(b / a for a, b in zip(jobs[0].walls, job.walls))
        yield f"| {job.name} | {seconds:.3f} | {seconds / n * 1e9:.1f} | {ratio:.1f} |"


def memory(job, scratch):
    yield "peak memory of a run, MiB"
    for n in (10**6, 10**8, 10**9):
        yield f"  {n:>13,} draws  {job.run(n, scratch)[2]:6.1f}"


def write_readme(lines):
    with open("README.md", encoding="utf-8") as file:
        text = file.read()
    start, end = text.index(MARK[0]) + len(MARK[0]), text.index(MARK[1])
    with open("README.md", "w", encoding="utf-8") as file:
        file.write(text[:start] + "\n" + "\n".join(lines) + "\n" + text[end:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("draws", nargs="?", type=lambda s: int(float(s)), default=4 * 10**7)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    args = parser.parse_args()
    jobs = jobs_of(args.build)
    fast = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=fast) as scratch:
        rotate(jobs, args.draws, args.rounds, scratch)
        lines = list(table(jobs, args.draws, args.rounds))
        print("\n".join(lines))
        print()
        print("\n".join(memory(jobs[0], scratch)))
    print("\nns per draw of each kernel, one thread")
    sys.stdout.flush()
    subprocess.run([f"{args.build}/tests/bench_kernels"], check=True)
    if args.readme:
        write_readme(lines)


main()
