"""Every verdict, by the real executables on a device that deserves it."""

from peakproof import *

# What is measured, with options that make it quick, and the name under which its kernel is played.
FP32 = ("bench_fp32_fma",)
GEMM_JUDGED = ("bench_wmma_gemm", *GEMM, PRODUCT, "--min-efficiency", "0.5")
ALL = {"fp32_fma": FP32, "dram": COPY, "wmma_gemm": GEMM_JUDGED}
PLAYED = {"fp32_fma": "fp32_fma", "dram": "stream_copy", "wmma_gemm": "wmma_gemm_fp16"}
FAST_LAUNCH = SMALL + ",launch_us=0.01"


class Pass(EndToEnd):
    def test_healthy_device_passes(self):
        for name, command in ALL.items():
            with self.subTest(name):
                done = self.measure(*command, stand_in=FAST_LAUNCH, verdict="pass")
                self.assertAlmostEqual(done.result["efficiency"]["issue"], 0.99, delta=0.005)
                self.assertAlmostEqual(done.result["efficiency"]["spec"], 0.99, delta=0.005)
                self.assertEqual(done.result["name"], name)
                self.assertEqual(done.err, "")

    def test_rate_follows_the_played_device(self):
        one = self.measure(*FP32, stand_in="sms=2").result["achieved_per_s"]
        other = self.measure(*FP32, stand_in="sms=6").result["achieved_per_s"]
        self.assertAlmostEqual(other / one, 3, delta=0.01)
        narrow = self.measure(*COPY, stand_in=SMALL + ",bus=3008").result["achieved_per_s"]
        wide = self.measure(*COPY, stand_in=SMALL + ",bus=6016").result["achieved_per_s"]
        self.assertAlmostEqual(wide / narrow, 2, delta=0.1)

    def test_every_supported_architecture(self):
        for cc in ("7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "12.0"):
            with self.subTest(cc):
                done = self.measure(*FP32, stand_in=f"cc={cc}", verdict="pass")
                self.assertAlmostEqual(done.result["efficiency"]["issue"], 0.99, delta=0.005)
                done = self.measure(*GEMM_JUDGED, stand_in=f"{FAST_LAUNCH},cc={cc}", verdict="pass")
                self.assertAlmostEqual(done.result["efficiency"]["issue"], 0.99, delta=0.01)

    def test_losses_add_up(self):
        for command in ALL.values():
            result = self.measure(*command, stand_in=SMALL + ",clock=0.9,reasons=power,launch_us=0.1").result
            lost = sum(loss["fraction"] for loss in result["losses"])
            self.assertAlmostEqual(lost, 1 - result["efficiency"]["spec"], places=6)

    def test_cublas_is_the_reference(self):
        reference = self.measure(*GEMM_JUDGED, stand_in=FAST_LAUNCH).result["reference"]
        self.assertEqual(reference["name"], "cuBLASLt")
        self.assertAlmostEqual(reference["ratio"], 0.665, delta=0.01)  # mma.sync against wgmma, as played

    def test_wrong_reference_gives_no_ratio(self):
        result = self.measure(*GEMM_JUDGED, stand_in=FAST_LAUNCH + ",flaw=wrong:cublasLtMatmul").result
        self.assertEqual(result["verdict"], "pass")
        self.assertIsNone(result["reference"])
        self.assertIn("cuBLASLt", result["note"])


class Below(EndToEnd):
    def test_slow_device(self):
        for name, command in ALL.items():
            with self.subTest(name):
                speed = 0.4 if name == "wmma_gemm" else 0.8
                result = self.measure(*command, stand_in=f"{FAST_LAUNCH},speed={speed}", code=REJECTED,
                                      verdict="below").result
                self.assertAlmostEqual(result["efficiency"]["issue"], speed, delta=0.01)

    def test_floor_from_the_command_line(self):
        result = self.measure(*FP32, "--min-efficiency", "0.995", code=REJECTED, verdict="below").result
        self.assertEqual(result["floor"]["issue"], 0.995)
        self.measure(*FP32, "--min-efficiency", "0.7", stand_in="speed=0.75", verdict="pass")

    def test_throttled_clock_is_no_issue_loss(self):
        for reason, loss in (("power", "power cap"), ("thermal", "thermal"), ("locked", "locked"), ("none", "unknown")):
            with self.subTest(reason):
                result = self.measure(*FP32, stand_in=f"clock=0.7,reasons={reason}", verdict="pass").result
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.005)
                self.assertAlmostEqual(result["efficiency"]["clock"], 0.70, delta=0.005)
                self.assertAlmostEqual(result["efficiency"]["spec"], 0.693, delta=0.005)
                self.assertAlmostEqual(result["summary"]["median_sm_clock_hz"], 0.7 * 1980e6, delta=2e6)
                lost = {x["name"]: x["fraction"] for x in result["losses"] if x["kind"] == "clock"}
                self.assertAlmostEqual(lost[loss], 0.3, delta=0.005)


class AboveTheory(EndToEnd):
    def test_too_fast_to_be_true(self):
        for name, command in ALL.items():
            with self.subTest(name):
                self.measure(*command, stand_in=FAST_LAUNCH + ",speed=1.1", code=INCONCLUSIVE, verdict="above_theory")


