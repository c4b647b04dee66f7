"""Networks on the played GPU: every precision gives right answers, wrong ones are seen, and what is missing is said."""

from peakproof import *

DEVICE = "sms=2,mem_mib=512"
PRECISIONS = ("fp32", "tf32", "fp16", "bf16", "fp8", "int8")
PIPES = {"fp32": "fp32_fma", **{p: f"tensor_{p}" for p in PRECISIONS[1:]}}


def only(network, precision="[a-z0-9]+", batch="batch:1/"):
    return f"--benchmark_filter={batch}network:{network}/precision:{precision}(/|$)"


class EndToEndOfInference(EndToEnd):
    def results(self, chosen, stand_in=DEVICE, code=PASSED, **others):
        """By network and precision."""
        done = self.measure("bench_inference", chosen, stand_in=stand_in, code=code, **others)
        return {(r["params"].get("network"), r["params"]["precision"]): r for r in done.report["results"]}


class Answers(EndToEndOfInference):
    def test_every_precision(self):
        results = self.results(only("digits"))
        self.assertEqual(set(results), {("digits", precision) for precision in PRECISIONS})
        sizes = {}
        for (_, precision), result in results.items():
            with self.subTest(precision):
                self.assertEqual(result["verdict"], "no_theory", result["note"])
                self.assertEqual(result["pipe"], PIPES[precision])
                self.assertEqual(result["unit"], "OP/s" if precision == "int8" else "FLOP/s")
                self.assertEqual(result["verification"]["mismatches"], 0)
                self.assertGreater(result["verification"]["items"], 0)
                self.assertEqual(result["audit"]["status"], "not_applicable")
                self.assertIn("cuBLASLt", result["note"])
                inference = result["inference"]
                self.assertGreater(inference["quality"]["accuracy"], 0.9)
                self.assertGreater(inference["predicted_s"], 0)
                self.assertTrue(all(layer["measured_s"] > 0 for layer in inference["layers"]))
                sizes[precision] = inference["weight_bytes"]
        self.assertEqual(sizes["fp32"], sizes["tf32"])
        self.assertEqual(sizes["fp16"], sizes["bf16"])
        self.assertAlmostEqual(sizes["fp16"] / sizes["fp32"], 0.5, delta=0.01)
        self.assertLess(sizes["int8"], 0.35 * sizes["fp32"])

    def test_every_network(self):
        for network, precision in (("cnn", "int8"), ("cnn", "bf16"), ("transformer", "fp8")):
            with self.subTest(network=network, precision=precision):
                (result,) = self.results(only(network, precision)).values()
                self.assertEqual(result["verdict"], "no_theory", result["note"])
                self.assertEqual(result["verification"]["mismatches"], 0)
                self.assertEqual("cuDNN" in result["note"], network == "cnn")
                self.assertNotIn("winograd", result["note"])  # fewer operations than are counted

    def test_layers_of_the_same_rate_as_the_benchmark_of_products(self):
        """The third algorithm is the fastest of the played cuBLASLt: a network takes it too."""
        (result,) = self.results(only("mlp", "fp32")).values()
        self.assertEqual(result["note"].count("(candidate 3 of 8)"), 3)


class Flaws(EndToEndOfInference):
    def test_of_all_kernels(self):
        for flaw in ("wrong", "idle", "shorter", "dropped"):
            results = self.results(only("digits", "(fp32|int8)"), stand_in=f"{DEVICE},flaw={flaw}", code=REJECTED)
            self.assertEqual(len(results), 2)
            for key, result in results.items():
                self.assertEqual(result["verdict"], "incorrect", (flaw, key))

    def test_of_no_number(self):
        done = run("bench_inference", "--quick", "--json", only("digits", "(fp16|fp8)"),
                   stand_in=f"{DEVICE},flaw=nan:cublasLtMatmul")
        self.assertIn(done.code, (REJECTED, INCONCLUSIVE))
        for result in done.report["results"]:
            self.assertIn(result["verdict"], ("incorrect", "error"))

    def test_of_one_kernel(self):
        for network, flaw in (("digits", "dropped:cublasLtMatmul"), ("cnn", "wrong:cudnnConvolutionForward"),
                              ("cnn", "idle:average_pool"), ("transformer", "dropped:softmax_rows"),
                              ("transformer", "shorter:add_normalize")):
            with self.subTest(flaw):
                (result,) = self.results(only(network, "fp16"), stand_in=f"{DEVICE},flaw={flaw}", code=REJECTED).values()
                self.assertEqual(result["verdict"], "incorrect")


class WhatIsMissing(EndToEndOfInference):
    def test_convolutions_in_fp8(self):
        (result,) = self.results(only("cnn", "fp8", batch=""), code=INCONCLUSIVE).values()  # nothing was measured
        self.assertEqual(result["verdict"], "skipped")
        self.assertIn("graph interface", result["note"])

    def test_no_cudnn(self):
        (self.folder / "libcudnn.so.9").write_text("no library")
        path = f'{STAND_IN / "nvml"}:{self.folder}'
        results = self.results(only("cnn", batch=""), code=INCONCLUSIVE, env={"LD_LIBRARY_PATH": path})
        self.assertEqual({precision for _, precision in results}, set(PRECISIONS))
        for (_, precision), result in results.items():
            self.assertEqual(result["verdict"], "skipped")
            if precision != "fp8":
                self.assertIn("libcudnn.so.9", result["note"])

    def test_older_devices(self):
        for capability, lacks in (("7.5", {"tf32", "bf16", "fp8"}), ("8.0", {"fp8"})):
            results = self.results("--benchmark_filter=^inference/(precision|batch:1/network:digits)",
                                   stand_in=f"{DEVICE},cc={capability}")
            skipped = {precision for (_, precision), r in results.items() if r["verdict"] == "skipped"}
            self.assertEqual(skipped, lacks)
            self.assertEqual({precision for _, precision in results}, set(PRECISIONS))

    def test_memory(self):
        (result,) = self.results(only("digits", "fp16"), stand_in="sms=2,mem_mib=40", code=INCONCLUSIVE).values()
        self.assertEqual(result["verdict"], "error")
        self.assert_one_line(result["note"], "too little memory", "--benchmark_filter")

    def test_algorithms(self):
        (result,) = self.results(only("digits", "fp32"), stand_in=DEVICE + ",candidates=0", code=INCONCLUSIVE).values()
        self.assertEqual(result["verdict"], "error")
        self.assertIn("cuBLASLt offers no algorithm", result["note"])

    def test_lost_device(self):
        for network in ("digits", "cnn"):
            results = self.results(only(network, "fp32"), stand_in=DEVICE + ",lost=measured:30", code=FAULT)
            self.assertEqual([r["verdict"] for r in results.values()], ["error"])


if __name__ == "__main__":
    main()
