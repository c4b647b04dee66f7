"""What other tools print, as figures in SI units. Their code is not ours and is never committed; the formats are read
from their sources:

    nvbandwidth 0.8   JsonOutput              (matrices of texts in GB/s; "N/A" where there is no such pair)
    BabelStream 5     main, Unit              (--csv; lines on the device come before the header)
    clpeak 2          writeJson               (format_version 2; a row without a value has a status)
    mixbench          mixbench-cuda           (4 groups of 4 columns after the iterations)
    gpu-benches       gpu-stream, gpu-l2-cache, gpu-cache, gpu-latency: main of each
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

UNITS = {"MB": 1e6, "GB": 1e9, "TB": 1e12, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
         "mbytes": 1e6, "mibytes": 2.0**20}


class Unreadable(Exception):
    """Not what the tool prints when all is well."""


def number(text: str, where: str) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        raise Unreadable(f"{where}: '{text}' is no number") from None
    if not math.isfinite(value):
        raise Unreadable(f"{where}: {text} is not finite")
    return value


def require(figures: dict, what: str) -> dict:
    if not figures:
        raise Unreadable(f"it holds no {what}")
    return figures


def same_device(theirs: str, ours: str) -> None:
    """`ours` as the driver says it: "NVIDIA H200"."""
    if ours not in theirs:
        raise Unreadable(f"it measured another device: {theirs.strip()}")


def parsed(text: str) -> dict:
    # What is printed before the document (warnings) is left out.
    start = text.find("{")
    try:
        document = json.loads(text[start:] if start >= 0 else text)
    except ValueError as error:
        raise Unreadable(f"it is no JSON: {error}") from None
    return document


def nvbandwidth(text: str, device: str) -> dict[str, float]:
    """Of each test case that passed, bytes per second of the first pair of the first GPU."""
    root = parsed(text).get("nvbandwidth")
    if not isinstance(root, dict):
        raise Unreadable("it has no nvbandwidth")
    if "error" in root:
        raise Unreadable(f"it says: {root['error']}")
    listed = root.get("GPU Device list") or [""]
    same_device(str(listed[0]), device)
    figures = {}
    for case in root.get("testcases", []):
        if case.get("status") != "Passed":
            continue
        rows = case.get("bandwidth_matrix") or [[]]
        if rows[0] and rows[0][0] != "N/A" and "GB/s" in case.get("bandwidth_description", "GB/s"):
            figures[case["name"]] = 1e9 * number(rows[0][0], case["name"])
    return require(figures, "test case that passed")


def babelstream(text: str, _: str) -> dict[str, float]:
    """Bytes per second of each function, best of all."""
    if "Validation failed" in text:
        raise Unreadable("its own check of the answers failed")
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("function,")), None)
    if start is None:
        raise Unreadable("it has no header that begins with function,")
    header = lines[start].split(",")
    rates = [(i, match.group(1)) for i, name in enumerate(header)
             if (match := re.fullmatch(r"max_(\w+?)_per_sec", name))]
    if len(rates) != 1 or rates[0][1] not in UNITS:
        raise Unreadable(f"it has no column max_MB_per_sec: {lines[start]}")
    column, unit = rates[0]
    figures = {}
    for line in filter(None, lines[start + 1:]):
        fields = line.split(",")
        if len(fields) != len(header):
            raise Unreadable(f"a row of {len(fields)} fields under {len(header)} columns: {line}")
        figures[fields[0]] = UNITS[unit] * number(fields[column], fields[0])
    return require(figures, "function")


def clpeak(text: str, device: str) -> dict[tuple[str, str], float]:
    """By test and metric, of the CUDA backend, in the unit of the row (gflops, tflops, gbps, us …)."""
    document = parsed(text)
    if document.get("format_version") != 2:
        raise Unreadable(f"its format_version is {document.get('format_version')}, not 2")
    rows = [row for row in document.get("entries", []) if row.get("backend") == "CUDA"]
    if rows and all(row.get("device") != device for row in rows):
        same_device(rows[0].get("device", ""), device)
    figures = {(row["test"], row["metric"]): number(row["value"], row["test"])
               for row in rows if row.get("device") == device and "value" in row}
    return require(figures, "measurement of the CUDA backend")


def mixbench(text: str, device: str) -> dict[str, float]:
    """The best rate of each type, in Gop/s."""
    named = re.search(r"^Device:\s*(.+)$", text, re.M)
    if named:
        same_device(named.group(1), device)
    figures: dict[str, float] = {}
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) != 17 or not fields[0].isdigit():
            continue
        for name, place in (("single", 3), ("double", 7), ("half", 11), ("integer", 15)):
            figures[name] = max(figures.get(name, 0), number(fields[place], f"{name}, {fields[0]} iterations"))
    return require(figures, "row of 17 columns")


def gpu_stream(text: str, _: str) -> dict[str, float]:
    """Bytes per second of each kernel, best of all block sizes."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.split()[:1] == ["blockSize"]), None)
    if start is None:
        raise Unreadable("it has no header that begins with blockSize")
    names = lines[start].split("|")[-1].split()
    figures: dict[str, float] = {}
    for line in lines[start + 1:]:
        if "GB/s:" not in line:
            continue
        values = line.split("GB/s:")[1].split()
        if len(values) != len(names):
            raise Unreadable(f"{len(values)} values under {len(names)} names: {line}")
        for name, value in zip(names, values):
            figures[name] = max(figures.get(name, 0), 1e9 * number(value, name))
    return require(figures, "row with GB/s")


