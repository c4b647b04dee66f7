#!/usr/bin/env python3
"""The hot loops of the CPU's chains hold the claimed instructions and a loop counter: no load, store or move.

usage: machine_code_test.py <objdump> <library or object file>
"""
import collections
import re
import subprocess
import sys
import unittest

# What an instruction is called, on x86-64 and on Arm.
FP32 = r"vfn?m(add|sub)(132|213|231)ps|fmla|fmls|fmad|fmsb"
FP64 = r"vfn?m(add|sub)(132|213|231)pd|fmla|fmls|fmad|fmsb"
FP16 = r"vfn?m(add|sub)(132|213|231)ph|fmla|fmls"
MULTIPLY = r"v?pmulld"
MULTIPLY_ADD = r"mla|mad"
ADD = r"v?paddd|add"
LOGIC = "vpternlog[dq]"
# kernel -> SIMD target -> instruction -> how many in a trip: chains x steps (the head comments of kernels/cpu/chain.cpp
# and half_chain.cpp). The longest name that begins a target's counts; a target that is not named has no such kernel.
FMA_CHAINS = {"AVX2": 12 * 8, "AVX3": 24 * 8, "AVX10_2": 24 * 8, "SVE": 24 * 8, "NEON": 28 * 8}
CLAIMED = {
    "fp32_fma": {target: {FP32: count} for target, count in FMA_CHAINS.items()},
    "fp64_fma": {target: {FP64: count} for target, count in FMA_CHAINS.items()},
    "int32_mad": {"SSE4": {MULTIPLY: 12 * 8, ADD: 12 * 8}, "AVX2": {MULTIPLY: 12 * 8, ADD: 12 * 8},
                  "AVX3": {MULTIPLY: 24 * 8, ADD: 24 * 8}, "AVX10_2": {MULTIPLY: 24 * 8, ADD: 24 * 8},
                  "SVE": {MULTIPLY_ADD: 24 * 8}, "NEON": {MULTIPLY_ADD: 28 * 8}},
    "int32_add": {"SSE2": {ADD: 12 * 8}, "SSSE3": {ADD: 12 * 8}, "SSE4": {ADD: 12 * 8}, "AVX2": {ADD: 12 * 8},
                  "AVX3": {ADD: 12 * 8}, "AVX10_2": {ADD: 12 * 8}, "SVE": {ADD: 24 * 8}, "NEON": {ADD: 28 * 8}},
    "bf16_fma": {"": {"vdpbf16ps": 14 * 32, LOGIC: 14}},
    "fp16_fma": {"": {FP16: 28 * 8}},
}
ON_ARM = {"fp32_fma", "fp64_fma", "int32_mad", "int32_add", "fp16_fma"}
MAX_OTHERS = 3  # the loop counter: at most add, compare and jump
OBJDUMP, OBJECT = "objdump", ""


def functions(listing):
    """(name, [(address, mnemonic, operands)]) of each function of an objdump listing."""
    found = []
    for line in listing.splitlines():
        head = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        if head:
            found.append((head[1], []))
            continue
        instruction = re.match(r"^\s+([0-9a-f]+):\s+(\S+)\s*(.*)$", line)
        if instruction and found:
            found[-1][1].append((int(instruction[1], 16), instruction[2], instruction[3]))
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


def is_vector(instruction):
    """x86: %zmm3; Arm: v3.4s, z3.s."""
    return re.search(r"%[xyz]mm\d|\b[vz]\d+\.", instruction[2]) is not None


def claimed(kernel, target):
    """{instruction: count} of a kernel on a SIMD target, by the longest name that begins it; None: none is claimed."""
    names = [name for name in CLAIMED[kernel] if target.startswith(name)]
    return CLAIMED[kernel][max(names, key=len)] if names else None


def count(body, pattern):
    return sum(1 for i in body if re.fullmatch(pattern, i[1]) and is_vector(i))


def kernel_of(name):
    """(kernel, SIMD target) of a function's name: Highway has a namespace per target, half_chain.cpp none."""
    found = re.search(r"cpu::N_(\w+)::(\w+)\(", name) or re.search(r"cpu::\(anonymous namespace\)()::(\w+)<", name)
    return (found[2], found[1]) if found and found[2] in CLAIMED else None


def hot_loops():
    """(kernel, SIMD target, claim, instructions of its longest loop) of each version of each kernel in the file."""
    listing = subprocess.run([OBJDUMP, "-d", "-C", "--no-show-raw-insn", OBJECT], check=True, capture_output=True,
                             text=True).stdout
    for name, body in functions(listing):
        kernel = kernel_of(name)
        claim = claimed(*kernel) if kernel else None
        if claim is not None:
            yield *kernel, claim, max(loops(body), key=len, default=[])


class MachineCode(unittest.TestCase):
    def test_hot_loops_hold_the_claimed_work_and_nothing_else(self):
        seen = collections.Counter()
        is_x86 = False
        for kernel, target, claim, body in hot_loops():
            with self.subTest(kernel=kernel, target=target):
                seen[kernel] += 1
                is_x86 = is_x86 or any("%" in i[2] for i in body)
                self.assertEqual({pattern: count(body, pattern) for pattern in claim}, claim)
                self.assertLessEqual(len(body), sum(claim.values()) + MAX_OTHERS, collections.Counter(
                    i[1] for i in body))
                self.assertEqual([i for i in body if has_memory_operand(i)], [], "a load, a store or a spill")
                self.assertEqual([i for i in body if "mov" in i[1]], [], "a register that is moved about")
        self.assertEqual(set(seen), set(CLAIMED) if is_x86 else ON_ARM, "a kernel that is not in " + OBJECT)

    def test_the_reader_of_listings_sees_loops(self):
        listing = ("0000000000000010 <f()>:\n"
                   "      10:\tvmovaps %zmm0,%zmm1\n"
                   "      16:\tvfmadd132ps %zmm1,%zmm0,%zmm1\n"
                   "      1c:\tvfmadd132ps 0x40(%rsi),%zmm0,%zmm2\n"
                   "      22:\tsub    $0x1,%rax\n"
                   "      24:\tadd    $0x1,%rdx\n"
                   "      26:\tjne    16 <f()+0x6>\n"
                   "      28:\tret\n")
        ((name, instructions),) = functions(listing)
        self.assertEqual(name, "f()")
        (body,) = loops(instructions)
        self.assertEqual(collections.Counter(m for _, m, _ in body),
                         {"vfmadd132ps": 2, "sub": 1, "add": 1, "jne": 1})
        self.assertEqual(count(body, FP32), 2)
        self.assertEqual(count(body, FP64), 0)
        self.assertEqual(count(body, ADD), 0, "of a general register: the loop counter")
        self.assertEqual([i[0] for i in body if has_memory_operand(i)], [0x1c])

    def test_kernels_and_targets_are_told_by_their_names(self):
        space = "peakproof::kernels::cpu::"
        self.assertEqual(kernel_of(space + "N_AVX3_ZEN4::int32_mad(long, unsigned int)"), ("int32_mad", "AVX3_ZEN4"))
        self.assertEqual(kernel_of("void " + space + "(anonymous namespace)::bf16_fma<0ul, 1ul>(long)"), ("bf16_fma", ""))
        self.assertIsNone(kernel_of(space + "N_AVX3::dram_copy(unsigned long)"))
        self.assertEqual(claimed("fp32_fma", "AVX3_ZEN4"), {FP32: 192})
        self.assertIsNone(claimed("fp32_fma", "SSE4"))


if __name__ == "__main__":
    OBJDUMP, OBJECT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
