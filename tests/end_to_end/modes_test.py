"""From where a case is sampled (burst, settled, plateau), the watts beside every clock, and sweeps over shapes."""

import csv
import io

from peakproof import *

# One type of the matrix product in each of its modes, on a device whose launches cost nothing but their work.
PRODUCT = ("bench_wmma_gemm", *GEMM, "--benchmark_filter=type:fp16(/|$)")
JUDGED = (*PRODUCT, "--min-efficiency", "0.5")
FAST = SMALL + ",launch_us=0.01"


def by_mode(report):
    return {result["params"].get("mode", "settled"): result for result in report["results"]}


class Burst(EndToEnd):
    def test_is_a_result_of_its_own_before_the_settled_one(self):
        done = self.measure(*JUDGED, stand_in=FAST)
        names = done.report["completeness"]["planned"]
        self.assertEqual(len(names), 2)
        self.assertEqual(names[0], names[1] + "/mode:burst")
        self.assertEqual([r["params"].get("mode") for r in done.report["results"]], ["burst", None])
        for result in done.report["results"]:
            self.assertEqual(result["verdict"], "pass", result["note"])
            self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.01)
            self.assertTrue(result["verification"]["passed"])

    def test_is_the_first_fifty_milliseconds_of_samples_of_at_most_two(self):
        result = by_mode(self.measure(*JUDGED, stand_in=FAST).report)["burst"]
        seconds = [sample["seconds"] for sample in result["samples"]]
        self.assertGreaterEqual(sum(seconds), 0.050)
        self.assertLess(sum(seconds) - seconds[-1], 0.050, "and not a sample more")
        self.assertGreaterEqual(len(seconds), 25)
        self.assertLessEqual(max(seconds), 0.002)
        self.assertEqual(result["summary"]["stop"], "time_budget")
        self.assertEqual(result["summary"]["count"], len(seconds))

    def test_its_clock_may_change(self):
        # Two clock states; what a launch reaches at its own clock is always the same.
        found = by_mode(self.measure(*JUDGED, stand_in=FAST + ",noise=clock,seed=3", code=INCONCLUSIVE).report)
        self.assertEqual(found["settled"]["verdict"], "noisy")
        self.assertGreater(found["burst"]["summary"]["spread"], 0.1)
        self.assertEqual(found["burst"]["verdict"], "pass", found["burst"]["note"])

    def test_what_it_reaches_at_its_clock_may_not(self):
        found = by_mode(self.measure(*JUDGED, stand_in=FAST + ",noise=time,seed=3", code=INCONCLUSIVE).report)
        self.assertEqual(found["burst"]["verdict"], "noisy")

    def test_is_judged_like_any_other(self):
        for settings, code, verdict in (("speed=0.4", REJECTED, "below"), ("speed=1.1", INCONCLUSIVE, "above_theory"),
                                        ("flaw=wrong:wmma_gemm_fp16", REJECTED, "incorrect"),
                                        ("flaw=idle:wmma_gemm_fp16", REJECTED, "incorrect")):
            with self.subTest(settings):
                report = self.measure(*JUDGED, stand_in=f"{FAST},{settings}", code=code).report
                self.assertEqual({r["verdict"] for r in report["results"]}, {verdict})

    def test_the_reference_is_sampled_in_turn_with_the_settled_one_only(self):
        found = by_mode(self.measure(*JUDGED, stand_in=FAST).report)
        self.assertIsNone(found["burst"]["reference"])
        reference = found["settled"]["reference"]
        self.assertAlmostEqual(reference["ratio"], reference["own_achieved_per_s"] / reference["achieved_per_s"])
        self.assertAlmostEqual(reference["own_sm_clock_hz"], 1980e6, delta=2e6)
        self.assertAlmostEqual(reference["sm_clock_hz"], 1980e6, delta=2e6)

    def test_is_told_with_its_clock_and_watts(self):
        done = run(*JUDGED, "--quick", stand_in=FAST + ",watts=640,clock=0.9")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertRegex(done.out, r"mode:burst/.*\n +\S")
        self.assertRegex(re.sub(r"\s+", " ", done.out),
                         r"burst \d+ samples from idle in 5\d\.\d+ ms, 1782 MHz at first and 1782 MHz at last, "
                         r"640 W at first and 640 W at last")

    def test_a_saved_one_is_judged_by_the_same_rule(self):
        saved = self.folder / "saved.json"
        run(*JUDGED, "--quick", f"--json={saved}", stand_in=FAST + ",noise=clock,seed=3")
        self.assertEqual(run("peakproof", "report", saved, "--json").code, INCONCLUSIVE)
        forged = parse(saved.read_text())
        burst = by_mode(forged["peakproof"])["burst"]
        del burst["params"]["mode"]
        saved.write_text(json.dumps(forged))
        self.refuse("peakproof", "report", saved, stand_in=None, says=("contradicts itself", "says pass", "noisy"))

    def test_vector_pipes_and_memory_have_none(self):
        for name in ("fp32_fma", "dram", "latency_arithmetic"):
            self.assertNotIn("mode:", run("peakproof", "run", name, "--list", stand_in=SMALL).out)
        self.assertNotIn("mode:", run("peakproof", "run", "fp32_fma", "--device", "cpu", "--list").out)

    def test_a_point_of_a_sweep_has_none(self):
        listed = run("bench_wmma_gemm", "--sweep", "shapes", "--list", stand_in=SMALL)
        self.assertEqual(listed.code, PASSED, listed.err)
        self.assertIn("sweep:shapes", listed.out)
        self.assertNotIn("mode:", listed.out)

    def test_a_signal_ends_it_with_what_there_is(self):
        # Calibrating takes hundreds of launches; the signal comes somewhere behind them.
        done = run(*JUDGED, "--quick", "--json", stand_in=FAST + ",signal=1:INT")
        self.assertEqual(done.code, 128 + signal.SIGINT, done.err)
        self.assert_report(done.report, done.code)
        self.assertEqual(done.report["results"][0]["params"]["mode"], "burst")


