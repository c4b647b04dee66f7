#!/usr/bin/env python3
"""The hot loops of the CPU's FMA kernel hold the claimed FMA instructions and a loop counter: no load, store or move.

usage: machine_code_test.py <objdump> <library or object file>
"""
import collections
import re
import subprocess
import sys
import unittest

# SIMD target -> vector FMA instructions per trip: chains x steps (the head comment of kernels/cpu/fp32_fma.cpp).
CLAIMED = {"AVX2": 12 * 8, "AVX3": 24 * 8, "AVX10_2": 24 * 8, "SVE": 24 * 8, "NEON": 28 * 8}
FMA = re.compile(r"vfn?m(add|sub)(132|213|231)ps|fmla|fmls|fmad|fmsb")
MAX_OTHERS = 3  # the loop counter: at most add, compare and jump
OBJDUMP, OBJECT = "objdump", ""


def functions(listing):
    """name -> [(address, mnemonic, operands)] of an objdump listing."""
    found, body = {}, None
    for line in listing.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        if head:
            body = found.setdefault(head[1], [])
            continue
        instruction = re.match(r"^\s+([0-9a-f]+):\s+(\S+)\s*(.*)$", line)
        if instruction and body is not None:
            body.append((int(instruction[1], 16), instruction[2], instruction[3]))
    return found


def loops(body):
    """The instructions between the target of each backward jump and the jump."""
    for address, mnemonic, operands in body:
        jump = re.search(r"([0-9a-f]+) <", operands)
        if jump and re.match(r"j|b\.|cb|tb|b$", mnemonic) and int(jump[1], 16) < address:
            yield [i for i in body if int(jump[1], 16) <= i[0] <= address]


def has_memory_operand(instruction):
    """x86: 0x40(%rsi); Arm: [x0]. The names of jump targets, in angle brackets, hold parentheses too."""
    return re.search(r"[(\[]", re.sub(r"<.*>.*", "", instruction[2])) is not None


def claimed(target):
    """FMA per trip of a SIMD target, by the longest name that begins it; None: the target has no fused multiply-add."""
    names = [name for name in CLAIMED if target.startswith(name)]
    return CLAIMED[max(names, key=len)] if names else None


def hot_loops():
    """(SIMD target, instructions of the loop with the most FMA) of each version of fp32_fma in the file."""
    listing = subprocess.run([OBJDUMP, "-d", "-C", "--no-show-raw-insn", OBJECT], check=True, capture_output=True,
                             text=True).stdout
    for name, body in functions(listing).items():
        target = re.search(r"cpu::N_(\w+)::fp32_fma\(", name)
        if target and claimed(target[1]) is not None:
            yield target[1], max(loops(body), key=fma_count, default=[])


def fma_count(body):
    return sum(1 for _, mnemonic, _ in body if FMA.fullmatch(mnemonic))


class MachineCode(unittest.TestCase):
    def test_hot_loops_hold_the_claimed_work_and_nothing_else(self):
        seen = 0
        for target, body in hot_loops():
            with self.subTest(target=target):
                seen += 1
                self.assertEqual(fma_count(body), claimed(target))
                others = [i for i in body if not FMA.fullmatch(i[1])]
                self.assertLessEqual(len(others), MAX_OTHERS, others)
                self.assertEqual([i for i in body if has_memory_operand(i)], [], "a load, a store or a spill")
                self.assertEqual([i for i in body if "mov" in i[1]], [], "a register that is moved about")
        self.assertGreater(seen, 0, "no version of fp32_fma with a fused multiply-add in " + OBJECT)

    def test_the_reader_of_listings_sees_loops(self):
        listing = ("0000000000000010 <f()>:\n"
                   "      10:\tvmovaps %zmm0,%zmm1\n"
                   "      16:\tvfmadd132ps %zmm1,%zmm0,%zmm1\n"
                   "      1c:\tvfmadd132ps 0x40(%rsi),%zmm0,%zmm2\n"
                   "      22:\tsub    $0x1,%rax\n"
                   "      26:\tjne    16 <f()+0x6>\n"
                   "      28:\tret\n")
        (body,) = loops(functions(listing)["f()"])
        self.assertEqual(collections.Counter(m for _, m, _ in body),
                         {"vfmadd132ps": 2, "sub": 1, "jne": 1})
        self.assertEqual(fma_count(body), 2)
        self.assertEqual([i[0] for i in body if has_memory_operand(i)], [0x1c])
        self.assertEqual(claimed("AVX3_ZEN4"), 192)
        self.assertIsNone(claimed("SSE4"))


if __name__ == "__main__":
    OBJDUMP, OBJECT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
