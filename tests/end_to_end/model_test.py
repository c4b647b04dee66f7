"""peakproof model: real networks of the onnx package's tests and made-up ones, on boards and under measured ceilings."""

import csv
import io
from xml.etree import ElementTree

import jsonschema
import onnx
from onnx import TensorProto, helper, numpy_helper
import numpy

from peakproof import *

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
RESNET = LIGHT / "light_resnet50.onnx"
SCHEMA = json.loads((ROOT / "reports" / "model.schema.json").read_text())


def model(*arguments):
    return run("peakproof", "model", *map(str, arguments))


class Model(EndToEnd):
    def told(self, *arguments):
        done = model(*arguments, "--json")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertEqual(done.err, "")
        report = parse(done.out)
        jsonschema.validate(report, SCHEMA)
        return report

    def perceptron(self, name="net.onnx", domain="", batch=1, operator="Relu"):
        """A 1024 x 512 product and one elementwise layer."""
        weight = numpy_helper.from_array(numpy.zeros((1024, 512), numpy.float32), "w")
        nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], "product"),
                 helper.make_node(operator, ["y"], ["z"], "after", domain=domain)]
        graph = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 1024])],
                                  [helper.make_tensor_value_info("z", TensorProto.FLOAT, [batch, 512])], [weight])
        opsets = [helper.make_opsetid("", 13)] + ([helper.make_opsetid(domain, 1)] if domain else [])
        path = self.folder / name
        path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())
        return path

    def refused(self, *arguments, says):
        done = model(*arguments)
        self.assertEqual(done.code, USAGE, done.err)
        self.assertEqual(done.out, "")
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, done.err)


class Cost(Model):
    def test_resnet50(self):
        report = self.told(RESNET)
        self.assertEqual(report["parameters"], 25_557_032 + 53_120)
        self.assertAlmostEqual(report["macs"] * 1e-9, 4.089, places=3)
        self.assertEqual(report["parameters"], sum(layer["parameters"] for layer in report["layers"]))
        self.assertAlmostEqual(report["flops"], sum(layer["flops"] for layer in report["layers"]))
        self.assertEqual((report["machine"], report["times"], report["batches"]), (None, [], []))
        self.assertEqual(report["unknown_operators"], {})

    def test_storage(self):
        report = self.told(self.perceptron())
        self.assertEqual(report["parameters"], 1024 * 512)
        for precision, width in (("fp64", 8), ("fp32", 4), ("fp16", 2), ("bf16", 2), ("fp8", 1), ("int8", 1), ("int4", .5)):
            self.assertEqual(report["storage_bytes"][precision], 1024 * 512 * width)

    def test_batch(self):
        one = self.told(self.perceptron())
        many = self.told(self.perceptron(), "--batch", 32)
        self.assertEqual((one["batch"], many["batch"]), (1, 32))
        self.assertEqual(many["macs"], 32 * one["macs"])
        self.assertEqual(many["parameters"], one["parameters"])

    def test_free_dimension(self):
        path = self.perceptron(batch="N")
        self.refused(path, says=["N", "--dim"])
        self.assertEqual(self.told(path, "--dim", "N=7")["macs"], 7 * 1024 * 512)
        self.assertEqual(self.told(path, "--batch", "7")["macs"], 7 * 1024 * 512)

    def test_unknown_operator_is_named_everywhere(self):
        path = self.perceptron(domain="own.domain", operator="Mystery")
        model_ = onnx.load(path)
        model_.graph.value_info.append(helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 512]))
        onnx.save(model_, path)
        report = self.told(path, "--board", "H200")
        self.assertEqual(report["unknown_operators"], {"own.domain::Mystery": 1})
        self.assertEqual(report["times"][0]["missing"], ["own.domain::Mystery"])
        unknown = [layer for layer in report["layers"] if layer["kind"] == "unknown"]
        self.assertEqual([(layer["name"], layer["flops"], layer["macs"]) for layer in unknown], [("after", None, None)])
        for form in ((), ("--md",), ("--html",)):
            with self.subTest(form):
                self.assertIn("Mystery", model(path, *form).out.replace("\\", ""))

    def test_rules(self):
        done = run("peakproof", "model", "--rules")
        self.assertEqual(done.code, PASSED)
        for operator in ("Conv", "Softmax", "LSTM"):
            self.assertIn(f"\n{operator} ", done.out)
        self.assertLessEqual(max(map(len, done.out.splitlines())), 120)


