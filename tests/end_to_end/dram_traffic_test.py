#!/usr/bin/env python3
"""Device memory beside the STREAM patterns: TMA bulk copies, accesses far apart, and the curves over the share of
writes, the bytes in flight and the stride."""

from peakproof import *

# A memory so slow that a launch takes long against its start, and no L2 to be larger than.
SLOW = "sms=2,l2_mib=0,mem_mib=64,mem_mhz=200,bus=4096"
SIZE = 8 << 20
ARGUMENTS = ("--size", str(SIZE), "--benchmark_filter=pattern:(tma_|strided|random)")
PEAK = 2 * 200e6 * 4096 / 8
PATTERNS = {
    ("tma_read", None): ("bulk_read", "dram"),
    ("tma_write", None): ("bulk_write", "dram"),
    ("tma_copy", None): ("bulk_copy", "dram"),
    ("strided", None): ("scattered<StridedOrder, 2>", None),
    ("random", "32"): ("scattered<RandomOrder, 2>", None),
    ("random", "128"): ("scattered<RandomOrder, 8>", "dram"),
}
SWEEPS = ("mix", "in_flight", "stride")
PLACE = {"mix": "write_percent", "in_flight": "bytes_in_flight_per_sm", "stride": "stride_bytes"}
FLAWS = ("wrong", "nan", "idle", "shorter", "dropped")


class Traffic(EndToEnd):
    def traffic(self, *arguments, stand_in=SLOW, **expected):
        return self.measure("bench_dram", *ARGUMENTS, *arguments, stand_in=stand_in, **expected).report["results"]

    def sweep(self, what, *arguments, stand_in=SLOW, **expected):
        done = self.measure("bench_dram", "--size", str(SIZE), "--sweep", what, *arguments, stand_in=stand_in,
                            **expected)
        return done.report["results"]

    def places(self, what, results):
        return [int(result["params"][PLACE[what]]) for result in results]


class Patterns(Traffic):
    def test_each_is_proved_and_reported(self):
        results = self.traffic()
        found = {(r["params"]["pattern"], r["params"].get("granularity_bytes")):
                 (r["audit"]["kernel"], r["pipe"]) for r in results}
        self.assertEqual(found, PATTERNS)
        for result in results:
            self.assertEqual((result["name"], result["verdict"]), ("dram", "no_theory"))
            self.assertEqual((result["params"]["bytes"], result["params"]["data"]), (str(SIZE), "random"))
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertTrue(result["verification"]["passed"])
            self.assertIn("no sourced floor" if result["pipe"] else "no theory of this", result["note"])
            self.assertIn("working set", result["note"])
            self.assertEqual("bytes asked for" in result["note"], result["pipe"] is None)
            if result["pipe"]:
                self.assertAlmostEqual(result["peak"]["per_second"], PEAK, delta=1)
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.98, delta=0.02)
                self.assertEqual(result["efficiency"]["issue"], result["efficiency"]["spec"])

    def test_bytes_are_those_that_are_asked_for(self):
        work = {(r["params"]["pattern"], r["params"].get("granularity_bytes")):
                r["work_per_launch"] / SIZE for r in self.traffic()}
        self.assertEqual(work, {("tma_read", None): 1, ("tma_write", None): 1, ("tma_copy", None): 2,
                                ("strided", None): 0.25, ("random", "32"): 1, ("random", "128"): 1})

    def test_sectors_far_apart_cost_more_than_they_give(self):
        rate = {r["params"].get("granularity_bytes"): r["achieved_per_s"] for r in self.traffic()
                if r["params"]["pattern"] == "random"}
        self.assertAlmostEqual(rate["32"] / rate["128"], 0.5, delta=0.02)

    def test_min_efficiency_judges_what_has_a_peak(self):
        for speed, verdict, code in ((0.99, "pass", PASSED), (0.7, "below", REJECTED)):
            results = self.traffic("--min-efficiency", "0.9", stand_in=f"{SLOW},speed={speed}", code=code)
            for result in results:
                self.assertEqual(result["verdict"], verdict if result["pipe"] else "no_theory", result["params"])

    def test_more_than_the_pins_is_not_believed(self):
        for result in self.traffic(stand_in=SLOW + ",speed=1.2", code=INCONCLUSIVE):
            self.assertEqual(result["verdict"], "above_theory" if result["pipe"] else "no_theory", result["params"])

    def test_every_flaw_is_found(self):
        for flaw in FLAWS:
            with self.subTest(flaw):
                results = self.traffic(stand_in=f"{SLOW},flaw={flaw}", code=REJECTED)
                self.assertEqual({r["verdict"] for r in results}, {"incorrect"})

    def test_constant_data_is_checked_too(self):
        for data in ("zero", "ones"):
            for result in self.traffic("--data", data):
                self.assertEqual(result["params"]["data"], data)
                self.assertTrue(result["verification"]["passed"])
            self.assertEqual({r["verdict"] for r in self.traffic("--data", data, stand_in=SLOW + ",flaw=idle",
                                                                 code=REJECTED)}, {"incorrect"})

    def test_without_tma_that_is_skipped_and_the_rest_measured(self):
        for cc, why in (("8.0", "needs compute capability 9.0"), ("7.5", "needs compute capability 9.0"),
                        ("12.1", "the machine code of this build is for 8.0")):
            for result in self.traffic(stand_in=f"{SLOW},cc={cc}"):
                tma = result["params"]["pattern"].startswith("tma_")
                self.assertEqual(result["verdict"], "skipped" if tma else "no_theory", result["note"])
                if tma:
                    self.assertIn(why, result["note"])
                else:
                    self.assertTrue(result["verification"]["passed"])

    def test_a_size_is_rounded_down_where_more_is_moved_at_a_time(self):
        size = SIZE + (96 << 10)  # STREAM takes it: 32 KiB at a time
        done = self.measure("bench_dram", "--size", size, ARGUMENTS[2], stand_in=SLOW)
        for result in done.report["results"]:
            self.assertEqual(result["params"]["bytes"], str(SIZE))


