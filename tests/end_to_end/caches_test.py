#!/usr/bin/env python3
"""The caches: what every SM reads from its L1, all together from the L2, and through the texture units."""

import re

from peakproof import *

CACHES = "sms=4,l2_mib=1,mem_mib=64"
A100 = "sms=8,cc=8.0,l2_mib=40,mem_mib=512"
FLAWS = ("wrong", "nan", "idle", "shorter", "dropped")


class L1(EndToEnd):
    def test_is_held_against_its_data_path(self):
        done = self.measure("bench_l1", stand_in=CACHES, verdict="pass")
        result = done.result
        self.assertEqual((result["pipe"], result["unit"], result["params"]), ("l1", "B/s", {"bytes": "16384"}))
        self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.002)
        self.assertIn("128 B/clk/SM", result["peak"]["formula"])
        self.assertRegex(result["note"], r"126\.\d\d B/clk/SM")
        self.assertEqual((result["audit"]["status"], result["audit"]["kernel"]), ("audited", "cache_read<AllLevels>"))
        self.assertEqual(result["audit"]["counts"]["LDG.E.128"], 4)
        self.assertEqual(result["verification"]["items"], 4 * 16 * 128)
        (rates,) = [each for each in result["unit_maps"] if each["quantity"] == "bytes_per_clk"]
        self.assertEqual(rates["unit"], [0, 1, 2, 3])

    def test_each_verdict(self):
        self.measure("bench_l1", stand_in=CACHES + ",speed=0.9", code=REJECTED, verdict="below")
        self.measure("bench_l1", stand_in=CACHES + ",speed=1.05", code=INCONCLUSIVE, verdict="above_theory")
        self.measure("bench_l1", stand_in=CACHES + ",noise=time", code=INCONCLUSIVE, verdict="noisy")
        self.measure("bench_l1", stand_in=CACHES + ",fail=1", code=INCONCLUSIVE, verdict="error")

    def test_every_flaw_is_found(self):
        for flaw in FLAWS:
            with self.subTest(flaw):
                self.measure("bench_l1", stand_in=f"{CACHES},flaw={flaw}", code=REJECTED, verdict="incorrect")

    def test_a_disputed_rate_judges_nobody(self):
        for cc in ("8.6", "8.9"):
            done = self.measure("bench_l1", stand_in=f"{CACHES},cc={cc},speed=0.5", verdict="no_theory")
            self.assertIn("disputed", done.result["note"])
        self.measure("bench_l1", "--min-efficiency", "0.95", stand_in=f"{CACHES},cc=12.0", verdict="pass")

    def test_options_that_do_not_apply_are_said(self):
        done = self.measure("bench_l1", "--size", "1MiB", "--data", "zero", stand_in=CACHES, verdict="pass")
        self.assertIn("--size does not apply", done.result["note"])
        self.assertIn("--data does not apply", done.result["note"])

    def test_it_has_no_sweep(self):
        self.refuse("bench_l1", "--sweep", stand_in=CACHES, says="l1 has no sweep")


