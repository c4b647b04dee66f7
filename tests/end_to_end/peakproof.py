"""Runs the real executables, on the stand-in device or on none at all, and reads what they say.

PEAKPROOF_BUILD names the build folder. No test here ever reaches a real GPU: it is hidden from every run.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

BUILD = Path(os.environ.get("PEAKPROOF_BUILD", "build")).resolve()
STAND_IN = BUILD / "tests" / "stand_in"
ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77

PASSED, REJECTED, USAGE, INCONCLUSIVE, FAULT, NOT_WRITTEN, NOTHING_TO_TEST = 0, 1, 2, 3, 4, 5, 77
RUN_VERDICT = {PASSED: "pass", REJECTED: "rejected", INCONCLUSIVE: "inconclusive", FAULT: "device_fault",
               NOT_WRITTEN: "report_not_written"}

# A small device that is quick to play: the smallest buffer that 64 x L2 allows, a product of a few tiles.
SMALL = "mem_mib=256"
GEMM = ("--m", "256", "--n", "512", "--k", "256")
# Of all matrix products that of FP16, settled; of all that device memory does the copy.
PRODUCT = "--benchmark_filter=-type:(fp16_|bf16|tf32|fp64|int|b1)|mode:burst|^dram/.*pattern:[^c]"
COPY = ("bench_dram", "--benchmark_filter=pattern:copy")
# One case of each kind: chains, memory, a matrix product.
TRUNK = ("fp32_fma", "dram", "wmma_gemm", PRODUCT)


def parse(text):
    """JSON as the standard has it: no NaN, no Infinity, no key twice."""
    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    def once(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key twice in {keys}")
        return dict(pairs)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=once)


@dataclass
class Done:
    """A process that has ended."""
    code: int
    out: str
    err: str

    @property
    def report(self):
        return parse(self.out)["peakproof"]

    @property
    def result(self):
        """The only result."""
        (result,) = self.report["results"]
        return result


# Locks of one stand-in GPU must not keep tests that run at the same time off each other's: one folder for each process.
RUNTIME = tempfile.TemporaryDirectory(prefix="peakproof-runtime-")


def environment(stand_in, extra=None):
    """`stand_in`: the settings of the stand-in device as text, or None for a machine without any GPU."""
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("PEAKPROOF_STAND_IN", "CUDA_", "LD_PRELOAD"))}
    env["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(dir=RUNTIME.name)
    if stand_in is None:
        env["CUDA_VISIBLE_DEVICES"] = ""
    else:
        env["LD_PRELOAD"] = str(STAND_IN / "libpeakproof_stand_in.so")
        env["LD_LIBRARY_PATH"] = f'{STAND_IN / "nvml"}:{STAND_IN / "cudnn"}'
        env["PEAKPROOF_STAND_IN"] = stand_in
    for key, value in (extra or {}).items():
        if value is None:
            env.pop(key, None)
        else:
            env[key] = value
    return env


def start(program, *arguments, stand_in=None, env=None, cwd=None):
    """A process of its own, still running."""
    return subprocess.Popen([str(BUILD / program), *map(str, arguments)], env=environment(stand_in, env), cwd=cwd,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process, timeout=60):
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        _, err = process.communicate()
        raise AssertionError(f"{process.args} did not end within {timeout} s; stderr: {err}") from None
    return Done(process.returncode, out, err)


def wait_for_handler(process, number, installed=True):
    """Returns when the process catches the signal (or no longer does)."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        caught = re.search(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{process.pid}/status").read_text())
        if caught and bool(int(caught[1], 16) >> (number - 1) & 1) == installed:
            return
        time.sleep(0.01)
    process.kill()
    raise AssertionError(f"{process.args}: {signal.Signals(number).name} caught: never {installed}")


def run(program, *arguments, stand_in=None, env=None, cwd=None, timeout=60):
    return finish(start(program, *arguments, stand_in=stand_in, env=env, cwd=cwd), timeout)


class EndToEnd(unittest.TestCase):
    """Assertions that hold for every run."""
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def assert_plain(self, text):
        """Nothing that only a terminal understands."""
        self.assertNotRegex(text, r"[\r\x1b]")

    def assert_one_line(self, text, *parts):
        """One line that holds these parts: what an error looks like."""
        self.assertEqual(len(text.splitlines()), 1, text)
        for part in parts:
            self.assertIn(part, text)
        self.assertLess(len(text), 1000)

    def assert_report(self, report, code):
        """The report tells the same story as the exit code."""
        self.assertEqual(report["exit_code"], code)
        interrupted = code > 128
        self.assertEqual(report["verdict"], "interrupted" if interrupted else RUN_VERDICT[code])
        names = report["completeness"]["planned"]
        self.assertEqual(len(names), len(report["results"]) + len(report["completeness"]["missing"]))
        for result in report["results"]:
            # Contaminated samples are kept and left out of the figures, unless there are no others.
            contaminated = [sample["contaminated"] for sample in result["samples"]]
            self.assertEqual(result["summary"]["contaminated"], contaminated.count(True))
            self.assertEqual(result["summary"]["count"], contaminated.count(False) or len(contaminated))
            if result["verdict"] in ("pass", "below"):
                self.assertTrue(result["verification"]["passed"])
                self.assertGreaterEqual(result["summary"]["count"], 11)
                self.assertIsNotNone(result["floor"])
                reached = result["efficiency"]["issue"] >= result["floor"]["issue"]
                self.assertEqual(reached, result["verdict"] == "pass")

    def measure(self, program, *arguments, stand_in=SMALL, code=PASSED, verdict=None, env=None, timeout=60):
        """Runs with --json and --quick; stdout is one JSON, and it agrees with the exit code. `verdict`: of the only
        result."""
        arguments = (*arguments, "--json") if "--json" not in arguments else arguments
        done = run(program, *arguments, "--quick", stand_in=stand_in, env=env, timeout=timeout)
        self.assertEqual(done.code, code, f"stdout: {done.out[-2000:]}\nstderr: {done.err}")
        self.assert_plain(done.out + done.err)
        self.assert_report(done.report, code)
        if stand_in is not None and "cpu" not in arguments:
            self.assertTrue(done.report["device"]["stand_in"])
        if verdict is not None:
            self.assertEqual(done.result["verdict"], verdict, done.result["note"])
        return done

    def refuse(self, program, *arguments, stand_in=SMALL, code=USAGE, says=(), env=None):
        """Runs what cannot be done: nothing on stdout, one line on stderr that holds `says`."""
        done = run(program, *arguments, stand_in=stand_in, env=env)
        self.assertEqual(done.code, code, f"{arguments}: {done.out}{done.err}")
        self.assertEqual(done.out, "")
        self.assert_plain(done.err)
        self.assert_one_line(done.err, *([says] if isinstance(says, str) else says))
        return done


def main():
    if not (BUILD / "peakproof").exists():
        sys.exit(f"{BUILD} holds no peakproof: build first, and set PEAKPROOF_BUILD")
    unittest.main(module="__main__")


__all__ = [name for name in dir() if not name.startswith("_")]
