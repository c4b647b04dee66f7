"""Reads networks by the executable `look` (PEAKPROOF_LOOK) and makes small ones with the onnx package."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# The JSON of test results must not depend on where the packages lie; without them there is nothing to test.
MISSING = [name for name in ("onnx", "numpy") if importlib.util.find_spec(name) is None]
if MISSING:
    sys.exit(f"Python modules missing: {', '.join(MISSING)}; install them with: pip install -r scripts/python-test.txt")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

LOOK = os.environ.get("PEAKPROOF_LOOK", "build/tests/look")
FOLDER = tempfile.TemporaryDirectory(prefix="peakproof-models-")
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"


def look_all(files, *options):
    """What the reader makes of each file, in one process; a crash fails."""
    done = subprocess.run([LOOK, *options, *map(str, files)], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in (0, 2) or done.stderr:
        raise AssertionError(f"look ended with {done.returncode}: {done.stderr[-2000:]}\n{done.stdout[-500:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(files), f"{len(lines)} lines for {len(files)} files"
    assert (done.returncode == 2) == any("error" in line for line in lines)
    return lines


def look(what, *options):
    """Of a model, bytes, or the path of a file."""
    (line,) = look_all([what if isinstance(what, (str, Path)) else write(what)], *options)
    return line


def write(what, name="network.onnx"):
    path = Path(FOLDER.name) / name
    path.write_bytes(what if isinstance(what, bytes) else what.SerializeToString())
    return path


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def weight(name, *shape, kind=np.float32):
    return numpy_helper.from_array(np.zeros(shape, kind), name)


def numbers(name, *integers):
    return numpy_helper.from_array(np.array(integers, np.int64), name)


def scalar(name, number):
    return numpy_helper.from_array(np.array(number), name)


def own(operator, inputs, outputs, name=None, **attributes):
    """A node of a domain of its own."""
    return helper.make_node(operator, inputs.split(), outputs.split(), name, domain="own", **attributes)


OWN = helper.make_opsetid("own", 1)
OFFICIAL = helper.make_opsetid("", 17)


def network(nodes, inputs, outputs, stored=(), opset=17, infos=(), functions=(), ir_version=8, domains=()):
    """Of (operator, inputs, outputs, attributes) or whole nodes."""
    made = [node if isinstance(node, onnx.NodeProto) else
            helper.make_node(node[0], node[1].split(), node[2].split(), **(node[3] if len(node) > 3 else {}))
            for node in nodes]
    graph = helper.make_graph(made, "made", inputs, outputs, list(stored), value_info=list(infos))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset), *domains], ir_version=ir_version,
                             functions=list(functions), producer_name="made")


def perceptron():
    """64 -> 32 -> 10 with biases: 2080 + 330 parameters."""
    nodes = [("Gemm", "x w1 b1", "h", {"transB": 1}), ("Relu", "h", "r"), ("Gemm", "r w2 b2", "y", {"transB": 1})]
    return network(nodes, [value("x", ["batch", 64])], [value("y", ["batch", 10])],
                   [weight("w1", 32, 64), weight("b1", 32), weight("w2", 10, 32), weight("b2", 10)])


def transformer(width=64, heads=4, hidden=256, words=1000, places=128, opset=17):
    """One block as exporters write it: embeddings, shapes computed from the input's, tied output weights."""
    head = width // heads
    nodes = [
        ("Shape", "ids", "shape"), ("Gather", "shape one", "length"), ("Gather", "shape nought", "batch"),
        ("Unsqueeze", "length axis0", "lengths"), ("Unsqueeze", "batch axis0", "batches"),
        ("Gather", "words ids", "embedded"),
        ("Range", "nought length one", "steps"), ("Gather", "places steps", "placed"), ("Add", "embedded placed", "x"),
        ("LayerNormalization", "x scale bias", "n"),
        ("MatMul", "n wq", "q0"), ("MatMul", "n wk", "k0"), ("MatMul", "n wv", "v0"),
        ("Concat", "batches lengths heads head", "split", {"axis": 0}),
        ("Reshape", "q0 split", "q1"), ("Reshape", "k0 split", "k1"), ("Reshape", "v0 split", "v1"),
        ("Transpose", "q1", "q", {"perm": [0, 2, 1, 3]}), ("Transpose", "k1", "k", {"perm": [0, 2, 3, 1]}),
        ("Transpose", "v1", "v", {"perm": [0, 2, 1, 3]}),
        ("MatMul", "q k", "scores"), ("Mul", "scores factor", "scaled"), ("Softmax", "scaled", "share", {"axis": -1}),
        ("MatMul", "share v", "mixed"), ("Transpose", "mixed", "mixed1", {"perm": [0, 2, 1, 3]}),
        ("Concat", "batches lengths width", "joined", {"axis": 0}), ("Reshape", "mixed1 joined", "mixed2"),
        ("MatMul", "mixed2 wo", "o"), ("Add", "x o", "x1"),
        ("MatMul", "x1 w1", "h"), ("Relu", "h", "h1"), ("MatMul", "h1 w2", "h2"), ("Add", "x1 h2", "x2"),
        ("Transpose", "words", "unembed", {"perm": [1, 0]}), ("MatMul", "x2 unembed", "logits"),
    ]
    stored = [weight("words", words, width), weight("places", places, width),
              weight("scale", width), weight("bias", width),
              *(weight(name, width, width) for name in ("wq", "wk", "wv", "wo")),
              weight("w1", width, hidden), weight("w2", hidden, width), scalar("factor", np.float32(head**-0.5)),
              scalar("nought", np.int64(0)), scalar("one", np.int64(1)),
              numbers("axis0", 0), numbers("heads", heads), numbers("head", head), numbers("width", width)]
    return network(nodes, [value("ids", ["batch", "sequence"], TensorProto.INT64)],
                   [value("logits", ["batch", "sequence", words])], stored, opset)