class L2(EndToEnd):
    def test_two_partitions_are_two_cases(self):
        done = self.measure("bench_l2", stand_in=CACHES)
        near, both = done.report["results"]
        self.assertEqual(near["params"], {"bytes": str(3 << 17), "partition": "near"})
        self.assertEqual(both["params"], {"bytes": str(3 << 18), "partition": "any"})
        for result in (near, both):
            self.assertEqual((result["pipe"], result["verdict"]), ("l2", "no_theory"))
            self.assertIsNone(result["peak"])
            self.assertEqual(result["audit"]["kernel"], "cache_read<SecondLevel>")
            self.assertEqual(result["audit"]["counts"]["LDG.E.128.STRONG.GPU"], 4)
            self.assertRegex(result["note"], r"150\.\d B/clk, 37\.\d\d B/clk/SM")
            self.assertRegex(result["note"], r"hit rate 100\.0 % of \d+ lines")
            self.assertIn("a near and a far partition", result["note"])

    def test_one_partition_is_one_case(self):
        for cc in ("7.5", "8.6", "8.9", "12.0"):
            done = self.measure("bench_l2", stand_in=f"{CACHES},cc={cc}", verdict="no_theory")
            self.assertEqual(done.result["params"], {"bytes": str(1 << 19), "partition": "one"})
            self.assertNotIn("far", done.result["note"])

    def test_the_documented_rate_of_an_a100(self):
        """5120 bytes a clock, for its 40 MiB; no floor is sourced. Misses could not come so fast."""
        for speed, code, verdict in ((0.95, PASSED, "no_theory"), (1.05, INCONCLUSIVE, "above_theory")):
            done = self.measure("bench_l2", "--benchmark_filter=near", stand_in=f"{A100},speed={speed}", code=code,
                                verdict=verdict)
            self.assertIn("5120 B/clk (whole GPU)", done.result["peak"]["formula"])
            self.assertAlmostEqual(done.result["efficiency"]["issue"], speed, delta=0.01)
            self.assertRegex(done.result["note"], r"at least 5[0-4]\.\d % by the rate alone, since misses cannot come "
                                                  r"faster than 4814 GB/s")
        self.measure("bench_l2", "--min-efficiency", "0.97", "--benchmark_filter=near", stand_in=f"{A100},speed=0.95",
                     code=REJECTED, verdict="below")

    def test_a_set_that_does_not_stay_in_the_l2_shows(self):
        """Of 3 and 6 MiB the first that the L2 really holds is 1 MiB."""
        done = self.measure("bench_l2", stand_in="sms=4,l2_mib=8,l2_real_mib=1,mem_mib=128,mem_mhz=10,cc=9.0")
        shares = [float(re.search(r"hit rate (\d+\.\d) %", result["note"])[1]) for result in done.report["results"]]
        self.assertAlmostEqual(shares[0], 100 / 3, delta=4)
        self.assertAlmostEqual(shares[1], 100 / 6, delta=4)

    def test_without_memory_for_certain_misses_nothing_is_told(self):
        done = self.measure("bench_l2", "--benchmark_filter=near", stand_in="sms=4,l2_mib=16,mem_mib=40")
        self.assertIn("the hit rate could not be told: no memory for certain misses", done.result["note"])

    def test_every_flaw_is_found(self):
        for flaw in FLAWS:
            with self.subTest(flaw):
                done = self.measure("bench_l2", stand_in=f"{CACHES},flaw={flaw}", code=REJECTED)
                self.assertEqual({result["verdict"] for result in done.report["results"]}, {"incorrect"})

    def test_size_is_that_of_the_set(self):
        done = self.measure("bench_l2", "--size", "512KiB", stand_in=CACHES, verdict="no_theory")
        self.assertEqual(done.result["params"], {"bytes": str(1 << 19)})
        done = self.measure("bench_l2", "--size", "500000", stand_in=CACHES, verdict="no_theory")
        self.assertEqual(done.result["params"], {"bytes": str(500000 // 8192 * 8192)})

    def test_a_size_beyond_the_l2_or_below_an_access_is_refused(self):
        for size in ("1025KiB", "4GiB", "8191"):
            self.refuse("bench_l2", "--size", size, stand_in=CACHES, says=["--size", "8192 to 1048576 bytes"])
        self.refuse("bench_l2", "--size", "0", stand_in=CACHES, says="0")

    def test_an_l2_of_unknown_size_is_skipped(self):
        done = self.measure("bench_l2", stand_in="sms=2,l2_mib=0", code=INCONCLUSIVE, verdict="skipped")
        self.assertIn("how large the L2 is", done.result["note"])


class Texture(EndToEnd):
    def test_each_way_and_texel(self):
        done = self.measure("bench_texture", stand_in=CACHES)
        cases = {(result["params"]["fetch"], result["params"]["texel"]): result for result in done.report["results"]}
        self.assertEqual(len(cases), 6)
        for (fetch, texel), result in cases.items():
            self.assertIn(fetch, ("1d", "2d_point", "2d_bilinear"))
            self.assertEqual((result["verdict"], result["unit"], result["pipe"]), ("no_theory", "B/s", None))
            self.assertEqual(result["audit"]["status"], "audited")
            way = "LinearFetch" if fetch == "1d" else "PlaneFetch"
            self.assertEqual(result["audit"]["kernel"], f"texture_read<{way}, {texel}>")
            texels = 3.96 if texel == "float" else 0.99
            self.assertIn(f"{texels} texels/clk/SM", result["note"])

    def test_every_flaw_is_found(self):
        for flaw in FLAWS:
            with self.subTest(flaw):
                done = self.measure("bench_texture", stand_in=f"{CACHES},flaw={flaw}", code=REJECTED)
                self.assertEqual({result["verdict"] for result in done.report["results"]}, {"incorrect"})


if __name__ == "__main__":
    main()
