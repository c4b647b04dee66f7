"""Matrix products by WMMA in every type: verdicts, flaws, accuracy, what an architecture lacks, bad shapes."""

from peakproof import *

# One SM, one set of operands, and launches that cost next to nothing: a block of each kernel keeps the device busy.
DEVICE = "sms=1,mem_mib=64,l2_mib=0,launch_us=0.001"
SHAPE = ("--m", "128", "--n", "256", "--k", "1024")
PROGRAM = ("bench_wmma_gemm", *SHAPE)
JUDGED = ("--min-efficiency", "0.9")
TYPES = ("fp16", "fp16_acc16", "bf16", "tf32", "fp64", "int8", "int4", "b1")
INTEGERS = ("int8", "int4", "b1")
# By architecture: what is skipped, and why. Bits are AND and a count.
NEEDS, EMULATED = "needs compute capability 8.0", "emulated: "
SKIPPED_TYPES = {
    "7.5": {"bf16": NEEDS, "tf32": NEEDS, "fp64": NEEDS, "b1": NEEDS},
    "8.0": {}, "8.6": {}, "8.9": {},
    "9.0": {"int4": EMULATED},
    "10.0": {"int4": EMULATED, "b1": EMULATED},
    "12.0": {"int4": EMULATED, "b1": EMULATED},
}
FLAWS = ("wrong", "nan", "idle", "shorter", "dropped")


def settled(kinds="[a-z0-9_]+"):
    """Only the results that are not of a burst, of the types that match."""
    return f"--benchmark_filter=type:({kinds})/iter"


class EndToEndOfProducts(EndToEnd):
    def results(self, *arguments, stand_in=DEVICE, code=PASSED, kinds="[a-z0-9_]+"):
        """Settled results by type, those that were skipped as well."""
        done = self.measure(*PROGRAM, settled(kinds), *arguments, stand_in=stand_in, code=code)
        return {result["params"]["type"]: result for result in done.report["results"]}

    def measured(self, *arguments, **options):
        """Those that were not skipped."""
        results = self.results(*arguments, **options)
        return {kind: result for kind, result in results.items() if result["verdict"] != "skipped"}


class Verdicts(EndToEndOfProducts):
    def test_every_type_on_a_good_device(self):
        for cc in ("8.0", "9.0"):
            results = self.measured(*JUDGED, stand_in=f"{DEVICE},cc={cc}")
            self.assertEqual(set(results), set(TYPES) - set(SKIPPED_TYPES[cc]))
            for kind, result in results.items():
                with self.subTest(cc=cc, type=kind):
                    # Where a rate is not known, or no more than a guess, nothing is judged.
                    known = not (cc == "9.0" and kind == "b1")
                    self.assertEqual(result["verdict"], "pass" if known else "no_theory", result["note"])
                    if known:
                        self.assertAlmostEqual(result["efficiency"]["issue"], 0.985, delta=0.007)
                    self.assertEqual(result["audit"]["status"], "audited")
                    self.assertEqual(result["audit"]["kernel"], f"wmma_gemm_{kind}")
                    self.assertEqual(result["unit"], "OP/s" if kind in INTEGERS else "FLOP/s")
                    self.assertEqual(result["params"]["data"], "random")

    def test_mma_sync_has_a_ceiling_of_its_own_on_hopper(self):
        results = self.measured()
        self.assertEqual({kind: result["pipe"] for kind, result in results.items()},
                         {"fp16": "mma_fp16", "fp16_acc16": "mma_fp16", "bf16": "mma_bf16", "tf32": "mma_tf32",
                          "fp64": "tensor_fp64", "int8": "mma_int8", "b1": "tensor_b1"})

    def test_where_no_ceiling_is_known_nothing_is_claimed(self):
        for kind, result in self.measured(stand_in=DEVICE + ",cc=10.0").items():
            with self.subTest(kind):
                if kind in ("tf32", "int8"):
                    self.assertIsNone(result["pipe"])
                    self.assertIn("no ceiling of WMMA is known", result["note"])
                    self.assertGreater(result["achieved_per_s"], 0)
                else:
                    self.assertIsNotNone(result["pipe"])

    def test_without_an_option_nothing_is_judged(self):
        for kind, result in self.measured(stand_in=DEVICE + ",cc=8.0,speed=0.4").items():
            self.assertEqual(result["verdict"], "no_theory", kind)
            self.assertIsNone(result["floor"])

    def test_a_slow_device_is_below(self):
        for kind, result in self.measured(*JUDGED, stand_in=DEVICE + ",cc=8.0,speed=0.8", code=REJECTED).items():
            self.assertEqual(result["verdict"], "below", kind)

    def test_a_device_that_is_too_fast_is_not_believed(self):
        results = self.measured(*JUDGED, stand_in=DEVICE + ",cc=8.0,speed=1.05", code=INCONCLUSIVE)
        for kind, result in results.items():
            self.assertEqual(result["verdict"], "above_theory", kind)

    def test_a_burst_of_each(self):
        names = run(*PROGRAM, "--list", stand_in=DEVICE + ",cc=8.0").out.split()
        for kind in TYPES:
            of_type = [name.partition(f"/type:{kind}")[2] for name in names if re.search(f"/type:{kind}(/|$)", name)]
            self.assertEqual(of_type, ["/mode:burst", ""], kind)


