#!/usr/bin/env python3
"""Writes the README's table from the reports under reports/reference/, so that the page cannot say what was not measured.

Usage: update_readme.py [--check]      --check changes nothing and exits 1 where the table is out of date.

A report of a stand-in device is refused, and so is one without a commit or with uncommitted changes in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
REFERENCE = ROOT / "reports" / "reference"
BEGIN = "<!-- table: written by scripts/update_readme.py from reports/reference/, do not edit -->"
END = "<!-- end of table -->"
HEAD = ["device", "benchmark", "achieved", "E_spec", "E_issue", "clock", "verdict"]
PREFIXES = [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")]


class NoReference(Exception):
    """The report cannot stand as a reference."""


def rate(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    for scale, prefix in PREFIXES:
        if value >= scale:
            return f"{value / scale:.4g} {prefix}{unit}"
    return f"{value:.4g} {unit}"


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


# Parameters that tell the cases of a benchmark apart.
KINDS = ("function", "case", "instruction", "pattern", "level", "access", "ways", "partition", "fetch", "texel", "lanes",
         "width", "cluster", "memory", "addresses", "result", "direction", "what", "type", "sparsity", "shape", "a",
         "accumulation", "granularity_bytes", "stride_bytes", "pages", "network", "precision", "mode")


def full_name(result: dict) -> str:
    params = result["params"]
    batch = [f"batch {params['batch']}"] if "batch" in params else []
    return " ".join([result["name"], *(params[key] for key in KINDS if key in params), *batch])


def achieved(result: dict) -> str:
    if result.get("latency"):
        return f"{result['latency']['cycles']:.2f} cycles"
    if result["unit"] == "CALL/s" and result["achieved_per_s"]:
        return f"{1e6 / result['achieved_per_s']:.4g} us"
    return rate(result["achieved_per_s"], result["unit"])


def rows(path: Path) -> tuple[list[list[str]], str]:
    """The results of one report, and a sentence on what its device cannot do."""
    report = json.loads(path.read_text(encoding="utf-8"))["peakproof"]
    device, commit = report["device"], report["tool"]["commit"]
    if device["stand_in"]:
        raise NoReference(f"{path.name} was made on a stand-in device")
    if not commit or commit == "unknown" or commit.endswith("-dirty"):
        raise NoReference(f"{path.name} does not name the commit that made it ('{commit}')")
    out = []
    skipped = []
    for result in report["results"]:
        if "sweep" in result["params"]:  # a point of a curve, not a figure of its own
            continue
        if result["verdict"] == "skipped":
            skipped.append(full_name(result))
            continue
        clock = result["summary"]["median_sm_clock_hz"]
        efficiency = result["efficiency"]
        out.append([device["name"], full_name(result), achieved(result),
                    percent(efficiency["spec"]), percent(efficiency["issue"]),
                    "-" if clock is None else f"{clock * 1e-6:.0f} MHz", f"`{result['verdict']}`"])
    lacking = f"Skipped on {device['name']}, which lacks them: {', '.join(skipped)}." if skipped else ""
    return out, lacking


def table() -> str:
    files = sorted(REFERENCE.glob("*.json"))
    found = [rows(path) for path in files]
    body = [row for results, _ in found for row in results]
    if not body:
        return "No reference figures are kept yet.\n"
    lines = [HEAD, ["---"] * len(HEAD), *body]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    text += "".join(f"\n{lacking}\n" for _, lacking in found if lacking)
    kinds = {json.loads(path.read_text(encoding="utf-8"))["peakproof"]["device"]["kind"] for path in files}
    if "gpu" not in kinds:
        text += "\n**No GPU has been measured for this table yet.**\n"
    named = ", ".join(f"[{path.stem}](reports/reference/{path.name})" for path in files)
    return f"{text}\nUnedited reports behind the table: {named}.\n"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    try:
        wanted = f"{before}{BEGIN}\n{table()}{END}{after}"
    except NoReference as problem:
        print(f"error: reports/reference: {problem}", file=sys.stderr)
        return 1
    if wanted == text:
        return 0
    if arguments == ["--check"]:
        print("error: the README's table is not what reports/reference/ says: run scripts/update_readme.py", file=sys.stderr)
        return 1
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
