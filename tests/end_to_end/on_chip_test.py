#!/usr/bin/env python3
"""What lies on an SM: shared memory and its bank conflicts, that of the neighbours, constant memory, atomics."""

from peakproof import *

QUICK = "sms=8,l2_mib=0,mem_mib=64"
NAMES = ("shared", "constant", "dsmem", "atomics")
WAYS = (1, 2, 4, 8, 16, 32)


def key(result):
    """Its params but for the benchmark's name, in the order of the names."""
    return tuple(value for _, value in sorted(result["params"].items()))


class Shared(EndToEnd):
    def results(self, done):
        return {key(result): result for result in done.report["results"]}

    def test_every_case_is_proved_and_held_against_its_peak(self):
        results = self.results(self.measure("bench_shared", stand_in=QUICK))
        self.assertEqual(list(results), [("read_128",), *(("read_32", str(ways)) for ways in WAYS), ("write_128",)])
        for (access, *ways), result in results.items():
            with self.subTest(f"{access} {ways}"):
                judged = access == "read_128"
                self.assertEqual(result["verdict"], "pass" if judged else "no_theory", result["note"])
                self.assertEqual((result["pipe"], result["unit"]), ("shared", "B/s"))
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.005)
                self.assertEqual(result["audit"]["status"], "audited")
                self.assertTrue(result["verification"]["passed"])
                share = int(ways[0]) if ways else 1
                self.assertAlmostEqual(result["peak"]["per_second"], 8 * 128 * 1980e6 / share)
                self.assertIn("128 B/clk/SM", result["peak"]["formula"])
                if share > 1:
                    self.assertTrue(result["peak"]["formula"].endswith(f"/ {share} ({share}-way bank conflict)"))

    def test_the_map_tells_bytes_per_clock_of_every_sm(self):
        results = self.results(self.measure("bench_shared", stand_in=QUICK))
        for ways, expected in ((None, 127), (1, 127), (32, 127 / 32)):
            found = results[("read_32", str(ways)) if ways else ("read_128",)]
            (rates,) = [m for m in found["unit_maps"] if m["quantity"] == "bytes_per_clk"]
            self.assertEqual(len(rates["value"]), 8)
            for value in rates["value"]:
                self.assertAlmostEqual(value, expected, delta=0.02 * expected)

    def test_a_slow_device_is_below(self):
        done = self.measure("bench_shared", stand_in=QUICK + ",speed=0.94", code=REJECTED)
        self.assertEqual([r["verdict"] for r in done.report["results"]], ["below", *["no_theory"] * 7])

    def test_a_device_that_is_too_fast_is_not_believed(self):
        done = self.measure("bench_shared", stand_in=QUICK + ",speed=1.05", code=INCONCLUSIVE)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"above_theory"})

    def test_a_conflict_that_costs_nothing_is_not_believed(self):
        """Twice the speed: as if two words of a bank came in one clock."""
        done = self.measure("bench_shared", stand_in=QUICK + ",speed=2", code=INCONCLUSIVE)
        self.assertIn("above_theory", {r["verdict"] for r in done.report["results"]})

    def test_a_floor_only_where_it_was_measured(self):
        for cc, judged in (("8.0", False), ("8.6", False), ("9.0", True), ("10.0", True), ("12.0", False)):
            with self.subTest(cc):
                results = self.results(self.measure("bench_shared", stand_in=f"{QUICK},cc={cc}"))
                self.assertEqual(results[("read_128",)]["verdict"], "pass" if judged else "no_theory")
                self.assertIsNotNone(results[("read_32", "8")]["peak"])

    def test_turing_has_half_the_bytes_and_no_theory_of_conflicts(self):
        results = self.results(self.measure("bench_shared", stand_in=QUICK + ",cc=7.5"))
        self.assertIn("64 B/clk/SM", results[("read_128",)]["peak"]["formula"])
        self.assertAlmostEqual(results[("read_128",)]["efficiency"]["issue"], 0.99, delta=0.005)
        for ways in WAYS[1:]:
            self.assertIsNone(results[("read_32", str(ways))]["peak"])

    def test_an_architecture_without_a_row_is_measured_without_theory(self):
        done = self.measure("bench_shared", stand_in=QUICK + ",cc=13.0")
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"no_theory"})
        self.assertEqual({r["peak"] for r in done.report["results"]}, {None})

    def test_min_efficiency_judges_what_has_no_floor(self):
        done = self.measure("bench_shared", "--min-efficiency", "0.95", stand_in=QUICK)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"pass"})
        done = self.measure("bench_shared", "--min-efficiency", "0.95", stand_in=QUICK + ",speed=0.9", code=REJECTED)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"below"})


