"""The STREAM patterns in device memory, the library's copy and fill, and the sweep over the size of the working set."""

from peakproof import *

# Buffers, launches without overhead, and room for three buffers that are 64 x L2 each.
FAST = SMALL + ",launch_us=0.01"
SIZE = 64 << 20
# The patterns, the buffers of each, and the lowest share of the pin rate that is accepted, where one is known.
BUFFERS = {"read": 1, "write": 1, "copy": 2, "scale": 2, "add": 3, "triad": 3, "dot": 2, "memcpy": 2, "memset": 1}
FLOORS = {"read": 0.85, "write": 0.90, "copy": 0.84, "triad": 0.86, "memcpy": 0.84}
PLAYED = {"memcpy": "cudaMemcpyAsync", "memset": "cudaMemsetAsync"}
PIN_RATE = 2 * 3201e6 * 6016 / 8


def only(*patterns):
    return f"--benchmark_filter=^dram/.*pattern:({'|'.join(patterns)})"


ALL = only(*BUFFERS)


class Dram(EndToEnd):
    def pattern(self, pattern, *options, **expected):
        """The only result of one pattern."""
        stand_in = expected.pop("stand_in", FAST)
        return self.measure("bench_dram", only(pattern), "--size", SIZE, *options, stand_in=stand_in, **expected).result


