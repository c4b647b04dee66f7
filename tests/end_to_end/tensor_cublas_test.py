"""Matrix products by cuBLASLt, in every type: the choice among its algorithms, its verdicts, and as a reference."""

from peakproof import *

CUBLAS = ("bench_cublas_gemm", *GEMM)
QUIET = SMALL + ",l2_mib=0,launch_us=0.001"  # one set of operands, and launches that cost next to nothing
JUDGED = ("--min-efficiency", "0.5")
TYPES = {"fp64": "tensor_fp64", "fp32": "fp32_fma", "tf32": "tensor_tf32", "fp16": "tensor_fp16",
         "fp16_acc16": "tensor_fp16_acc16", "bf16": "tensor_bf16", "fp8_e4m3": "tensor_fp8", "int8": "tensor_int8"}
# What each architecture lacks, and what FP64 runs on: nothing is known where its tensor cores have no sourced rate.
LACKS = {"7.5": {"tf32", "bf16", "fp8_e4m3"}, "8.0": {"fp8_e4m3"}, "8.6": {"fp8_e4m3"}, "8.9": set(), "9.0": set(),
         "10.0": set(), "12.0": set()}
FP64 = {"7.5": "fp64_fma", "8.0": "tensor_fp64", "9.0": "tensor_fp64", "10.0": "tensor_fp64"}


def settled(kind="[a-z0-9_]+"):
    """Only the results that are not of a burst, of the types that match."""
    return f"--benchmark_filter=type:{kind}/iter"


class EndToEndOfCublas(EndToEnd):
    def results(self, *arguments, stand_in=QUIET, code=PASSED, kind="[a-z0-9_]+"):
        """By type, those that were not skipped."""
        done = self.measure(*CUBLAS, settled(kind), *arguments, stand_in=stand_in, code=code)
        return {(r["params"]["type"], r["params"].get("accumulation", "")): r for r in done.report["results"]
                if r["verdict"] != "skipped"}


class Verdicts(EndToEndOfCublas):
    def test_every_type_passes(self):
        results = self.results(*JUDGED)
        self.assertEqual({kind for kind, _ in results}, set(TYPES))
        for (kind, _), result in results.items():
            with self.subTest(kind):
                self.assertEqual(result["verdict"], "pass", result["note"])
                self.assertEqual(result["name"], "cublas_gemm")
                self.assertEqual(result["pipe"], TYPES[kind])
                self.assertAlmostEqual(result["efficiency"]["issue"], 0.985, delta=0.007)
                self.assertEqual(result["verification"]["mismatches"], 0)
                self.assertEqual(result["audit"]["status"], "not_applicable")
                self.assertEqual(result["unit"], "OP/s" if kind == "int8" else "FLOP/s")

    def test_slow(self):
        for result in self.results(*JUDGED, stand_in=QUIET + ",speed=0.4", code=REJECTED).values():
            self.assertEqual(result["verdict"], "below", result["params"])

    def test_above_theory(self):
        for result in self.results(*JUDGED, stand_in=QUIET + ",speed=1.1", code=INCONCLUSIVE).values():
            self.assertEqual(result["verdict"], "above_theory", result["params"])

    def test_every_flaw(self):
        for flaw in ("wrong", "nan", "idle", "shorter", "dropped"):
            results = self.results(stand_in=f"{QUIET},flaw={flaw}:cublasLtMatmul", code=REJECTED)
            for (kind, _), result in results.items():
                with self.subTest(flaw=flaw, type=kind):
                    self.assertEqual(result["verdict"], "incorrect")
                    self.assertGreater(result["verification"]["items"], 0)

    def test_operands_in_turn(self):
        """More than one set of operands, and a burst beside the settled result."""
        done = self.measure(*CUBLAS, "--benchmark_filter=type:(bf16|int8)/", *JUDGED,
                            stand_in=SMALL + ",launch_us=0.01")
        self.assertEqual([(r["params"]["type"], r["params"].get("mode"), r["verdict"]) for r in done.report["results"]],
                         [("bf16", "burst", "pass"), ("bf16", None, "pass"), ("int8", "burst", "pass"),
                          ("int8", None, "pass")])
        one_set = 256 * 512
        for result in done.report["results"]:
            self.assertGreaterEqual(result["verification"]["items"], 4 * one_set)

    def test_every_architecture(self):
        for cc, lacks in LACKS.items():
            with self.subTest(cc):
                results = self.results(*JUDGED, stand_in=f"{QUIET},cc={cc}")
                self.assertEqual({kind for kind, _ in results}, set(TYPES) - lacks)
                for (kind, _), result in results.items():
                    self.assertIn(result["verdict"], ("pass", "no_theory"), result["note"])
                    pipe = FP64.get(cc) if kind == "fp64" else TYPES[kind]
                    self.assertEqual(result["pipe"], pipe)
                    if pipe is None:
                        self.assertEqual(result["verdict"], "no_theory")
                        self.assertIn("is not known", result["note"])
                    else:
                        self.assertAlmostEqual(result["efficiency"]["issue"], 0.985, delta=0.007)
                accumulations = {how for kind, how in results if kind == "fp8_e4m3"}
                two = {"fast", "precise"} if cc in ("8.9", "9.0") else {""}
                self.assertEqual(accumulations, set() if "fp8_e4m3" in lacks else two)

    def test_unknown_architecture_is_not_judged(self):
        for result in self.results(stand_in=QUIET + ",cc=99.0").values():
            self.assertEqual(result["verdict"], "no_theory")
            self.assertGreater(result["achieved_per_s"], 0)


