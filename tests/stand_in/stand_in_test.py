#!/usr/bin/env python3
"""The stand-in itself: it answers all that the executables call, and is loud about what it does not know."""

import json
import os
import re
import signal
import subprocess
import sys
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("PEAKPROOF_BUILD", "build")).resolve()
FOLDER = BUILD / "tests" / "stand_in"
LIBRARY = FOLDER / "libpeakproof_stand_in.so"
# Pure functions of the real runtime, which need no driver: tables of names and texts.
LEFT_TO_THE_RUNTIME = {"cudaGetErrorName", "cudaGetErrorString"}


def symbols(path, *options):
    lines = subprocess.run(["nm", "-D", *options, path], check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[-1].split("@")[0] for line in lines}


def programs():
    return sorted(p for p in BUILD.iterdir()
                  if p.is_file() and (p.name == "peakproof" or re.fullmatch(r"bench_[a-z0-9_]+", p.name)))


def run(program, settings="", *options):
    env = {**os.environ, "LD_PRELOAD": str(LIBRARY), "LD_LIBRARY_PATH": f'{FOLDER / "nvml"}:{FOLDER / "cudnn"}',
           "PEAKPROOF_STAND_IN": settings}
    env.pop("CUDA_VISIBLE_DEVICES", None)
    return subprocess.run([program, *(options or ["--list"])], env=env, capture_output=True, text=True, timeout=120)


class Symbols(unittest.TestCase):
    def test_every_call_of_the_executables_is_played(self):
        played = symbols(LIBRARY, "--defined-only")
        self.assertGreaterEqual(len(programs()), 4)
        for program in programs():
            called = {s for s in symbols(program, "--undefined-only") if re.match(r"cuda|__cuda|cublas|cu[A-Z]", s)}
            self.assertIn("cudaMalloc", called)
            self.assertEqual(called - played - LEFT_TO_THE_RUNTIME, set(), program.name)

    def test_nothing_else_is_shown(self):
        for name in symbols(LIBRARY, "--defined-only"):
            self.assertRegex(name, r"^(cuda|__cuda|cublas|peakproof_stand_in(_link_is_busy|_launches|_seconds|_architecture"
                                   r"|_convolve|_device_health|_wait_for_device)?$)")

    def test_it_holds_nothing_of_the_program(self):
        """Its answers are its own: no function of kernels/ is linked in."""
        text = subprocess.run(["nm", "-C", LIBRARY], check=True, capture_output=True, text=True).stdout
        self.assertIn("peakproof::stand_in::", text)
        for part in ("kernels", "bench", "reports", "theory"):
            self.assertNotRegex(text, rf" [tTwWvV] peakproof::{part}::")


class Kernels(unittest.TestCase):
    def test_every_kernel_has_a_model(self):
        for program in programs():
            if program.name in ("peakproof", "bench_inference") or program.name.endswith("_gemm"):
                continue  # nothing of its own; slow on a host, and run by the end-to-end tests
            with self.subTest(program.name):
                done = run(program, "sms=1,l2_mib=0", "--quick", "--json")
                self.assertNotIn("no model", done.stderr)
                results = json.loads(done.stdout)["peakproof"]["results"]
                self.assertNotIn("error", {r["verdict"] for r in results}, done.stderr)

    def test_a_flaw_of_one_operation_is_of_no_other(self):
        for program, flawed, params in (("bench_fp64_fma", "fp64_fma", {}), ("bench_sfu", "sfu_sin", {"function": "sin"}),
                                        ("bench_convert", "convert_f32_to_f16x2", {"case": "f32_to_f16x2"}),
                                        ("bench_fp32_fma", "fp64_fma", None)):
            with self.subTest(program):
                done = run(BUILD / program, f"sms=1,flaw=wrong:{flawed}", "--quick", "--json")
                results = json.loads(done.stdout)["peakproof"]["results"]
                wrong = [r["params"] for r in results if r["verdict"] == "incorrect"]
                self.assertEqual(wrong, [] if params is None else [params], done.stderr)


class Strangers(unittest.TestCase):
    def test_what_no_device_would_do(self):
        done = run(FOLDER / "stranger")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split("\n"), [
            "malloc cudaSuccess",
            "unknown_kernel cudaErrorInvalidDeviceFunction",
            "cleared cudaSuccess",
            "too_many_threads cudaErrorInvalidConfiguration",
            "too_much_shared_memory cudaErrorInvalidValue",
            "map cudaSuccess",
            "map_address cudaErrorInvalidValue",
            "map_stride cudaErrorInvalidValue",
            "map_overlap cudaErrorInvalidValue",
            "map_wider_than_swizzle cudaErrorInvalidValue",
            "map_box_bytes cudaErrorInvalidValue",
            "map_box_rows cudaErrorInvalidValue",
            "map_no_box cudaErrorInvalidValue",
            "map_no_columns cudaErrorInvalidValue",
            "no_such_function cudaSuccess",
            "found 0",
            "unknown_attribute cudaErrorInvalidValue",
            "cleared cudaErrorInvalidValue",
            "free_twice cudaSuccess",
            "free_twice cudaErrorInvalidValue",
            "host_memory cudaErrorIllegalAddress",
            "sticky cudaErrorIllegalAddress",
            "sticky cudaErrorIllegalAddress",
            "",
        ])
        self.assertIn("no model of the kernel 'unheard_of'", done.stderr)
        self.assertIn("attribute", done.stderr)