class Flaws(EndToEndOfProducts):
    def test_every_flaw_of_every_type(self):
        for flaw in FLAWS:
            results = self.measured(stand_in=f"{DEVICE},cc=8.0,flaw={flaw}", code=REJECTED)
            self.assertEqual(set(results), set(TYPES))
            for kind, result in results.items():
                with self.subTest(flaw=flaw, type=kind):
                    self.assertEqual(result["verdict"], "incorrect")
                    self.assertGreater(result["verification"]["mismatches"], 0)

    def test_every_flaw_on_operands_that_are_all_alike(self):
        """What the timed launches left may be right by chance; the small integers behind them tell."""
        for data in ("zero", "ones"):
            for flaw in ("idle", "dropped"):
                with self.subTest(data=data, flaw=flaw):
                    results = self.measured("--data", data, kinds="fp16|int8|b1",
                                            stand_in=f"{DEVICE},cc=8.0,flaw={flaw}", code=REJECTED)
                    self.assertEqual({result["verdict"] for result in results.values()}, {"incorrect"})

    def test_a_flaw_of_one_type_is_of_no_other(self):
        for kind in TYPES:
            results = self.measured(stand_in=f"{DEVICE},cc=8.0,flaw=wrong:wmma_gemm_{kind}", code=REJECTED,
                                    kinds="fp16|" + kind)
            wrong = {name for name, result in results.items() if result["verdict"] == "incorrect"}
            self.assertEqual(wrong, {kind})

    def test_not_a_number_is_in_the_report_as_what_it_is(self):
        result = self.measured(stand_in=DEVICE + ",flaw=nan", kinds="bf16", code=REJECTED)["bf16"]
        self.assertFalse(result["verification"]["passed"])
        for figure in ("relative_error", "rmse", "mae", "max_error"):
            self.assertIsNone(result["verification"][figure])  # JSON has no NaN


class Accuracy(EndToEndOfProducts):
    def test_the_error_of_each_type_is_in_the_report(self):
        results = self.measured(stand_in=DEVICE + ",cc=8.0")
        for kind, result in results.items():
            check = result["verification"]
            with self.subTest(kind):
                self.assertLessEqual(check["relative_error"], check["tolerance"])
                self.assertLessEqual(check["mae"], check["rmse"])
                self.assertLessEqual(check["rmse"], check["max_error"])
                self.assertEqual(check["items"], 2 * 128 * 256)  # on the timed operands, and on small integers
                if kind in INTEGERS:
                    self.assertEqual((check["tolerance"], check["max_error"]), (0, 0))
        # FP16 sums are far from FP32 ones, and FP64 is far beyond both.
        error = {kind: result["verification"]["relative_error"] for kind, result in results.items()}
        self.assertGreater(error["fp16_acc16"], 50 * error["fp16"])
        self.assertGreater(error["fp16"], 1e5 * error["fp64"])
        self.assertGreater(error["tf32"], 0)
        self.assertGreater(error["bf16"], 0)

    def test_several_sets_of_operands_are_all_checked(self):
        # A set of FP16 has 256, 512 and 128 KiB: ten of them exceed twice 4 MiB.
        result = self.measured(stand_in=DEVICE + ",l2_mib=4", kinds="fp16")["fp16"]
        sets = 2 * 4 * 2**20 // (2 * (128 + 256) * 1024 + 4 * 128 * 256) + 1
        self.assertEqual(result["verification"]["items"], 2 * sets * 128 * 256)

    def test_other_data(self):
        for data in ("zero", "ones"):
            for kind, result in self.measured("--data", data, stand_in=DEVICE + ",cc=8.0").items():
                with self.subTest(data=data, type=kind):
                    self.assertEqual(result["params"]["data"], data)
                    self.assertTrue(result["verification"]["passed"])
                    self.assertEqual(result["verification"]["max_error"], 0)


