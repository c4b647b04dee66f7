#!/usr/bin/env python3
"""Every arithmetic pipe: its verdict on a good, a slow and a wrong device, what each architecture lacks, latencies and sweeps."""

import re

from peakproof import *

# Benchmark: the pipe of its cases on 9.0 and whether they are judged there.
PIPES = {
    "fp32_fma": ("fp32_fma", True),
    "fp64_fma": ("fp64_fma", True),
    "fp16_fma": ("fp16x2_fma", True),
    "bf16_fma": ("bf16x2_fma", False),
    "int32_mad": ("int32_mad", True),
    "int32_add": ("int32_add", False),  # disputed on 9.0
    "int32_logic": ("int32_logic", True),
    "dp4a": ("dp4a", False),
    "sfu": ("sfu", None),  # where the other pipes have room
    "shuffle": ("shuffle", False),
    "fp32_int32_mix": ("issue", False),
}
CONVERSIONS = {
    "f32_to_s32": "convert",
    "f32_to_f16": "convert",
    "s32_to_f32": "convert_int_to_float",
    "s16_to_s32": "convert_small_int",
    "f64_to_f32": "convert_64bit",
    "f32_to_f64": "convert_64bit",
    "f32_to_f16x2": "convert_pack",
}
QUICK = "sms=2,l2_mib=0"


class Verdicts(EndToEnd):
    def test_each_pipe_is_proved_and_held_against_its_peak(self):
        for name, (pipe, judged) in PIPES.items():
            with self.subTest(name):
                done = self.measure(f"bench_{name}", stand_in=QUICK)
                for result in done.report["results"]:
                    if judged is None:
                        judged_here = result["params"]["function"] in ("ex2", "rcp", "rsqrt", "tanh")
                    else:
                        judged_here = judged
                    self.assertEqual(result["verdict"], "pass" if judged_here else "no_theory", result["note"])
                    self.assertEqual((result["name"], result["pipe"]), (name, pipe))
                    self.assertAlmostEqual(result["efficiency"]["issue"], 0.99, delta=0.011)
                    self.assertEqual(result["audit"]["status"], "audited")
                    self.assertRegex(result["audit"]["kernel"], r"^chain<\w+, 8, \d+>$")
                    self.assertTrue(result["verification"]["passed"])
                    self.assertIn("results/clk/SM", result["peak"]["formula"])

    def test_a_slow_device_is_below(self):
        for name, (_, judged) in PIPES.items():
            if judged:
                with self.subTest(name):
                    done = self.measure(f"bench_{name}", stand_in=QUICK + ",speed=0.7", code=REJECTED)
                    self.assertEqual({r["verdict"] for r in done.report["results"]}, {"below"})

    def test_a_device_that_is_too_fast_is_not_believed(self):
        for name in PIPES:
            with self.subTest(name):
                done = self.measure(f"bench_{name}", stand_in=QUICK + ",speed=1.05", code=INCONCLUSIVE)
                self.assertEqual({r["verdict"] for r in done.report["results"]}, {"above_theory"})

    def test_every_flaw_of_every_pipe_is_found(self):
        for name in [*PIPES, "convert", "latency_arithmetic"]:
            for flaw in ("wrong", "nan", "idle", "shorter", "dropped"):
                if (name, flaw) == ("latency_arithmetic", "idle"):
                    continue  # see below: nothing is timed in the kernel
                with self.subTest(f"{name} {flaw}"):
                    code = REJECTED
                    done = self.measure(f"bench_{name}", stand_in=f"{QUICK},flaw={flaw}", code=code)
                    self.assertEqual({r["verdict"] for r in done.report["results"]}, {"incorrect"})

    def test_a_latency_without_a_reading_is_an_error(self):
        done = self.measure("bench_latency_arithmetic", stand_in=QUICK + ",flaw=idle", code=INCONCLUSIVE)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"error"})

    def test_a_special_function_beyond_its_documented_error(self):
        done = self.measure("bench_sfu", stand_in=QUICK + ",flaw=wrong:sfu_values", code=REJECTED)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"incorrect"})

    def test_conversions_by_their_group(self):
        done = self.measure("bench_convert", stand_in=QUICK)
        self.assertEqual({r["params"]["case"]: r["pipe"] for r in done.report["results"]}, CONVERSIONS)
        for result in done.report["results"]:
            self.assertEqual(result["verdict"], "no_theory")
            self.assertTrue(result["verification"]["passed"])
        unknown = [r["params"]["case"] for r in done.report["results"] if r["peak"] is None]
        self.assertEqual(unknown, ["s32_to_f32", "f64_to_f32", "f32_to_f64", "f32_to_f16x2"])

    def test_a_disputed_rate_rejects_nobody(self):
        done = self.measure("bench_int32_add", stand_in=QUICK + ",speed=0.5", verdict="no_theory")
        self.assertIn("disputed", done.result["note"])
        self.assertIsNone(done.result["floor"])
        self.measure("bench_int32_add", stand_in=QUICK + ",speed=0.5,cc=8.0", code=REJECTED, verdict="below")

    def test_operands_are_those_of_the_chain(self):
        done = self.measure("bench_dp4a", "--data", "zero", stand_in=QUICK)
        self.assertIn("--data does not apply", done.result["note"])

    def test_min_efficiency_judges_what_has_no_floor(self):
        self.measure("bench_dp4a", "--min-efficiency", "0.95", stand_in=QUICK, verdict="pass")
        self.measure("bench_dp4a", "--min-efficiency", "0.95", stand_in=QUICK + ",speed=0.9", code=REJECTED,
                     verdict="below")


