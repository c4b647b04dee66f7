"""The comparison with other tools: each tool's format (small samples, written after their sources), what is refused, and
the page."""

import copy
import json
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
import comparison  # noqa: E402
import comparison_tools as tools  # noqa: E402

DEVICE = "Made-up H200"
NVBANDWIDTH = {"nvbandwidth": {
    "CUDA Runtime Version": 13000, "Driver Version": "580.65", "GPU Device list": [f"0: {DEVICE} (00000000:17:00): (node)"],
    "git_version": "v0.8", "version": "v0.8", "testcases": [
        {"name": "host_to_device_memcpy_ce", "status": "Passed", "sum": 110.5,
         "bandwidth_description": "memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)", "bandwidth_matrix": [["55.25", "55.3"]]},
        {"name": "device_local_copy", "status": "Passed", "sum": 2000,
         "bandwidth_description": "memcpy local GPU(column) bandwidth (GB/s)", "bandwidth_matrix": [["2000.5"]]},
        {"name": "device_to_device_memcpy_read_ce", "status": "Waived"},
        {"name": "host_device_latency_sm", "status": "Passed", "sum": 700,
         "bandwidth_description": "memory latency SM CPU(row) <-> GPU(column) (ns)", "bandwidth_matrix": [["700"]]}]}}
BABELSTREAM = """Using CUDA device Made-up H200
Driver: 13000
function,num_times,n_elements,sizeof,max_MB_per_sec,min_runtime,max_runtime,avg_runtime
Copy,100,33554432,8,4.1e+06,0.00013,0.00014,0.00013
Triad,100,33554432,8,4200000.5,0.00019,0.0002,0.00019
"""
ENTRY = {"backend": "CUDA", "platform": "CUDA", "device": DEVICE, "driver": "13.0", "category": "fp_compute",
         "test": "single_precision_compute", "metric": "float", "unit": "gflops", "value": 60000.5}
CLPEAK = {"format_version": 2, "clpeak_version": "2.1.2", "os": "Linux x64", "entries": [
    ENTRY, ENTRY | {"backend": "OpenCL", "value": 1.0},
    ENTRY | {"test": "kernel_launch_latency", "metric": "roundtrip", "unit": "us", "value": 5.0},
    {key: value for key, value in ENTRY.items() if key != "value"} | {"test": "wmma_int4", "metric": "int4",
                                                                     "status": "unsupported", "reason": "no such"}]}
MIXBENCH = """mixbench/read-only (v0.04)
Device:              Made-up H200
Compute throughput:  60000.00 GFlops (theoretical single precision FMAs)
Compute iters, Flops/byte, ex.time,  GFLOPS, GB/sec, Flops/byte, ex.time,  GFLOPS, GB/sec, Flops/byte, ex.time,  GFLOPS, GB/sec, Iops/byte, ex.time,   GIOPS, GB/sec
            0,      0.250,    0.32,  104.42, 417.68,      0.125,    0.63,   53.04, 424.35,      0.500,    0.32,  211.41, 422.81,     0.250,    0.32,  105.58, 422.30
          192,     96.250,    1.54, 8414.49,  87.42,     48.125,   57.42,  224.97,   4.67,    192.500,    1.53,16847.93,  87.52,    96.250,    1.74, 7431.64,  77.21
          256,    128.250,    2.06, 8362.01,  65.20,     64.125,   76.50,  225.02,   3.51,    256.500,    2.06,16693.65,  65.08,   128.250,    2.30, 7477.75,  58.31
"""
GPU_STREAM = """blockSize   threads       %occ  |                init       read       scale     triad       3pt        5pt
       32        3648      3 %  |  GB/s:         228         96        183        254        168        164
     1024      116736  100.0 %  |  GB/s:        2016       1942       1704       1832       1686       1683
"""
GPU_L2 = """     data set   exec time     spread       Eff. bw
       512 kB      1024 kB         7ms       0.1%    7758.1 GB/s        0 GB/s      0 GB/s      0 GB/s      0 GB/s
       512 kB     20480 kB         7ms       0.1%    5500.5 GB/s        0 GB/s      0 GB/s      0 GB/s      0 GB/s
"""
GPU_CACHE = """     data set   exec time     spread        Eff. bw       DRAM read      DRAM write         L2 read       L2 store
        16 kB         4ms       0.2%   25251.5 GB/s         0 GB/s          0 GB/s          0 GB/s          0 GB/s
     68320 kB        28ms       0.1%    3714.4 GB/s        33 GB/s          0 GB/s       1013 GB/s          0 GB/s
"""
GPU_LATENCY = """clock: 1755 1755 1755
  1000000  1755        1     19.5    34.2
 24465205  1755  1529075   9177.7   658.4

"""
SAMPLES = {"nvbandwidth": json.dumps(NVBANDWIDTH), "babelstream": BABELSTREAM, "clpeak": json.dumps(CLPEAK),
           "mixbench": MIXBENCH, "gpu-stream": GPU_STREAM, "gpu-l2-cache": GPU_L2, "gpu-cache": GPU_CACHE,
           "gpu-latency": GPU_LATENCY}


