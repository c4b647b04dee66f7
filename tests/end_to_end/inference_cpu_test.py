"""Inference on the host CPU, for real: every network and precision, as far as the CPU and this build have them. How fast
it is, or how quiet, is not what is tested here."""

from peakproof import *

MEASURED = {"no_theory": PASSED, "noisy": INCONCLUSIVE, "above_theory": INCONCLUSIVE}
NETWORKS = {"digits": 3, "mlp": 3, "cnn": 8, "transformer": 7}  # and their steps
BYTES = {"fp32": 4, "bf16": 2, "int8": 1}
NEVER = ("tf32", "fp16", "fp8")  # on a CPU
LARGEST_ERROR = {"fp32": 1e-4, "bf16": 0.03, "int8": 0.06}


class InferenceOnTheCpu(EndToEnd):
    def names(self, *options, **more):
        done = run("bench_inference", "--device", "cpu", "--list", *options, **more)
        self.assertEqual(done.code, PASSED, done.err)
        return done.out.split()

    def test_what_there_is(self):
        names = self.names()
        for precision in NEVER:
            self.assertIn(f"inference/precision:{precision}", names)
        for precision in BYTES:
            if f"inference/precision:{precision}" in names:  # lacking, for all networks
                continue
            for network in NETWORKS:
                for batch in (1, 256):
                    self.assertIn(f"inference/batch:{batch}/network:{network}/precision:{precision}", names)

    def test_every_network_at_every_precision(self):
        done = run("bench_inference", "--device", "cpu", "--quick", "--json",
                   "--benchmark_filter=batch:1/|batch:256/network:digits|inference/precision", timeout=200)
        results = done.report["results"]
        self.assert_report(done.report, done.code)
        self.assertEqual(done.err, "")
        measured = [result for result in results if result["verdict"] != "skipped"]
        skipped = {result["params"]["precision"]: result["note"] for result in results
                   if result["verdict"] == "skipped"}
        for precision in NEVER:
            self.assertIn("oneDNN", skipped.pop(precision))
        for precision, why in skipped.items():
            self.assertRegex(why, "this CPU has (no|neither)|built without oneDNN")
        seen = set()
        for result in measured:
            params = result["params"]
            with self.subTest(**params):
                seen.add((params["network"], params["precision"], params["batch"]))
                self.check(result)
        expected = {(network, precision, batch) for network in NETWORKS for precision in BYTES
                    for batch in ("1", "256") if precision not in skipped and (batch == "1" or network == "digits")}
        self.assertEqual(seen, expected)

    def check(self, result):
        params = result["params"]
        told = result["inference"]
        precision = params["precision"]
        self.assertIn(result["verdict"], MEASURED, result["note"])
        self.assertEqual(set(params), {"network", "precision", "batch"})
        self.assertEqual((told["network"], told["precision"], str(told["batch"])),
                         (params["network"], precision, params["batch"]))
        self.assertEqual(result["unit"], "OP/s" if precision == "int8" else "FLOP/s")
        self.assertEqual(result["pipe"], "fp32_fma" if precision == "fp32" else None)
        self.assertIn("oneDNN 2.", result["note"])
        self.assertTrue(result["verification"]["passed"])
        self.assertGreater(result["verification"]["items"], 0)

        self.assertGreater(told["parameters"], 10_000)
        self.assertGreater(told["macs_per_item"], 10_000)
        self.assertGreaterEqual(told["flops_per_item"], 2 * told["macs_per_item"])
        self.assertAlmostEqual(told["items_per_s"] * told["flops_per_item"] / result["achieved_per_s"], 1, 9)
        # Packed weights are as wide as the precision; biases and what normalises stay FP32.
        self.assertGreaterEqual(told["weight_bytes"], told["parameters"] * BYTES[precision])
        self.assertLess(told["weight_bytes"], told["parameters"] * BYTES[precision] * 1.5)

        self.assertGreaterEqual(told["passes"], 5)
        self.assertGreater(told["p50_s"], 0)
        self.assertEqual(told["p95_s"] is None, told["passes"] < 20)
        self.assertIsNone(told["p99_s"], "--quick makes no hundred passes")
        self.assertEqual(len(told["layers"]), NETWORKS[params["network"]])
        self.assertGreater(told["predicted_s"], 0)
        self.assertAlmostEqual(sum(layer["predicted_s"] for layer in told["layers"]) / told["predicted_s"], 1, 9)
        for layer in told["layers"]:
            self.assertGreater(layer["measured_s"], 0)
            self.assertIn(layer["bound"], ("compute", "memory", "launch"))
        for ceiling in ("matrix", "vector", "bytes", "launch"):
            self.assertIn(ceiling, told["ceilings"])
        self.assertGreater(told["measured_ceilings"]["matrix_per_second"], 1e8)

        quality = told["quality"]
        self.assertLess(quality["relative_error"], LARGEST_ERROR[precision])
        self.assertGreater(quality["relative_error"], 0)
        if params["network"] == "digits":
            self.assertEqual(quality["items"], 360)
            self.assertGreater(quality["accuracy"], 0.9)
            self.assertAlmostEqual(quality["accuracy"], quality["reference_accuracy"], delta=0.02)
        else:
            self.assertIsNone(quality["accuracy"])
        self.assertEqual(quality["top1_agreement"] is None, params["network"] == "transformer")
        if quality["top1_agreement"] is not None:
            self.assertGreater(quality["top1_agreement"], 0.9)

    def test_an_older_cpu_says_what_it_lacks(self):
        """oneDNN itself is told to take the CPU for an older one."""
        old = {"DNNL_MAX_CPU_ISA": "AVX2"}
        names = self.names(env=old)
        for precision in ("bf16", "int8", *NEVER):
            self.assertIn(f"inference/precision:{precision}", names)
        done = run("bench_inference", "--device", "cpu", "--quick", "--json",
                   "--benchmark_filter=inference/precision:(bf16|int8)", env=old)
        self.assertEqual(done.code, INCONCLUSIVE)  # nothing was measured
        for result in done.report["results"]:
            self.assertEqual(result["verdict"], "skipped")
            self.assertRegex(result["note"], "this CPU has (no|neither)|built without oneDNN")

    def test_sweep(self):
        names = self.names("--sweep")
        self.assertEqual(names, self.names("--sweep", "batch"))
        if "inference/precision:fp32" in names:
            return  # without oneDNN
        for exponent in range(11):
            self.assertIn(f"inference/batch:{2 ** exponent}/network:mlp/precision:fp32/sweep:batch", names)
        done = run("bench_inference", "--device", "cpu", "--sweep", "batch", "--json",
                   "--benchmark_filter=batch:(2|8)/network:digits/precision:fp32")
        points = done.report["results"]
        self.assertEqual([point["params"]["batch"] for point in points], ["2", "8"])
        for point in points:
            self.assertIn(point["verdict"], MEASURED, point["note"])
            self.assertGreater(point["inference"]["items_per_s"], 0)
            self.assertEqual(point["inference"]["layers"], [])

    def test_a_sweep_that_it_does_not_have(self):
        done = run("bench_inference", "--device", "cpu", "--sweep", "size")
        self.assertEqual(done.code, USAGE)
        self.assert_one_line(done.err, "inference", "batch")


if __name__ == "__main__":
    main()
