#!/usr/bin/env python3
"""The hot loops of the CPU's kernels hold the claimed instructions. Those of the chains: no load, store or move beside a
loop counter. Those of the STREAM patterns: a load per vector read, a non-temporal store per vector written, no spill.
That of the pointer chase: one load after the other.

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
# STREAM pattern, in the order of the enumeration -> arrays read, arrays written (the head comment of stream.cpp).
STREAM = {"read": (1, 0), "write": (0, 1), "copy": (1, 1), "scale": (1, 1), "add": (2, 1), "triad": (2, 1),
          "dot": (2, 0), "copy_cached": (1, 1)}
VECTORS = 8  # of each array in a trip
REGISTER = {"SSE2": "xmm", "SSSE3": "xmm", "SSE4": "xmm", "AVX2": "ymm", "AVX3": "zmm", "AVX10_2": "zmm"}
CHASE_STEPS = 32
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


def all_functions():
    listing = subprocess.run([OBJDUMP, "-d", "-C", "--no-show-raw-insn", OBJECT], check=True, capture_output=True,
                             text=True).stdout
    return functions(listing)


def innermost_loops(body):
    """Those that hold no other loop."""
    found = list(loops(body))
    return [loop for loop in found if not any(other is not loop and other[0][0] >= loop[0][0] and
                                              other[-1][0] <= loop[-1][0] for other in found)]


def is_store(instruction):
    """x86, as objdump writes it: the destination stands last."""
    return has_memory_operand(instruction) and re.sub(r"<.*>.*", "", instruction[2]).rstrip().endswith(")")


def stream_loops():
    """(pattern, SIMD target, loop) of each version of each STREAM pattern on x86-64: the loop that moves the most."""
    for name, body in all_functions():
        found = re.search(r"cpu::N_(\w+)::stream<\([\w:]+StreamPattern\)(\d)>", name)
        target = found and max((known for known in REGISTER if found[1].startswith(known)), key=len, default=None)
        if target:
            vectors = lambda loop: sum(1 for i in loop if is_vector(i) and has_memory_operand(i))
            yield list(STREAM)[int(found[2])], target, max(innermost_loops(body), key=vectors, default=[])


def hot_loops():
    """(kernel, SIMD target, claim, instructions of its longest loop) of each version of each chain in the file."""
    for name, body in all_functions():
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

    def test_stream_patterns_move_the_claimed_vectors(self):
        seen = collections.Counter()
        for pattern, target, loop in stream_loops():
            with self.subTest(pattern=pattern, target=target):
                seen[target] += 1
                read, written = STREAM[pattern]
                memory = [i for i in loop if is_vector(i) and has_memory_operand(i)]
                stores = [i for i in memory if is_store(i)]
                self.assertEqual(len(memory) - len(stores), VECTORS * read, "loads")
                self.assertEqual(len(stores), VECTORS * written, "stores")
                past_the_caches = [i for i in stores if re.fullmatch(r"v?movnt(dq|pd|ps)", i[1])]
                self.assertEqual(len(past_the_caches), 0 if pattern == "copy_cached" else len(stores))
                self.assertEqual([i for i in memory if "%" + REGISTER[target] not in i[2]], [], "a narrower register")
                self.assertEqual([i for i in loop if has_memory_operand(i) and not is_vector(i)], [])
                self.assertEqual([i for i in loop if re.search(r"\(%r[sb]p", i[2])], [], "a spill")
                self.assertLessEqual(sum(1 for i in loop if not is_vector(i)), 6, "more than pointers and a counter")
        if seen:  # what Arm's compiler makes of them is not claimed
            self.assertEqual(set(seen.values()), {len(STREAM)}, "every pattern on every target")
            self.assertLessEqual({"AVX2", "AVX3"}, set(seen))

    def test_the_pointer_chase_is_one_load_after_the_other(self):
        (body,) = [body for name, body in all_functions() if "PointerChase::walk(" in name]
        (loop,) = loops(body)
        loads = [i for i in loop if re.fullmatch(r"\(%(\w+)\),%\w+|x\d+, \[x\d+\]", i[2].strip())]
        self.assertEqual(len(loads), CHASE_STEPS, loop)
        self.assertLessEqual(len(loop), CHASE_STEPS + MAX_OTHERS)
        names = [re.findall(r"%\w+|x\d+", i[2]) for i in loads]
        source, destination = (0, 1) if "%" in loads[0][2] else (1, 0)
        for one, next_one in zip(names, names[1:] + names[:1]):
            self.assertEqual(one[destination], next_one[source], "an address that no load waits for")

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
        self.assertFalse(is_store(body[1]))
        self.assertTrue(is_store((0, "vmovntdq", "%zmm0,-0x40(%rax)")))
        nested = [(0x10, "mov", ""), (0x14, "add", ""), (0x18, "jne", "14 <f()+0x4>"), (0x1c, "jne", "10 <f()>")]
        self.assertEqual([loop[0][0] for loop in innermost_loops(nested)], [0x14])

    def test_kernels_and_targets_are_told_by_their_names(self):
        space = "peakproof::kernels::cpu::"
        self.assertEqual(kernel_of(space + "N_AVX3_ZEN4::int32_mad(long, unsigned int)"), ("int32_mad", "AVX3_ZEN4"))
        self.assertEqual(kernel_of("void " + space + "(anonymous namespace)::bf16_fma<0ul, 1ul>(long)"), ("bf16_fma", ""))
        self.assertIsNone(kernel_of(space + "N_AVX3::stream_of(unsigned long)"))
        self.assertEqual(claimed("fp32_fma", "AVX3_ZEN4"), {FP32: 192})
        self.assertIsNone(claimed("fp32_fma", "SSE4"))


if __name__ == "__main__":
    OBJDUMP, OBJECT = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