class Candidates(EndToEndOfCublas):
    def one(self, *arguments, kind="bf16", **how):
        (result,) = self.results(*arguments, kind=kind, **how).values()
        return result

    def test_best_is_taken_and_all_are_said(self):
        result = self.one()
        self.assertRegex(result["note"], r"cuBLASLt 13\.1\.0, candidate 3 of 8: 32\.1 TFLOP/s \(in the library's order "
                                         r"28\.9, 30\.5, 32\.1, 25\.7, 31\.1, 24\.1, 19\.3, 16\.1 TFLOP/s\)")

    def test_fewer_are_offered(self):
        for offered, best, share in ((1, 1, 0.90), (2, 2, 0.95), (3, 3, 1)):
            result = self.one(kind="fp64", stand_in=f"{QUIET},candidates={offered}")
            self.assertIn(f"candidate {best} of {offered}:", result["note"])
            self.assertAlmostEqual(result["efficiency"]["issue"], 0.99 * share, delta=0.005)

    def test_none_is_offered(self):
        result = self.one(stand_in=QUIET + ",candidates=0", code=INCONCLUSIVE)
        self.assertEqual(result["verdict"], "error")
        self.assertIn("CUBLAS_STATUS_NOT_SUPPORTED", result["note"])
        self.assertIn("cublasLtMatmulAlgoGetHeuristic", result["note"])

    def test_one_that_does_not_run_is_left_out(self):
        result = self.one(*JUDGED, stand_in=QUIET + ",refused_candidate=3")
        self.assertEqual(result["verdict"], "pass")
        self.assertIn("candidate 5 of 8", result["note"])
        self.assertIn("cublasLtMatmul: CUBLAS_STATUS_NOT_SUPPORTED", result["note"])

    def test_one_that_fails_once_is_left_out(self):
        result = self.one(*JUDGED, stand_in=QUIET + ",fail=1")
        self.assertEqual(result["verdict"], "pass", result["note"])
        self.assertIn("CUBLAS_STATUS_EXECUTION_FAILED", result["note"])

    def test_none_runs(self):
        result = self.one(stand_in=QUIET + ",candidates=1,refused_candidate=1", code=INCONCLUSIVE)
        self.assertEqual(result["verdict"], "error")
        self.assertIn("none of 1 candidates runs: cublasLtMatmul: CUBLAS_STATUS_NOT_SUPPORTED", result["note"])

    def test_the_answer_of_the_chosen_one_counts(self):
        self.assertEqual(self.one(stand_in=QUIET + ",flaw=wrong:cublasLtMatmul_3", code=REJECTED)["verdict"],
                         "incorrect")
        self.assertEqual(self.one(*JUDGED, stand_in=QUIET + ",flaw=wrong:cublasLtMatmul_2")["verdict"], "pass")

    def test_environment_that_changes_the_arithmetic_is_said(self):
        done = self.measure(*CUBLAS, settled("tf32"), stand_in=QUIET, env={"NVIDIA_TF32_OVERRIDE": "0"})
        self.assertIn("NVIDIA_TF32_OVERRIDE=0", done.result["note"])
        self.assertNotIn("OVERRIDE", self.one()["note"])


class Skipped(EndToEndOfCublas):
    def test_what_library_or_device_lacks(self):
        done = self.measure(*CUBLAS, settled(), stand_in=QUIET + ",cc=7.5")
        notes = {r["params"]["type"]: r["note"] for r in done.report["results"] if r["verdict"] == "skipped"}
        self.assertEqual(set(notes), {"tf32", "bf16", "fp8_e4m3", "fp8_e5m2"})
        self.assertIn("8.0", notes["bf16"])
        self.assertIn("8.9", notes["fp8_e4m3"])
        self.assertIn("no product of e5m2 and e5m2", notes["fp8_e5m2"])

    def test_alone_it_is_no_pass(self):
        self.measure(*CUBLAS, settled("bf16"), stand_in=QUIET + ",cc=7.5", code=INCONCLUSIVE, verdict="skipped")