def result(name, achieved, unit="FLOP/s", verdict="pass", latency=None, **params):
    return {"name": name, "params": params, "achieved_per_s": achieved, "unit": unit, "verdict": verdict, "latency": latency}


def report(*results, **changes):
    device = {"name": DEVICE, "kind": "gpu", "stand_in": False, "facts": {"driver": "580.65"}} | changes.pop("device", {})
    return {"peakproof": {"device": device, "started": "2026-01-01T00:00:00+00:00", "results": list(results),
                          "tool": {"version": "0.1.0", "commit": "0123456789ab"} | changes.pop("tool", {})}}


class Parsers(unittest.TestCase):
    def parse(self, tool, text=None):
        return tools.TOOLS[tool].parse(SAMPLES[tool] if text is None else text, DEVICE)

    def test_every_tool_has_a_sample(self):
        self.assertEqual(set(SAMPLES), set(tools.TOOLS))

    def test_figures(self):
        self.assertEqual(self.parse("nvbandwidth"), {"host_to_device_memcpy_ce": 55.25e9, "device_local_copy": 2000.5e9})
        self.assertEqual(self.parse("nvbandwidth", "warning\n" + SAMPLES["nvbandwidth"])["device_local_copy"], 2000.5e9)
        self.assertEqual(self.parse("babelstream"), {"Copy": 4.1e12, "Triad": 4.2000005e12})
        older = BABELSTREAM.replace("max_MB_per_sec", "max_mibytes_per_sec")
        self.assertEqual(self.parse("babelstream", older)["Copy"], 4.1e6 * 2**20)
        self.assertEqual(self.parse("clpeak"), {("single_precision_compute", "float"): 60000.5,
                                                ("kernel_launch_latency", "roundtrip"): 5.0})
        self.assertEqual(self.parse("mixbench"), {"single": 8414.49, "double": 225.02, "half": 16847.93, "integer": 7477.75})
        self.assertEqual(self.parse("gpu-stream")["read"], 1942e9)
        self.assertEqual(self.parse("gpu-stream")["init"], 2016e9)
        self.assertEqual(self.parse("gpu-l2-cache"), {1024 * 1024: 7758.1e9, 20480 * 1024: 5500.5e9})
        self.assertEqual(self.parse("gpu-cache"), {16384: 25251.5e9, 68320 * 1024: 3714.4e9})
        self.assertEqual(self.parse("gpu-latency"), {1024: 34.2, 1529075 * 1024: 658.4})

    def test_what_is_no_output_is_unreadable(self):
        for tool in tools.TOOLS:
            for text in ("", "no such device\n", "{}", "[]", '{"nvbandwidth": 3}', '{"format_version": 2, "entries": [3]}'):
                with tempfile.TemporaryDirectory() as folder:
                    Path(folder, tools.TOOLS[tool].file).write_text(text, encoding="utf-8")
                    with self.assertRaises(tools.Unreadable, msg=f"{tool}: {text}"):
                        tools.read(tools.TOOLS[tool], Path(folder), DEVICE)

    def test_what_went_wrong_in_a_tool_is_said(self):
        failed = copy.deepcopy(NVBANDWIDTH)
        failed["nvbandwidth"]["error"] = "CUDA_ERROR_OUT_OF_MEMORY"
        waived = copy.deepcopy(NVBANDWIDTH)
        for case in waived["nvbandwidth"]["testcases"]:
            case["status"] = "Waived"
        for tool, text, says in (
                ("nvbandwidth", json.dumps(failed), "OUT_OF_MEMORY"), ("nvbandwidth", json.dumps(waived), "that passed"),
                ("nvbandwidth", SAMPLES["nvbandwidth"].replace("2000.5", "inf"), "not finite"),
                ("nvbandwidth", SAMPLES["nvbandwidth"].replace(DEVICE, "A100"), "another device"),
                ("babelstream", "Validation failed on c[]\n" + BABELSTREAM, "check of the answers"),
                ("babelstream", BABELSTREAM.replace("max_MB", "max_PB"), "max_MB_per_sec"),
                ("babelstream", BABELSTREAM.replace("Copy,100,", "Copy,"), "7 fields under 8"),
                ("clpeak", SAMPLES["clpeak"].replace('"format_version": 2', '"format_version": 3'), "format_version is 3"),
                ("clpeak", SAMPLES["clpeak"].replace(DEVICE, "A100"), "another device"),
                ("mixbench", MIXBENCH.replace(DEVICE, "A100"), "another device"),
                ("mixbench", MIXBENCH.replace("8414.49", "     -"), "is no number"),
                ("gpu-stream", GPU_STREAM.replace("       1683", ""), "5 values under 6")):
            with self.subTest(says):
                with self.assertRaisesRegex(tools.Unreadable, says):
                    self.parse(tool, text)


