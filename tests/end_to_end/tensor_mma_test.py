#!/usr/bin/env python3
"""mma.sync and WMMA: every type and shape, its verdict on a good, a slow and a wrong device, what each architecture lacks."""

from peakproof import *

QUICK = "sms=2,l2_mib=0"
FLAWS = ("wrong", "nan", "idle", "shorter", "dropped")
BOTH = ("bench_mma", "bench_wmma")


def settled(report):
    """The results that are not a burst's, by type, shape and sparsity."""
    return {(p["type"], p.get("shape"), p.get("sparsity")): r for r in report["results"]
            for p in [r["params"]] if "mode" not in p}


class Verdicts(EndToEnd):
    def test_a_good_device(self):
        for program in BOTH:
            done = self.measure(program, stand_in=QUICK)
            for key, result in settled(done.report).items():
                with self.subTest(f"{program} {key}"):
                    if result["verdict"] == "skipped":
                        continue
                    self.assertIn(result["verdict"], ("pass", "no_theory"), result["note"])
                    self.assertTrue(result["verification"]["passed"])
                    self.assertEqual(result["verification"]["mismatches"], 0)
                    self.assertEqual(result["audit"]["status"], "audited")
                    if result["efficiency"]["issue"] is not None:
                        self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.011)

    def test_the_ceiling_of_mma_is_not_that_of_wgmma(self):
        results = settled(self.measure("bench_mma", stand_in=QUICK).report)
        self.assertEqual(results["fp16", "m16n8k16", None]["pipe"], "mma_fp16")
        self.assertEqual(results["fp16_acc16", "m16n8k16", None]["pipe"], "mma_fp16")
        self.assertEqual(results["int8", "m16n8k32", None]["pipe"], "mma_int8")
        self.assertEqual(results["fp64", "m16n8k16", None]["pipe"], "tensor_fp64")
        sparse = results["fp16", "m16n8k32", "2:4"]
        self.assertIsNone(sparse["peak"])
        self.assertIn("wgmma", sparse["note"])
        results = settled(self.measure("bench_mma", stand_in=QUICK + ",cc=8.0").report)
        self.assertEqual(results["fp16", "m16n8k32", "2:4"]["pipe"], "tensor_fp16_sparse")

    def test_only_the_largest_shape_is_judged(self):
        results = settled(self.measure("bench_mma", stand_in=QUICK + ",speed=0.7", code=REJECTED).report)
        below = {key for key, r in results.items() if r["verdict"] == "below"}
        self.assertEqual(below, {("fp16", "m16n8k16", None), ("bf16", "m16n8k16", None), ("int8", "m16n8k32", None)})

    def test_a_device_that_is_too_fast_is_not_believed(self):
        for program in BOTH:
            done = self.measure(program, stand_in=QUICK + ",speed=1.05", code=INCONCLUSIVE)
            for result in done.report["results"]:
                if result["peak"] is not None:
                    self.assertEqual(result["verdict"], "above_theory", result["params"])

    def test_every_flaw_of_every_instruction(self):
        for program in BOTH:
            for flaw in FLAWS:
                for cc in ("8.9", "9.0", "12.0"):
                    with self.subTest(f"{program} {flaw} {cc}"):
                        done = self.measure(program, stand_in=f"{QUICK},flaw={flaw},cc={cc}", code=REJECTED)
                        self.assertEqual({r["verdict"] for r in done.report["results"]} - {"skipped"}, {"incorrect"})


class Architectures(EndToEnd):
    # Benchmark cases that are measured, out of all; some types by name that are not.
    LACKS = {
        "7.5": {"bf16", "tf32", "fp64", "b1_and", "fp8_e4m3", "mxfp4"},
        "8.0": {"fp8_e4m3", "fp8_e5m2", "fp6_e2m3", "mxfp4"},
        "8.9": {"fp6_e2m3", "fp4_e2m1", "nvfp4"},
        "9.0": {"int4", "b1_xor", "fp8_e4m3", "fp8_e5m2", "fp6_e3m2", "mxfp4"},
        "10.0": {"int4", "b1_xor", "b1_and", "fp8_e4m3", "fp4_e2m1", "mxfp4"},
        "12.0": {"int4", "b1_xor", "b1_and"},
    }
    HAS = {
        "7.5": {"fp16", "fp16_acc16", "int8", "int4", "b1_xor"},
        "8.0": {"fp16", "bf16", "tf32", "fp64", "int8", "int4", "b1_xor", "b1_and"},
        "8.9": {"fp8_e4m3", "fp8_e5m2", "fp8_e4m3_acc16", "int4", "b1_and"},
        "9.0": {"fp16", "bf16", "tf32", "fp64", "int8", "b1_and"},
        "10.0": {"fp16", "bf16", "tf32", "fp64", "int8"},
        "12.0": {"fp16", "fp8_e4m3", "fp6_e2m3", "fp4_e2m1", "mxfp8_e4m3", "mxfp4", "nvfp4"},
    }

    def test_emulated_and_missing_types_are_skipped(self):
        for cc, lacks in self.LACKS.items():
            with self.subTest(cc):
                report = self.measure("bench_mma", stand_in=f"{QUICK},cc={cc}").report
                skipped, measured = set(), set()
                for (kind, _, _), result in settled(report).items():
                    (skipped if result["verdict"] == "skipped" else measured).add(kind)
                    if result["verdict"] == "skipped":
                        self.assertRegex(result["note"], "emulated|needs compute capability")
                self.assertEqual(lacks & measured, set())
                self.assertLessEqual(lacks, skipped)
                self.assertLessEqual(self.HAS[cc], measured)

    def test_shapes_that_only_hopper_has(self):
        for cc, verdict in (("9.0", "no_theory"), ("10.0", "skipped"), ("8.0", "skipped")):
            results = settled(self.measure("bench_mma", stand_in=f"{QUICK},cc={cc}").report)
            self.assertEqual(results["fp64", "m16n8k16", None]["verdict"], verdict)
            self.assertNotEqual(results["fp64", "m8n8k4", None]["verdict"], "skipped")

    def test_a_device_that_runs_ptx_meets_no_trap(self):
        report = self.measure("bench_mma", stand_in=QUICK + ",cc=12.1,speed=0.3").report
        results = settled(report)
        self.assertIn(results["fp16", "m16n8k16", None]["verdict"], ("pass", "no_theory"))
        self.assertEqual(results["fp16", "m16n8k16", None]["audit"]["status"], "unaudited")
        self.assertEqual(results["mxfp4", "m16n8k64", None]["verdict"], "skipped")
        self.assertIn("machine code of this build", results["mxfp4", "m16n8k64", None]["note"])


class Sweep(EndToEnd):
    def test_over_chains_and_warps(self):
        done = self.measure("bench_wmma", "--sweep", "--benchmark_filter=type:fp16/", stand_in=QUICK)
        points = {(r["params"]["ilp"], r["params"]["warps_per_sm"]) for r in done.report["results"]}
        self.assertEqual({ilp for ilp, _ in points}, {"1", "2", "4", "8"})
        self.assertIn(("8", "8"), points)


if __name__ == "__main__":
    main()