class Times(Model):
    def test_every_layer_is_on_the_roofline(self):
        report = self.told(RESNET, "--board", "H200", "--precision", "fp16,fp8")
        half, eighth = report["times"]
        self.assertAlmostEqual(half["ceilings"]["matrix_per_second"] * 1e-12, 989, delta=1)
        self.assertLess(eighth["least_s"], half["least_s"])
        timed = [layer for layer in report["layers"] if layer["least_s"] is not None]
        self.assertAlmostEqual(sum(layer["least_s"] for layer in timed), half["least_s"])
        for layer in timed:
            self.assertEqual(layer["least_s"], max(layer["compute_s"], layer["memory_s"]))
            self.assertAlmostEqual(layer["memory_s"], layer["moved_bytes"] / half["ceilings"]["bytes_per_second"])
            if layer["bound"] == "compute":
                self.assertGreaterEqual(layer["flop_per_byte"], half["ridge_flop_per_byte"])
        moved = sum(layer["moved_bytes"] for layer in timed)
        self.assertAlmostEqual(half["flop_per_byte"], report["flops"] / moved)
        self.assertAlmostEqual(half["ridge_flop_per_byte"], 989.4e12 / 4.814e12, places=1)
        self.assertEqual(report["layers_precision"], "fp16")
        self.assertTrue(half["fits"])

    def test_fusion(self):
        fused = self.told(self.perceptron(), "--board", "H200")
        apart = self.told(self.perceptron(), "--board", "H200", "--no-fusion")
        self.assertEqual([layer["part_of"] for layer in fused["layers"]], [None, "product"])
        self.assertEqual([layer["part_of"] for layer in apart["layers"]], [None, None])
        self.assertLess(fused["times"][0]["least_s"], apart["times"][0]["least_s"])

    def test_batch_sweep(self):
        report = self.told(self.perceptron(), "--board", "H200", "--batch-sweep")
        self.assertEqual([point["batch"] for point in report["batches"]], [2 ** i for i in range(11)])
        rates = [point["items_per_second"] for point in report["batches"]]
        self.assertEqual(rates, sorted(rates))
        self.assertEqual([point["batch"] for point in self.told(self.perceptron(), "--board", "H200", "--batches", "8,2")
                          ["batches"]], [2, 8])

    def test_largest_batch_that_fits(self):
        board = ("--board", "RTX 4090", "--precision", "fp32")
        most = self.told(RESNET, *board, "--batches", 1)["largest_batch"]
        last, next_ = self.told(RESNET, *board, "--batches", f"{most},{most + 1}")["batches"]
        self.assertEqual((last["fits"], next_["fits"]), (True, False))
        self.assertIn(f"fits up to      a batch of {most}\n", model(RESNET, *board, "--batches", 1).out)
        self.assertEqual(self.told(self.perceptron(), "--board", "H200", "--batches", 1)["largest_batch"], 1 << 20)
        self.assertIsNone(self.told(self.perceptron(), "--board", "H200")["largest_batch"])

    def test_what_a_sweep_takes_the_file_to_mean_is_said(self):
        self.assertIn("the file fixes the batch size at 1; 8 is put in its place",
                      " ".join(self.told(RESNET, "--board", "H200", "--batches", "2,8")["notes"]))

    def test_memory_that_is_too_small(self):
        spec = self.folder / "spec.json"
        spec.write_text(json.dumps({"name": "tiny", "compute_capability": "9.0", "sm_count": 1, "sm_clock_mhz": 1000,
                                    "memory_clock_mhz": 2000, "memory_type": "HBM3", "memory_bus_bits": 4096}))
        self.assertIsNone(self.told(self.perceptron(), "--spec", spec)["times"][0]["fits"])
        big = self.told(self.perceptron(), "--board", "H200", "--batches", "1,1000000", "--precision", "fp64")
        self.assertEqual([point["fits"] for point in big["batches"]], [True, True])
        self.assertFalse(self.told(RESNET, "--board", "RTX 4090", "--precision", "fp32", "--batches", "16384")["batches"][0]["fits"])

    def test_rate_that_is_not_known(self):
        report = self.told(self.perceptron(), "--board", "H200", "--precision", "fp16,int4")
        self.assertIsNone(report["times"][1]["least_s"])
        self.assertIn("int4", report["times"][1]["why"])
        self.refused(self.perceptron(), "--board", "H200", "--precision", "int4", says="int4")

    def measured(self, *names, device=SMALL, options=()):
        path = self.folder / "measured.json"
        done = run("peakproof", "run", *names, *options, "--quick", f"--json={path}", stand_in=device)
        self.assertIn(done.code, (PASSED, INCONCLUSIVE), done.err)
        return path

    def test_measured_ceilings(self):
        path = self.measured("dram", "wmma_gemm", options=[PRODUCT, *GEMM])
        report = self.told(self.perceptron(), "--report", path)
        self.assertTrue(report["stand_in"])
        results = parse(path.read_text())["peakproof"]["results"]
        ceilings = report["times"][0]["ceilings"]
        self.assertIn(ceilings["matrix_per_second"], [result["achieved_per_s"] for result in results])
        self.assertIn(ceilings["bytes_per_second"], [result["achieved_per_s"] for result in results])
        self.assertIn("wmma_gemm", ceilings["matrix_source"])
        self.assertIn("STAND-IN", model(self.perceptron(), "--report", path).out)
        self.refused(self.perceptron(), "--report", path, "--precision", "fp64", says="no result at fp64")

    def test_figures_that_cannot_be_believed_are_no_ceilings(self):
        path = self.measured("dram", "wmma_gemm", options=[PRODUCT, *GEMM])
        report = parse(path.read_text())
        for result in report["peakproof"]["results"]:
            if result["name"] == "dram":
                result["verdict"] = "above_theory"
        # A report that contradicts itself is refused before anything is made of it; either way nothing is predicted.
        path.write_text(json.dumps(report))
        self.refused(self.perceptron(), "--report", path, says="measured.json")


