#!/usr/bin/env python3
"""Writes OUT/summary.md of scripts/measure_gpu.sh: what ran, what failed, and the spread of every figure.

Usage: measure_summary.py OUT --commit COMMIT --exit-code N [--quick]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import Counter, defaultdict
from pathlib import Path

from comparison import USABLE, table_lines, write
from update_readme import full_name, rate


def members(report: dict):
    """(name, report) of each device of a node, or of the report itself."""
    inner = report.get("members") or []
    for i, member in enumerate(inner):
        for name, device in members(member):
            yield f"{i} {name}".strip(), device
    if not inner:
        yield "", report


def load(path: Path) -> dict | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["peakproof"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def figure(result: dict) -> tuple[float, str] | None:
    """The value and its unit; of calls and latencies the time of one."""
    if result["verdict"] not in USABLE:
        return None
    if result.get("latency"):
        return result["latency"]["cycles"], "cycles"
    if not result["achieved_per_s"]:
        return None
    if result["unit"] == "CALL/s":
        return 1e6 / result["achieved_per_s"], "us"
    return result["achieved_per_s"], result["unit"]


def subject(member: str, result: dict) -> str:
    """Cases that differ in their sizes only are told apart by them."""
    return " ".join(filter(None, [member, full_name(result), result["params"].get("bytes", "")]))


def shown(value: float, unit: str) -> str:
    if unit == "cycles":
        return f"{value:.2f} cycles"
    return f"{value:.4g} us" if unit == "us" else rate(value, unit)


def spread(reports: list[dict]) -> tuple[list[list[str]], list[str]]:
    """A row for each figure that was measured, and what is missing in some."""
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    verdicts: dict[str, Counter] = defaultdict(Counter)
    for report in reports:
        for member, device in members(report):
            for result in device["results"]:
                name = subject(member, result)
                verdicts[name][result["verdict"]] += 1
                if found := figure(result):
                    values[name, found[1]].append(found[0])
    rows, missing = [], []
    for (name, unit), found in values.items():
        middle = statistics.median(found)
        width = f"{100 * (max(found) - min(found)) / middle:.2f} %" if len(found) > 1 else "-"
        rows.append([name, f"{len(found)} of {len(reports)}", shown(middle, unit), shown(min(found), unit),
                     shown(max(found), unit), width])
    measured = Counter()
    for (name, _), found in values.items():
        measured[name] += len(found)
    for name, counts in verdicts.items():
        if set(counts) == {"skipped"} and sum(counts.values()) == len(reports):
            continue  # the device lacks it
        if measured[name] != len(reports):
            text = ", ".join(f"{count} x {verdict}" for verdict, count in sorted(counts.items()))
            missing.append(f"{name}: measured in {measured[name]} of {len(reports)} ({text})")
    return rows, missing


def said(report: dict | None, commit: str, quick: bool) -> list[str]:
    """Who was measured, and why it is no reference."""
    lines = [f"Commit {commit}."]
    against = ["a quick run"] if quick else []
    if "uncommitted" in commit:
        against.append("uncommitted changes")
    if report is None:
        return [*lines, "", "**There is no run.json that could be read.**"]
    device = report["device"]
    facts = device.get("facts", {})
    power = device.get("power_limit_w")
    lines.append(f"{device['name']}{', driver ' + facts['driver'] if 'driver' in facts else ''}"
                 f"{f', power limit {power:g} W' if power else ''}, {report['started']} to {report['finished']}.")
    if device["stand_in"]:
        against.append("a STAND-IN device, which is none")
    built = report["tool"]["commit"]
    if not built or not commit.startswith(built):
        against.append(f"an executable of another state ({built})")
    return [*lines, "", f"**No reference: {', '.join(against)}.**"] if against else lines


def outcome(kind: str, code: str) -> str:
    if kind == "skipped":
        return "not run"
    if code == "0":
        return "passed"
    return "**skipped**" if code == "77" else "**failed**"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commit", required=True)
    parser.add_argument("--exit-code", type=int, required=True)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    listed = (options.folder / "logs" / "steps.tsv").read_text(encoding="utf-8")
    steps = [line.split("\t") for line in listed.splitlines()]
    files = sorted((options.folder / "accept").glob("accept_*.json"))
    loaded = [load(path) for path in files]
    reports = [report for report in loaded if report]
    planned = sum(step[1].startswith("accept_") for step in steps)
    bad = [step for step in steps if step[0] != "skipped" and step[2] != "0"]
    unrun = [step for step in steps if step[0] == "skipped"]

    text = ["# A day with a GPU", "", *said(load(options.folder / "run.json"), options.commit, options.quick), ""]
    text += [f"Exit code {options.exit_code}: {len(steps) - len(unrun)} steps ran, {len(bad)} of them not passed"
             + (f" ({', '.join(step[1] for step in bad)})." if bad else ".")
             + (f" Not run: {', '.join(step[1] for step in unrun)}." if unrun else ""), ""]
    text += table_lines(["step", "outcome", "exit code", "seconds", "what"],
                     [[name, outcome(kind, code), code, seconds, what] for kind, name, code, seconds, what in steps])
    text += ["", f"## Spread over {len(reports)} acceptances at level quick", ""]
    if len(reports) != planned or planned == 0:
        text += [f"**{planned - len(reports)} of {planned} acceptances left no report that could be read.**", ""]
    rows, missing = spread(reports)
    times = [report["duration_s"] for report in reports if report.get("duration_s")]
    if times:
        text += [f"An acceptance took {min(times):.1f} to {max(times):.1f} s.", ""]
    text += table_lines(["figure", "measured", "median", "smallest", "largest", "(largest - smallest) / median"], rows)
    if missing:
        text += ["", "Not in all of them:", "", *(f"* {line}" for line in missing)]
    write(options.folder / "summary.md", "\n".join(text) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
