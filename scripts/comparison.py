#!/usr/bin/env python3
"""Writes docs/comparison.md: our figures beside those of the tools that people use, measured on the same card.

Usage: comparison.py FOLDER [--output FILE] [--allow-stand-in]

FOLDER is what scripts/measure_gpu.sh wrote: run.json and, under tools/, what the other tools printed
(comparison_tools.py names the files). A tool without a file is "not run"; a file that cannot be understood is said, and
the exit code is 1.
Without a report that can stand as a reference nothing is written (exit code 2).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import comparison_tools as tools
from update_readme import rate

ROOT = Path(__file__).resolve().parent.parent
USABLE = ("pass", "below", "no_theory")  # all others mean that the figure is not to be believed


class Unusable(Exception):
    """Nothing can be compared."""


@dataclass
class Theirs:
    tool: str  # a key of tools.TOOLS
    figure: Callable[..., float]  # of the tool's figures and our result's parameters, in the unit of ours
    difference: str  # of the method


@dataclass
class Metric:
    what: str
    name: str
    params: dict[str, str]
    theirs: list[Theirs]
    kind: str = "rate"  # or "cycles" or "seconds" of one call, where less is better


def clpeak(test, *metrics, scale):
    """The best of these metrics of a test."""
    def figure(found, _):
        return scale * max(found[test, metric] for metric in metrics if (test, metric) in found)
    return figure


def column(name, scale=1.0):
    return lambda found, _: scale * found[name]


def at_size(scale=1.0):
    """The point of a curve whose set is nearest to that of our result."""
    def figure(curve, params):
        size = min(curve, key=lambda s: abs(math.log(s / float(params["bytes"]))))
        return scale * curve[size]
    return figure


CLPEAK = "one chain or few a thread, values that grow to infinity; one mean, no clock, no check of the answer"
MIXBENCH = "best point of its intensity sweep, one timed launch each, memory traffic beside it; no check of the answer"
CUBLAS = "operands all ones, which draw less power; the best of 8 heuristics, one mean"
CLPEAK_PLAIN = "one mean, no clock, no check of the answer"
STREAM = "host clock, best of 100 (ours: median by events), arrays of 268 MB in FP64 unless told otherwise"
GPU_STREAM = "best of its block sizes, host clock, two launches together, median of 9"
NVBANDWIDTH = "copy engine, 512 MiB, median of 3 (ours: at least 11, with an interval); the copied bytes are checked"
NEAREST = "the nearest set size of its curve"


def arithmetic(what, name, metrics, mix=None, method=CLPEAK):
    theirs = [Theirs("clpeak", clpeak(*metrics, scale=1e9), method)]
    if mix:
        theirs.append(Theirs("mixbench", column(mix, 1e9), MIXBENCH))
    return Metric(what, name, {}, theirs)


def tensor(what, name, params, test, metric):
    return Metric(what, name, params, [Theirs("clpeak", clpeak(test, metric, scale=1e12), CLPEAK_PLAIN)])


def product(type_, metric, test="cublas-fp", **params):
    return Metric(f"matrix product by cuBLASLt, {type_}", "cublas_gemm", {"type": type_, **params},
                  [Theirs("clpeak", clpeak(test, metric, scale=1e12), CUBLAS)])


def memory(what, pattern, stream=None, gpu_stream=None, more=()):
    theirs = [Theirs("babelstream", column(stream), STREAM)] if stream else []
    if gpu_stream:
        theirs.append(Theirs("gpu-stream", column(gpu_stream), GPU_STREAM))
    return Metric(f"device memory, {what}", "dram", {"pattern": pattern}, [*theirs, *more])


def link(direction, case):
    name = {"h2d": "host to device", "d2h": "device to host"}[direction]
    return Metric(f"PCIe, {name}, pinned", "pcie", {"direction": direction, "memory": "pinned"}, [
        Theirs("nvbandwidth", column(case), NVBANDWIDTH),
        Theirs("clpeak", clpeak("transfer_bandwidth", f"{direction}_pinned", scale=1e9), "one mean")])


def latency(level):
    return Metric(f"latency of a load, {level}", "latency_memory", {"level": level},
                  [Theirs("gpu-latency", at_size(), f"{NEAREST}; cycles by the clock that the driver says")], "cycles")


METRICS = [
    arithmetic("FP32 FMA", "fp32_fma", ("single_precision_compute", "float"), "single"),
    arithmetic("FP64 FMA", "fp64_fma", ("double_precision_compute", "double"), "double"),
    arithmetic("FP16 FMA in pairs", "fp16_fma", ("half_precision_compute", "half2"), "half"),
    arithmetic("INT32 multiply-add", "int32_mad", ("integer_compute", "int"), "integer", CLPEAK_PLAIN),
    arithmetic("INT8 dot product (dp4a)", "dp4a",
               ("integer_compute_int8_dp", "int8_dp", "int8_dp2", "int8_dp4", "int8_dp8"), method=CLPEAK_PLAIN),
    tensor("tensor cores by WMMA, FP16", "wmma", {"type": "fp16"}, "wmma_fp16", "wmma_fp16"),
    tensor("tensor cores by WMMA, BF16", "wmma", {"type": "bf16"}, "wmma_bf16", "wmma_bf16"),
    tensor("tensor cores by mma.sync, TF32", "mma", {"type": "tf32", "shape": "m16n8k8"}, "wmma_tf32", "wmma_tf32"),
    tensor("tensor cores by mma.sync, FP16 with FP16 sums", "mma", {"type": "fp16_acc16", "shape": "m16n8k16"},
           "wmma_fp16_f16", "fp16_f16acc"),
    tensor("tensor cores by mma.sync, INT8", "mma", {"type": "int8", "shape": "m16n8k32"}, "wmma_int8_k32", "int8_k32"),
    product("fp32", "fp32"), product("fp64", "fp64"), product("tf32", "tf32"), product("fp16_acc16", "fp16"),
    product("bf16", "bf16"), product("fp8_e4m3", "fp8_e4m3", accumulation="fast"),
    product("int8", "int8", "cublas-int"),
    memory("read", "read", gpu_stream="read", more=[
        Theirs("clpeak", clpeak("global_memory_bandwidth", "float", "float2", "float4", scale=1e9), "one mean")]),
    memory("write", "write", gpu_stream="init"),
    memory("copy", "copy", stream="Copy"),
    memory("scale", "scale", stream="Mul", gpu_stream="scale"),
    memory("add", "add", stream="Add"),
    memory("triad", "triad", stream="Triad", gpu_stream="triad"),
    memory("dot", "dot", stream="Dot"),
    memory("copy by the runtime", "memcpy", more=[
        Theirs("nvbandwidth", column("device_local_copy", 2),
               f"{NVBANDWIDTH}; it counts each byte once, so its figure stands here doubled")]),
    Metric("L2 read", "l2", {"partition": "any"}, [Theirs("gpu-l2-cache", at_size(), f"{NEAREST}, best of 11")]),
    Metric("L1 read", "l1", {}, [Theirs("gpu-cache", at_size(), f"{NEAREST} of one SM")]),
    latency("l1"), latency("l2"), latency("dram"),
    link("h2d", "host_to_device_memcpy_ce"), link("d2h", "device_to_host_memcpy_ce"),
    Metric("launch and wait", "launch", {"what": "launch_sync"},
           [Theirs("clpeak", clpeak("kernel_launch_latency", "roundtrip", scale=1e-6), "one mean")], "seconds"),
]


def load_report(path: Path, allow_stand_in: bool) -> dict:
    if not path.is_file():
        raise Unusable(f"{path} is not there: run scripts/measure_gpu.sh first")
    try:
        report = json.loads(path.read_text(encoding="utf-8"))["peakproof"]
        device, commit, results = report["device"], report["tool"]["commit"], report["results"]
        kind, stand_in = device["kind"], device["stand_in"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{path} is no report of PeakProof ({type(error).__name__}: {error})") from None
    if kind != "gpu" or not results:
        raise Unusable(f"{path} holds no results of a GPU")
    if allow_stand_in:
        return report
    if stand_in:
        raise Unusable(f"{path} was made on a stand-in device")
    if not commit or commit == "unknown" or commit.endswith("-dirty"):
        raise Unusable(f"{path} does not name the commit that made it ('{commit}')")
    return report


def ours(report: dict, metric: Metric) -> dict | None:
    """The settled result of a metric: of several (sizes) the first, as PeakProof puts the largest first."""
    return next((result for result in report["results"]
                 if result["name"] == metric.name and "mode" not in result["params"] and "sweep" not in result["params"]
                 and result["params"].get("sparsity", "dense") == "dense"
                 and all(result["params"].get(key) == value for key, value in metric.params.items())), None)


def value_of(result: dict | None, metric: Metric) -> tuple[float | None, str]:
    """The figure, or why there is none."""
    if result is None:
        return None, "not measured"
    if result["verdict"] not in USABLE:
        return None, result["verdict"]
    if metric.kind == "cycles":
        return (result["latency"]["cycles"], "") if result.get("latency") else (None, "no latency")
    achieved = result["achieved_per_s"]
    if not achieved:
        return None, "no rate"
    return (1 / achieved if metric.kind == "seconds" else achieved), ""


def shown(value: float, metric: Metric, unit: str) -> str:
    if metric.kind == "cycles":
        return f"{value:.1f} cycles"
    return f"{1e6 * value:.4g} us" if metric.kind == "seconds" else rate(value, unit)


def table(report: dict, found: dict[str, object]) -> tuple[list[list[str]], list[str]]:
    """Rows, and a sentence for each figure of another tool that is ahead of ours."""
    rows, ahead = [], []
    for metric in METRICS:
        result = ours(report, metric)
        value, missing = value_of(result, metric)
        mine = missing if value is None else shown(value, metric, result["unit"])
        for theirs in metric.theirs:
            tool = tools.TOOLS[theirs.tool].title
            figures = found[theirs.tool]
            if isinstance(figures, str):  # why there are none
                rows.append([metric.what, mine, f"{tool}: {figures}", "-", theirs.difference])
                continue
            try:
                other = theirs.figure(figures, result["params"] if result else {})
                if not (math.isfinite(other) and other > 0):
                    raise ValueError(other)
            except (KeyError, ValueError):
                rows.append([metric.what, mine, f"{tool}: no figure", "-", theirs.difference])
                continue
            text = f"{tool}: {shown(other, metric, result['unit'] if result else '')}"
            if value is None:
                rows.append([metric.what, mine, text, "-", theirs.difference])
                continue
            ratio = value / other if metric.kind == "rate" else other / value
            rows.append([metric.what, mine, text, f"{ratio:.3f}", theirs.difference])
            if ratio < 1:
                ahead.append(f"{metric.what}: {text}, ours {mine}")
    return rows, ahead


def table_lines(head: list[str], rows: list[list[str]]) -> list[str]:
    """As GitHub Markdown."""
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *escaped)]


def page(report: dict, found: dict[str, object]) -> str:
    rows, ahead = table(report, found)
    device, facts = report["device"], report["device"].get("facts", {})
    stand_in = "**STAND-IN: these figures are of no real device.** " if device["stand_in"] else ""
    head = ["metric", "PeakProof", "other tool", "ours / theirs", "how their method differs"]
    lines = ["# PeakProof beside other tools", "",
             f"{stand_in}Measured one after the other on the same card: {device['name']}"
             f"{', driver ' + facts['driver'] if 'driver' in facts else ''}, {report['started']}, PeakProof "
             f"{report['tool']['version']} (commit {report['tool']['commit']}). Written by scripts/comparison.py, do "
             "not edit. Of times and latencies the ratio is theirs / ours, so that more than 1 always means that ours "
             "is ahead.", ""]
    lines += table_lines(head, rows)
    lines += ["", "## Where another tool is ahead", ""]
    compared = any(row[3] != "-" for row in rows)
    nowhere = "Nowhere in this table." if compared else "Nothing was compared."
    lines += [f"* {sentence}" for sentence in ahead] or [nowhere]
    lines += ["", "## What the tools are", ""]
    state = {key: figures if isinstance(figures, str) else "read" for key, figures in found.items()}
    lines += [f"* {tool.title}: `{tool.command}`, {tool.url}; {state[key]}" for key, tool in tools.TOOLS.items()]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> None:
    """Whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="what scripts/measure_gpu.sh wrote")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "comparison.md")
    parser.add_argument("--allow-stand-in", action="store_true", help="for the tests")
    options = parser.parse_args(arguments)
    try:
        report = load_report(options.folder / "run.json", options.allow_stand_in)
    except Unusable as problem:
        print(f"error: nothing was compared: {problem}", file=sys.stderr)
        return 2
    found: dict[str, object] = {}
    code = 0
    for key, tool in tools.TOOLS.items():
        try:
            found[key] = tools.read(tool, options.folder / "tools", report["device"]["name"])
        except FileNotFoundError:
            found[key] = "not run"
        except tools.Unreadable as problem:
            found[key] = f"unreadable: {problem}"
            print(f"error: {tool.title}: {problem}", file=sys.stderr)
            code = 1
    try:
        write(options.output, page(report, found))
    except OSError as problem:
        print(f"error: {options.output} was not written: {problem}", file=sys.stderr)
        return 5
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
