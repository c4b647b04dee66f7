#!/usr/bin/env python3
"""Latencies of the memory hierarchy: each level, the same line from every SM, the curve over the size of the set."""

from peakproof import *

SMALL_MEMORY = "sms=4,l2_mib=1,mem_mib=24"
LEVELS = {"shared": 29, "constant": 27, "l1": 33, "texture": 88, "l2": 260, "l2_far": 420, "l2_by_sm": 340, "dram": 680}
KERNELS = {"shared": "SharedRing", "constant": "ConstantRing", "l1": "AllLevels", "texture": "TextureRing",
           "l2": "SecondLevel", "l2_far": "SecondLevel", "dram": "AllLevels"}


def by_level(done):
    return {result["params"]["level"]: result for result in done.report["results"]}


class Levels(EndToEnd):
    def test_each_level_in_cycles_and_nanoseconds(self):
        levels = by_level(self.measure("bench_latency_memory", stand_in=SMALL_MEMORY))
        self.assertEqual(set(levels), set(LEVELS))
        for level, result in levels.items():
            self.assertEqual((result["verdict"], result["pipe"]), ("no_theory", None))
            self.assertAlmostEqual(result["latency"]["cycles"], LEVELS[level], delta=0.5)
            self.assertAlmostEqual(result["latency"]["ns"], LEVELS[level] / 1.98, delta=0.5)
            self.assertTrue(result["verification"]["passed"])
            self.assertEqual(result["audit"]["status"], "audited")
            if level in KERNELS:
                self.assertEqual(result["audit"]["kernel"], f"pointer_chase<{KERNELS[level]}>")
        self.assertEqual(levels["l1"]["params"]["bytes"], str(16 << 10))
        self.assertEqual(levels["l2"]["params"]["bytes"], str(1 << 18))
        self.assertEqual(levels["l2_far"]["params"]["bytes"], str(3 << 18))
        self.assertGreaterEqual(int(levels["dram"]["params"]["bytes"]), 8 << 20)

    def test_what_others_have_published_stands_beside_it(self):
        levels = by_level(self.measure("bench_latency_memory", stand_in=SMALL_MEMORY))
        for level, cycles in (("shared", 29), ("l1", 32), ("l2", 280), ("l2_far", 502), ("dram", 687)):
            self.assertIn(f"published: {cycles} cycles", levels[level]["note"])
        levels = by_level(self.measure("bench_latency_memory", stand_in=SMALL_MEMORY + ",cc=12.0"))
        self.assertNotIn("published", "".join(result["note"] for result in levels.values()))
        self.assertNotIn("l2_far", levels)

    def test_a_latency_follows_the_clock_in_nanoseconds_only(self):
        levels = by_level(self.measure("bench_latency_memory", stand_in=SMALL_MEMORY + ",clock=0.5,speed=0.5"))
        self.assertAlmostEqual(levels["l1"]["latency"]["cycles"], 33, delta=0.5)
        self.assertAlmostEqual(levels["l1"]["latency"]["ns"], 2 * 33 / 1.98, delta=0.5)

    def test_near_and_far_sms_of_one_line(self):
        result = by_level(self.measure("bench_latency_memory", stand_in=SMALL_MEMORY))["l2_by_sm"]
        (cycles,) = [each for each in result["unit_maps"] if each["quantity"] == "l2_latency_cycles"]
        self.assertEqual(cycles["unit"], [0, 1, 2, 3])
        self.assertEqual(sorted(round(value) for value in cycles["value"]), [260, 260, 420, 420])
        self.assertIn("4 SMs in two groups: 260 cycles (50 % of them) and 420", result["note"])
        self.assertEqual(result["verification"]["items"], 4)
        result = by_level(self.measure("bench_latency_memory", stand_in=SMALL_MEMORY + ",cc=8.9"))["l2_by_sm"]
        self.assertIn("4 SMs, from 260 to 260 cycles", result["note"])

    def test_a_walk_that_ends_elsewhere_is_incorrect(self):
        for flaw in ("wrong", "nan", "shorter", "dropped"):
            with self.subTest(flaw):
                done = self.measure("bench_latency_memory", stand_in=f"{SMALL_MEMORY},flaw={flaw}", code=REJECTED)
                self.assertEqual({result["verdict"] for result in done.report["results"]}, {"incorrect"})

    def test_a_walk_that_was_not_gone_is_an_error(self):
        done = self.measure("bench_latency_memory", stand_in=f"{SMALL_MEMORY},flaw=idle", code=INCONCLUSIVE)
        self.assertEqual({result["verdict"] for result in done.report["results"]}, {"error"})

    def test_an_l2_of_unknown_size_leaves_three_levels_out(self):
        levels = by_level(self.measure("bench_latency_memory", stand_in="sms=2,l2_mib=0,mem_mib=24"))
        skipped = {level for level, result in levels.items() if result["verdict"] == "skipped"}
        self.assertEqual(skipped, {"l2", "l2_by_sm", "dram"})
        self.assertIn("how large the L2 is", levels["dram"]["note"])

    def test_too_little_memory_for_the_device_memory(self):
        dram = by_level(self.measure("bench_latency_memory", stand_in="sms=2,l2_mib=4,mem_mib=24",
                                     code=INCONCLUSIVE))["dram"]
        self.assertEqual(dram["verdict"], "error")
        self.assertIn("8 x L2 are 33554432 bytes", dram["note"])


class Size(EndToEnd):
    def test_one_case_of_that_set(self):
        for size, cycles in (("64KiB", 33), ("512KiB", 260), ("768KiB", 420), ("4MiB", 680)):
            done = self.measure("bench_latency_memory", "--size", size, stand_in=SMALL_MEMORY, verdict="no_theory")
            self.assertEqual(done.result["params"]["level"], "size")
            self.assertAlmostEqual(done.result["latency"]["cycles"], cycles, delta=0.5)

    def test_no_line_or_no_room_is_refused(self):
        for size, says in (("100", "multiple of that"), ("1000", "lines of 128 bytes"), ("23MiB", "too large"),
                           ("0", "0")):
            self.refuse("bench_latency_memory", "--size", size, stand_in=SMALL_MEMORY, says=says)


class Sweep(EndToEnd):
    def test_the_hierarchy_and_the_reach_of_translation(self):
        done = self.measure("bench_latency_memory", "--sweep", "size", stand_in="sms=4,l2_mib=1,mem_mib=256")
        series = {}
        for result in done.report["results"]:
            params = result["params"]
            self.assertEqual((params["sweep"], result["verdict"]), ("size", "no_theory"))
            self.assertTrue(result["verification"]["passed"])
            series.setdefault(params["stride_bytes"], {})[int(params["bytes"])] = result["latency"]["cycles"]
        lines, pages = series["128"], series[str(2 << 20)]
        self.assertEqual(min(lines), 1024)
        self.assertGreater(max(lines), 128 << 20)
        self.assertEqual([round(lines[size]) for size in (1024, 196608, 262144, 786432, 2 << 20, 128 << 20)],
                         [33, 33, 260, 420, 680, 1080])
        self.assertEqual([round(pages[size]) for size in (4 << 20, 96 << 20, 128 << 20)], [260, 260, 660])

    def test_another_curve_is_refused(self):
        self.refuse("bench_latency_memory", "--sweep", "mix", stand_in=SMALL_MEMORY, says="no sweep")


if __name__ == "__main__":
    main()