class Dsmem(EndToEnd):
    def test_every_cluster_and_the_latency(self):
        done = self.measure("bench_dsmem", stand_in=QUICK)
        results = {key(result): result for result in done.report["results"]}
        self.assertEqual(list(results), [("read_128", "2"), ("read_128", "4"), ("read_128", "8"), ("latency", "2")])
        for (access, cluster), result in results.items():
            self.assertEqual(result["verdict"], "no_theory")
            self.assertIsNone(result["peak"])
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertTrue(result["verification"]["passed"])
            if access == "read_128":
                self.assertEqual(result["audit"]["kernel"], f"dsmem_read<{cluster}>")
                self.assertAlmostEqual(result["achieved_per_s"] / (8 * 32 * 1980e6), 0.99, delta=0.005)
                self.assertIn(f"clusters at once: {8 // int(cluster)}, a block on each of 8 of 8 SMs", result["note"])
        latency = results[("latency", "2")]
        self.assertAlmostEqual(latency["latency"]["cycles"], 200, delta=0.1)
        self.assertIn("published: 180 cycles", latency["note"])

    def test_a_latency_does_not_follow_the_speed(self):
        done = self.measure("bench_dsmem", "--benchmark_filter=latency", stand_in=QUICK + ",speed=0.5")
        self.assertAlmostEqual(done.result["latency"]["cycles"], 200, delta=0.1)

    def test_clusters_that_do_not_fill_the_device(self):
        done = self.measure("bench_dsmem", stand_in="sms=7,l2_mib=0")
        results = {key(result): result for result in done.report["results"]}
        self.assertIn("clusters at once: 1, a block on each of 4 of 7 SMs", results[("read_128", "4")]["note"])
        self.assertEqual(results[("read_128", "8")]["verdict"], "skipped")
        self.assertIn("no cluster of 8 blocks on as many SMs", results[("read_128", "8")]["note"])

    def test_one_sm_has_no_neighbour(self):
        done = self.measure("bench_dsmem", stand_in="sms=1,l2_mib=0", code=INCONCLUSIVE)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"skipped"})

    def test_what_has_no_clusters_is_skipped_with_the_reason(self):
        for cc, why in (("7.5", "needs compute capability 9.0"), ("8.9", "needs compute capability 9.0"),
                        ("12.1", "no machine code with clusters")):
            with self.subTest(cc):
                done = self.measure("bench_dsmem", stand_in=f"{QUICK},cc={cc}", code=INCONCLUSIVE)
                for result in done.report["results"]:
                    self.assertEqual(result["verdict"], "skipped")
                    self.assertIn(why, result["note"])
        for cc in ("10.0", "12.0"):
            with self.subTest(cc):
                self.measure("bench_dsmem", stand_in=f"{QUICK},cc={cc}")


class Constant(EndToEnd):
    def test_levels_widths_and_lanes(self):
        done = self.measure("bench_constant", stand_in=QUICK)
        rates = {key(r): r["achieved_per_s"] / (8 * 1980e6) for r in done.report["results"]}
        expected = {("1024", "agree", "4"): 4, ("1024", "agree", "8"): 8, ("1024", "differ", "4"): 4,
                    ("32768", "agree", "4"): 1, ("65536", "agree", "4"): 1}
        self.assertEqual(list(rates), list(expected))
        for case, bytes_per_clock in expected.items():
            self.assertAlmostEqual(rates[case] / bytes_per_clock, 0.99, delta=0.005)
        for result in done.report["results"]:
            self.assertEqual((result["verdict"], result["pipe"], result["peak"]), ("no_theory", None, None))
            self.assertEqual(result["audit"]["kernel"], f"constant_read<{result['params']['width']}>")
            self.assertEqual(result["audit"]["status"], "audited")
            says = "32 addresses a warp" if result["params"]["lanes"] == "differ" else "once for a warp's 32 lanes"
            self.assertIn(says, result["note"])