def curve(pattern: str, scale: float):
    """Rows that match: the groups `kib` (size of the set) and `value`."""
    expression = re.compile(pattern)

    def parse(text: str, _: str) -> dict[float, float]:
        found = (expression.match(line) for line in text.splitlines())
        return require({1024 * float(match["kib"]): scale * float(match["value"]) for match in found
                        if match and float(match["kib"]) > 0 and float(match["value"]) > 0}, "row of a curve")
    return parse


@dataclass
class Tool:
    title: str
    file: str
    command: str
    url: str
    parse: Callable[[str, str], dict]


BENCHES = "https://github.com/te42kyfo/gpu-benches"
TOOLS = {
    "nvbandwidth": Tool("nvbandwidth", "nvbandwidth.json", "nvbandwidth --json",
                        "https://github.com/NVIDIA/nvbandwidth", nvbandwidth),
    "babelstream": Tool("BabelStream", "babelstream.csv", "babelstream --csv", "https://github.com/UoB-HPC/BabelStream",
                        babelstream),
    "clpeak": Tool("clpeak", "clpeak.json", "clpeak --json-file FILE",
                   "https://github.com/krrishnarraj/clpeak", clpeak),
    "mixbench": Tool("mixbench", "mixbench.txt", "mixbench-cuda", "https://github.com/ekondis/mixbench", mixbench),
    "gpu-stream": Tool("gpu-benches, gpu-stream", "gpu-stream.txt", "gpu-stream", BENCHES, gpu_stream),
    # Set of one block and of all, time, spread, bandwidth.
    "gpu-l2-cache": Tool("gpu-benches, gpu-l2-cache", "gpu-l2-cache.txt", "gpu-l2-cache", BENCHES, curve(
        r"\s*\d+ kB\s+(?P<kib>\d+) kB\s+\d+ms\s+[\d.]+%\s+(?P<value>[\d.]+) GB/s", 1e9)),
    "gpu-cache": Tool("gpu-benches, gpu-cache", "gpu-cache.txt", "gpu-cache", BENCHES, curve(
        r"\s*(?P<kib>\d+) kB\s+\d+ms\s+[\d.]+%\s+(?P<value>[\d.]+) GB/s", 1e9)),
    # Iterations, MHz, KiB, milliseconds, cycles of one load.
    "gpu-latency": Tool("gpu-benches, gpu-latency", "gpu-latency.txt", "gpu-latency", BENCHES, curve(
        r"\s*\d+\s+\d+\s+(?P<kib>\d+)\s+[\d.]+\s+(?P<value>[\d.]+)\s*$", 1)),
}


def read(tool: Tool, folder: Path, device: str) -> dict:
    """The figures of what the tool left there. Throws FileNotFoundError where it did not run, and Unreadable."""
    try:
        return tool.parse((folder / tool.file).read_text(encoding="utf-8", errors="replace"), device)
    except FileNotFoundError:
        raise
    except (OSError, AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise Unreadable(f"{tool.file}: {type(error).__name__}: {error}") from None