class Plateau(EndToEnd):
    def test_is_a_result_of_its_own_after_ten_seconds(self):
        begin = time.monotonic()
        done = self.measure("bench_fp32_fma", "--plateau", stand_in="sms=1")
        self.assertGreater(time.monotonic() - begin, 10)
        self.assertEqual([r["params"].get("mode") for r in done.report["results"]], [None, "plateau"])
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"pass"})


class Watts(EndToEnd):
    def test_stand_in_every_sample_and_report(self):
        done = self.measure("bench_fp32_fma", stand_in="watts=693.2", verdict="pass")
        self.assertEqual({sample["power_w"] for sample in done.result["samples"]}, {693.2})
        self.assertEqual(done.result["summary"]["median_power_w"], 693.2)
        (row,) = parse(done.out)["benchmarks"]
        self.assertEqual(row["power_w"], 693.2)
        for option in ((), ("--md",), ("--html",)):
            text = run("bench_fp32_fma", "--quick", *option, stand_in="watts=693.2").out
            self.assertIn("693 W (median) at 1980 MHz, limit 700 W", re.sub(r"\s+", " ", text))
        (line,) = csv.DictReader(io.StringIO(run("bench_fp32_fma", "--quick", "--csv", stand_in="watts=693.2").out))
        self.assertEqual(line["median_power_w"], "693.2")

    def test_are_those_of_now_where_the_driver_tells(self):
        for settings, watts in (("watts=690,average_watts=500", 690), ("watts=off,average_watts=500", 500)):
            with self.subTest(settings):
                result = self.measure("bench_fp32_fma", stand_in=settings).result
                self.assertEqual(result["summary"]["median_power_w"], watts)

    def test_are_unknown_where_nothing_tells(self):
        for settings in ("watts=off,average_watts=off", "nvml=off"):
            with self.subTest(settings):
                done = self.measure("bench_fp32_fma", stand_in=settings, verdict="pass")
                self.assertEqual({sample["power_w"] for sample in done.result["samples"]}, {None})
                self.assertIsNone(done.result["summary"]["median_power_w"])
                self.assertNotIn("power_w", parse(done.out)["benchmarks"][0])
                self.assertNotIn("W (median)", run("bench_fp32_fma", "--quick", stand_in=settings).out)


class Shapes(EndToEnd):
    SWEEP = ("--m", "256", "--k", "256", "--benchmark_filter=n:(2048|4096)/sweep:shapes/type:fp16(/|$)")

    def test_are_a_map_over_m_and_n(self):
        page = self.folder / "shapes.html"
        done = self.measure("bench_wmma_gemm", "--sweep", "shapes", *self.SWEEP, f"--html={page}", stand_in=FAST)
        self.assertEqual([r["params"]["n"] for r in done.report["results"]], ["2048", "4096"])
        for result in done.report["results"]:
            self.assertEqual(result["params"]["sweep"], "shapes")
            self.assertEqual(result["verdict"], "no_theory")
            self.assertIn("a point of a sweep: reported, not judged", result["note"])
            self.assertTrue(result["verification"]["passed"])
        html = page.read_text()
        self.assertIn("Which shapes are best", html)
        self.assertIn("Best shape: m 256, n ", html)
        self.assertNotIn("Where the pipes saturate", html)

    def test_are_what_a_product_sweeps_whatever_is_given(self):
        alone = run("bench_wmma_gemm", "--sweep", "--list", stand_in=SMALL).out
        self.assertEqual(alone, run("bench_wmma_gemm", "--sweep", "shapes", "--list", stand_in=SMALL).out)
        self.assertEqual(alone, run("peakproof", "run", "--sweep", "wmma_gemm", "--list", stand_in=SMALL).out)

    def test_in_text_are_a_table(self):
        done = run("bench_wmma_gemm", "--sweep", "shapes", *self.SWEEP, stand_in=FAST)
        self.assertEqual(done.code, PASSED, done.err)
        self.assertRegex(done.out, r"(?m)^ +m +n 2048 +n 4096$")
        self.assertRegex(done.out, r"(?m)^ +256  ██ +\d+\.\d  ██ +\d+\.\d$")

    def test_unknown_ones_are_refused(self):
        self.refuse("bench_wmma_gemm", "--sweep", "sizes", says=("sizes", "--sweep alone", "shapes, size,"))
        for options in (("--plateau",), ("--min-efficiency", "0.5")):
            self.refuse("bench_wmma_gemm", "--sweep", "shapes", *options, says=(options[0], "--sweep"))


if __name__ == "__main__":
    main()