class Atomics(EndToEnd):
    def test_every_case_is_exact(self):
        done = self.measure("bench_atomics", stand_in=QUICK)
        results = [r["params"] for r in done.report["results"]]
        self.assertEqual([(p["memory"], p["addresses"], p["type"], p["result"]) for p in results],
                         [("shared", "one", "int32", "unused"), ("shared", "spread", "int32", "unused"),
                          ("shared", "spread", "int32", "used"), ("global", "one", "int32", "unused"),
                          ("global", "spread", "int32", "unused"), ("global", "spread", "int32", "used"),
                          ("global", "spread", "int64", "unused"), ("global", "spread", "fp32", "unused")])
        for result in done.report["results"]:
            params = result["params"]
            self.assertEqual((result["verdict"], result["unit"], result["peak"]), ("no_theory", "OP/s", None))
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertTrue(result["verification"]["passed"])
            self.assertEqual("zeroing the sums" in result["note"], params["memory"] == "global")
            one_everywhere = (params["memory"], params["addresses"]) == ("global", "one")
            per_clock = 1 if one_everywhere else 8 * 16
            self.assertAlmostEqual(result["achieved_per_s"] / 1980e6 / per_clock, 0.99, delta=0.01)
            items = {"one": 1 if params["memory"] == "global" else 64, "spread": 8 * 2048}[params["addresses"]]
            self.assertEqual(result["verification"]["items"], items * (2 if params["result"] == "used" else 1))


class All(EndToEnd):
    def test_every_flaw_of_every_case_is_found(self):
        for name in NAMES:
            for flaw in ("wrong", "nan", "idle", "shorter", "dropped"):
                with self.subTest(f"{name} {flaw}"):
                    done = self.measure(f"bench_{name}", stand_in=f"{QUICK},flaw={flaw}", code=REJECTED)
                    for result in done.report["results"]:
                        nothing_read = flaw == "idle" and result["params"].get("access") == "latency"
                        self.assertEqual(result["verdict"], "error" if nothing_read else "incorrect", result["params"])

    def test_two_clocks_are_noisy(self):
        for name in NAMES:
            with self.subTest(name):
                done = self.measure(f"bench_{name}", stand_in=QUICK + ",noise=time", code=INCONCLUSIVE)
                self.assertIn("noisy", {r["verdict"] for r in done.report["results"]})

    def test_a_device_that_is_lost_ends_the_run(self):
        for name in NAMES:
            with self.subTest(name):
                done = run(f"bench_{name}", "--quick", stand_in=QUICK + ",lost=40:illegal_address")
                self.assertEqual(done.code, FAULT, done.err)

    def test_data_does_not_apply(self):
        for name in NAMES:
            with self.subTest(name):
                done = self.measure(f"bench_{name}", "--data", "zero", stand_in=QUICK)
                for result in done.report["results"]:
                    self.assertIn("--data does not apply", result["note"])

    def test_there_is_no_sweep_and_no_cpu(self):
        for name in NAMES:
            self.refuse(f"bench_{name}", "--sweep", stand_in=QUICK, says=(name, "no sweep"))
            self.refuse(f"bench_{name}", "--sweep", "size", stand_in=QUICK, says=(name, "no sweep"))
            done = self.measure(f"bench_{name}", "--device", "cpu", stand_in=None, code=INCONCLUSIVE, verdict="skipped")
            self.assertIn("not on a CPU", done.result["note"])

    def test_bad_options(self):
        for name in NAMES:
            self.refuse(f"bench_{name}", "--min-efficiency", "1.5", stand_in=QUICK, says="--min-efficiency")
            self.refuse(f"bench_{name}", "--data", "half", stand_in=QUICK, says="--data")

    def test_without_a_gpu_nothing_is_measured(self):
        for name in NAMES:
            self.assertEqual(run(f"bench_{name}").code, INCONCLUSIVE)


if __name__ == "__main__":
    main()
