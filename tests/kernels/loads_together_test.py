#!/usr/bin/env python3
"""in_flight<loads> in the real library: all loads of a trip are asked for before the first of them is used, so that as
many are in flight as the kernel claims. The audit counts them; the order is read here.

Usage: loads_together_test.py [--tools DIR] OBJECT REQUIRED_ARCHITECTURES (with commas)
"""

import argparse
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
import sass_audit  # noqa: E402

LOADS = (1, 2, 4, 8)
REGISTER = re.compile(r"\bR(\d+)(?:\.\w+)*?(\.64)?(?![\w.])")


def registers_read(instruction):
    """All general registers among the sources; of .64 both."""
    found = set()
    for operand in instruction.operands[1:]:
        for number, wide in REGISTER.findall(operand):
            found |= {int(number), int(number) + 1} if wide or "IADD.64" in instruction.opcode else {int(number)}
    return found


def together(instructions, loads):
    """Why these instructions, a trip of the loop, do not ask for so many vectors before they use one; "" if they do."""
    under_way, count = set(), 0
    for instruction in instructions:
        used = registers_read(instruction) & under_way
        if used and count < loads:
            return f"R{min(used)} is used at {instruction.address:#x}, after {count} loads of {loads}"
        if instruction.matches("LDG.E.128"):
            first = int(instruction.operands[0].lstrip("R"))
            under_way |= set(range(first, first + 4))
            count += 1
    return "" if count == loads and used_at_all(instructions, under_way) else f"{count} loads of {loads}, or none used"


def used_at_all(instructions, registers):
    return any(registers_read(instruction) & registers for instruction in instructions)


def loop_of(lines):
    _, functions = sass_audit.parse_sass("\t.target\tsm_90a\n.section\t.text.k\n" + "".join(
        f"        /*{16 * n:04x}*/                   {line} ;\n" for n, line in enumerate(lines)))
    return functions["k"].instructions


class Together(unittest.TestCase):
    """What the reading below must see."""
    FIRST, SECOND = "LDG.E.128 R4, desc[UR8][R2.64]", "LDG.E.128 R8, desc[UR8][R2.64+0x10]"
    ADD, BRANCH = "IADD3 R20, P0, P1, R6, R4, R20", "BRA `(.L_x_1)"

    def test_good(self):
        self.assertEqual(together(loop_of([self.FIRST, self.SECOND, self.ADD, self.BRANCH]), 2), "")
        # A load may overwrite its own address.
        own = "LDG.E.128 R8, desc[UR8][R8.64]"
        self.assertEqual(together(loop_of([self.FIRST, own, self.ADD, self.BRANCH]), 2), "")

    def test_a_use_between_the_loads(self):
        self.assertIn("R4 is used at 0x10, after 1 loads of 2",
                      together(loop_of([self.FIRST, self.ADD, self.SECOND, self.BRANCH]), 2))

    def test_an_address_that_was_loaded(self):
        self.assertIn("is used", together(loop_of([self.FIRST, "LDG.E.128 R8, desc[UR8][R6.64]", self.ADD]), 2))

    def test_too_few_and_unused(self):
        self.assertNotEqual(together(loop_of([self.FIRST, self.ADD]), 2), "")
        self.assertNotEqual(together(loop_of([self.FIRST, self.SECOND]), 2), "")

    def test_the_library(self):
        wanted = {(f"in_flight<{loads}>", arch) for loads in LOADS for arch in options.required.split(",") if arch}
        tools = sass_audit.find_tools(options.tools or None)
        found = set()
        for cubin in sass_audit.extract_cubins(tools, options.object, ["in_flight"]):
            for mangled, function in cubin.functions.items():
                kernel = sass_audit.kernel_of(mangled, ["in_flight"])
                if kernel is None:
                    continue
                with self.subTest(f"{kernel.name} {cubin.arch}"):
                    loop, why = sass_audit.hot_loop(function, "LDG.E.128")
                    self.assertEqual(why, "")
                    trip = [instruction for instruction in function.instructions if loop.holds(instruction)]
                    self.assertEqual(together(trip, int(re.search(r"<(\d+)>", kernel.name)[1])), "")
                    found.add((kernel.name, cubin.arch))
        self.assertTrue(found)
        self.assertEqual(wanted - found, set())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools")
    parser.add_argument("object", type=Path)
    parser.add_argument("required")
    options = parser.parse_args()
    unittest.main(argv=sys.argv[:1])