class Formats(Model):
    def test_files_and_stdout(self):
        page, table = self.folder / "m.html", self.folder / "m.csv"
        done = model(RESNET, "--board", "H200", "--batch-sweep", f"--html={page}", f"--csv={table}", "--md")
        self.assertEqual(done.code, PASSED, done.err)
        self.assertTrue(done.out.startswith("# light\\_resnet50.onnx") or done.out.startswith("# light_resnet50.onnx"))
        rows = list(csv.DictReader(io.StringIO(table.read_text())))
        self.assertEqual(len(rows), 176)
        self.assertEqual(sum(int(row["parameters"]) for row in rows), 25_610_152)
        text = page.read_text()
        self.assertEqual(text.count("<svg class=\"draw layers\" viewBox=\"0 0 900"), 3)
        for svg in text.split("<svg")[1:]:
            ElementTree.fromstring("<svg" + svg.split("</svg>")[0] + "</svg>")
        self.assertNotIn("<script", text)
        self.assertNotIn(str(LIGHT), text)

    def test_text_is_narrow(self):
        done = model(RESNET, "--board", "H200", "--batch-sweep")
        self.assertLessEqual(max(map(len, done.out.splitlines())), 120)
        self.assertIn("The 20 heaviest of 176 layers", done.out)
        self.assertNotIn("heaviest", model(RESNET, "--layers", "all").out)

    def test_unwritable(self):
        done = model(self.perceptron(), f"--json={self.folder}/nowhere/m.json")
        self.assertEqual(done.code, NOT_WRITTEN)
        self.assertIn("nowhere", done.err)
        for arguments in ([self.perceptron()], [self.perceptron(), "--json"], ["--rules"]):
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([BUILD / "peakproof", "model", *arguments], stdout=full, stderr=subprocess.PIPE,
                                      check=False, timeout=60)
            self.assertEqual(done.returncode, NOT_WRITTEN, done.stderr)

    def test_names_from_outside_are_escaped(self):
        path = self.perceptron()
        network = onnx.load(path)
        network.graph.node[0].name = "<script>alert(1)</script>|\n,\""
        onnx.save(network, path)
        self.assertNotIn("<script>", model(path, "--html").out)
        self.assertNotIn("<script>", model(path, "--md").out)
        self.assertEqual(len(list(csv.reader(io.StringIO(model(path, "--csv").out)))), 3)


class BadInput(Model):
    def test_files(self):
        text = self.folder / "text.onnx"
        text.write_text("no network")
        cut = self.folder / "cut.onnx"
        cut.write_bytes(self.perceptron().read_bytes()[:-1000])
        self.refused(self.folder / "none.onnx", says="none.onnx")
        self.refused(text, says="text.onnx")
        self.refused(cut, says="cut.onnx")
        self.refused(self.folder, says=str(self.folder))
        self.refused(says="which network")

    def test_options(self):
        path = self.perceptron()
        for arguments, says in (
                (["--precision", "fp12"], "fp12"), (["--precision", "fp16,fp16"], "twice"), (["--precision", ""], "precision"),
                (["--batch", "0"], "--batch"), (["--batch", "x"], "--batch"),
                (["--batches", "1,zwei", "--board", "H200"], "zwei"), (["--batch-sweep"], "--board"),
                (["--batches", "1", "--batch-sweep", "--board", "H200"], "--batch"),
                (["--dim", "N"], "NAME=SIZE"), (["--dim", "N=0"], "N"), (["--dim", "nobody=3"], "nobody"),
                (["--dim", "a=1", "--dim", "a=1"], "twice"),
                (["--board", "no such board"], "no such board"), (["--board", "H200", "--device", "cpu"], "--"),
                (["--spec", self.folder / "none.json"], "none.json"), (["--report", path], "net.onnx"),
                (["--layers", "few"], "few"), (["--json="], "--json"), (["--json", "--md"], "stdout"),
                (["--nonsense"], "--nonsense"), (["--device", "tpu"], "tpu")):
            with self.subTest(arguments):
                self.refused(path, *arguments, says=says)


if __name__ == "__main__":
    main()
