#!/usr/bin/env python3
"""Mutated copies of the kernels must fail the audit: each mutation is one edit of the source text, compiled for one
architecture. The kernels as they are must pass, so that a failure is the mutation's own.

What no machine code can show (a launch with one trip less) is the business of the answer: chain_test, and on
a device kernels_gpu_test.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import sass_audit  # noqa: E402

ARCH = "sm_90a"
FMA, COPY, GEMM = "arithmetic/fp32_fma.cu", "memory/dram_copy.cu", "tensor/wmma_gemm.cu"
CHAIN = "arithmetic/chain.cuh"

# name: the kernel, the file to edit, the text, its replacement, what the audit must say
MUTATIONS = {
    "one FFMA more": (
        FMA,
        CHAIN,
        "    repeat<steps>([&] {",
        "    x[0] = operation.step(x[0]);\n    repeat<steps>([&] {",
        "FFMA is 513, claimed 512",
    ),
    "one step less": (FMA, CHAIN, "    repeat<steps>([&] {", "    repeat<steps - 1>([&] {", "FFMA is 504, claimed 512"),
    "unrolled twice": (FMA, CHAIN, "#pragma unroll 1 ", "#pragma unroll 2 ", "FFMA is 1024, claimed 512"),
    "a uniform operand": (FMA, CHAIN, "operation(in_register(argument))", "operation(argument)", "distinct registers"),
    "a multiplication and an addition": (
        FMA,
        FMA,
        "__fmaf_rn(x, x, c)",
        "__fadd_rn(__fmul_rn(x, x), c)",
        "FFMA is 0, claimed 512",
    ),
    "the clock read on every trip": (
        FMA,
        CHAIN,
        "    operation.begin_trip();",
        "    operation.begin_trip();\n    if (clock64() < 0) return;",
        "CS2R is 1, claimed 0",
    ),
    "a scalar load": (
        COPY,
        COPY,
        "vectors[i] = source[first + i * DramCopy::threads];",
        "{ vectors[i] = source[first + i * DramCopy::threads]; if (i == 0) vectors[i].x = "
        "*reinterpret_cast<const volatile unsigned*>(source + first); }",
        "LDG is 9, claimed 8",
    ),
    "half a vector": (
        COPY,
        COPY,
        "destination[first + i * DramCopy::threads] = vectors[i];",
        "reinterpret_cast<uint2*>(destination)[2 * (first + i * DramCopy::threads)] = "
        "make_uint2(vectors[i].x, vectors[i].y);",
        "STG.E.128 is 0, claimed 8",
    ),
    "one vector not copied": (
        COPY,
        COPY,
        "++i) destination[",
        "++i) if (i != 3) destination[",
        "STG.E.128 is 7, claimed 8",
    ),
    "one HMMA tile dropped": (GEMM, GEMM, "wmma::mma_sync(", "if (i + j > 0) wmma::mma_sync(", "HMMA.16816.F32 is 120"),
    "no room for the accumulators": (GEMM, GEMM, "(WmmaGemm::threads, 1)", "(WmmaGemm::threads, 2)", "local memory"),
    "plain loads instead of cp.async": (
        GEMM,
        GEMM,
        "(kArchitecture >= 80)> copy",
        "(kArchitecture >= 1000)> copy",
        "LDGSTS.E.BYPASS.128 is 0",
    ),
}

# Every chain kernel: the architecture, by operation what the audit says where one accumulator is left out, and the edit
# that makes one operand a constant: the kernel's argument, unless the loop has none or uses it elsewhere.
ARGUMENT = (CHAIN, "operation(in_register(argument))", "operation(Op::argument)")
ADDEND = ("arithmetic/int32_add.cu", "(x.before, x.now)};", "(5U, x.now)};")
ADDEND_OF_TWO = ("arithmetic/int32_add.cu", '"r"(x.before), "r"(x.now)', '"r"(5), "r"(x.now)')
CHAIN_KERNELS = [
    ("bf16_fma", ARCH, {"Bf16x2Fma": "HFMA2.BF16_V2 is 448"}, ARGUMENT),
    (
        "convert",
        ARCH,
        {
            "ConvertF32ToS32": "F2I is 224",
            "ConvertF32ToF16": "F2F.F16.F32 is 224",
            "ConvertS32ToF32": "I2FP.F32.S32 is 224",
            "ConvertS16ToS32": "PRMT is 224",
            "ConvertF64ToF32": "F2F.F32.F64 is 224",
            "ConvertF32ToF64": "F2F.F64.F32 is 224",
            "ConvertPack": "F2FP.PACK_AB is 224",
        },
        ARGUMENT,
    ),
    ("dp4a", ARCH, {"Dp4a": "IDP is 448"}, ARGUMENT),
    ("fp16_fma", ARCH, {"Fp16x2Fma": "HFMA2 is 448"}, ARGUMENT),
    ("fp32_fma", ARCH, {"Fp32Fma": "FFMA is 448"}, ARGUMENT),
    ("fp32_int32_mix", ARCH, {"Fp32Int32Mix": "IADD3 is 224"}, ARGUMENT),
    ("fp32x2_fma", "sm_100a", {"Fp32x2Fma": "FFMA2 is 448"}, ARGUMENT),
    ("fp64_fma", ARCH, {"Fp64Fma": "DFMA is 448"}, ARGUMENT),
    ("int32_add", ARCH, {"Int32Add": "IADD3 is 448"}, ADDEND),
    ("int32_add", "sm_120a", {"Int32AddTwo": "IADD3 is 448"}, ADDEND_OF_TWO),
    (
        "int32_logic",
        ARCH,
        {"Int32Logic": "LOP3 is 448"},
        ("arithmetic/int32_logic.cu", "x.now, number)}", "x.now, 5U)}"),
    ),
    ("int32_mad", ARCH, {"Int32Mad": "IMAD is 448"}, ARGUMENT),
    (
        "sfu",
        ARCH,
        {f"Sfu{function}": "MUFU is 112" for function in ("Ex2", "Lg2", "Rcp", "Rsqrt", "Sin", "Tanh")},
        ARGUMENT,
    ),
    (
        "sfu_latency",
        ARCH,
        {f"Latency{function}": " is 112, claimed 128" for function in ("Ex2", "Lg2", "Rcp", "Rsqrt", "Sin", "Tanh")},
        ARGUMENT,
    ),
    ("shuffle", ARCH, {"Shuffle": "SHFL is 448"}, ("arithmetic/shuffle.cu", "x, source)", "x, 5)")),
]
for chain_kernel, arch, dropped, constant in CHAIN_KERNELS:
    chain_file = f"arithmetic/{chain_kernel}.cu"
    MUTATIONS[f"{chain_kernel} on {arch}: one accumulator dropped"] = (
        chain_file,
        CHAIN,
        "chain < chains; ++chain) x[chain] = operation.step(",
        "chain < chains - (chains > 1); ++chain) x[chain] = operation.step(",
        [f"chain<{operation}, 8, .*: .*{said}" for operation, said in dropped.items()],
        arch,
    )
    MUTATIONS[f"{chain_kernel} on {arch}: a constant operand"] = (
        chain_file,
        *constant,
        [f"chain<{operation}, 8, .*: .*distinct registers" for operation in dropped],
        arch,
    )
UNCHANGED = [*((f"arithmetic/{name}.cu", arch) for name, arch, *_ in CHAIN_KERNELS), (COPY, ARCH), (GEMM, ARCH)]

options = argparse.Namespace(nvcc="nvcc", tools=None)


def audit(kernel, arch, file=None, old="", new=""):
    """The failures of one kernel file, compiled with one edit (or as it is)."""
    with tempfile.TemporaryDirectory(prefix="sass_mutation_") as name:
        copy = Path(name) / "kernels"
        shutil.copytree(ROOT / "kernels", copy, ignore=shutil.ignore_patterns("cpu"))
        if file:
            text = (copy / file).read_text()
            if text.count(old) != 1:
                return [f"broken mutation: '{old}' is {text.count(old)} times in {file}"]
            (copy / file).write_text(text.replace(old, new))
        source = copy / kernel
        cubin = Path(name) / f"{source.stem}.cubin"
        command = [
            options.nvcc,
            "-std=c++17",
            "-O3",
            "--expt-relaxed-constexpr",
            f"-arch={arch}",
            "-I",
            name,
            "-cubin",
            "-o",
            cubin,
            source,
        ]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return [f"broken mutation: {done.stderr}"]
        tools = sass_audit.find_tools(options.tools)
        outcomes = sass_audit.audit_binary(tools, cubin, [source], [arch])
        return [f"{outcome.kernel}: {failure}" for outcome in outcomes for failure in outcome.failures]


class Mutations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        work = {unchanged: unchanged for unchanged in UNCHANGED}
        for name, (kernel, file, old, new, _, *arch) in MUTATIONS.items():
            work[name] = (kernel, *(arch or [ARCH]), file, old, new)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            cls.failures = dict(zip(work, pool.map(lambda arguments: audit(*arguments), work.values())))

    def test_the_kernels_as_they_are_pass(self):
        for kernel in UNCHANGED:
            with self.subTest(kernel):
                self.assertEqual(self.failures[kernel], [])

    def test_each_mutation_is_found(self):
        for name, (_, _, _, _, expected, *_) in MUTATIONS.items():
            failures = self.failures[name]
            for pattern in [re.escape(expected)] if isinstance(expected, str) else expected:
                with self.subTest(f"{name}: {pattern}"):
                    self.assertFalse(any("broken mutation" in failure for failure in failures), failures)
                    self.assertTrue(any(re.search(pattern, failure) for failure in failures), failures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nvcc", default="nvcc")
    parser.add_argument("--tools", type=lambda text: text or None)
    options, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
