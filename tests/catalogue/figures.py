#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shipped studies must give, stated here apart from them: published figures recomputed at the points, what the
tables answer, and amounts in things that people know. In TAP.

    figures.py WATTSPAN FOLDER
"""
import json
import subprocess
import sys
import tempfile

wattspan, folder = sys.argv[1:3]
count = 0

# Study, output, what the published factors give, within what, what was published.
# The chain of Grok 4 closes to the digits given; Epoch's cost code is repeated within 2 % (GPT-3 2.3 %, cloud prices of
# earlier years are published in dollars of 2023, up to 5.4 % more).
POINTS = (
    ("grok-4", "energy", 314.61, 5e-5, 310),
    ("grok-4", "co2e_operational", 154.16, 5e-5, 154),
    ("grok-4", "water", 754.46, 1e-5, 754),
    ("grok-4", "cost_rental", 490e6, 1e-3, 490e6),
    ("grok-4", "cost_owned", 490e6, 1e-3, 490e6),
    ("grok-3", "cost_owned", 300.87e6, 0.02, 300.87e6),
    ("grok-3", "cost_rental", 1164.1e6, 0.02, 1164.1e6),
    ("grok-3", "acquisition", 5482e6, 0.02, 5482e6),
    ("llama-3.1-405b", "card_co2", 8930, 0.001, 8930),
    ("llama-3.1-405b", "cost_owned", 51.04e6, 0.02, 51.04e6),
    ("llama-3.1-405b", "cost_rental", 169.8e6, 0.02, 169.8e6),
    ("llama-3.1-405b", "acquisition", 896e6, 0.02, 896e6),
    ("deepseek-v3", "cost_rental", 5.576e6, 1e-12, 5.576e6),
    ("gpt-4", "cost_owned", 40.7e6, 0.02, 40.7e6),
    ("gpt-4", "cost_rental", 78.6e6, 0.02, 78.6e6),
    ("gpt-4", "acquisition", 778e6, 0.02, 778e6),
    ("gemini-1.0-ultra", "cost_owned", 29.8e6, 0.02, 29.8e6),
    ("gemini-1.0-ultra", "cost_rental", 198.9e6, 0.04, 198.9e6),
    ("gemini-1.0-ultra", "acquisition", 598e6, 0.02, 598e6),
    ("gpt-3", "cost_owned", 2.06e6, 0.025, 2.06e6),
    ("gpt-3", "cost_rental", 4.34e6, 0.055, 4.34e6),
    ("opt-175b", "cost_owned", 0.7336e6, 0.02, 0.7336e6),
    ("opt-175b", "cost_rental", 1.49e6, 0.02, 1.49e6),
    ("bloom-176b", "cost_owned", 0.90e6, 0.02, 0.90e6),
    ("bloom-176b", "cost_rental", 1.98e6, 0.02, 1.98e6),
)
FITTED = {("grok-4", "cost_rental"), ("grok-4", "cost_owned"), ("llama-3.1-405b", "card_co2")}

# Study, equivalent, output, its first published figure in that, to three digits.
EQUIVALENTS = (
    ("grok-4", "olympic_pools", "water", 302),
    ("grok-4", "aircraft_years", "co2e_operational", 3.00),
    ("grok-4", "people_electricity", "energy", 24800),
    ("grok-4", "people_primary", "energy", 3880),
    ("grok-4", "billion_won", "cost_rental", 678),
    ("frontier-trend", "runs_for_300tn_won", "cost_2026", 43.5),
    ("frontier-trend", "runs_for_728tn_won", "cost_2026", 105),
)


def check(holds, name, shown=""):
    global count
    count += 1
    if not holds:
        print(f"# {shown}")
    print(f"{'' if holds else 'not '}ok {count} - {name}")


def ask(*arguments):
    return json.loads(subprocess.run([wattspan, *arguments, "--format", "json"], check=True, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL).stdout)


def path(study):
    return f"{folder}/{study}.yaml"


def outputs_of(result):
    return {output["name"]: output for output in result["cases"][0]["outputs"]}


def quantile(output, probability):
    return next(q["value"] for q in output["quantiles"] if q["probability"] == probability)


def test_points():
    checks = {study: ask("check", path(study))["published"] for study in {row[0] for row in POINTS}}
    for study, output, wanted, within, published in POINTS:
        claim = next(c for c in checks[study] if c["output"] == output and c["value"] == published)
        check(abs(claim["recomputed"] / wanted - 1) <= within, f"{study}: {output} recomputed", claim)
        check(bool(claim["fitted"]) == ((study, output) in FITTED), f"{study}: {output}, fitted or not", claim)
    lost = next(c for c in checks["grok-4"] if c["value"] == 54)
    check(abs(54 / lost["recomputed"] * 0.49 - 0.172) < 0.0005, "54,000 t would need 0.172 kg/kWh", lost)


def test_methods(outputs):
    for name in ("cost_rental", "cost_owned"):
        claim = outputs[name]["published"][0]
        check(claim["value"] == 490e6 and 0.1 < claim["percentile"] < 0.9, f"where $490M falls in {name}", claim)
    agree = outputs["methods_agree"]
    check(agree["probability"] and 0 < agree["mean"] < 0.3 and 0 < agree["mean_se"] < 0.01,
          "how probable it is that both methods agree within 5 %", agree["mean"])
    by = {(split["input"], split["alternative"]) for split in outputs["energy"]["by"]}
    check({("hours_route", route) for route in ("scaled_from_grok3", "confident", "from_flop")} <= by,
          "GPU-hours by three routes", by)


def test_frontier(outputs):
    for year in (2026, 2027):
        answer = outputs[f"five_billion_{year}"]
        check(answer["probability"] and 0 < answer["mean_se"] < 0.01 < answer["mean"] < 0.9,
              f"how probable a run of $5B is in {year}", answer["mean"])
    years = outputs["years_to_five_billion"]
    check(0 < quantile(years, 0.05) < quantile(years, 0.95) < 6 and len(years["by"]) == 3, "when a run costs $5B")


def claim_of(output, value):
    return next(c for c in output["published"] if abs(c["value"] / value - 1) < 1e-9)


def test_nine_times(scratch):
    """Nine times fits the 405B of July 2024, and with it ten times a year; the 70B of April 2024 fits neither."""
    for other, fits in (("llama-3.1-405b", True), ("llama-3-70b", False)):
        result = outputs_of(ask("compare", path("grok-4"), path(other), "-n", "2e5", "-o", f"{scratch}/c.h5"))
        ratio, yearly = result["cost_owned_ratio"], result["cost_owned_per_year"]
        low, middle, high = (quantile(ratio, p) for p in (0.05, 0.5, 0.95))
        check(low < middle < high, f"{other}: the ratio has an interval", (low, middle, high))
        nine, ten = (claim["percentile"] for claim in (claim_of(ratio, 9), claim_of(yearly, 10)))
        check((0.25 < nine < 0.75) == fits and (0.25 < ten < 0.75) == fits, f"{other}: where 9 and 10 a year fall",
              (nine, ten))
        check(abs(ratio["point"] / 9 - 1) < 0.1 if fits else ratio["point"] > 40, f"{other}: the ratio at the points",
              ratio["point"])


def test_equivalents(scratch):
    told = {study: ask("show", f"{scratch}/{study}.h5", "--equivalents") for study in {row[0] for row in EQUIVALENTS}}
    for study, equivalent, output, wanted in EQUIVALENTS:
        row = next(r for r in told[study]["cases"][0]["outputs"]
                   if r["equivalent"] == equivalent and r["output"] == output)
        check(f"{row['published'][0]:.3g}" == f"{wanted:.3g}", f"{study}: {output} in {equivalent}", row["published"])
        values = [q["value"] for q in row["quantiles"]]
        check(values == sorted(values) and values[0] < values[-1], f"{study}: {equivalent} has an interval", values)


def main():
    test_points()
    with tempfile.TemporaryDirectory() as scratch:
        results = {study: outputs_of(ask("run", path(study), "-n", "2e5", "-o", f"{scratch}/{study}.h5"))
                   for study in ("grok-4", "frontier-trend")}
        test_methods(results["grok-4"])
        test_frontier(results["frontier-trend"])
        test_equivalents(scratch)
        test_nine_times(scratch)
    print(f"1..{count}")


main()
