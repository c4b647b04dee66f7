#!/usr/bin/env python3
"""Arithmetic on shapes as the reader follows it, against the onnx package's reference implementation: random chains of
it end in the shape of a tensor. PEAKPROOF_LOOK names the executable `look`."""

import random
import unittest

import numpy as np
from looking import TensorProto, look_all, network, numbers, numpy_helper, value, write
from onnx.reference import ReferenceEvaluator


class Chain:
    """Nodes on lists of integers, made at random; `shape` is small and positive in the end."""

    def __init__(self, dice):
        self.dice = dice
        self.nodes = [("Shape", "x", "v0")]
        self.stored = [numbers("seven", 7), numbers("one", 1), numbers("axis", 0),
                       numpy_helper.from_array(np.int64(0), "nought")]
        self.lists = ["v0"]
        self.count = 0

    def fresh(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def constant(self, *integers):
        name = self.fresh("c")
        self.stored.append(numbers(name, *integers))
        return name

    def add(self, operation, inputs, **attributes):
        name = self.fresh("v")
        self.nodes.append((operation, inputs, name, attributes))
        return name

    def step(self):
        dice = self.dice
        one = dice.choice(self.lists)
        single = self.constant(dice.choice((-5, -3, -2, -1, 1, 2, 3, 4, 9)))
        kind = dice.randrange(12)
        if kind == 0:
            made = self.add(dice.choice(("Add", "Sub", "Mul", "Div", "Min", "Max")), f"{one} {single}")
        elif kind == 1:
            made = self.add("Mod", f"{one} {single}", fmod=dice.randrange(2))
        elif kind == 2:
            made = self.add("Gather", f"{one} {self.constant(0, -1, 0)}", axis=0)
        elif kind == 3:
            step = dice.choice((-2, -1, 1, 2))
            # Backward from before the first element: by the specification from the first, empty in the reference.
            start = dice.choice((-1, 0, 1, 2, 9, 2**62) if step < 0 else (-9, -2, -1, 0, 1, 2, 9, 2**62))
            bounds = [self.constant(place) for place in (start, dice.choice((-9, -2, -1, 0, 1, 2, 9, 2**62)), step)]
            sliced = self.add("Slice", f"{one} {bounds[0]} {bounds[1]} axis {bounds[2]}")
            made = self.add("Concat", f"{sliced} {one}", axis=0)
        elif kind == 4:
            made = self.add("Concat", f"{one} {single} {dice.choice(self.lists)}", axis=0)
        elif kind == 5:
            operation = dice.choice(("Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"))
            truth = self.add(operation, f"{one} {single}")
            if dice.randrange(2):
                truth = self.add("Not", truth)
            made = self.add("Where", f"{truth} {one} {single}")
        elif kind == 6:
            made = self.add(dice.choice(("ReduceProd", "ReduceMax", "ReduceMin")), one, keepdims=1)
        elif kind == 7:
            made = self.add("ReduceSum", f"{one} axis", keepdims=1)
        elif kind == 8:
            scalar = self.add("Gather", f"{one} nought", axis=0)
            made = self.add("Unsqueeze", f"{scalar} axis")
        elif kind == 9:
            real = self.add("Cast", one, to=TensorProto.FLOAT)
            half = self.fresh("c")
            self.stored.append(numpy_helper.from_array(np.array([dice.choice((0.5, 1.5, 2.25))], np.float32), half))
            scaled = self.add(dice.choice(("Mul", "Div")), f"{real} {half}")
            made = self.add("Cast", self.add(dice.choice(("Floor", "Ceil", "Round")), scaled), to=TensorProto.INT64)
        elif kind == 10:
            made = self.add("Squeeze", f"{self.add('Unsqueeze', f'{one} axis')} axis")
        else:
            made = self.add(dice.choice(("Neg", "Abs", "Identity")), one)
        self.lists.append(made)

    def model(self):
        """Of the last list the first four, brought to 1 ... 7."""
        first = self.add("Slice", f"{self.lists[-1]} {self.constant(0)} {self.constant(4)}")
        small = self.add("Add", f"{self.add('Mod', f'{first} seven')} one")
        self.nodes.append(("ConstantOfShape", small, "zeros"))
        self.nodes.append(("Cast", "zeros", "y", {"to": TensorProto.FLOAT}))
        self.nodes.append(("Add", "first y", "z"))
        self.nodes.append(("ReduceMax", "x", "first", {"keepdims": 0}))
        return network(self.nodes, [value("x", [2, 3, 5])], [value("z", None)], self.stored)


class Folding(unittest.TestCase):
    def test_random_chains(self):
        dice = random.Random(99)
        files, expected = [], []
        while len(files) < 200:
            chain = Chain(dice)
            for _ in range(dice.randint(1, 8)):
                chain.step()
            model = chain.model()
            nodes = list(model.graph.node)
            model.graph.ClearField("node")
            model.graph.node.extend([*nodes[:-2], nodes[-1], nodes[-2]])  # the reference takes them in this order
            (result,) = ReferenceEvaluator(model).run(None, {"x": np.zeros((2, 3, 5), np.float32)})
            expected.append(list(result.shape))
            files.append(write(model, f"chain{len(files)}.onnx"))
        self.assertGreater(len({tuple(shape) for shape in expected}), 50)
        for file, read, shape in zip(files, look_all(files), expected):
            self.assertEqual({"z": shape}, read.get("outputs"), f"{file}: {read.get('error')}")


if __name__ == "__main__":
    unittest.main()