class Architectures(EndToEnd):
    LACKS = {
        "7.5": {"bf16_fma": "8.0", "fp32x2_fma": "10.0", "convert f32_to_f16x2": "8.0"},
        "8.0": {"fp32x2_fma": "10.0"},
        "8.9": {"fp32x2_fma": "10.0"},
        "9.0": {"fp32x2_fma": "10.0"},
        "10.0": {},
        "12.0": {"fp32x2_fma": "emulated"},
    }

    def test_what_an_architecture_lacks_is_skipped_with_the_reason(self):
        for cc, lacks in self.LACKS.items():
            with self.subTest(cc):
                done = self.measure("peakproof", "run", "fp32_fma", "bf16_fma", "fp32x2_fma", "convert",
                                    stand_in=f"{QUICK},cc={cc}")
                if cc == "10.0" and "sm_100a" not in done.report["tool"]["facts"]["machine_code"]:
                    lacks = {"fp32x2_fma": "emulated"}  # a build without that architecture
                skipped = {" ".join([r["name"], *r["params"].values()]): r["note"] for r in done.report["results"]
                           if r["verdict"] == "skipped"}
                self.assertEqual(sorted(skipped), sorted(lacks))
                for name, why in lacks.items():
                    self.assertIn(why, skipped[name])

    def test_a_device_that_runs_ptx_meets_no_trap(self):
        done = self.measure("peakproof", "run", "fp32_fma", "fp32x2_fma", "int32_add", stand_in=QUICK + ",cc=12.1")
        self.assertEqual([r["verdict"] for r in done.report["results"]], ["pass", "skipped", "no_theory"])
        self.assertEqual(done.report["results"][0]["audit"]["status"], "unaudited")

    def test_a_benchmark_of_nothing_but_skips_is_inconclusive(self):
        done = self.measure("bench_fp32x2_fma", stand_in=QUICK, code=INCONCLUSIVE, verdict="skipped")
        self.assertIsNone(done.result["achieved_per_s"])

    def test_additions_on_12_have_two_addends(self):
        for cc, kernel in (("9.0", "Int32Add"), ("12.0", "Int32AddTwo")):
            done = self.measure("bench_int32_add", stand_in=f"{QUICK},cc={cc}")
            self.assertEqual(done.result["audit"]["kernel"], f"chain<{kernel}, 8, 64>")

    def test_integer_to_float_is_a_special_function_before_8_6(self):
        for cc, pipe in (("7.5", "convert"), ("8.0", "convert"), ("8.6", "convert_int_to_float")):
            done = self.measure("bench_convert", stand_in=f"{QUICK},cc={cc}")
            pipes = {r["params"]["case"]: r["pipe"] for r in done.report["results"]}
            self.assertEqual(pipes["s32_to_f32"], pipe)


class Latencies(EndToEnd):
    def test_each_latency_without_the_loop_and_without_its_companions(self):
        done = self.measure("bench_latency_arithmetic", stand_in=QUICK)
        cycles = {r["params"]["instruction"]: r["latency"]["cycles"] for r in done.report["results"]}
        # What the stand-in plays; a chain of the rest costs what it is made of.
        played = {"fp32_fma": 4, "fp64_fma": 8, "int32_mad": 4, "int32_add": 4, "int32_logic": 4, "shuffle": 23,
                  "sfu_ex2": 18, "convert_f32_to_s32": 14, "convert_s16_to_s32": 4}
        for instruction, expected in played.items():
            self.assertAlmostEqual(cycles[instruction], expected, delta=0.01, msg=instruction)
        for result in done.report["results"]:
            self.assertEqual(result["verdict"], "no_theory")
            interval = result["latency"]["ci95"]
            self.assertTrue(interval["low_cycles"] <= result["latency"]["cycles"] <= interval["high_cycles"])
            self.assertRegex(result["audit"]["kernel"], r"^chain<\w+, 1, \d+>$")
        notes = {r["params"]["instruction"]: r["note"] for r in done.report["results"]}
        self.assertIn("published: 4.07 cycles", notes["fp32_fma"])
        self.assertIn("Fp32Fma, whose latency is taken off", notes["sfu_ex2"])

    def test_no_latency_of_what_is_not_there(self):
        done = self.measure("bench_latency_arithmetic", stand_in=QUICK + ",cc=7.5")
        skipped = [r["params"]["instruction"] for r in done.report["results"] if r["verdict"] == "skipped"]
        self.assertEqual(skipped, ["bf16x2_fma"])