class Sweeps(Traffic):
    def test_reads_and_writes_in_every_ratio(self):
        results = self.sweep("mix")
        self.assertEqual(self.places("mix", results), list(range(0, 101, 10)))
        rates = [result["achieved_per_s"] for result in results]
        self.assertEqual(min(rates), rates[5])
        for percent, result in zip(range(0, 101, 10), results):
            self.assertEqual(result["verdict"], "no_theory")
            self.assertEqual(result["audit"]["kernel"], f"dram_mix<{10 - percent // 10}>")
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertEqual(result["work_per_launch"], float(result["params"]["bytes"]))
            self.assertEqual("read" in result["verification"]["method"], percent < 100)
            self.assertEqual("written" in result["verification"]["method"], percent > 0)
            self.assertTrue(result["verification"]["passed"])

    def test_bytes_in_flight_have_a_slope_and_a_height(self):
        # 128 KiB on each of 8 SMs: a peak of 410 GB/s needs 266 KB in flight.
        results = self.sweep("in_flight", stand_in="sms=8,l2_mib=0,mem_mib=64,mem_mhz=400,bus=4096")
        places = self.places("in_flight", results)
        self.assertEqual(places, sorted(set(places)))
        self.assertEqual((places[0], places[-1]), (512, 128 << 10))
        for place, result in zip(places, results):
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertTrue(result["verification"]["passed"])
            self.assertIn("had its SM for itself", result["verification"]["method"])
            found = re.search(r"(\d) x 16 bytes a thread, (\d+) warps", result["note"])
            loads, warps = int(found[1]), int(found[2])
            self.assertEqual(loads * warps * 512, place)
        self.assertAlmostEqual(results[0]["achieved_per_s"], 8 * 512 / 650e-9, delta=0.02 * 8 * 512 / 650e-9)
        self.assertGreater(results[-1]["efficiency"]["issue"], 0.9)
        self.assertEqual(self.sweep("in_flight", "--benchmark_filter=per_sm:512/")[0]["params"], {
            "sweep": "in_flight", "pattern": "read", "bytes_in_flight_per_sm": "512", "bytes": str(SIZE),
            "data": "random"})

    def test_a_curve_of_strides(self):
        results = self.sweep("stride")
        self.assertEqual(self.places("stride", results), [32 << i for i in range(8)])
        for stride, result in zip(self.places("stride", results), results):
            self.assertEqual(result["pipe"], "dram" if stride == 32 else None)
            self.assertEqual(result["work_per_launch"], SIZE * 32 / min(stride, 128))
            self.assertTrue(result["verification"]["passed"])

    def test_every_flaw_of_every_point_is_found(self):
        for what in SWEEPS:
            for flaw in FLAWS:
                with self.subTest(f"{what} {flaw}"):
                    results = self.sweep(what, stand_in=f"{SLOW},flaw={flaw}", code=REJECTED)
                    self.assertEqual({r["verdict"] for r in results}, {"incorrect"})

    def test_older_architectures_have_the_curves(self):
        for cc in ("7.5", "8.6"):
            for what in SWEEPS:
                for result in self.sweep(what, stand_in=f"{SLOW},cc={cc}"):
                    self.assertEqual(result["verdict"], "no_theory", result["note"])
                    self.assertEqual(result["audit"]["status"], "audited")


class BadInput(EndToEnd):
    # 64 x 1 MiB of L2 and 256 MiB of memory, 80 % of which may be used.
    SMALLEST = 64 << 20

    def test_sizes(self):
        for what in SWEEPS:
            for size, says in ((self.SMALLEST - (32 << 10), "is too small"), (210 << 20, "is too large"),
                               (self.SMALLEST + 4096, "is no multiple")):
                self.refuse("bench_dram", "--sweep", what, "--size", size, says=(f"--size {size}", says))
            self.refuse("bench_dram", "--sweep", what, "--size", 0, says="--size")
        for pattern in ("tma_copy", "random"):
            self.refuse("bench_dram", "--size", 256 << 20, f"--benchmark_filter=pattern:{pattern}", says="is too large")

    def test_a_buffer_smaller_than_what_is_moved_at_a_time(self):
        size = 32 << 10
        for arguments, says in ((["--sweep", "mix"], "40960 bytes are moved at a time"),
                                (["--sweep", "in_flight"], "bytes in flight, 2 SMs read"),
                                (["--sweep", "stride"], "scattered accesses take 1048576 bytes and more"),
                                (["--benchmark_filter=tma_read"], "524288 bytes are moved at a time")):
            self.refuse("bench_dram", "--size", size, *arguments, stand_in=SLOW, says=("too small", says))

    def test_memory_that_others_hold(self):
        for arguments in (["--sweep", "mix"], ["--sweep", "stride"], ["--benchmark_filter=pattern:(tma_|strided)"]):
            done = self.measure("bench_dram", *arguments, stand_in="l2_mib=4,mem_mib=128", code=INCONCLUSIVE)
            for result in done.report["results"]:
                self.assertEqual(result["verdict"], "error")
                self.assertIn("too little memory", result["note"])


if __name__ == "__main__":
    main()