class Noisy(EndToEnd):
    def test_two_clock_states(self):
        # Each launch keeps its pipe busy, so that E_issue alone would pass; the spread tells.
        result = self.measure(*FP32, stand_in="noise=clock,seed=3", code=INCONCLUSIVE, verdict="noisy").result
        self.assertGreater(result["summary"]["spread"], 0.1)

    def test_times_by_chance(self):
        for seed in (1, 2):
            self.measure(*FP32, stand_in=f"noise=time,seed={seed}", code=INCONCLUSIVE, verdict="noisy")
        self.measure(*COPY, stand_in=SMALL + ",noise=time", code=INCONCLUSIVE, verdict="noisy")

    def test_somebody_else_computes(self):
        result = self.measure(*FP32, stand_in="foreign_load=80", code=INCONCLUSIVE, verdict="noisy").result
        self.assertEqual(result["summary"]["contaminated"], result["summary"]["count"])
        self.assertIn("contaminated", result["note"])

    def test_noise_is_not_a_slow_device(self):
        self.measure(*FP32, stand_in="noise=time,speed=0.5", code=INCONCLUSIVE, verdict="noisy")


class Incorrect(EndToEnd):
    FLAWS = {"fp32_fma": ("wrong", "nan", "idle", "shorter", "dropped"), "dram": ("wrong", "nan", "idle", "shorter"),
             "wmma_gemm": ("wrong", "nan", "idle", "shorter", "dropped")}

    def test_every_flaw_of_every_kernel(self):
        for name, flaws in self.FLAWS.items():
            for flaw in flaws:
                with self.subTest(kernel=name, flaw=flaw):
                    kernel = PLAYED[name]
                    result = self.measure(*ALL[name], stand_in=f"{FAST_LAUNCH},flaw={flaw}:{kernel}", code=REJECTED,
                                          verdict="incorrect").result
                    self.assertFalse(result["verification"]["passed"])
                    self.assertGreater(result["verification"]["items"], 0)

    def test_one_wrong_element_is_counted_as_one(self):
        for name in ("fp32_fma", "dram"):
            result = self.measure(*ALL[name], stand_in=f"{SMALL},flaw=wrong:{PLAYED[name]}", code=REJECTED).result
            self.assertEqual(result["verification"]["mismatches"], 1)

    def test_flaws_show_with_every_kind_of_data(self):
        for data in ("random", "zero", "ones"):
            with self.subTest(data):
                self.measure(*COPY, "--data", data, stand_in=SMALL, verdict="pass")
                self.measure(*COPY, "--data", data, stand_in=SMALL + ",flaw=idle:stream_copy", code=REJECTED,
                             verdict="incorrect")
                self.measure(*GEMM_JUDGED, "--data", data, stand_in=FAST_LAUNCH, verdict="pass")
                self.measure(*GEMM_JUDGED, "--data", data, stand_in=FAST_LAUNCH + ",flaw=idle:wmma_gemm_fp16",
                             code=REJECTED, verdict="incorrect")

    def test_wrong_beats_slow(self):
        self.measure(*FP32, stand_in="flaw=wrong,speed=0.5", code=REJECTED, verdict="incorrect")


class Error(EndToEnd):
    def test_refused_launch(self):
        for error, name in (("invalid_configuration", "cudaErrorInvalidConfiguration"),
                            ("out_of_resources", "cudaErrorLaunchOutOfResources")):
            for command in ALL.values():
                done = self.measure(*command, stand_in=f"{SMALL},fail=1:{error}", code=INCONCLUSIVE, verdict="error")
                self.assertIn(name, done.result["note"])
                self.assertIn(name, done.err)
                self.assertIsNone(done.result["achieved_per_s"])

    def test_one_failed_benchmark_does_not_end_the_suite(self):
        # Launches are counted in each process: fp32_fma has some 20, dram more.
        done = self.measure("peakproof", "run", "dram", "fp32_fma", PRODUCT, stand_in=SMALL + ",fail=60",
                            code=INCONCLUSIVE)
        self.assertEqual([r["verdict"] for r in done.report["results"]], ["error", "pass"])
        self.assertEqual(done.report["completeness"]["missing"], [])

    def test_too_little_memory(self):
        done = self.measure("bench_wmma_gemm", PRODUCT, stand_in="mem_mib=128", code=INCONCLUSIVE, verdict="error")
        self.assertIn("memory", done.result["note"])
        self.assertIn("--m", done.result["note"])


class NoTheory(EndToEnd):
    def test_unknown_architecture_is_measured_and_not_judged(self):
        result = self.measure(*FP32, stand_in="cc=99.0", verdict="no_theory").result
        self.assertIsNone(result["peak"])
        self.assertIsNone(result["efficiency"]["issue"])
        self.assertGreater(result["achieved_per_s"], 0)
        self.assertTrue(result["verification"]["passed"])
        self.assertIn("99.0", result["note"])

    def test_memory_of_unknown_kind(self):
        self.measure(*COPY, stand_in=SMALL + ",bus=384", verdict="no_theory")

    def test_mig_slice_has_no_memory_theory(self):
        done = self.measure(*COPY, stand_in=SMALL + ",mig=on", verdict="no_theory")
        self.assertIsNone(done.result["peak"])
        self.assertEqual(done.report["device"]["facts"]["mig"], "on")
        self.assertIn("slice", done.report["device"]["facts"]["mig_slice"])

    def test_product_without_a_sourced_floor(self):
        result = self.measure("bench_wmma_gemm", *GEMM, PRODUCT, verdict="no_theory").result
        self.assertIsNotNone(result["peak"])
        self.assertIn("--min-efficiency", result["note"])


class Skipped(EndToEnd):
    def test_what_a_device_lacks(self):
        done = self.measure("bench_wmma_gemm", "--device", "cpu", stand_in=None, code=INCONCLUSIVE, verdict="skipped")
        self.assertIn("CPU", done.result["note"])
        self.assertEqual(done.result["samples"], [])


if __name__ == "__main__":
    main()