class Sweeps(EndToEnd):
    def test_a_sweep_covers_the_grid_and_shows_where_the_pipe_saturates(self):
        page = self.folder / "sweep.html"
        done = self.measure("peakproof", "run", "--sweep", "fp32_fma", f"--html={page}", stand_in=QUICK)
        points = {(int(r["params"]["ilp"]), int(r["params"]["warps_per_sm"])): r for r in done.report["results"]}
        self.assertEqual(sorted(points), [(i, w) for i in (1, 2, 4, 8) for w in (1, 2, 4, 8, 16, 32, 64)])
        for (ilp, warps), result in points.items():
            self.assertEqual(result["verdict"], "no_theory")
            self.assertTrue(result["verification"]["passed"])
            self.assertEqual(result["audit"]["status"], "audited")
            self.assertEqual(result["verification"]["items"], 2 * 32 * warps)
        at = {point: result["efficiency"]["issue"] for point, result in points.items()}
        self.assertAlmostEqual(at[1, 4], 0.25, delta=0.02)  # a latency of 4 cycles, one warp per scheduler
        self.assertAlmostEqual(at[8, 32], 0.99, delta=0.02)
        self.assertLess(at[1, 8], at[2, 8])
        html = page.read_text()
        self.assertIn("warps per SM", html)
        self.assertNotRegex(html, r'<script(?! type="application/(json|gzip)")|(src|href)=')

    def test_the_text_shows_a_map_instead_of_28_rows(self):
        done = run("bench_int32_mad", "--sweep", stand_in=QUICK)
        self.assertEqual(done.code, PASSED, done.err)
        self.assertRegex(done.out, r"(?i)warps per SM")
        self.assertNotIn("int32_mad/ilp:1/warps_per_sm:1 ", done.out)

    def test_several_sweeps(self):
        listed = run("peakproof", "run", "--sweep", "dp4a,shuffle", "--list", stand_in=QUICK + ",cc=8.9").out.split()
        self.assertEqual(len(listed), 2 * 4 * 7)
        self.assertIn("shuffle/ilp:4/warps_per_sm:48", listed)  # all that an SM of 8.9 holds

    def test_what_has_no_sweep_is_refused(self):
        for name in ("launch", "latency_arithmetic"):
            self.refuse("peakproof", "run", "--sweep", name, "--quick", says=(name, "no sweep"))
        self.refuse("bench_fp32_fma", "--sweep", "--device", "cpu", says="no sweep")
        self.refuse("peakproof", "run", "--sweep", "nothing", says="nothing")

    def test_chains_have_no_sweep_over_shapes(self):
        self.refuse("bench_fp32_fma", "--sweep", "shapes", stand_in=QUICK,
                    says=("fp32_fma has no sweep over shapes", "give --sweep alone"))
        self.refuse("bench_fp32_fma", "--sweep", "ilp", stand_in=QUICK, says=("ilp", "--sweep alone", "shapes, size,"))

    def test_a_wrong_point_rejects(self):
        done = self.measure("bench_shuffle", "--sweep", stand_in=QUICK + ",flaw=wrong", code=REJECTED)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"incorrect"})


class Suite(EndToEnd):
    def test_the_whole_suite_is_listed_in_order(self):
        names = [re.split("/", name)[0] for name in run("peakproof", "run", *GEMM, "--list", stand_in=SMALL).out.split()]
        self.assertEqual(list(dict.fromkeys(names)),
                         ["fp32_fma", "fp64_fma", "fp32x2_fma", "fp16_fma", "bf16_fma", "int32_mad", "int32_add",
                          "int32_logic", "dp4a", "sfu", "shuffle", "convert", "fp32_int32_mix", "latency_arithmetic",
                          "dram", "l1", "l2", "l3", "texture", "shared", "constant", "dsmem", "atomics", "latency_memory",
                          "pcie", "p2p", "launch", "wmma", "mma", "wgmma", "wmma_gemm", "wgmma_gemm", "cublas_gemm",
                          "inference", "training"])
        self.assertEqual(names.count("sfu"), 6)
        self.assertEqual(names.count("convert"), 7)
        self.assertEqual(names.count("latency_arithmetic"), 21)

    def test_the_whole_suite_passes_on_a_good_device(self):
        shape = ("--m", "256", "--n", "512", "--k", "1024")  # which every type takes
        # But what the host's own clock times, which is real, and noisy where others compute, and the networks, which have
        # tests of their own.
        done = self.measure("peakproof", "run", *shape,
                            "--benchmark_filter=-launch|pcie/bytes:8/|^inference|^training", stand_in=SMALL, timeout=200)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"pass", "no_theory", "skipped"})


if __name__ == "__main__":
    main()
