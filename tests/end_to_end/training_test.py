"""Training of the perceptron on the digits: on the host CPU for real, and on the stand-in device."""

from peakproof import *

# Launches so long that a sample holds few steps, which the stand-in computes for real.
SLOW = SMALL + ",launch_us=400"
FIRST = "--benchmark_filter=batch:32/"


class Training(EndToEnd):
    def assert_told(self, result, batch):
        """The parts of a training agree with each other."""
        told = result["training"]
        self.assertEqual(result["name"], "training")
        self.assertEqual(result["params"]["batch"], str(batch))
        self.assertEqual(result["params"]["network"], "mlp")
        self.assertEqual(result["params"]["precision"], "fp32")
        self.assertEqual(result["pipe"], "fp32_fma")
        self.assertEqual(result["unit"], "FLOP/s")
        self.assertEqual((told["network"], told["batch"], told["seed"]), ("mlp", batch, 1))
        self.assertIn("1437 to learn, 360 to test", told["data"])
        self.assertAlmostEqual(told["learning_rate"], 0.05 * (batch / 32) ** 0.5)
        self.assertEqual(told["momentum"], 0.9)
        curve = told["curve"]
        self.assertGreaterEqual(len(curve), 10)
        self.assertEqual(told["best_accuracy"], max(epoch["accuracy"] for epoch in curve))
        self.assertGreater(curve[0]["loss"], 3 * curve[-1]["loss"])
        seconds = [epoch["seconds"] for epoch in curve]
        self.assertEqual(seconds, sorted(seconds))
        reached = [epoch["accuracy"] >= 0.95 for epoch in curve].index(True)  # it learns the digits
        self.assertEqual(told["epochs_to_target"], reached + 1)
        self.assertEqual(told["iterations_to_target"], (reached + 1) * (1437 // batch))
        self.assertEqual(told["time_to_target_s"], seconds[reached])
        self.assertGreaterEqual(told["gradients_checked"], 200)
        self.assertLess(told["gradient_error"], 1e-6)
        self.assertTrue(told["repeats"])
        # 64 x 128 + 128 x 128 + 128 x 10 weights: forward and backward, the first layer without its input's gradient.
        flops = 4 * (8192 + 16384 + 1280) + 2 * (16384 + 1280)
        self.assertAlmostEqual(result["achieved_per_s"] / told["samples_per_s"] / flops, 1)
        check = result["verification"]
        self.assertTrue(check["passed"])
        self.assertGreater(check["items"], 26122)
        self.assertLess(check["relative_error"], check["tolerance"])

    def curve_on_cpu(self):
        done = run("bench_training", "--device", "cpu", "--quick", "--json", FIRST)
        (result,) = done.report["results"]
        if result["verdict"] == "skipped":
            self.assertIn("oneDNN", result["note"])
            self.skipTest(result["note"])
        self.assertIn(result["verdict"], ("no_theory", "noisy"), result["note"])  # there is no floor
        self.assert_report(done.report, done.code)
        self.assert_told(result, 32)
        self.assertIn("oneDNN", result["note"])
        self.assertEqual(result["audit"]["status"], "not_applicable")
        return [(epoch["loss"], epoch["accuracy"]) for epoch in result["training"]["curve"]]

    def test_the_cpu_gives_the_same_curve_in_every_process(self):
        self.assertEqual(self.curve_on_cpu(), self.curve_on_cpu())

    def test_the_sweep_goes_over_batches(self):
        for device in (("--device", "cpu"), ()):
            listed = run("bench_training", *device, "--sweep", "batch", "--list", stand_in=SMALL).out.splitlines()
            batches = [dict(part.split(":") for part in line.split("/")[1:])["batch"] for line in listed]
            self.assertEqual(batches, ["16", "32", "64", "128", "256", "512", "1024"])

    def test_the_device_learns_and_is_audited(self):
        done = self.measure("bench_training", stand_in=SLOW)
        for result, batch in zip(done.report["results"], (32, 256), strict=True):
            self.assertEqual(result["verdict"], "no_theory", result["note"])
            self.assert_told(result, batch)
            self.assertIn(result["audit"]["status"], ("audited", "unaudited"))  # without a disassembler
            self.assertEqual(result["audit"]["kernel"], "mlp_forward")
            self.assertIn("9 launches a step", result["note"])
            self.assertIsNotNone(result["efficiency"]["issue"])

    def test_wrong_answers_are_incorrect(self):
        for flaw in ("wrong:mlp_forward", "dropped:mlp_loss", "nan:mlp_backward", "wrong:mlp_update", "shorter:mlp_update"):
            with self.subTest(flaw=flaw):
                done = self.measure("bench_training", FIRST, stand_in=f"{SLOW},flaw={flaw}", code=REJECTED,
                                    verdict="incorrect")
                self.assertGreater(done.result["verification"]["mismatches"], 0)
                self.assertFalse(done.result["verification"]["passed"])

    def test_a_device_that_does_nothing_is_incorrect(self):
        done = self.measure("bench_training", FIRST, stand_in=SLOW + ",flaw=idle", code=REJECTED, verdict="incorrect")
        self.assertGreater(done.result["verification"]["not_numbers"], 0)
        self.assertIsNone(done.result["training"])  # of a wrong answer nothing more is told

    def test_a_lost_device_is_a_fault(self):
        done = run("bench_training", "--quick", FIRST, stand_in=f"{SLOW},lost=measured:40")
        self.assertEqual(done.code, FAULT, done.err)

    def test_too_little_memory_is_an_error(self):
        done = self.measure("bench_training", FIRST, stand_in="mem_mib=1,launch_us=400", code=INCONCLUSIVE)
        self.assertEqual(done.result["verdict"], "error")
        self.assertIn("out of memory", done.result["note"])

    def test_every_format_tells_it(self):
        page = self.folder / "page.html"
        done = run("bench_training", "--quick", FIRST, f"--html={page}", "--md", stand_in=SLOW)
        self.assertEqual(done.code, PASSED, done.err)
        self.assertIn("Training", done.out)
        self.assertIn("loss of mlp", page.read_text())


if __name__ == "__main__":
    main()
