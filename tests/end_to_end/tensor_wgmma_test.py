#!/usr/bin/env python3
"""Hopper's raw wgmma rate on the stand-in: verdicts, flaws, sweep, data, and where it is skipped."""

from peakproof import *

QUICK = "sms=2,l2_mib=0"
TYPES = {
    "fp16": "tensor_fp16",
    "fp16_acc16": "tensor_fp16_acc16",
    "bf16": "tensor_bf16",
    "tf32": "tensor_tf32",
    "fp8_e4m3": "tensor_fp8",
    "fp8_e5m2": "tensor_fp8",
    "int8": "tensor_int8",
}
# MAC per clock and SM, from NVIDIA's H100 white paper.
RATES = {"tensor_fp16": 2048, "tensor_fp16_acc16": 2048, "tensor_bf16": 2048, "tensor_tf32": 1024, "tensor_fp8": 4096,
         "tensor_int8": 4096}
FLAWS = ("wrong", "nan", "idle", "shorter", "dropped")
FORMS = [(sparsity, a) for sparsity in ("dense", "2:4") for a in ("shared", "registers")]


def form(result):
    return result["params"]["type"], result["params"]["sparsity"], result["params"]["a"]


def shared_memory_share(result):
    """What 128 bytes a clock leave of the peak."""
    n = int(result["params"]["n"])
    of_a = 0 if result["params"]["a"] == "registers" else 2048
    of_b = n * (64 if result["params"]["sparsity"] == "2:4" else 32)
    return min(1, n / 2 / ((of_a + of_b) / 128))


class Verdicts(EndToEnd):
    def test_every_type_and_form_is_proved_and_the_dense_are_judged(self):
        done = self.measure("bench_wgmma", stand_in=QUICK)
        results = done.report["results"]
        every = {(name, *rest) for name in TYPES for rest in FORMS}
        for mode in ("burst", None):
            self.assertEqual({form(r) for r in results if r["params"].get("mode") == mode}, every)
        self.assertEqual(len(results), 2 * len(every))
        for result in results:
            with self.subTest(result["params"]):
                name, sparsity, _ = form(result)
                self.assertEqual(result["params"]["n"], "256")
                self.assertEqual(result["pipe"], TYPES[name] + ("_sparse" if sparsity == "2:4" else ""))
                self.assertEqual(result["unit"], "OP/s" if name == "int8" else "FLOP/s")
                peak = 2 * 1980e6 * 2 * RATES[TYPES[name]] * (2 if sparsity == "2:4" else 1)
                share = shared_memory_share(result)
                self.assertAlmostEqual(result["achieved_per_s"] / peak / share, 0.99, delta=0.011)
                self.assertAlmostEqual(result["efficiency"]["issue"] / share, 0.99, delta=0.011)
                self.assertEqual(result["verdict"], "pass" if sparsity == "dense" else "no_theory", result["note"])
                self.assertEqual(result["floor"]["issue"] if sparsity == "dense" else result["floor"],
                                 0.95 if sparsity == "dense" else None)
                self.assertEqual("shared memory, 128 bytes a clock, allows 89 %" in result["note"], share < 1)
                self.assertEqual(result["audit"]["status"], "audited")
                self.assertRegex(result["audit"]["kernel"], r"^wgmma_chain<Wgmma\w+, 256, 8>$")
                self.assertEqual(result["audit"]["arch"], "sm_90a")
                self.assertEqual(result["verification"]["items"], 2 * 128)
                self.assertTrue(result["verification"]["passed"])

    def test_a_slow_device_is_below(self):
        done = self.measure("bench_wgmma", stand_in=QUICK + ",speed=0.9", code=REJECTED)
        verdicts = {r["params"]["sparsity"]: r["verdict"] for r in done.report["results"]}
        self.assertEqual(verdicts, {"dense": "below", "2:4": "no_theory"})

    def test_a_device_that_is_too_fast_is_not_believed(self):
        done = self.measure("bench_wgmma", stand_in=QUICK + ",speed=1.2", code=INCONCLUSIVE)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"above_theory"})

    def test_every_flaw_of_every_form_is_found(self):
        for data in ("random", "zero", "ones"):
            for flaw in FLAWS:
                with self.subTest(f"{flaw}, {data}"):
                    done = self.measure("bench_wgmma", "--data", data, stand_in=f"{QUICK},flaw={flaw}", code=REJECTED)
                    self.assertEqual({r["verdict"] for r in done.report["results"]}, {"incorrect"})
                    self.assertEqual({r["params"]["data"] for r in done.report["results"]}, {data})

    def test_min_efficiency_judges_what_has_no_floor(self):
        done = self.measure("bench_wgmma", "--min-efficiency", "0.9", "--benchmark_filter=sparsity:2:4", stand_in=QUICK,
                            code=REJECTED)
        verdicts = {r["params"]["a"]: r["verdict"] for r in done.report["results"]}
        self.assertEqual(verdicts, {"shared": "below", "registers": "pass"})

    def test_the_data_are_a_choice(self):
        for data in ("zero", "ones"):
            done = self.measure("bench_wgmma", "--data", data, "--benchmark_filter=type:bf16", stand_in=QUICK)
            for result in done.report["results"]:
                self.assertEqual(result["params"]["data"], data)
                self.assertEqual(result["verdict"], "pass" if result["params"]["sparsity"] == "dense" else "no_theory")


