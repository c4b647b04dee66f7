#!/usr/bin/env python3
"""The matrix product of Hopper: its verdict on a good, a slow and a wrong device, what it refuses, where it skips."""

from peakproof import *

PROGRAM = "bench_wgmma_gemm"
# Four SMs hold two clusters, and the shape below is a tile of 256 x 256 for each.
DEVICE = "sms=4,launch_us=0,mem_mib=64"
SHAPE = ("--m", "256", "--n", "512", "--k", "256")
JUDGED = (*SHAPE, "--min-efficiency", "0.9")
TYPES = ("bf16", "fp8_e4m3", "fp8_e5m2")
FLAWS = ("wrong", "nan", "idle", "shorter", "dropped")
KERNELS = {"bf16": "wgmma_gemm_bf16", "fp8_e4m3": "wgmma_gemm_e4m3", "fp8_e5m2": "wgmma_gemm_e5m2"}


def verdicts(report):
    return {result["verdict"] for result in report["results"]}


class Verdicts(EndToEnd):
    def test_a_good_device(self):
        done = self.measure(PROGRAM, *JUDGED, stand_in=DEVICE)
        self.assertEqual(verdicts(done.report), {"pass"})
        self.assertEqual({r["params"]["type"] for r in done.report["results"]}, set(TYPES))
        for result in done.report["results"]:
            kind = result["params"]["type"]
            with self.subTest(f"{kind} {result['params'].get('mode')}"):
                self.assertEqual(result["pipe"], "tensor_bf16" if kind == "bf16" else "tensor_fp8")
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.011)
                self.assertEqual((result["audit"]["status"], result["audit"]["arch"]), ("audited", "sm_90a"))
                self.assertEqual(result["audit"]["kernel"], KERNELS[kind])
                check = result["verification"]
                self.assertEqual((check["passed"], check["mismatches"]), (True, 0))
                self.assertLess(check["relative_error"], 0.003)  # little but the rounding of C to BF16
                self.assertGreater(check["rmse"], 0)

    def test_each_is_measured_from_idle_too(self):
        done = self.measure(PROGRAM, *SHAPE, stand_in=DEVICE)
        bursts = [r["params"]["type"] for r in done.report["results"] if r["params"].get("mode") == "burst"]
        self.assertEqual(sorted(bursts), sorted(TYPES))

    def test_it_is_held_against_cublas_where_that_has_the_product(self):
        done = self.measure(PROGRAM, *SHAPE, stand_in=DEVICE)
        settled = {r["params"]["type"]: r for r in done.report["results"] if "mode" not in r["params"]}
        for kind in ("bf16", "fp8_e4m3"):
            self.assertEqual(settled[kind]["reference"]["name"], "cuBLASLt")
            self.assertGreater(settled[kind]["reference"]["ratio"], 0)
        self.assertIsNone(settled["fp8_e5m2"]["reference"])
        self.assertIn("cuBLASLt has no product", settled["fp8_e5m2"]["note"])

    def test_a_slow_device_is_below(self):
        done = self.measure(PROGRAM, *JUDGED, stand_in=DEVICE + ",speed=0.8", code=REJECTED)
        self.assertEqual(verdicts(done.report), {"below"})

    def test_a_device_that_is_too_fast_is_not_believed(self):
        done = self.measure(PROGRAM, *JUDGED, stand_in=DEVICE + ",speed=1.05", code=INCONCLUSIVE)
        self.assertEqual(verdicts(done.report), {"above_theory"})

    def test_a_shape_that_the_user_chose_has_no_floor(self):
        done = self.measure(PROGRAM, *SHAPE, stand_in=DEVICE + ",speed=0.5")
        self.assertEqual(verdicts(done.report), {"no_theory"})
        self.assertEqual([r["floor"] for r in done.report["results"]], [None] * len(done.report["results"]))
        usual = self.measure(PROGRAM, stand_in=DEVICE, code=INCONCLUSIVE)  # too large for this device's memory
        self.assertEqual({r["floor"]["issue"] for r in usual.report["results"]}, {0.75})
        for result in usual.report["results"]:
            self.assertIn("too little memory", result["note"])

    def test_clusters_that_have_more_to_do_than_others_cost_time(self):
        done = self.measure(PROGRAM, "--m", "768", "--n", "256", "--k", "128", stand_in=DEVICE)
        for result in done.report["results"]:  # three tiles on two clusters
            self.assertAlmostEqual(result["efficiency"]["issue"], 0.75 * 0.99, delta=0.02)

    def test_every_flaw_is_found(self):
        for flaw in FLAWS:
            with self.subTest(flaw):
                done = self.measure(PROGRAM, *JUDGED, stand_in=f"{DEVICE},flaw={flaw}", code=REJECTED)
                self.assertEqual(verdicts(done.report), {"incorrect"})

    def test_a_flaw_of_one_type_is_of_no_other(self):
        done = self.measure(PROGRAM, *JUDGED, stand_in=DEVICE + ",flaw=nan:wgmma_gemm_e4m3", code=REJECTED)
        wrong = {r["params"]["type"] for r in done.report["results"] if r["verdict"] == "incorrect"}
        self.assertEqual(wrong, {"fp8_e4m3"})

    def test_other_operands(self):
        for data in ("zero", "ones"):
            with self.subTest(data):
                done = self.measure(PROGRAM, *JUDGED, "--data", data, stand_in=DEVICE)
                self.assertEqual(verdicts(done.report), {"pass"})


class Refusals(EndToEnd):
    def test_a_shape_that_fits_no_tile(self):
        for shape, wants in ((("--m", "128"), "256, 256 and 64"), (("--n", "8000"), "256, 256 and 64"),
                             (("--k", "32"), "256, 256 and 64"), (("--k", "192"), "256, 256 and 128")):
            with self.subTest(shape):
                self.refuse(PROGRAM, *shape, stand_in=DEVICE, says=("m, n and k must be multiples of", wants))

    def test_matrices_that_are_larger_than_memory(self):
        done = self.measure(PROGRAM, "--m", "25600", "--n", "51200", stand_in=DEVICE, code=INCONCLUSIVE)
        self.assertEqual(verdicts(done.report), {"error"})
        for result in done.report["results"]:
            self.assertIn("too little memory", result["note"])

    def test_other_architectures_are_skipped(self):
        for cc in ("7.5", "8.0", "8.9", "10.0", "12.0"):
            with self.subTest(cc):
                done = self.measure(PROGRAM, stand_in=f"{DEVICE},cc={cc}", code=INCONCLUSIVE)
                self.assertEqual(verdicts(done.report), {"skipped"})
                for result in done.report["results"]:
                    self.assertIn("only 9.0 has it", result["note"])

    def test_ptx_is_no_machine_code(self):
        done = self.measure(PROGRAM, stand_in=DEVICE, env={"CUDA_FORCE_PTX_JIT": "1"}, code=INCONCLUSIVE)
        self.assertEqual(verdicts(done.report), {"skipped"})
        for result in done.report["results"]:
            self.assertIn("sm_90a", result["note"])


if __name__ == "__main__":
    main()