class Shapes(EndToEndOfCublas):
    def test_what_does_not_fit(self):
        self.refuse("bench_cublas_gemm", "--m", "264", "--n", "512", "--k", "256", settled("int8"),
                    says=("int8", "multiples of 16", "--m --n --k"))

    def test_any_shape_of_wider_types(self):
        for kind in ("fp64", "fp32", "tf32", "fp16", "fp16_acc16", "bf16"):
            done = self.measure("bench_cublas_gemm", "--m", "131", "--n", "67", "--k", "29", settled(kind),
                                stand_in=QUIET, verdict="no_theory")
            self.assertEqual(done.result["verification"]["mismatches"], 0, kind)

    def test_default_fills_whole_waves_and_too_little_memory_is_said(self):
        done = self.measure("bench_cublas_gemm", settled(), stand_in="mem_mib=64", code=INCONCLUSIVE)
        for result in done.report["results"]:
            if result["verdict"] == "skipped":
                continue
            self.assertEqual(result["verdict"], "error")
            self.assertIn("too little memory", result["note"])
            m, n = int(result["params"]["m"]), int(result["params"]["n"])
            self.assertEqual((m % 128, n % 256), (0, 0))
            self.assertEqual(m * n // (128 * 256) % 4, 0)  # of the four SMs played

    def test_workspace_needs_memory_too(self):
        done = self.measure(*CUBLAS, settled("bf16"), stand_in="mem_mib=32,l2_mib=0", code=INCONCLUSIVE,
                            verdict="error")
        self.assertIn("workspace", done.result["note"])

    def test_sweep(self):
        done = self.measure(*CUBLAS, "--sweep", "shapes", settled("fp16"), stand_in=QUIET, verdict="no_theory")
        self.assertEqual(done.result["params"]["sweep"], "shapes")
        self.assertIn("candidate 3 of 8", done.result["note"])


class Floors(EndToEndOfCublas):
    """Of the default shape, on the device that the source measured: a result has its floor even where memory lacks."""

    def floors(self, stand_in, *arguments):
        done = self.measure("bench_cublas_gemm", settled(), *arguments, stand_in=stand_in, code=INCONCLUSIVE)
        return {(r["params"]["type"], r["params"].get("accumulation", "")): r["floor"]["issue"]
                for r in done.report["results"] if r["floor"]}

    def test_where_they_are_sourced(self):
        self.assertEqual(self.floors("mem_mib=64"), {("bf16", ""): 0.75, ("fp8_e4m3", "fast"): 0.85})
        self.assertEqual(self.floors("mem_mib=64", "--k", "16384"), {})
        for cc in ("8.0", "10.0"):
            self.assertEqual(self.floors(f"mem_mib=64,cc={cc}"), {})


class Reference(EndToEnd):
    WMMA = ("bench_wmma_gemm", *GEMM, settled("fp16"), *JUDGED)

    def test_ratio_and_choice(self):
        result = self.measure(*self.WMMA, stand_in=QUIET, verdict="pass").result
        self.assertEqual(result["reference"]["name"], "cuBLASLt")
        self.assertAlmostEqual(result["reference"]["ratio"], 0.665, delta=0.01)  # mma.sync against wgmma, as played
        self.assertIn("candidate 3 of 8", result["note"])

    def test_wrong_answer_gives_no_ratio(self):
        for flaw in ("wrong", "nan", "idle"):
            result = self.measure(*self.WMMA, stand_in=f"{QUIET},flaw={flaw}:cublasLtMatmul", verdict="pass").result
            self.assertIsNone(result["reference"])
            self.assertIn("cuBLASLt gave a wrong answer", result["note"])

    def test_none_is_offered(self):
        result = self.measure(*self.WMMA, stand_in=QUIET + ",candidates=0", verdict="pass").result
        self.assertIsNone(result["reference"])
        self.assertIn("the reference failed: cuBLASLt offers no algorithm", result["note"])

    def test_too_little_memory_for_its_workspace(self):
        result = self.measure(*self.WMMA, stand_in="mem_mib=32,l2_mib=0,launch_us=0.001", verdict="pass").result
        self.assertIsNone(result["reference"])
        self.assertIn("workspace", result["note"])


class Faults(EndToEnd):
    def test_lost_while_choosing_and_after(self):
        for launch in (5, 40, 2000):
            done = run(*CUBLAS, settled("bf16"), "--quick", stand_in=f"{QUIET},lost={launch}:ecc")
            self.assertEqual(done.code, FAULT, done.err)
            self.assertIn("cudaErrorECCUncorrectable", done.err)

    def test_hang_while_choosing_and_after(self):
        for launch in (20, 2000):
            done = run(*CUBLAS, settled("bf16"), "--quick", "--timeout", "1", stand_in=f"{QUIET},hang={launch}")
            self.assertEqual(done.code, FAULT, done.err)


if __name__ == "__main__":
    main()
