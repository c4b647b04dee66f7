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

    def test_memory(self):
        half = int(re.search("bytes:([0-9]+)/", run("bench_dram", "--device", "cpu", "--list").out)[1]) // 8192 * 4096
        done = self.measure_cpu("bench_dram", "--benchmark_filter=pattern:copy", "--size", str(half))
        self.assertEqual(done.result["name"], "dram")
        self.assertEqual(done.result["pipe"], "dram")
        self.assertEqual(done.result["unit"], "B/s")
        self.assertEqual(set(done.result["params"]), {"bytes", "data", "pattern"})
        self.assertTrue(done.result["verification"]["passed"])
        self.assertEqual(done.result["params"]["bytes"], str(half))
        self.assertEqual(done.result["verification"]["items"], half // 8)
        self.assertGreater(done.result["achieved_per_s"], 1e8)

    def test_every_pattern_of_stream_is_there(self):
        listed = run("bench_dram", "--device", "cpu", "--list").out
        for pattern in ("read", "write", "copy", "scale", "add", "triad", "dot"):
            self.assertRegex(listed, rf"(?m)^dram/bytes:[0-9]+/data:random/pattern:{pattern}$")
        self.assertEqual(len(listed.splitlines()), 7)

    def test_caches(self):
        for name in ("l1", "l2", "l3"):
            with self.subTest(name=name):
                done = run("bench_" + name, "--device", "cpu", "--quick", "--json")
                result = done.result
                self.assertEqual(result["name"], name)
                if result["verdict"] == "skipped":
                    self.assertRegex(result["note"], f"{name.upper()}")
                    self.assertEqual(done.code, INCONCLUSIVE)  # nothing was measured
                    continue
                self.assertIn(result["verdict"], FAIR, result["note"])
                self.assertEqual(result["pipe"], None if name == "l3" else name)
                self.assertIn("half of the", result["note"])
                self.assertTrue(result["verification"]["passed"])
                self.assertGreater(result["achieved_per_s"], 1e9)
                self.assert_report(done.report, done.code)

    def test_latency(self):
        done = run("bench_latency_memory", "--device", "cpu", "--quick", "--json", "--benchmark_filter=level:l1/")
        for result in done.report["results"]:
            if result["verdict"] == "skipped":
                self.assertRegex(result["note"], "huge pages|L1|clock")
                continue
            self.assertIn(result["verdict"], FAIR, result["note"])
            self.assertTrue(result["verification"]["passed"])
            self.assertGreater(result["verification"]["items"], 64)
            self.assertGreater(result["latency"]["cycles"], 2)
            self.assertLess(result["latency"]["ns"], 100)
            self.assertIn("the others idle", result["note"])
        self.assert_report(done.report, done.code)

    def test_curves(self):
        for name, keys in {"dram": {"pattern"}, "latency_memory": {"pages"}}.items():
            with self.subTest(name=name):
                listed = run(f"bench_{name}", "--device", "cpu", "--sweep", "size", "--list").out.splitlines()
                self.assertEqual(listed, run(f"bench_{name}", "--device", "cpu", "--sweep", "--list").out.splitlines())
                for line in listed:
                    params = dict(part.split(":") for part in line.split("/")[1:])
                    self.assertEqual(set(params), {"bytes", "sweep"} | keys)
                    self.assertEqual(params["sweep"], "size")
                self.assertGreater(len(listed), 20)
                first = re.search("bytes:([0-9]+)/", listed[0])[1]
                done = run(f"bench_{name}", "--device", "cpu", "--sweep", "size", "--json",
                           f"--benchmark_filter=bytes:{first}/.*(read|KiB)")
                self.assertTrue(done.result["verification"]["passed"])
                self.assertIsNone(done.result["floor"])
                self.refuse(f"bench_{name}", "--device", "cpu", "--sweep", "mix", stand_in=None, says="no sweep")
        self.refuse("bench_l1", "--device", "cpu", "--sweep", "size", stand_in=None, says=("l1", "no sweep"))

    def test_sizes_that_cannot_be_measured(self):
        def refuse(name, size, *says):
            self.refuse(f"bench_{name}", "--device", "cpu", "--size", size, stand_in=None, says=(*says, "--size"))

        refuse("dram", "4KiB", "too small", "cache")
        refuse("dram", "900000GB", "too large", "free memory")
        good = int(re.search("bytes:([0-9]+)/", run("bench_dram", "--device", "cpu", "--list").out)[1])
        refuse("dram", str(good + 1), "not a multiple of 4096", f"give {good + 4096}")
        refuse("dram", "0", "not a size")
        refuse("latency_memory", "4095", "too small")
        refuse("latency_memory", "900000GB", "too large")
        refuse("latency_memory", "8010", "not a multiple of a line", "give 8064")
        refuse("latency_memory", "many", "not a size")
        asked = run("bench_latency_memory", "--device", "cpu", "--size", "8KiB", "--list").out
        self.assertRegex(asked, r"^latency_memory/bytes:8192/level:size/pages:")

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
        for program in ("bench_fp32_fma", "bench_dram", "bench_wmma_gemm"):
            self.refuse(program, "--json", stand_in=None, code=INCONCLUSIVE, says=("no GPU", "--device cpu"))

    @unittest.skipUnless((STAND_IN / "libpeakproof_stand_in.so").exists(), "a build without CUDA has no stand-in")
    def test_stand_in_is_not_in_the_way(self):
        # With the stand-in loaded the CPU is still the CPU.
        done = run("bench_fp32_fma", "--device", "cpu", "--quick", "--json", stand_in="driver=off")
        self.assertEqual(done.report["device"]["kind"], "cpu")
        self.assertFalse(done.report["device"]["stand_in"])


if __name__ == "__main__":
    main()