class Page(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "tools").mkdir()
        self.output = self.folder / "comparison.md"

    def write(self, content, *kept):
        (self.folder / "run.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        for tool in kept:
            (self.folder / "tools" / tools.TOOLS[tool].file).write_text(SAMPLES[tool], encoding="utf-8")

    def run_it(self, *options):
        return comparison.main([str(self.folder), "--output", str(self.output), *options])

    def row(self, *starts):
        text = self.output.read_text(encoding="utf-8")
        found = [[cell.strip() for cell in line.split(" | ")] for line in text.splitlines()
                 if line.startswith("| " + starts[0]) and all(part in line for part in starts)]
        self.assertEqual(len(found), 1, f"{starts}: {text}")
        return found[0][1:4]

    def test_figures_side_by_side(self):
        self.write(report(result("fp32_fma", 66e12), result("fp64_fma", 33e12),
                          result("dram", 4.1e12, "B/s", pattern="copy", bytes="1"),
                          result("dram", 4.0e12, "B/s", pattern="memcpy", bytes="1"),
                          result("l2", 6e12, "B/s", partition="any", bytes=str(20000 * 1024)),
                          result("wmma", 1.0, mode="burst", type="fp16"),
                          result("latency_memory", 1.0, "LOAD/s", "no_theory", {"cycles": 32.0}, level="l1", bytes="2048"),
                          result("launch", 4e5, "CALL/s", "no_theory", what="launch_sync")), *tools.TOOLS)
        self.assertEqual(self.run_it(), 0)
        self.assertEqual(self.row("FP32 FMA", "clpeak"), ["66 TFLOP/s", "clpeak: 60 TFLOP/s", "1.100"])
        self.assertEqual(self.row("FP32 FMA", "mixbench")[1], "mixbench: 8.414 TFLOP/s")
        self.assertEqual(self.row("FP64 FMA", "clpeak"), ["33 TFLOP/s", "clpeak: no figure", "-"])
        self.assertEqual(self.row("device memory, copy |"), ["4.1 TB/s", "BabelStream: 4.1 TB/s", "1.000"])
        self.assertEqual(self.row("device memory, copy by the runtime"), ["4 TB/s", "nvbandwidth: 4.001 TB/s", "1.000"])
        self.assertEqual(self.row("L2 read")[1], "gpu-benches, gpu-l2-cache: 5.5 TB/s")
        self.assertEqual(self.row("tensor cores by WMMA, FP16")[0], "not measured")  # the burst is another figure
        # Less is better: 34.2 cycles against our 32, 5 us against our 2.5.
        self.assertEqual(self.row("latency of a load, l1")[1:], ["gpu-benches, gpu-latency: 34.2 cycles", "1.069"])
        self.assertEqual(self.row("launch and wait"), ["2.5 us", "clpeak: 5 us", "2.000"])
        text = self.output.read_text(encoding="utf-8")
        self.assertIn("Made-up H200, driver 580.65", text)
        self.assertIn("* device memory, copy by the runtime: nvbandwidth: 4.001 TB/s, ours 4 TB/s", text)
        self.assertNotIn("* FP32", text)
        self.assertNotIn("STAND-IN", text)

    def test_figures_not_to_be_believed_are_not_compared(self):
        for verdict in ("noisy", "incorrect", "above_theory", "error", "skipped"):
            self.write(report(result("fp32_fma", 66e12, verdict=verdict)), "clpeak")
            self.assertEqual(self.run_it(), 0)
            self.assertEqual(self.row("FP32 FMA", "clpeak"), [verdict, "clpeak: 60 TFLOP/s", "-"])
        self.assertIn("Nothing was compared.", self.output.read_text(encoding="utf-8"))

    def test_tools_that_did_not_run_or_failed(self):
        self.write(report(result("fp32_fma", 66e12)))
        self.assertEqual(self.run_it(), 0)
        self.assertEqual(self.row("FP32 FMA", "clpeak"), ["66 TFLOP/s", "clpeak: not run", "-"])
        (self.folder / "tools" / "clpeak.json").write_text("Segmentation fault", encoding="utf-8")
        self.assertEqual(self.run_it(), 1)
        self.assertIn("clpeak: unreadable: it is no JSON", self.row("FP32 FMA", "clpeak")[1])

    def test_without_a_reference_nothing_is_written(self):
        good = result("fp32_fma", 66e12)
        for content in (None, "", "{}", "[]", report(), report(good, device={"stand_in": True}),
                        report(good, device={"kind": "cpu"}), report(good, tool={"commit": "0123456789ab-dirty"}),
                        report(good, tool={"commit": "unknown"}), report(good, tool={"commit": ""})):
            with self.subTest(content):
                if content is not None:
                    self.write(content, "clpeak")
                self.assertEqual(self.run_it(), 2)
                self.assertFalse(self.output.exists())
        self.write(report(good, device={"stand_in": True}))
        self.assertEqual(self.run_it("--allow-stand-in"), 0)
        self.assertIn("STAND-IN", self.output.read_text(encoding="utf-8"))

    def test_what_cannot_be_written_leaves_the_old_page(self):
        self.write(report(result("fp32_fma", 66e12)))
        self.output.mkdir()
        self.assertEqual(self.run_it(), 5)
        self.assertEqual([path.name for path in self.folder.iterdir() if path.name.startswith(".")], [])

    def test_every_metric_asks_a_tool_that_is_known(self):
        for metric in comparison.METRICS:
            self.assertTrue(metric.theirs, metric.what)
            for theirs in metric.theirs:
                self.assertIn(theirs.tool, tools.TOOLS)
                self.assertTrue(theirs.difference)


if __name__ == "__main__":
    unittest.main()
