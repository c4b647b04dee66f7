#!/usr/bin/env python3
"""Networks as the reader of ONNX files understands them: real ones against published figures and an independent
counter, made ones against what they were made of. PEAKPROOF_LOOK names the executable `look`."""

import importlib.util
import sys
import unittest

import numpy as np
import onnx
from looking import LIGHT, OFFICIAL, OWN, TensorProto, helper, look, look_all, network, numbers, numpy_helper
from looking import own, perceptron, transformer, value, weight, write

# Learnable parameters, running statistics and scales beyond them, and multiply-accumulates of one picture of 224 x 224.
# A: counted from the layers of BVLC Caffe's deploy.prototxt: bvlc_alexnet (grouped, as the original), bvlc_googlenet.
# T: torchvision's tables of classification weights ("num_params", "_ops" in 10^9 multiply-accumulates).
REAL = {  # file: learnable, others, multiply-accumulates in 10^9, source
    "bvlc_alexnet": (60_965_224, 0, None, "A"),
    "vgg19": (143_667_240, 0, 19.632, "T vgg19"),
    "resnet50": (25_557_032, 53_120, 4.089, "T resnet50"),
    # The Caffe file normalises by scales of one and shifts of nought before the learned ones: as many numbers again.
    "densenet121": (7_978_856, 2 * 83_648, 2.834, "T densenet121"),
    "squeezenet": (1_235_496, 0, 0.349, "T squeezenet1_1"),
    "inception_v1": (6_998_552, 0, None, "A"),
}


class Real(unittest.TestCase):
    """The networks of the onnx package's backend tests, whose weights are ConstantOfShape nodes."""

    @classmethod
    def setUpClass(cls):
        cls.files = sorted(LIGHT.glob("light_*.onnx"))
        cls.read = dict(zip((file.stem.removeprefix("light_") for file in cls.files), look_all(cls.files)))

    def test_parameters_are_the_published_ones(self):
        self.assertLessEqual(set(REAL), set(self.read))
        for name, (learnable, others, _, source) in REAL.items():
            with self.subTest(name, source=source):
                self.assertEqual(learnable + others, self.read[name]["parameters"])
                self.assertEqual(learnable + others, self.read[name]["cost"]["parameters"])

    def test_multiply_accumulates_are_the_published_ones(self):
        for name, (_, _, billions, source) in REAL.items():
            if billions is not None:
                with self.subTest(name, source=source):
                    self.assertEqual(billions, self.round_as(billions, self.read[name]["cost"]["macs"] / 1e9))
                    self.assertEqual({}, self.read[name]["cost"]["unknown"])

    @staticmethod
    def round_as(published, ours):
        return round(ours, len(str(published).split(".")[1]))

    def test_running_statistics_are_told(self):
        self.assertTrue(any(note.startswith("53120 of the parameters are running statistics")
                            for note in self.read["resnet50"]["notes"]))
        self.assertEqual([], self.read["vgg19"]["notes"])

    def test_an_independent_counter_agrees(self):
        if importlib.util.find_spec("onnx_tool") is None:
            self.skipTest("no onnx-tool: pip install -r scripts/python-test.txt")
        import onnx_tool
        for file in self.files:
            name = file.stem.removeprefix("light_")
            with self.subTest(name):
                model = onnx_tool.Model(str(file), {"verbose": False, "constant_folding": True})
                model.graph.shape_infer(None)
                model.graph.profile()
                model_file = onnx.load(file)
                # It counts the integers of reshapes as parameters, and the addition of a
                # bias as one more of each result.
                made = {node.output[0] for node in model_file.graph.node if node.op_type == "ConstantOfShape"}
                shapes = {node.input[1] for node in model_file.graph.node
                          if node.op_type == "Reshape" and node.input[0] not in made}
                integers = sum(np.prod(t.dims, dtype=int) for t in model_file.graph.initializer if t.name in shapes)
                macs = sum(node.macs[0] - (np.prod(node.outshape, dtype=int) if len(node.input) == 3 else 0)
                           for node in model.graph.nodemap.values() if node.op_type in ("Conv", "Gemm"))
                self.assertEqual(model.graph.params - integers, self.read[name]["parameters"])
                self.assertEqual(macs, self.read[name]["cost"]["macs"])

    def test_other_batch_sizes(self):
        for one, eight in zip(self.read.values(), look_all(self.files, "--batch", "8")):
            self.assertEqual(one["parameters"], eight["parameters"])
            self.assertEqual(8 * one["cost"]["macs"], eight["cost"]["macs"])
            self.assertIn("the file fixes the batch size at 1; 8 is put in its place", eight["notes"])
            for name, shape in one["outputs"].items():
                self.assertEqual([8, *shape[1:]], eight["outputs"][name])

    def test_constant_parts_are_no_layers(self):
        for name, read in self.read.items():
            operations = {layer["operation"] for layer in read["layers"]}
            self.assertFalse(operations & {"ConstantOfShape", "Unsqueeze", "Constant"}, name)


