"""The host CPU, for real. How fast it is, or how quiet, is not what is tested here: that the whole path works is."""

from peakproof import *

FAIR = {"pass": PASSED, "noisy": INCONCLUSIVE, "below": REJECTED, "no_theory": PASSED, "above_theory": INCONCLUSIVE}


class Cpu(EndToEnd):
    def measure_cpu(self, program, *options):
        """A busy machine may make the figure noisy or low, an unknown processor leaves it without theory."""
        done = run(program, "--device", "cpu", "--quick", "--json", *options)
        self.assertEqual(done.err, "")
        result = done.result
        self.assertIn(result["verdict"], FAIR, result["note"])
        self.assertEqual(done.code, FAIR[result["verdict"]])
        self.assert_report(done.report, done.code)
        return done

    def test_fp32_fma(self):
        done = self.measure_cpu("bench_fp32_fma")
        self.assertEqual(done.report["device"]["kind"], "cpu")
        self.assertFalse(done.report["device"]["stand_in"])
        self.assertEqual(done.result["name"], "fp32_fma")
        self.assertGreater(done.result["achieved_per_s"], 1e9)
        self.assertTrue(done.result["verification"]["passed"])
        self.assertGreaterEqual(len(done.result["samples"]), 11)

    def test_every_other_chain(self):
        units = {"fp64_fma": "FLOP/s", "fp16_fma": "FLOP/s", "bf16_fma": "FLOP/s", "int32_mad": "OP/s",
                 "int32_add": "OP/s"}
        for name, unit in units.items():
            with self.subTest(name=name):
                done = run("bench_" + name, "--device", "cpu", "--quick", "--json")
                result = done.result
                self.assertEqual(result["name"], name)
                if result["verdict"] == "skipped":
                    self.assertIn(name, ("fp16_fma", "bf16_fma"), "every CPU has the others")
                    self.assertIn("no instruction", result["note"])
                    self.assertEqual(done.code, INCONCLUSIVE)  # nothing was measured
                    continue
                self.assertIn(result["verdict"], FAIR, result["note"])
                self.assertEqual(done.code, FAIR[result["verdict"]])
                self.assertEqual(result["unit"], unit)
                self.assertGreater(result["achieved_per_s"], 1e9)
                self.assertTrue(result["verification"]["passed"])
                self.assert_report(done.report, done.code)

    def test_dram_copy(self):
        done = self.measure_cpu("bench_dram_copy")
        self.assertEqual(done.result["unit"], "B/s")
        self.assertTrue(done.result["verification"]["passed"])
        self.assertGreater(done.result["achieved_per_s"], 1e8)

    def test_what_it_cannot_do_is_skipped(self):
        done = run("peakproof", "run", "fp32_fma", "wmma_gemm", "--device", "cpu", "--quick", "--json")
        verdicts = [r["verdict"] for r in done.report["results"]]
        self.assertIn(verdicts[0], FAIR)
        self.assertEqual(verdicts[1], "skipped")
        self.assertEqual(done.code, FAIR[verdicts[0]])  # a skip is no pass, and no failure

    def test_list(self):
        self.assertEqual(run("bench_fp32_fma", "--device", "cpu", "--list").code, PASSED)

    def test_floor_that_nothing_reaches(self):
        done = run("bench_fp32_fma", "--device", "cpu", "--quick", "--json", "--min-efficiency", "1")
        self.assertEqual(done.result["floor"]["issue"], 1)
        self.assertIn(done.code, (REJECTED, INCONCLUSIVE))

    def test_interrupted(self):
        process = start("bench_fp32_fma", "--device", "cpu", "--json")
        wait_for_handler(process, signal.SIGINT)
        process.send_signal(signal.SIGINT)
        done = finish(process)
        self.assertEqual(done.code, 128 + signal.SIGINT, done.err)
        self.assert_report(done.report, 128 + signal.SIGINT)

    def test_never_chosen_silently(self):
        for program in ("bench_fp32_fma", "bench_dram_copy", "bench_wmma_gemm"):
            self.refuse(program, "--json", stand_in=None, code=INCONCLUSIVE, says=("no GPU", "--device cpu"))

    @unittest.skipUnless((STAND_IN / "libpeakproof_stand_in.so").exists(), "a build without CUDA has no stand-in")
    def test_stand_in_is_not_in_the_way(self):
        # With the stand-in loaded the CPU is still the CPU.
        done = run("bench_fp32_fma", "--device", "cpu", "--quick", "--json", stand_in="driver=off")
        self.assertEqual(done.report["device"]["kind"], "cpu")
        self.assertFalse(done.report["device"]["stand_in"])


if __name__ == "__main__":
    main()