class Lacks(EndToEndOfProducts):
    def test_what_an_architecture_lacks_is_skipped_with_its_reason(self):
        for cc, skipped in SKIPPED_TYPES.items():
            with self.subTest(cc):
                results = self.results(stand_in=f"{DEVICE},cc={cc}")
                self.assertEqual(set(results), set(TYPES))
                for kind, result in results.items():
                    self.assertEqual(result["verdict"] == "skipped", kind in skipped, (kind, result["note"]))
                    if kind in skipped:
                        self.assertIn(skipped[kind], result["note"])
                        self.assertEqual(result["samples"], [])

    def test_a_kernel_that_should_have_been_skipped_would_fault(self):
        # The stand-in plays a trap as one: nothing was launched where the results above say skipped.
        done = self.measure(*PROGRAM, settled("int4"), stand_in=DEVICE + ",cc=9.0", code=INCONCLUSIVE)
        self.assertEqual(done.result["verdict"], "skipped")

    def test_ptx_is_that_of_8_0(self):
        forced = {"CUDA_FORCE_PTX_JIT": "1"}
        done = self.measure(*PROGRAM, settled("bf16"), stand_in=DEVICE + ",cc=8.0", env=forced)
        self.assertEqual(done.result["audit"]["status"], "unaudited")
        done = self.measure(*PROGRAM, settled("int4"), stand_in=DEVICE + ",cc=9.0", env=forced, code=INCONCLUSIVE)
        self.assertIn(EMULATED, done.result["note"])


class BadInput(EndToEndOfProducts):
    def test_a_shape_that_fits_no_tile(self):
        for kind, wants in (("fp16", "128, 256 and 64"), ("tf32", "128, 256 and 32"), ("fp64", "128, 128 and 16"),
                            ("int8", "128, 256 and 128"), ("int4", "128, 256 and 256"), ("b1", "128, 256 and 1024")):
            for shape in (("--m", "100"), ("--n", "100"), ("--k", "100"), ("--m", "64"), ("--k", "8")):
                with self.subTest(type=kind, shape=shape):
                    self.refuse("bench_wmma_gemm", *shape, settled(kind), stand_in=DEVICE + ",cc=8.0",
                                says=(f"wmma_gemm of {kind}", "must be multiples of", wants, "change --m --n --k"))

    def test_a_type_that_is_not_asked_for_does_not_matter(self):
        self.measure("bench_wmma_gemm", *SHAPE[:4], "--k", "64", settled("fp16|bf16|tf32|fp64"), stand_in=DEVICE)
        self.refuse("bench_wmma_gemm", *SHAPE[:4], "--k", "64", stand_in=DEVICE, says="wmma_gemm of int8")

    def test_too_little_memory(self):
        done = self.measure("bench_wmma_gemm", settled(), stand_in="sms=4,mem_mib=64", code=INCONCLUSIVE)
        for result in done.report["results"]:
            if result["params"]["type"] == "int4":
                continue
            with self.subTest(result["params"]["type"]):
                self.assertEqual(result["verdict"], "error")
                self.assertRegex(result["note"], r"too little memory: \d+ bytes are free, the matrices need \d+: "
                                                 "choose smaller --m --n --k")
                # Whole waves of four SMs, and a smaller side where a product of the usual one would take long.
                self.assertEqual(result["params"]["m"], "4096" if result["params"]["type"] == "fp64" else "8192")

    def test_a_smaller_product_where_its_check_would_take_long(self):
        listed = run("bench_wmma_gemm", "--list", stand_in="sms=40,cc=7.5,mem_mib=64").out  # FP64 at 2 a clock and SM
        self.assertIn("wmma_gemm/data:random/k:4096/m:4096/n:3840/type:fp16\n", listed)

    def test_a_sweep_takes_what_fits(self):
        listed = run("bench_wmma_gemm", "--sweep", "shapes", "--list", stand_in="sms=4,mem_mib=96,l2_mib=1").out
        self.assertIn("wmma_gemm/data:random/k:2048/m:2048/n:2048/sweep:shapes/type:fp16\n", listed)
        self.assertNotIn("m:8192/n:8192/sweep:shapes/type:fp16\n", listed)
        self.assertIn("k:16384/m:2048/n:2048/sweep:shapes/type:b1\n", listed)
        none = run("bench_wmma_gemm", "--sweep", "shapes", settled("fp64"), "--quick", "--json",
                   stand_in="sms=4,mem_mib=16")
        self.assertIn("no shape of the sweep fits", none.out + none.err)


if __name__ == "__main__":
    main()