class Sweep(EndToEnd):
    def test_every_width(self):
        done = self.measure("bench_wgmma", "--sweep", stand_in=QUICK)
        results = done.report["results"]
        widths = (8, 16, 32, 64, 128, 256)
        self.assertEqual({(*form(r), int(r["params"]["n"])) for r in results},
                         {(name, *rest, n) for name in TYPES for rest in FORMS for n in widths})
        self.assertEqual(len(results), len(TYPES) * len(FORMS) * len(widths))
        for result in results:
            with self.subTest(result["params"]):
                self.assertEqual(result["params"]["sweep"], "n")
                self.assertEqual((result["verdict"], result["floor"]), ("no_theory", None), result["note"])
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.99 * shared_memory_share(result), delta=0.012)
                self.assertEqual(result["audit"]["status"], "audited")
                self.assertEqual(result["verification"]["mismatches"], 0)
                blocks = 2 if int(result["params"]["n"]) < 64 else 1
                self.assertEqual(result["verification"]["items"], 2 * blocks * 128)

    def test_a_wrong_width_among_many_is_found(self):
        done = self.measure("bench_wgmma", "--sweep", "--benchmark_filter=type:int8", stand_in=QUICK + ",flaw=shorter",
                            code=REJECTED)
        self.assertEqual({r["verdict"] for r in done.report["results"]}, {"incorrect"})

    def test_no_other_sweep(self):
        self.refuse("bench_wgmma", "--sweep", "shapes", stand_in=QUICK, says="wgmma has no sweep over shapes")
        self.refuse("bench_wgmma", "--sweep", "widths", stand_in=QUICK, says="widths")


class Architectures(EndToEnd):
    def test_it_is_hoppers_alone(self):
        for cc in ("7.5", "8.0", "8.6", "8.9", "10.0", "12.0", "9.9"):
            with self.subTest(cc):
                done = self.measure("bench_wgmma", stand_in=f"{QUICK},cc={cc},mem_mib=1", code=INCONCLUSIVE,
                                    verdict="skipped")
                self.assertIn("9.0 (sm_90a) alone", done.result["note"])
                self.assertIn(cc, done.result["note"])
        self.measure("bench_wgmma", "--sweep", stand_in=QUICK + ",cc=8.0", code=INCONCLUSIVE, verdict="skipped")

    def test_compiled_ptx_is_no_wgmma(self):
        done = self.measure("bench_wgmma", stand_in=QUICK, env={"CUDA_FORCE_PTX_JIT": "1"}, code=INCONCLUSIVE,
                            verdict="skipped")
        self.assertIn("machine code of sm_90a", done.result["note"])

    def test_a_skip_among_others_is_no_failure(self):
        done = self.measure("peakproof", "run", "fp32_fma", "wgmma", stand_in=QUICK + ",cc=8.9")
        self.assertEqual([r["verdict"] for r in done.report["results"]], ["pass", "skipped"])


class Trouble(EndToEnd):
    def test_a_launch_that_is_refused_is_an_error(self):
        done = self.measure("bench_wgmma", "--benchmark_filter=2:4/type:tf32", stand_in=QUICK + ",fail=1",
                            code=INCONCLUSIVE)
        verdicts = [r["verdict"] for r in done.report["results"]]
        self.assertEqual(verdicts.count("error"), 1)

    def test_a_lost_device_ends_the_run(self):
        done = self.measure("bench_wgmma", stand_in=QUICK + ",lost=300:ecc", code=FAULT)
        self.assertIn("error", [r["verdict"] for r in done.report["results"]])

    def test_options_of_matrix_products_do_not_apply(self):
        done = self.measure("bench_wgmma", "--n", "64", "--benchmark_filter=type:bf16", stand_in=QUICK)
        for result in done.report["results"]:
            self.assertEqual(result["params"]["n"], "256")
            self.assertIn("--m --n --k do not apply", result["note"])

    def test_wrong_options(self):
        self.refuse("bench_wgmma", "--data", "sevens", stand_in=QUICK, says="sevens")


if __name__ == "__main__":
    main()