class Operators(unittest.TestCase):
    """The onnx package's tests of single operators, of versions up to 24, each with the results that are expected."""

    def test_the_shapes_of_the_expected_results(self):
        files = sorted(LIGHT.parent.glob("*/*/model.onnx"))
        right = 0
        for file, read in zip(files, look_all(files)):
            if "error" in read:
                continue  # free dimensions, sequences, axes that are computed: without numbers they have no shape
            with self.subTest(file.parent.name):
                for place, output in enumerate(onnx.load(file).graph.output):
                    data = file.parent / "test_data_set_0" / f"output_{place}.pb"
                    if data.exists():
                        self.assertEqual(list(TensorProto.FromString(data.read_bytes()).dims),
                                         read["outputs"][output.name])
                        right += 1
        print(f"{right} results of {len(files)} networks have the right shape", file=sys.stderr)
        self.assertGreater(right, 1500)


class Made(unittest.TestCase):
    def test_a_perceptron(self):
        read = look(perceptron(), "--batch", "256")
        self.assertEqual(2080 + 330, read["parameters"])
        self.assertEqual(256 * (64 * 32 + 32 * 10), read["cost"]["macs"])
        self.assertEqual([["Gemm_0", "Gemm"], ["Relu_1", "Relu"], ["Gemm_2", "Gemm"]],
                         [[layer["name"], layer["operation"]] for layer in read["layers"]])
        self.assertEqual({"x": [256, 64]}, read["inputs"])
        self.assertEqual({"transB": [1]}, read["layers"][0]["integers"])
        self.assertEqual([["x", False], ["w1", True], ["b1", True]],
                         [[i["name"], i["parameter"]] for i in read["layers"][0]["inputs"]])
        self.assertEqual([], read["notes"])

    def test_a_transformer_with_free_batch_and_sequence(self):
        read = look(transformer(), "--batch", "2", "--dim", "sequence=16")
        # The whole table of places, though 16 rows of it are read, and the words once, though they unembed as well.
        self.assertEqual(1000 * 64 + 128 * 64 + 2 * 64 + 4 * 64 * 64 + 2 * 64 * 256, read["parameters"])
        self.assertEqual(read["parameters"], read["cost"]["parameters"])
        attention = 2 * 2 * 16 * 16 * 64
        products = 2 * 16 * (4 * 64 * 64 + 2 * 64 * 256 + 64 * 1000)
        self.assertEqual(attention + products, read["cost"]["macs"])
        self.assertEqual({"logits": [2, 16, 1000]}, read["outputs"])
        operations = [layer["operation"] for layer in read["layers"]]
        self.assertFalse(set(operations) & {"Shape", "Unsqueeze", "Range", "Concat"})
        self.assertEqual(1, operations.count("Gather"))
        for layer in read["layers"]:
            for i in layer["inputs"]:
                self.assertEqual(
    i["parameter"],
    i["name"] in {
        "words",
        "places",
        "placed",
        "scale",
        "bias",
        "wq",
        "wk",
        "wv",
        "wo",
        "w1",
        "w2",
        "unembed"},
         i)

    def test_newer_operators_than_the_library(self):
        nodes = [("Gelu", "x", "a"), ("RMSNormalization", "a s", "b"), ("ReduceMean", "b axes", "c", {"keepdims": 0}),
                 ("Split", "b", "d e", {"num_outputs": 2, "axis": 2}), ("Pad", "d pads none axis", "f"),
                 ("Attention", "x x x", "g", {"q_num_heads": 4, "kv_num_heads": 4}), ("Swish", "g", "h")]
        made = network(nodes, [value("x", ["n", 6, 32])],
                       [value(name, None) for name in ("c", "e", "f", "h")],
                       [weight("s", 32), numbers("axes", -1), numbers("pads", 1, 2), numbers("axis", 1),
                        numpy_helper.from_array(np.float32(0), "none")], opset=24, ir_version=13)
        made.ir_version = 13
        read = look(made, "--batch", "3")
        self.assertEqual({"c": [3, 6], "e": [3, 6, 16], "f": [3, 9, 16], "h": [3, 6, 32]}, read["outputs"])
        self.assertEqual(32, read["parameters"])
        self.assertIn("version 24 of ONNX's operators", read["notes"][0])

    def test_functions_of_the_file(self):
        inner = helper.make_function("own", "Linear", ["a", "b"], ["c"],
                                     [helper.make_node("MatMul", ["a", "b"], ["c"])], [OFFICIAL])
        soft = helper.make_node("Softmax", ["t"], ["d"])
        soft.attribute.append(onnx.AttributeProto(name="axis", ref_attr_name="along", type=onnx.AttributeProto.INT))
        outer = helper.make_function("own", "Block", ["a", "b"], ["d"], [own("Linear", "a b", "t"), soft],
                                     [OFFICIAL, OWN], ["along"])
        outer.attribute_proto.append(helper.make_attribute("unused", 1))
        nodes = [own("Block", "x w1", "h", "one", along=0), own("Block", "h w2", "y", "two", along=1)]
        read = look(network(nodes, [value("x", [5, 8])], [value("y", [5, 4])],
                            [weight("w1", 8, 16), weight("w2", 16, 4)], functions=[inner, outer], domains=[OWN]))
        self.assertEqual(["MatMul", "Softmax"] * 2, [layer["operation"] for layer in read["layers"]])
        self.assertEqual([{"axis": [0]}, {"axis": [1]}], [layer["integers"] for layer in read["layers"][1::2]])
        self.assertEqual(8 * 16 + 16 * 4, read["parameters"])
        self.assertTrue(all(layer["name"].startswith(("one/", "two/")) for layer in read["layers"]))

    def test_functions_with_attributes_of_their_own(self):
        soft = helper.make_node("Softmax", ["a"], ["b"])
        soft.attribute.append(onnx.AttributeProto(name="axis", ref_attr_name="along", type=onnx.AttributeProto.INT))
        function = helper.make_function("own", "Soft", ["a"], ["b"], [soft], [OFFICIAL],
                                        attribute_protos=[helper.make_attribute("along", 1)])
        for given, axis in (({}, 1), ({"along": 2}, 2)):
            read = look(network([own("Soft", "x", "y", **given)], [value("x", [2, 3, 4])],
                                [value("y", [2, 3, 4])], functions=[function], domains=[OWN]))
            self.assertEqual({"axis": [axis]}, read["layers"][0]["integers"])

    def test_windows_that_would_begin_in_the_padding(self):
        for size, stride, windows in ((2, 3, 1), (5, 2, 3), (4, 3, 2), (3, 3, 1)):
            pool = ("MaxPool", "x", "y", {"kernel_shape": [1], "strides": [stride], "ceil_mode": 1})
            self.assertEqual({"y": [1, 1, windows]},
                             look(network([pool], [value("x", [1, 1, size])], [value("y", None)]))["outputs"])
        # test_maxpool_2d_ceil_output_size_reduce_by_one of the onnx package.
        pool = ("MaxPool", "x", "y", {"kernel_shape": [1, 1], "strides": [2, 2], "ceil_mode": 1})
        self.assertEqual({"y": [1, 1, 1, 1]}, look(
            network([pool], [value("x", [1, 1, 2, 2])], [value("y", None)]))["outputs"])

    def test_parts_that_do_not_come_out_even(self):
        made = network([("Split", "x", "a b c", {"num_outputs": 3, "axis": 1}), ("Relu", "c", "d")], [
                       value("x", [2, 7])], [value(name, None) for name in "abd"], opset=18)
        self.assertEqual({"a": [2, 3], "b": [2, 3], "d": [2, 1]}, look(made)["outputs"])

    def test_external_weights(self):
        made = perceptron()
        for tensor in made.graph.initializer:
            onnx.external_data_helper.set_external_data(tensor, "weights.bin")
        path = write(b"", "external.onnx")
        onnx.save_model(made, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
        read = look(path, "--batch", "1")
        self.assertEqual(2410, read["parameters"])
        self.assertEqual(4 * 2410, read["external_bytes"])
        self.assertEqual(path.stat().st_size, read["file_bytes"])

    def test_old_files_list_their_weights_as_inputs(self):
        made = network([("MatMul", "x w", "y")], [value("x", [2, 3]), value("w", [3, 4])], [value("y", [2, 4])],
                       [weight("w", 3, 4)], opset=7, ir_version=3)
        read = look(made)
        self.assertEqual({"x": [2, 3]}, read["inputs"])
        self.assertEqual(12, read["parameters"])

    def test_what_counts_as_a_parameter(self):
        def parameters(nodes, stored, opset=17, notes=0):
            read = look(network(nodes, [value("x", [2, 8])], [value("y", None)], stored, opset))
            self.assertEqual(notes, len(read["notes"]), read["notes"])
            return read["parameters"]

        self.assertEqual(64, parameters([("MatMul", "x w", "y")], [weight("w", 8, 8)]))
        # A weight that two layers read, one that is read through Identity, and one that nothing reads.
        self.assertEqual(64, parameters([("MatMul", "x w", "h"), ("MatMul", "h w", "y")], [weight("w", 8, 8)]))
        self.assertEqual(64, parameters([("Identity", "w", "v"), ("Dropout", "v", "u"), ("MatMul", "x u", "h"),
                                         ("MatMul", "h w", "y")], [weight("w", 8, 8)]))
        self.assertEqual(64, parameters([("MatMul", "x w", "y")], [weight("w", 8, 8), weight("unused", 5)], notes=1))
        # Scalars, bounds, indices and shapes are none.
        scalar = numpy_helper.from_array(np.float32(2), "p")
        self.assertEqual(0, parameters([("Pow", "x p", "y")], [scalar]))
        self.assertEqual(0, parameters([("Gather", "x i", "y", {"axis": 1})], [numbers("i", 1, 2, 3)]))
        self.assertEqual(0, parameters([("Reshape", "x s", "y")], [numbers("s", 4, 4)]))
        # Quantised: 64 of eight bits, through DequantizeLinear too; scales are settings.
        small = weight("w", 8, 8, kind=np.int8)
        dequantized = [("DequantizeLinear", "w s z", "f"), ("MatMul", "x f", "y")]
        self.assertEqual(64, parameters(dequantized, [small, weight("s", 8), weight("z", 8, kind=np.int8)], notes=1))
        # Described instead of stored; and zeros in the shape of an activation, which are no parameters.
        shape = [numbers("s", 8, 3)]
        self.assertEqual(24, parameters([("ConstantOfShape", "s", "w"), ("MatMul", "x w", "y")], shape))
        self.assertEqual(0, parameters([("Shape", "x", "s"), ("ConstantOfShape", "s", "w"), ("Add", "x w", "y")], []))

    def test_layers_that_nothing_reads_are_left_out(self):
        read = look(network([("Relu", "x", "y"), ("MatMul", "x w", "z")], [value("x", [2, 8])], [value("y", [2, 8])],
                            [weight("w", 8, 8)]))
        self.assertEqual(["Relu"], [layer["operation"] for layer in read["layers"]])
        self.assertEqual(0, read["parameters"])
        self.assertEqual(2, len(read["notes"]))

    def test_any_order_is_put_in_order(self):
        made = perceptron()
        nodes = list(made.graph.node)
        del made.graph.node[:]
        made.graph.node.extend(reversed(nodes))
        read = look(made, "--batch", "1")
        self.assertEqual(["Gemm", "Relu", "Gemm"], [layer["operation"] for layer in read["layers"]])

    def test_subgraphs_are_one_layer(self):
        def branch(operation):
            nodes = [helper.make_node(operation, ["x"], ["s"]), helper.make_node("Add", ["s", "own"], ["r"])]
            return helper.make_graph(nodes, "b", [], [value("r", [2, 8])], [weight("own", 8)])

        nodes = [("ReduceMax", "x", "m", {"keepdims": 0}), ("Cast", "m", "c", {"to": TensorProto.BOOL}),
                 helper.make_node("If", ["c"], ["y"], "choose", then_branch=branch("Relu"), else_branch=branch("Abs")),
                 ("MatMul", "y w", "z")]
        read = look(network(nodes, [value("x", [2, 8])], [value("z", [2, 4])], [weight("w", 8, 4)]))
        self.assertEqual(["ReduceMax", "Cast", "If", "MatMul"], [layer["operation"] for layer in read["layers"]])
        self.assertEqual([[2, 8]], read["layers"][2]["outputs"])
        self.assertEqual(["c", "x"], [i["name"] for i in read["layers"][2]["inputs"]])
        self.assertEqual({"If": 1}, read["cost"]["unknown"])
        (note,) = read["notes"]
        self.assertIn("'choose'", note)
        self.assertEqual(32, read["parameters"])

    def test_unknown_operators_by_the_shapes_of_the_file(self):
        node = helper.make_node("Magic", ["x"], ["h"], "trick", domain="others")
        made = network([node, ("Relu", "h", "y")], [value("x", ["n", 8])], [value("y", ["n", 5])],
                       infos=[value("h", ["n", 5])], domains=[helper.make_opsetid("others", 1)])
        read = look(made, "--batch", "4")
        self.assertEqual([[4, 5]], read["layers"][0]["outputs"])
        self.assertEqual("others", read["layers"][0]["domain"])

    def test_names_become_printable(self):
        made = network([helper.make_node("Relu", ["x\x1b[31m"], ["y"], "a\nb\u202ec\u00e9")], [
                       value("x\x1b[31m", [2])], [value("y", [2])])
        read = look(made)
        self.assertEqual("a?b???c\u00e9", read["layers"][0]["name"])
        self.assertEqual({"x?[31m": [2]}, read["inputs"])

    def test_a_hundred_megabytes(self):
        """Prints the time and never fails for it."""
        stored = [weight(f"w{i}", 1024, 1024) for i in range(25)]
        nodes = [("MatMul", f"{'x' if i == 0 else f'h{i}'} w{i}", f"h{i + 1}") for i in range(25)]
        path = write(network(nodes, [value("x", [1, 1024])], [value("h25", [1, 1024])], stored), "large.onnx")
        read = look(path)
        self.assertEqual(25 * 2**20, read["parameters"])
        print(f"{path.stat().st_size / 1e6:.1f} MB costed in {read['seconds']:.3f} s", file=sys.stderr)
        path.unlink()


if __name__ == "__main__":
    unittest.main()
