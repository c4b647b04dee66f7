#!/usr/bin/env python3
"""What is no network, or one that cannot be costed: each is refused in one line that says what, where and what to do,
and nothing makes the reader crash. PEAKPROOF_LOOK names the executable `look`."""

import gzip
import io
import random
import unittest
import zipfile

import numpy as np
import onnx
from looking import LIGHT, TensorProto, helper, look, look_all, network, numbers, numpy_helper, perceptron, transformer
from looking import value, weight, write


class Refused(unittest.TestCase):
    def refused(self, what, *parts, options=()):
        read = look(what, *options)
        self.assertIn("error", read, "nothing is wrong, it says")
        error = read["error"]
        self.assertNotIn("\n", error)
        self.assertTrue(error.isprintable(), error)
        for part in parts:
            self.assertIn(part, error)
        return error

    # --- files ---

    def test_no_file(self):
        self.refused("/nowhere/network.onnx", "/nowhere/network.onnx", "there is no such file")
        self.refused("/", "no regular file but a folder")

    def test_foreign_files(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("data.pkl", "weights")
        array = io.BytesIO()
        np.save(array, np.zeros(3))
        for data, what in ((b"", "is empty"), (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
                           (archive.getvalue(), "a ZIP archive"), (gzip.compress(b"x" * 100), "a gzip archive"),
                           (array.getvalue(), "a NumPy array"), (b"import torch\n" * 50, "a text file"),
                           (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
                           (b"\x1c\0\0\0TFL3" + bytes(50), "TensorFlow Lite"),
                           (b'\x40\0\0\0\0\0\0\0{"w":{"dtype":"F32"}}', "a safetensors file"),
                           (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
                           (b"GGUF" + bytes(60), "a GGUF file"), (bytes(200), "no ONNX file"),
                           (b"\xff" * 64, "no ONNX file")):
            self.refused(data, what)

    def test_a_saved_model_of_tensorflow(self):
        # SavedModel: schema version 1 in field 1, a MetaGraphDef in field 2, where ONNX has its producer's name.
        self.refused(b"\x08\x01\x12\x80\x01" + b"\x0a\x7e" + bytes(126), "has no graph", "saved_model.pb")

    def test_truncated_at_every_length(self):
        data = perceptron().SerializeToString()
        files = [write(data[:length], f"cut{length}.onnx") for length in range(1, len(data) - 1, 61)]
        for read in look_all(files, "--batch", "1"):
            self.assertIn("error", read)
            self.assertTrue("truncated" in read["error"] or "no ONNX file" in read["error"], read["error"])

    def test_no_operator_set(self):
        made = perceptron()
        del made.opset_import[:]
        self.refused(made, "imports no operator set")

    def test_no_layers(self):
        self.refused(network([], [value("x", [1])], [value("x", [1])]), "no layer to cost")

    # --- graphs ---

    def test_a_circle_is_named(self):
        nodes = [helper.make_node("Add", ["x", "c"], ["a"], "first"), helper.make_node("Relu", ["a"], ["b"], "second"),
                 helper.make_node("Abs", ["b"], ["c"], "third")]
        made = network(nodes, [value("x", [1])], [value("c", [1])])
        self.refused(made, "in a circle: 'first' -> 'second' -> 'third' -> 'first'")
        self.refused(network([helper.make_node("Add", ["x", "y"], ["y"], "own")], [value("x", [1])], [value("y", [1])]),
                     "'own' -> 'own'")

    def test_loose_ends(self):
        self.refused(network([("Add", "x gone", "y")], [value("x", [1])], [value("y", [1])]), "'Add_0'", "reads 'gone'")
        self.refused(network([("Relu", "x", "y")], [value("x", [1])],
                             [value("z", [1])]), "the output 'z' is made by nothing")

    def test_names_twice(self):
        self.refused(network([("Relu", "x", "y"), ("Abs", "x", "y")], [value("x", [1])], [value("y", [1])]),
                     "'Abs_1'", "makes 'y'", "'Relu_0'")
        self.refused(network([("Relu", "x", "x")], [value("x", [1])], [value("x", [1])]), "makes 'x'")
        self.refused(network([("Relu", "x", "y")], [value("x", [1])], [value("y", [1])],
                             [weight("w", 1), weight("w", 2)]), "two stored tensors have the name 'w'")

    def test_unknown_operators(self):
        self.refused(network([("Reluu", "x", "y")], [value("x", [1])],
                             [value("y", [1])]), "(Reluu)", "none of this name")
        other = helper.make_node("Magic", ["x"], ["y"], "trick", domain="others")
        self.refused(network([other], [value("x", [1])], [value("y", [1])]),
                     "'trick' (others::Magic)", "imports no operators")
        self.refused(network([other, ("Relu", "y", "z")], [value("x", [1])], [value("z", None)],
                             domains=[helper.make_opsetid("others", 1)]),
                     "'trick' (others::Magic)", "shape of 'y' is not known")

    def test_functions_that_call_themselves(self):
        calls = helper.make_function("own", "F", ["a"], ["b"], [helper.make_node("F", ["a"], ["b"], domain="own")],
                                     [helper.make_opsetid("own", 1)])
        self.refused(network([helper.make_node("F", ["x"], ["y"], domain="own")], [value("x", [1])], [value("y", [1])],
                             functions=[calls], domains=[helper.make_opsetid("own", 1)]), "'own::F' calls itself")
        # Each calls the next one twice: 2^40 nodes in a small file.
        bomb = [helper.make_function("own", f"F{i}", ["a"], ["c"],
                                     [helper.make_node(f"F{i + 1}", ["a"], ["b"], domain="own"),
                                      helper.make_node(f"F{i + 1}", ["b"], ["c"], domain="own")],
                                     [helper.make_opsetid("own", 1)]) for i in range(40)]
        bomb.append(helper.make_function("own", "F40", ["a"], ["a"], [], [helper.make_opsetid("own", 1)]))
        self.refused(network([helper.make_node("F0", ["x"], ["y"], domain="own")], [value("x", [1])], [value("y", [1])],
                             functions=bomb, domains=[helper.make_opsetid("own", 1)]), "call each other for more than")

    # --- dimensions ---

    def test_free_dimensions(self):
        made = transformer()
        self.refused(made, "'batch' (input 'ids', dimension 0; give --batch N or --dim batch=N)",
                     "'sequence' (input 'ids', dimension 1; give --dim sequence=N)")
        self.refused(made, "'sequence'", options=("--batch", "2"))
        self.refused(made, "--dim seq=16: the network has no dimension of this name; it has 'batch', 'sequence'",
                     options=("--batch", "2", "--dim", "seq=16", "--dim", "sequence=16"))
        self.refused(made, "must be at least 1", options=("--batch", "0", "--dim", "sequence=16"))
        self.refused(made, "no input of the network takes it",
                     options=("--batch", "2", "--dim", "batch=2", "--dim", "sequence=16"))
        nameless = network([("Relu", "x", "y")], [value("x", [None, None])], [value("y", None)])
        self.refused(nameless, "one without a name (input 'x', dimension 1; give --dim x.1=N)",
                     options=("--batch", "2"))
        self.assertEqual({"y": [2, 7]}, look(nameless, "--batch", "2", "--dim", "x.1=7")["outputs"])
        self.refused(perceptron(), "the file fixes this dimension at 64", options=("--batch", "2", "--dim", "x.1=65"))
        self.refused(network([("Relu", "x", "y")], [helper.make_tensor_value_info("x", TensorProto.FLOAT, None)],
                             [value("y", [1])]), "input 'x' has no shape")

    def test_a_batch_that_the_file_fixes(self):
        fixed = network([("Reshape", "x s", "y")], [value("x", [2, 6])],
                        [value("y", [2, 2, 3])], [numbers("s", 2, 2, 3)])
        self.assertEqual({"y": [8, 2, 3]}, look(fixed, "--batch", "8")["outputs"])
        self.refused(network([("Transpose", "x", "t"), ("Reshape", "t s", "y")], [value("x", [2, 6])],
                             [value("y", [2, 6])], [numbers("s", 2, 6)]),
                     "'Reshape_1'", "48 numbers cannot become 2 x 6",
                     options=("--batch", "8"))
        self.refused(network([("Reshape", "x s", "y")], [value("x", [2, 6])], [value("y", None)], [numbers("s", 2, 5)]),
                     "'Reshape_0'", "a constant that fixes the batch size at 2", options=("--batch", "8"))
        two = network([("Add", "x z", "y")], [value("x", [2, 6]), value("z", [1, 6])], [value("y", [2, 6])])
        self.refused(two, "the inputs have different first dimensions, 2 and 1 (input 'z')", options=("--batch", "8"))

    # --- shapes ---

    def test_shapes_that_contradict_each_other(self):
        self.refused(network([("MatMul", "x w", "y")], [value("x", [2, 3])], [value("y", None)], [weight("w", 4, 5)]),
                     "'MatMul_0' (MatMul)", "2 x 3, 4 x 5")
        self.refused(network([("Reshape", "x s", "y")], [value("x", [2, 3])], [value("y", None)], [numbers("s", 4, 2)]),
                     "6 numbers cannot become 4 x 2")
        self.refused(network([("Relu", "x", "y")], [value("x", [2, 3])], [value("y", [2, 4])]),
                     "the file says that 'y' has the shape 2 x 4, and its operators make 2 x 3")
        self.refused(network([("Conv", "x w", "y")], [value("x", [1, 3, 4, 4])],
                     [value("y", None)], [weight("w", 8, 3, 7, 7)]), "too small")

    def test_attributes_that_divide_by_nought(self):
        for operation, attributes in (
    ("Conv", {
        "strides": [
            0, 1]}), ("Conv", {
                "group": 0}), ("Conv", {
                    "dilations": [
                        1, -1]}), ("MaxPool", {
                            "kernel_shape": [
                                2, 2], "strides": [
                                    0, 0]}), ("AveragePool", {
                                        "kernel_shape": [
                                            0, 2]}), ("DepthToSpace", {
                                                "blocksize": 0}), ("ConvTranspose", {
                                                    "strides": [
                                                        1, 0]})):
            inputs = "x w" if operation.startswith("Conv") else "x"
            self.refused(network([(operation, inputs, "y", attributes)], [value("x", [1, 4, 8, 8])], [value("y", None)],
                                 [weight("w", 4, 4, 3, 3)]), "must be at least 1", f"({operation})")
        for divisor in (0, -1):
            least = numpy_helper.from_array(np.array([-2**63], np.int64), "a")
            look(network([("Div", "a b", "s"), ("Reshape", "x s", "y")], [value("x", [4])], [value("y", None)],
                         [least, numbers("b", divisor)]))

    def test_too_few_inputs(self):
        self.refused(network([("Conv", "x", "y")], [value("x", [1, 3, 8, 8])], [value("y", None)]), "has 1 inputs")

    def test_too_large(self):
        self.refused(network([("Relu", "x", "y")], [value("x", [2**31, 2**31])], [value("y", None)]), "too large")
        self.refused(network([("Expand", "x s", "y")], [value("x", [1])], [value("y", None)],
                             [numbers("s", 2**40, 2**40)]), "'Expand_0'", "shape")

    # --- weights ---

    def test_weights_of_another_size(self):
        made = perceptron()
        made.graph.initializer[0].raw_data = made.graph.initializer[0].raw_data[:-4]
        self.refused(made, "tensor 'w1' of float (32 x 64) has 8188 bytes where its shape needs 8192",
                     options=("--batch", "1"))
        made.graph.initializer[0].ClearField("raw_data")
        self.refused(made, "has 0 numbers where its shape needs 2048", options=("--batch", "1"))
        made.graph.initializer[0].dims[0] = -1
        self.refused(made, "'w1'", "cannot be", options=("--batch", "1"))
        made = perceptron()
        made.graph.initializer[0].data_type = 99
        self.refused(made, "'w1' has the format 99", options=("--batch", "1"))

    def external(self, location, length=8192, offset=0, there=8192):
        made = perceptron()
        write(bytes(there), "weights.bin")
        tensor = made.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in (("location", location), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(text))
        return made

    def test_external_weights(self):
        one = ("--batch", "1")
        self.assertEqual(8192, look(self.external("weights.bin"), *one)["external_bytes"])
        self.refused(self.external("gone.bin"), "tensor 'w1'", "gone.bin", "not there", options=one)
        self.refused(self.external("weights.bin", there=8191), "tensor 'w1'", "cut off", "8191 bytes", options=one)
        self.refused(self.external("weights.bin", offset=1), "cut off", "at offset 1", options=one)
        self.refused(self.external("weights.bin", length=8), "cut off", options=one)
        for place in ("../weights.bin", "/etc/passwd", "", "a/../../b"):
            self.refused(self.external(place), "no path within the folder of the model", options=one)
        for place in ("-1", "x", "9" * 40, ""):
            self.refused(self.external("weights.bin", offset=place), "no offset or length", options=one)


class Damaged(unittest.TestCase):
    """Whatever the bytes are, the reader answers: a network or one line, and `look_all` fails on anything else."""

    @staticmethod
    def small():
        return transformer(width=8, heads=2, hidden=8, words=9, places=20)

    def test_random_bytes_in_networks(self):
        dice = random.Random(20240817)
        sources = [perceptron().SerializeToString(), self.small().SerializeToString(),
                   (LIGHT / "light_shufflenet.onnx").read_bytes(), (LIGHT / "light_squeezenet.onnx").read_bytes()]
        files, errors = [], 0
        for i in range(400):
            data = bytearray(dice.choice(sources))
            for _ in range(dice.randint(1, 8)):
                place = dice.randrange(len(data))
                kind = dice.randrange(4)
                if kind == 0:
                    data[place] ^= 1 << dice.randrange(8)
                elif kind == 1:
                    data[place] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
                elif kind == 2:
                    del data[place:place + dice.randint(1, 4)]
                else:
                    data[place:place] = dice.randbytes(dice.randint(1, 4))
            files.append(write(bytes(data), f"damaged{i}.onnx"))
        for read in look_all(files, "--batch", "2"):
            errors += "error" in read
            if "error" in read:
                self.assertTrue(read["error"].isprintable(), read["error"])
        self.assertGreater(errors, 100)

    def test_random_numbers_in_networks(self):
        """Well-formed files with absurd attributes, dimensions and integers."""
        dice = random.Random(7)
        absurd = (0, -1, 1, 2, 3, 7, 255, 2**31, -2**31, 2**62, 2**63 - 1, -2**63)
        files = []
        for i in range(300):
            model = dice.choice((self.small(), onnx.load(LIGHT / "light_squeezenet.onnx"),
                                 onnx.load(LIGHT / "light_bvlc_alexnet.onnx")))
            for _ in range(dice.randint(1, 3)):
                kind = dice.randrange(4)
                node = dice.choice(model.graph.node)
                tensor = dice.choice(model.graph.initializer)
                if kind == 0 and node.attribute:
                    attribute = dice.choice(node.attribute)
                    attribute.i = dice.choice(absurd)
                    if attribute.ints:
                        attribute.ints[dice.randrange(len(attribute.ints))] = dice.choice(absurd)
                elif kind == 1 and tensor.data_type == TensorProto.INT64:
                    data = numpy_helper.to_array(tensor).copy()
                    if data.size:
                        data.flat[dice.randrange(data.size)] = dice.choice(absurd)
                    tensor.CopyFrom(numpy_helper.from_array(data, tensor.name))
                elif kind == 2:
                    node.op_type = dice.choice(model.graph.node).op_type
                else:
                    node.input[0] = dice.choice(model.graph.node).output[0]
            files.append(write(model, f"absurd{i}.onnx"))
        look_all(files, "--batch", "2", "--dim", "sequence=4")
        look_all(files, "--batch", "1")


if __name__ == "__main__":
    unittest.main()