class Patterns(Dram):
    def test_each_is_measured_and_held_against_its_own_floor(self):
        results = {r["params"]["pattern"]: r for r in self.measure("bench_dram", ALL, "--size", SIZE,
                                                                   stand_in=FAST).report["results"]}
        self.assertEqual(list(results), list(BUFFERS))
        for pattern, result in results.items():
            with self.subTest(pattern):
                self.assertEqual((result["name"], result["pipe"], result["unit"]), ("dram", "dram", "B/s"))
                self.assertEqual(result["work_per_launch"], BUFFERS[pattern] * SIZE)
                self.assertAlmostEqual(result["peak"]["per_second"], PIN_RATE)
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.002)
                self.assertTrue(result["verification"]["passed"])
                self.assertEqual(result["verification"]["mismatches"], 0)
                self.assertIn(f"{BUFFERS[pattern] * 64} x L2", result["note"])
                floor = FLOORS.get(pattern)
                self.assertEqual(result["floor"] and result["floor"]["issue"], floor)
                self.assertEqual(result["verdict"], "pass" if floor else "no_theory")
                self.assertEqual(result["audit"]["status"], "not_applicable" if pattern in PLAYED else "audited")

    def test_every_element_is_compared(self):
        for pattern, items in (("write", SIZE // 8), ("copy", SIZE // 8), ("triad", SIZE // 8), ("memset", SIZE // 8),
                               ("read", SIZE // 32768), ("dot", SIZE // 16384)):
            self.assertEqual(self.pattern(pattern)["verification"]["items"], items)

    def test_a_slow_device_is_below_every_floor(self):
        done = self.measure("bench_dram", only(*FLOORS), "--size", SIZE, stand_in=FAST + ",speed=0.8", code=REJECTED)
        self.assertEqual([r["verdict"] for r in done.report["results"]], ["below"] * len(FLOORS))

    def test_a_pattern_without_a_floor_takes_one(self):
        self.pattern("scale", "--min-efficiency", "0.98", verdict="pass")
        self.pattern("memset", "--min-efficiency", "0.995", code=REJECTED, verdict="below")

    def test_too_fast_to_be_true(self):
        done = self.measure("bench_dram", ALL, "--size", SIZE, stand_in=FAST + ",speed=1.1", code=INCONCLUSIVE)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"above_theory"})

    def test_noise(self):
        self.pattern("triad", stand_in=SMALL + ",noise=time", code=INCONCLUSIVE, verdict="noisy")

    def test_no_floor_for_other_memories(self):
        result = self.pattern("read", stand_in=FAST + ",bus=384", verdict="no_theory")
        self.assertIsNone(result["floor"])

    def test_the_bus_width_is_the_enabled_one(self):
        result = self.pattern("read", stand_in=FAST + ",bus=6144,nvml_bus=6016,speed=0.95", verdict="pass")
        self.assertAlmostEqual(result["peak"]["per_second"], PIN_RATE)


class Incorrect(Dram):
    FLAWS = {"read": ("wrong", "idle", "shorter", "dropped"), "write": ("wrong", "idle", "shorter"),
             "copy": ("wrong", "idle"), "scale": ("wrong", "nan", "idle", "shorter"), "add": ("wrong", "shorter"),
             "triad": ("wrong", "nan", "idle", "shorter"), "dot": ("wrong", "nan", "idle", "shorter", "dropped"),
             "memcpy": ("wrong", "idle", "shorter"), "memset": ("wrong", "idle", "shorter")}

    def test_every_flaw_of_every_pattern(self):
        for pattern, flaws in self.FLAWS.items():
            for flaw in flaws:
                with self.subTest(pattern=pattern, flaw=flaw):
                    kernel = PLAYED.get(pattern, f"stream_{pattern}")
                    result = self.pattern(pattern, stand_in=f"{FAST},flaw={flaw}:{kernel}", code=REJECTED,
                                          verdict="incorrect")
                    if flaw in ("wrong", "nan"):
                        self.assertEqual(result["verification"]["mismatches"], 1)
                    if flaw in ("idle", "dropped"):
                        self.assertEqual(result["verification"]["mismatches"], result["verification"]["items"])

    def test_idling_shows_with_every_kind_of_data(self):
        for data in ("zero", "ones"):
            done = self.measure("bench_dram", ALL, "--size", SIZE, "--data", data, stand_in=FAST)
            self.assertTrue(all(r["verification"]["passed"] for r in done.report["results"]))
            for pattern in BUFFERS:
                with self.subTest(pattern=pattern, data=data):
                    kernel = PLAYED.get(pattern, f"stream_{pattern}")
                    result = self.pattern(pattern, "--data", data, stand_in=f"{FAST},flaw=idle:{kernel}",
                                          code=REJECTED, verdict="incorrect")
                    self.assertEqual(result["params"]["data"], data)


class Size(Dram):
    def test_too_small_names_what_is_enough(self):
        self.refuse("bench_dram", only("read"), "--size", "32MiB", says=("--size", "too small", "64 x L2", str(SIZE)))
        self.measure("bench_dram", only("copy"), "--size", "32MiB", stand_in=FAST, verdict="pass")  # both together
        self.refuse("bench_dram", only("copy"), "--size", "31MiB", says=("--size", "too small", "64 x L2"))

    def test_too_large_names_what_fits(self):
        for pattern, buffers in (("read", 1), ("copy", 2), ("triad", 3)):
            done = self.refuse("bench_dram", only(pattern), "--size", "4GiB", says=("--size", "too large"))
            fits = int(re.search(r"at most (\d+) bytes", done.err)[1])
            self.assertLess(buffers * fits, 256 << 20)
            self.measure("bench_dram", only(pattern), "--size", fits, stand_in=FAST, verdict="pass")
            self.refuse("bench_dram", only(pattern), "--size", fits + 32768, says="too large")

    def test_no_multiple_of_what_is_moved_at_a_time(self):
        for size in (SIZE + 1, SIZE + 16, SIZE + 16384):
            self.refuse("bench_dram", only("copy"), "--size", size, says=("no multiple of the 32768", str(SIZE + 32768)))

    def test_only_what_is_asked_for_is_checked(self):
        # Three buffers do not fit, two do.
        self.refuse("bench_dram", ALL, "--size", "96MiB", says="too large")
        self.measure("bench_dram", only("copy"), "--size", "96MiB", stand_in=FAST, verdict="pass")

    def test_without_it_the_buffers_take_what_there_is(self):
        for pattern, buffers in (("read", 1), ("triad", 3)):
            result = self.measure("bench_dram", only(pattern), stand_in=FAST, verdict="pass").result
            total = buffers * int(result["params"]["bytes"])
            self.assertGreater(total, 0.7 * (256 << 20))
            self.assertLess(total, 0.8 * (256 << 20))

    def test_memory_that_is_too_small_or_taken(self):
        done = self.measure("bench_dram", only("copy"), stand_in="mem_mib=48", code=INCONCLUSIVE, verdict="error")
        for part in ("too little memory", "2 buffers", "end what else uses the GPU"):
            self.assertIn(part, done.result["note"])


class Sweep(EndToEnd):
    LEVELS = "mem_mib=128,sms=8,launch_us=0.01"

    def curves(self, *options, **expected):
        done = self.measure("bench_dram", "--sweep", "size", *options, stand_in=expected.pop("stand_in", self.LEVELS),
                            **expected)
        curves = {}
        for result in done.report["results"]:
            self.assertEqual((result["name"], result["params"]["sweep"], result["unit"]), ("dram", "size", "B/s"))
            curves.setdefault(result["params"]["pattern"], {})[int(result["params"]["bytes"])] = result
        self.assertEqual(list(curves), ["read", "copy"])
        return curves

    def test_the_levels_show(self):
        for curve in self.curves().values():
            sizes = list(curve)
            self.assertEqual(sizes, sorted(sizes))
            self.assertEqual((sizes[0], sizes[-1]), (16 << 10, 64 << 20))
            self.assertIn(3 << 20, sizes)
            self.assertNotIn(6 << 20, sizes)  # above 4 x L2 one an octave
            for size, result in curve.items():
                self.assertEqual(result["verdict"], "no_theory")
                self.assertTrue(result["verification"]["passed"])
                self.assertEqual(result["audit"]["status"], "audited")
                self.assertIn("x L2", result["note"])
                self.assertEqual(result["pipe"], "dram" if size >= 64 << 20 else None)
                self.assertIsNone(result["floor"])
                self.assertGreaterEqual(result["summary"]["median_s"], 0.002)  # launching is no part of it
                self.assertEqual(result["launches_per_sample"], 1)
        read = {size: result["achieved_per_s"] for size, result in self.curves()["read"].items()}
        self.assertAlmostEqual(read[16 << 10] / (8 * 128 * 1980e6), 0.99, delta=0.005)
        self.assertAlmostEqual(read[1 << 20] / (8 * 38 * 1980e6), 0.99, delta=0.005)
        self.assertAlmostEqual(read[32 << 20] / PIN_RATE, 0.99, delta=0.005)

    def test_a_wrong_answer_shows_at_every_point(self):
        for kernel, pattern in (("working_set_read", "read"), ("working_set_copy", "copy")):
            for flaw in ("wrong", "idle"):
                with self.subTest(kernel=kernel, flaw=flaw):
                    curves = self.curves("--size", "1MiB", stand_in=f"{self.LEVELS},flaw={flaw}:{kernel}", code=REJECTED)
                    self.assertEqual({r["verdict"] for r in curves[pattern].values()}, {"incorrect"})
        for flaw in ("shorter", "dropped"):
            curves = self.curves("--size", "1MiB", stand_in=f"{self.LEVELS},flaw={flaw}:working_set_read", code=REJECTED)
            self.assertEqual({r["verdict"] for r in curves["read"].values()}, {"incorrect"})

    def test_size_bounds_it(self):
        for curve in self.curves("--size", "100000").values():
            self.assertEqual(max(curve), 96 << 10)
        self.refuse("bench_dram", "--sweep", "size", "--size", "1KiB", says=("--size", "too small", "16384"))
        self.refuse("bench_dram", "--sweep", "size", "--size", "1GiB", says=("--size", "too large", "16384"))


if __name__ == "__main__":
    main()