class Settings(unittest.TestCase):
    def test_what_is_not_understood_ends_the_process(self):
        for settings in ("nonsense", "no_such_key=1", "sms=many", "sms=", "sms=0", "speed=0", "cc=9", "flaw=ugly",
                         "noise=loud", "fail=1:nothing", "signal=1:KILL", "reasons=because", "driver=maybe", "=1",
                         "reasons=power+because", "remap=all", "nvml_hang=event:3", "init=never", "xid=1",
                         "count=2;2:speed=0.5", "count=2;1:count=3", "count=2;1:nvml=off", "count=2;x:speed=1",
                         "count=2;1:speed=0"):
            with self.subTest(settings):
                done = run(BUILD / "bench_fp32_fma", settings)
                self.assertEqual(done.returncode, 99, done.stderr)
                self.assertIn("PEAKPROOF_STAND_IN", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_every_key_is_described(self):
        text = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
        source = (Path(__file__).parent / "settings.cpp").read_text(encoding="utf-8")
        keys = set(re.findall(r'\{"([a-z0-9_]+)",\s*\[\]\(Settings&', source))
        self.assertGreater(len(keys), 70)
        described = {key for row in re.findall(r"^\| (`[^|]*) \|", text, re.M) for key in re.findall(r"`(\w+)`", row)}
        self.assertEqual(keys - described, set())

    def test_the_seed_decides_the_noise(self):
        def samples(seed):
            env = {**os.environ, "LD_PRELOAD": str(LIBRARY), "PEAKPROOF_STAND_IN": f"noise=time,seed={seed}"}
            env.pop("CUDA_VISIBLE_DEVICES", None)
            out = subprocess.run([BUILD / "bench_fp32_fma", "--quick", "--csv"], env=env, capture_output=True,
                                 text=True, timeout=60).stdout
            return re.sub(r"[0-9T:+-]{20,}", "", out)
        self.assertNotEqual(samples(1), samples(2))


class Devices(unittest.TestCase):
    """Settings of one device of several, and of how the runtime starts."""

    def verdict(self, settings, *options):
        done = run(BUILD / "bench_fp32_fma", settings, "--quick", "--json", *options)
        report = json.loads(done.stdout)["peakproof"] if done.stdout else None
        return done, report

    def test_one_is_slow(self):
        for device, verdict in ((0, "pass"), (1, "below"), (2, "pass")):
            _, report = self.verdict("count=3;1:speed=0.5", "--device", f"cuda:{device}")
            self.assertEqual(report["results"][0]["verdict"], verdict)
        _, report = self.verdict("count=2;1:sms=2,name=STAND-IN half", "--device", "cuda:1")
        self.assertEqual((report["device"]["name"], report["device"]["sm_count"]), ("STAND-IN half", 2))

    def test_one_is_not_visible(self):
        _, report = self.verdict("count=3;1:visible=off", "--device", "cuda:1")
        self.assertEqual(report["device"]["facts"]["uuid"][-1], "2")
        done, _ = self.verdict("count=3;1:visible=off", "--device", "cuda:2")
        self.assertEqual(done.returncode, 2, done.stderr)

    def test_how_cuda_does_not_start(self):
        for settings, says in (("init=system_not_ready", "cudaErrorSystemNotReady"),
                               ("init=driver_mismatch", "cudaErrorSystemDriverMismatch"),
                               ("init=compat", "cudaErrorCompatNotSupportedOnDevice"),
                               ("init=no_device", "sees no NVIDIA GPU"), ("init=no_permission", "sees no NVIDIA GPU"),
                               ("init=devices_unavailable", "cudaErrorDevicesUnavailable"),
                               ("compute_mode=prohibited", "cudaErrorDevicesUnavailable"),
                               ("compute_mode=exclusive,foreign_load=40", "cudaErrorDevicesUnavailable"),
                               ("init=no_image", "")):
            with self.subTest(settings):
                done, _ = self.verdict(settings)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(says, done.stderr)
        self.assertEqual(self.verdict("compute_mode=exclusive")[0].returncode, 0)

    def test_where_it_is_wrong(self):
        for settings, sm in (("flaw=wrong,flaw_sm=2", 2), ("flaw=nan,flaw_sm=0", 0)):
            _, report = self.verdict("sms=4," + settings)
            units = report["results"][0]["verification"].get("wrong_units", [])
            self.assertEqual([unit["unit"] for unit in units], [sm])

    def test_a_process_that_dies(self):
        done = run(BUILD / "bench_fp32_fma", "crash=3", "--quick", "--json")
        self.assertEqual(done.returncode, -signal.SIGSEGV)

    def test_a_process_that_is_deaf(self):
        env = {**os.environ, "LD_PRELOAD": str(LIBRARY), "PEAKPROOF_STAND_IN": "hang=5,deaf=on"}
        env.pop("CUDA_VISIBLE_DEVICES", None)
        with subprocess.Popen([BUILD / "bench_fp32_fma", "--quick"], env=env, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            self.assertIn("hangs", process.stderr.readline())
            for heard in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                process.send_signal(heard)
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
            process.kill()
            self.assertEqual(process.wait(timeout=10), -signal.SIGKILL)


if __name__ == "__main__":
    if not LIBRARY.exists():
        sys.exit(f"{LIBRARY} is missing: build first, and set PEAKPROOF_BUILD")
    unittest.main()
