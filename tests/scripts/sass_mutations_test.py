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
FMA, GEMM = "arithmetic/fp32_fma.cu", "tensor/wmma_gemm.cu"
STREAM, WORKING_SET = "memory/stream.cu", "memory/working_set.cu"
WGMMA, WGMMA_CODE = "tensor/wgmma.cu", "tensor/wgmma.cuh"
WGMMA_GEMM, WGMMA_GEMM_CODE = "tensor/wgmma_gemm.cu", "tensor/wgmma_gemm.cuh"
CHAIN = "arithmetic/chain.cuh"
LAUNCH = "launch/launch_cost.cu"

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
        STREAM,
        STREAM,
        "  if constexpr (Pattern::sums) {",
        "  if constexpr (Pattern::inputs > 0) x[0].first += "
        "static_cast<const volatile unsigned char*>(operands.x)[first];\n  if constexpr (Pattern::sums) {",
        ["stream<Read>: LDG is 9, claimed 8", "stream<Copy>: LDG is 9, claimed 8", "stream<Triad>: LDG is 9, claimed 8"],
    ),
    "half a vector at a time": (
        STREAM,
        "memory/stream.cuh",
        "alignas(16)",
        "alignas(8)",
        ["stream<Dot>: LDG.E.128 is 0, claimed 8", "stream<Write>: STG.E.128 is 0, claimed 8"],
    ),
    "one vector not stored": (
        STREAM,
        STREAM,
        "out[i * threads] = {Pattern",
        "if (i != 3) out[i * threads] = {Pattern",
        ["stream<Copy>: STG.E.128 is 7, claimed 8", "stream<Add>: STG.E.128 is 3, claimed 4"],
    ),
    "one vector not summed": (
        STREAM,
        STREAM,
        "sum = Pattern::add(sum, x[i].first, y[i].first);",
        "if (i == 3) continue;\n      sum = Pattern::add(sum, x[i].first, y[i].first);",
        ["stream<Read>: LDG.E.128 is 7, claimed 8", "stream<Dot>: LDG.E.128 is 6, claimed 8"],
    ),
    "registers saved, so that the first load is waited for before the last": (
        STREAM,
        STREAM,
        "(StreamKernel::threads, 1)",
        "(StreamKernel::threads)",
        ["stream<Read>: 6 LDG are under way", "stream<Triad>: 5 LDG are under way"],
    ),
    "a triad that rounds twice": (
        STREAM,
        STREAM,
        "__fma_rn(s, y, x)",
        "__dadd_rn(__dmul_rn(s, y), x)",
        "stream<Triad>: DFMA is 0, claimed 8",
    ),
    "a working set read twice a trip": (WORKING_SET, WORKING_SET, "#pragma unroll 1", "#pragma unroll 2", "LDG.E.128 is 8"),
}

# The WMMA products, one of each type. Which element goes where is the business of wmma_gemm_emulated_test.
GEMM_CODE, GEMM_LOAD = "tensor/wmma_gemm.cuh", "tensor/wmma_load.cuh"
ONE_PRODUCT = ("          multiply_add(sums[i][at]", "          if (i + j > 0) multiply_add(sums[i][at]")
MUTATIONS.update(
    {
        "WMMA products: one of a step's products dropped": (
            GEMM,
            GEMM_CODE,
            *ONE_PRODUCT,
            [
                "wmma_gemm_fp16: HMMA.16816.F32 is 120, claimed 128",
                "wmma_gemm_fp16_acc16: HMMA.16816.F16 is 120, claimed 128",
                "wmma_gemm_bf16: HMMA.16816.F32.BF16 is 120, claimed 128",
                "wmma_gemm_tf32: HMMA.1684.F32.TF32 is 240, claimed 256",
                "wmma_gemm_fp64: DMMA.8x8x4 is 124, claimed 128",
                "wmma_gemm_int8: IMMA.16816.S8.S8 is 240, claimed 256",
                "wmma_gemm_b1: BMMA.88128.AND.POPC is 504, claimed 512",
            ],
        ),
        "WMMA products on sm_80: one of a step's products dropped": (
            GEMM,
            GEMM_CODE,
            *ONE_PRODUCT,
            [
                "wmma_gemm_fp16: HMMA.16816.F32 is 60, claimed 64",
                "wmma_gemm_fp64: DMMA.884 is 62, claimed 64",
                "wmma_gemm_int4: IMMA.8832.S4.S4 is 252, claimed 256",
                "wmma_gemm_b1: BMMA.88128.AND.POPC is 252, claimed 256",
            ],
            "sm_80",
        ),
        "WMMA products: no room for the accumulators": (
            GEMM,
            GEMM,
            "(WmmaGemm::threads, 1)\n    wmma_gemm_fp16(",
            "(WmmaGemm::threads, 2)\n    wmma_gemm_fp16(",
            ["wmma_gemm_fp16: .* local memory"],
        ),
        "WMMA products: plain loads instead of cp.async": (
            GEMM,
            GEMM_CODE,
            "(kArchitecture >= 80)> copy",
            "(kArchitecture >= 1000)> copy",
            [f"wmma_gemm_{name}: LDGSTS.E.BYPASS.128 is 0" for name in ("fp16", "bf16", "tf32", "fp64", "int8", "b1")],
        ),
        "WMMA products: operands by loads from any memory": (
            GEMM,
            GEMM_LOAD,
            "#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800\n// The same",
            "#if 0\n// The same",
            ["wmma_gemm_bf16: LD is 128", "wmma_gemm_tf32: LD is 128", "wmma_gemm_fp64: LD is 48"],
        ),
        "WMMA products: INT4 that the compiler makes of INT8": (
            GEMM,
            "tensor/wmma_gemm.hpp",
            "return {75, 89};",
            "return {75};",
            ["wmma_gemm_int4: claimed to be absent, but there is more than a trap"],
        ),
        "WMMA products on sm_100a: bits that the compiler makes of bytes": (
            GEMM,
            "tensor/wmma_gemm.hpp",
            "return {80, 90};",
            "return {80};",
            ["wmma_gemm_b1: claimed to be absent, but there is more than a trap"],
            "sm_100a",
        ),
        "WMMA products: another sum": (
            GEMM,
            GEMM_CODE,
            "struct Product<WmmaType::fp16> : Shape<__half, __half, float,",
            "struct Product<WmmaType::fp16> : Shape<__half, __half, __half,",
            ["wmma_gemm_fp16: HMMA.16816.F32 is 0"],
        ),
    }
)

# The Hopper product. That the swizzle and the barriers are right, and C in its place, is the business of the answer.
MUTATIONS.update(
    {
        f"Hopper product: {name}": (WGMMA_GEMM, WGMMA_GEMM_CODE, old, new, expected)
        for name, old, new, expected in (
            (
                "one step of k dropped",
                "for (int step = 0; step < steps; ++step)",
                "for (int step = 0; step < steps - 1; ++step)",
                [
                    "wgmma_gemm_bf16: HGMMA.64x256x16.F32.BF16 is 3, claimed 4",
                    "wgmma_gemm_e4m3: QGMMA.64x256x32.F32.E4M3.E4M3 is 3, claimed 4",
                    "wgmma_gemm_e5m2: QGMMA.64x256x32.F32.E5M2.E5M2 is 3, claimed 4",
                ],
            ),
            (
                "one step for some warpgroups only",
                "    wgmma::multiply<type,",
                "    if (first || step != 3 || threadIdx.x < 256) wgmma::multiply<type,",
                [f"wgmma_gemm_{name}: 1 .GMMA.* not executed on every trip" for name in ("bf16", "e4m3", "e5m2")],
            ),
            (
                "a wait behind every step",
                "!first || step > 0);",
                "!first || step > 0);\n    if (!first) { wgmma::commit(); wgmma::wait<0>(); }",
                "WARPGROUP.DEPBAR is 5, claimed 1",
            ),
            ("no multicast", "tma::load_for(everybody, ", "tma::load(", "UTMALDG.MULTICAST is 0 times anywhere"),
            ("half of C not stored", "box < kBoxesOfHalf; ++box", "box < 1; ++box", "UTMASTG is 3 times anywhere"),
            (
                "a stage given back with all memory",
                "  if (gives_back) mbarrier",
                "  if (gives_back) __threadfence();\n  if (gives_back) mbarrier",
                "MEMBAR is ",
            ),
        )
    }
)

# The wgmma chains, of the narrowest and the widest B (see NARROWED).
DENSE = "wgmma::multiply<Op::type, n>(d, a_slice, b_slice);"
MUTATIONS.update(
    {
        f"wgmma: {name}": (WGMMA, file, old, new, expected, *arch)
        for name, file, old, new, expected, *arch in (
            (
                "one instruction less",
                WGMMA_CODE,
                "step < steps; ++step)",
                "step < steps - 1; ++step)",
                [
                    "wgmma_chain<WgmmaFp16Shared, 256, 8>: HGMMA.64x256x16.F32 is 7, claimed 8",
                    "wgmma_chain<WgmmaFp16Acc16Registers, 8, 8>: HGMMA.64x8x16.F16 is 7, claimed 8",
                    "wgmma_chain<WgmmaTf32SparseShared, 256, 8>: HGMMA.SP.64x256x16.F32.TF32 is 7, claimed 8",
                    "wgmma_chain<WgmmaE5m2SparseRegisters, 8, 8>: QGMMA.SP.64x8x64.F32.E5M2 is 7, claimed 8",
                    "wgmma_chain<WgmmaInt8Shared, 256, 8>: IGMMA.64x256x32.S8.S8 is 7, claimed 8",
                ],
            ),
            (
                "a wait in every trip",
                WGMMA_CODE,
                "    wgmma::commit();\n  }",
                "    wgmma::commit();\n    wgmma::wait<0>();\n  }",
                "WARPGROUP.DEPBAR is 1, claimed 0",
            ),
            (
                "some trips without work",
                WGMMA_CODE,
                "step < steps; ++step)\n",
                "step < steps; ++step) if (turned[0] != 5 || step > 1)\n",
                "not executed on every trip",
            ),
            (
                "dense for sparse",
                WGMMA_CODE,
                "wgmma::multiply_sparse<Op::type, n>(d, a_slice, b_slice, metadata[slice % 2]);",
                DENSE,
                [
                    "wgmma_chain<WgmmaBf16SparseShared, 256, 8>: HGMMA.SP.64x256x32.F32.BF16 is 0",
                    "wgmma_chain<WgmmaInt8SparseShared, 8, 8>: IGMMA.SP.64x8x64.S8.S8 is 0",
                ],
            ),
            (
                "A from shared memory for registers",
                WGMMA_CODE,
                "wgmma::multiply<Op::type, n>(d, fragments[slice], b_slice);",
                DENSE,
                ["wgmma_chain<WgmmaE4m3Registers, 256, 8>: 8 QGMMA do not read 2 distinct registers"],
            ),
            (
                "another format",
                "tensor/wgmma_instructions.cuh",
                '".f32.e4m3.e4m3"',
                '".f32.e5m2.e5m2"',
                ["wgmma_chain<WgmmaE4m3Shared, 8, 8>: QGMMA.64x8x32.F32.E4M3 is 0"],
            ),
            (
                "accumulators that are an array in memory",
                WGMMA_CODE,
                "__device__ __forceinline__ void multiply(",
                "__device__ __noinline__ void multiply(",
                ["wgmma_chain<WgmmaTf32Shared, 256, 8>: .* local memory"],
            ),
            (
                "something for other architectures",
                WGMMA,
                "    __trap();\n",
                "    for (int i = 0; i < trips; ++i) out[i * trips] = trips;\n",
                ["wgmma_chain<WgmmaFp16Shared, 256, 8>: claimed to be absent, but there is more than a trap"],
                "sm_80",
            ),
        )
    }
)

# Traffic in device memory. That every byte is moved to its place is the business of the answer.
BULK, MIX, FLIGHT, SCATTERED = (f"memory/{name}.cu" for name in ("bulk_copy", "dram_mix", "in_flight", "scattered"))
ALL_ADDED = "for (const Vector& vector : vectors) sum += vector.first + vector.second;"
MUTATIONS.update(
    {
        "TMA: a part of the tile that nobody reads": (
            BULK,
            BULK,
            ALL_ADDED,
            "for (int i = 1; i < kVectors; ++i) sum += vectors[i].first + vectors[i].second;",
            "bulk_read: LDS.128 is 3, claimed 4",
        ),
        "TMA: a tile that is overwritten while it may be read": (
            BULK,
            BULK,
            "    bulk::order_before_engine();\n    __syncthreads();  // everybody has read",
            "    __syncthreads();  // everybody has read",
            "bulk_read: FENCE.ASYNC is 0, claimed 1",
        ),
        "TMA: stores of the threads' own": (
            BULK,
            BULK,
            "if (threadIdx.x == 0) bulk::store(block + tile * kTileBytes, tile_address(stage), kTileBytes);",
            "reinterpret_cast<Vector*>(block + tile * kTileBytes)[threadIdx.x] = tile_at(stage)[threadIdx.x];",
            ["bulk_write: UBLKCP is 0, claimed 1", "bulk_write: STG is 1 times anywhere, claimed 0"],
        ),
        "TMA: something for other architectures": (
            BULK,
            BULK,
            "  __trap();\n#endif\n}\n\n__global__ void __launch_bounds__(BulkCopy::threads) bulk_write(",
            "  sums[blockIdx.x] = 0;\n#endif\n}\n\n__global__ void __launch_bounds__(BulkCopy::threads) bulk_write(",
            "bulk_read: claimed to be absent, but there is more than a trap",
            "sm_80",
        ),
        "reads and writes: one vector not written": (
            MIX,
            MIX,
            "      out[i * threads] = ",
            "      if (i != 0) out[i * threads] = ",
            ["dram_mix<0>: STG.E.128 is 9, claimed 10", "dram_mix<5>: STG.E.128 is 4, claimed 5"],
        ),
        "reads and writes: one vector not read": (
            MIX,
            MIX,
            ALL_ADDED,
            "for (int i = 1; i < reads; ++i) sum += vectors[i].first + vectors[i].second;",
            ["dram_mix<10>: LDG.E.128 is 9, claimed 10", "dram_mix<5>: LDG.E.128 is 4, claimed 5"],
        ),
        "bytes in flight: twice as many": (
            FLIGHT,
            FLIGHT,
            "#pragma unroll 1",
            "#pragma unroll 2",
            ["in_flight<1>: LDG.E.128 is 2, claimed 1", "in_flight<8>: LDG.E.128 is 16, claimed 8"],
        ),
        "bytes in flight: a trip that does not wait for the one before": (
            FLIGHT,
            FLIGHT,
            " + static_cast<std::int64_t>(sum & zero)",
            "",
            [f"in_flight<{loads}>: LOP3 is 0, claimed 2" for loads in (1, 2, 4, 8)],
        ),
        "accesses far apart: half a vector": (
            SCATTERED,
            SCATTERED,
            ALL_ADDED,
            "for (const Vector& vector : vectors) sum += vector.first;",
            ["scattered<StridedOrder, 2>: LDG.E.128 is 0", "scattered<RandomOrder, 8>: LDG.E.128 is 0"],
        ),
        "accesses far apart: places that are read from memory": (
            SCATTERED,
            "memory/scattered.cuh",
            "order.offset(first + i * pieces) + within",
            "order.offset(*reinterpret_cast<const volatile int*>(std::uint64_t{first + i * pieces})) + within",
            ["scattered<RandomOrder, 2>: (LDG is 8, claimed 4|LD is 4, claimed 0)"],
        ),
    }
)

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
    ("int32_mad", ARCH, {"Int32Mad": "IMAD is 224"}, ARGUMENT),
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

# Products of matrices as chains: the file, the architecture, and what the audit says where one of eight accumulators is
# left out.
MATRIX_KERNELS = [
    ("mma_half", ARCH, {"MmaF16K16": "HMMA is 56", "MmaSparseBf16K32": "HMMA is 56", "MmaF16Acc16K8": "HMMA is 56"}),
    ("mma_tf32", ARCH, {"MmaTf32K8": "HMMA is 56", "MmaSparseTf32K16": "HMMA is 56"}),
    ("mma_fp64", ARCH, {"MmaF64M8K4": "DMMA is 56", "MmaF64K16": "DMMA is 56"}),
    ("mma_integer", ARCH, {"MmaS8K32": "IMMA is 56", "MmaB1AndK256": "BMMA is 56"}),
    ("mma_integer", "sm_80", {"MmaS4K64": "IMMA is 56", "MmaB1XorM8K128": "BMMA is 56"}),
    ("mma_fp8", "sm_89", {"MmaE4m3K32": "QMMA is 56", "MmaE5m2Acc16K16": "QMMA is 56"}),
    ("mma_fp4", "sm_120a", {"MmaMxf4K64": "OMMA is 56", "MmaE2m3K32": "QMMA is 56", "MmaMxE4m3K32": "QMMA is 56"}),
    ("wmma", ARCH, {"WmmaF16": "HMMA is 112", "WmmaTf32": "HMMA is 224", "WmmaS8": "IMMA is 112"}),
]
for matrix_kernel, arch, dropped in MATRIX_KERNELS:
    MUTATIONS[f"{matrix_kernel} on {arch}: one accumulator dropped"] = (
        f"tensor/{matrix_kernel}.cu",
        CHAIN,
        "chain < chains; ++chain) x[chain] = operation.step(",
        "chain < chains - (chains > 1); ++chain) x[chain] = operation.step(",
        [f"chain<{operation}, 8, .*: .*{said}" for operation, said in dropped.items()],
        arch,
    )
EMULATED = "claimed to be absent, but there is more than a trap"
MUTATIONS.update(
    {
        "FP8 that the compiler makes of FP16": (
            "tensor/mma_fp8.cu",
            "tensor/mma.hpp",
            'name = "MmaE4m3K32";\n  static constexpr Native native{89, 89, 120};',
            'name = "MmaE4m3K32";\n  static constexpr Native native{89};',
            [f"chain<MmaE4m3K32, 8, .*: {EMULATED}"],
            ARCH,
        ),
        "INT4 that the compiler makes of INT8": (
            "tensor/wmma.cu",
            "tensor/wmma.hpp",
            'name = "WmmaS4";\n  static constexpr Native native{75, 89};',
            'name = "WmmaS4";\n  static constexpr Native native{75};',
            [f"chain<WmmaS4, 8, .*: {EMULATED}"],
            ARCH,
        ),
        "another format": (
            "tensor/mma_fp8.cu",
            "tensor/mma_fp8.cu",
            "m16n8k32.row.col.f32.e4m3.e4m3.f32",
            "m16n8k32.row.col.f32.e5m2.e5m2.f32",
            [r"chain<MmaE4m3K32, 8, .*: QMMA.16832.F32.E4M3 is 0"],
            "sm_89",
        ),
        "half the depth": (
            "tensor/mma_half.cu",
            "tensor/mma_half.cu",
            '"mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "\n'
            '              "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}',
            '"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 "\n'
            '              "{%0, %1, %2, %3}, {%4, %5}, {%8}',
            ["chain<MmaF16K16, 8, .*: HMMA.16816.F32 is 0"],
            ARCH,
        ),
    }
)
MUTATIONS.update(
    {
        "an empty kernel that waits": (
            LAUNCH,
            LAUNCH,
            "launch_nothing() {}",
            'launch_nothing() { asm volatile("bar.sync 0;"); }',
            "launch_nothing: BAR is 1, claimed 0",
        ),
        "an empty kernel that looks at the timer": (
            LAUNCH,
            LAUNCH,
            "launch_nothing() {}",
            "launch_nothing() { if (global_ns() == 1) __trap(); }",
            "launch_nothing: other instructions",
        ),
        "a counter that is an atomic": (
            LAUNCH,
            LAUNCH,
            "{ *count += 1; }",
            "{ atomicAdd(count, 1ULL); }",
            "launch_count: LDG.E.64 is 0, claimed 1",
        ),
        "one reading of the timer for both times": (
            LAUNCH,
            LAUNCH,
            "stamp->end_ns = global_ns();",
            "stamp->end_ns = begin;",
            "launch_stamp: CS2R is 1, claimed 2",
        ),
    }
)
# What lies on the chip. That the right words are read is the business of the answer.
SHARED_READ, SHARED_WRITE, SHARED_ACCESS = "memory/shared_read.cu", "memory/shared_write.cu", "memory/shared_access.cuh"
DSMEM, ATOMICS, CONSTANT = "memory/dsmem.cu", "memory/atomics.cu", "memory/constant_read.cu"
MUTATIONS.update(
    {
        "shared memory: conflicting loads that the assembler makes one of": (
            SHARED_READ,
            SHARED_ACCESS,
            "ld.volatile.shared.u32",
            "ld.shared.u32",
            ["shared_read_32<2>: LDS is 16, claimed 32", "shared_read_32<32>: LDS.128 is 8, claimed 0"],
        ),
        "shared memory: one load of a trip left out": (
            SHARED_READ,
            SHARED_ACCESS,
            "++i) read[i] = load(",
            "++i) if (i != 3) read[i] = load(",
            ["shared_read_128: LDS.128 is 7, claimed 8"],
        ),
        "shared memory: every other trip without work": (
            SHARED_READ,
            SHARED_ACCESS,
            "    read(tile + section, sums);",
            "    if (trip % 2 == 0) read(tile + section, sums);",
            ["shared_read_128: 8 LDS.128 are not executed on every trip", "shared_read_32<1>: 32 LDS are not executed"],
        ),
        "shared memory: one store of a trip left out": (
            SHARED_WRITE,
            SHARED_WRITE,
            "      store_16(address",
            "      if (i != 3) store_16(address",
            ["shared_write_128: STS.128 is 7, claimed 8"],
        ),
        "shared memory of a cluster: loads before the loop": (
            DSMEM,
            DSMEM,
            "[](std::uint32_t section, uint4& sums) { read_vectors(load_16_of_cluster, section, sums); }",
            "[read = load_16_of_cluster(address_in(0, shared_address(tile)))](std::uint32_t section, uint4& sums) "
            "{ sums.x += read.x ^ section; sums.y += read.y; }",
            ["dsmem_read<8>: 0 innermost loops hold LD.E.128"],
        ),
        "shared memory of a cluster: the block's own": (
            DSMEM,
            DSMEM,
            "read_vectors(load_16_of_cluster, section, sums)",
            "read_vectors(load_16, section, sums)",
            ["dsmem_read<2>: 0 innermost loops hold LD.E.128"],
        ),
        "shared memory of a cluster: a step of the chase left out": (
            DSMEM,
            DSMEM,
            "step < steps; ++step) address",
            "step < steps - 1; ++step) address",
            ["dsmem_chase<128>: LD.E.64 is 127, claimed 128", "dsmem_chase<64>: LD.E.64 is 63, claimed 64"],
        ),
        "atomics: a warp's numbers added up first": (
            ATOMICS,
            ATOMICS,
            "[&] { Type::add(cell, addend); }",
            "[&] { if (threadIdx.x % 32 == 0) Type::add(cell, 32 * addend); }",
            [f"global_reductions<{kind}Cell>: 16 REDG.* not executed" for kind in ("Int32", "Int64", "Fp32")],
        ),
        "atomics: one addition of a trip left out": (
            ATOMICS,
            ATOMICS,
            "step < Atomics::steps; ++step) add();",
            "step < Atomics::steps - 1; ++step) add();",
            ["global_atomics: ATOMG.E.ADD is 15", "shared_reductions: ATOMS.ADD is 15", "shared_atomics: ATOMS.ADD is"],
        ),
        "atomics: half of a number": (
            ATOMICS,
            ATOMICS,
            '"red.relaxed.gpu.global.add.u64 [%0], %1;" ::"l"(cell), "l"(addend)',
            '"red.relaxed.gpu.global.add.u32 [%0], %1;" ::"l"(cell), "r"(static_cast<std::uint32_t>(addend))',
            ["global_reductions<Int64Cell>: .*REDG.E.ADD.64"],
        ),
        "constant memory: every row read twice": (
            CONSTANT,
            CONSTANT,
            "load<width>(table + address + i * ",
            "load<width>(table + address + i / 2 * 2 * ",
            ["constant_read<4>: LDC is 4, claimed 8", "constant_read<8>: LDC.64 is 4, claimed 8"],
        ),
    }
)
# Caches, latencies and textures. That the right places are read is the business of the answer.
CACHE_READ, CHASE, TEXTURE = "memory/cache_read.cu", "memory/pointer_chase.cu", "memory/texture_read.cu"
LOAD_PATH = "memory/load_path.cuh"
MUTATIONS.update(
    {
        "caches: loads that the L1 keeps, for the L2": (
            CACHE_READ,
            LOAD_PATH,
            "return __ldcg(address);",
            "return *address;",
            ["cache_read<SecondLevel>: LDG.E.128.STRONG.GPU is 0, claimed 4"],
        ),
        "caches: loads that pass by the L1, for the L1": (
            CACHE_READ,
            LOAD_PATH,
            "return *address;",
            "return __ldcg(address);",
            ["cache_read<AllLevels>: LDG.STRONG is 4, claimed 0"],
        ),
        "caches: one load of a trip left out": (
            CACHE_READ,
            CACHE_READ,
            "++i) vectors[i] = Path::load(mine + at + i * ",
            "++i) vectors[i] = i == 2 ? vectors[1] : Path::load(mine + at + i * ",
            ["cache_read<AllLevels>: LDG.E.128 is 3", "cache_read<SecondLevel>: LDG.E.128.STRONG.GPU is 3"],
        ),
        "latency: one load of a trip left out": (
            CHASE,
            CHASE,
            "step < PointerChase::steps; ++step) place",
            "step < PointerChase::steps - 1; ++step) place",
            [
                "pointer_chase<AllLevels>: LDG.E.64 is 60, claimed 61",
                "pointer_chase<SharedRing>: LDS is 60, claimed 61",
                "pointer_chase<ConstantRing>: LDC is 60, claimed 61",
                "pointer_chase<TextureRing>: TLD is 60, claimed 61",
                "chase_by_sm: LDG.E.64.STRONG.GPU is 60, claimed 61",
            ],
        ),
        "textures: one fetch of a trip left out": (
            TEXTURE,
            TEXTURE,
            "      texels[i] = Way::template at<Texel>(",
            "      texels[i] = i == 2 ? texels[1] : Way::template at<Texel>(",
            ["texture_read<LinearFetch, float4>: TLD is 3", "texture_read<PlaneFetch, float>: TEX is 3"],
        ),
    }
)
UNCHANGED = [*((f"arithmetic/{name}.cu", arch) for name, arch, *_ in CHAIN_KERNELS)]
UNCHANGED += [(LAUNCH, ARCH), (STREAM, ARCH), (WORKING_SET, ARCH)]
UNCHANGED += [(GEMM, ARCH), (GEMM, "sm_80"), (WGMMA, ARCH), (WGMMA_GEMM, ARCH)]
UNCHANGED += [(file, ARCH) for file in (CACHE_READ, CHASE, TEXTURE)]
UNCHANGED += [(file, ARCH) for file in (BULK, MIX, FLIGHT, SCATTERED)]
UNCHANGED += [(file, ARCH) for file in (SHARED_READ, SHARED_WRITE, DSMEM, ATOMICS, CONSTANT)]
# What is left out of a file that would take long to compile: of wgmma's widths all but the first and the last.
NARROWED = {WGMMA: r"    case (?:16|32|64|128):\n.*\n"}

options = argparse.Namespace(nvcc="nvcc", tools=None)


def compiled(name, kernel, arch, file="", old="", new="", launcher=()):
    """A kernel file, compiled in the folder `name` with one edit (or as it is): what became of it, and its source."""
    copy = Path(name) / "kernels"
    shutil.copytree(ROOT / "kernels", copy, ignore=shutil.ignore_patterns("cpu"))
    if file:
        text = (copy / file).read_text()
        if text.count(old) != 1:
            raise ValueError(f"broken mutation: '{old}' is {text.count(old)} times in {file}")
        (copy / file).write_text(text.replace(old, new))
    source = copy / kernel
    source.write_text(re.sub(NARROWED.get(kernel, "$^"), "", source.read_text()))
    cubin = source_cubin(name, source)
    flags = ["-std=c++17", "-O3", "--expt-relaxed-constexpr", f"-arch={arch}", "-I", name]
    command = [*launcher, options.nvcc, *flags, "-cubin", "-o", cubin, source]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False), source


def source_cubin(name, source):
    return Path(name) / f"{source.stem}.cubin"


def audit(kernel, arch, file="", old="", new=""):
    """The failures of one kernel file, compiled with one edit (or as it is)."""
    with tempfile.TemporaryDirectory(prefix="sass_mutation_") as name:
        try:
            done, source = compiled(name, kernel, arch, file, old, new)
        except ValueError as error:
            return [str(error)]
        cubin = source_cubin(name, source)
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


class StrictPtxas(unittest.TestCase):
    """What ptxas only tells, and no flag makes an error: the build's launcher does."""

    LAUNCHER = ROOT / "scripts" / "cmake" / "strict_ptxas.sh"
    COMMIT = "    wgmma::commit();\n  }"
    SERIALISED = ("__device__ __forceinline__ void multiply(", "__device__ __noinline__ void multiply(")
    WAITS = (COMMIT, "    wgmma::commit();\n    d[0] += 1;\n  }")

    def compile(self, *edit, launcher=()):
        with tempfile.TemporaryDirectory(prefix="strict_ptxas_") as name:
            done, source = compiled(name, WGMMA, ARCH, *edit, launcher=launcher)
            return done, source_cubin(name, source).exists()

    def test_a_serialised_kernel_compiles_and_ptxas_tells(self):
        done, made = self.compile(WGMMA_CODE, *self.SERIALISED)
        self.assertEqual((done.returncode, made), (0, True), done.stderr[:1000])
        self.assertRegex(done.stderr, r"\(C75\d\d\) Potential Performance Loss: wgmma.mma_async \w+ are serialized")

    def test_the_launcher_fails_and_leaves_nothing(self):
        fence = ("    wgmma::fence();\n", "")
        for edit, told in ((self.SERIALISED, "are serialized"), (self.WAITS, "(C7517)"), (fence, "(C7519)")):
            with self.subTest(told):
                done, made = self.compile(WGMMA_CODE, *edit, launcher=[self.LAUNCHER])
                self.assertEqual((done.returncode, made), (1, False))
                self.assertIn(told, done.stderr)
                self.assertTrue(done.stderr.endswith("error: ptxas serialises or mends wgmma, see its message above\n"))

    def test_the_kernels_as_they_are_pass(self):
        done, made = self.compile(launcher=[self.LAUNCHER])
        self.assertEqual((done.returncode, made, done.stderr), (0, True, ""))

    def test_an_error_is_the_compilers(self):
        done, made = self.compile(WGMMA_CODE, "wgmma::commit();\n  }", "wgmma::commit()\n  }", launcher=[self.LAUNCHER])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('expected a ";"', done.stderr)
        self.assertNotIn("error: ptxas", done.stderr)
        self.assertFalse(made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nvcc", default="nvcc")
    parser.add_argument("--tools", type=lambda text: text or None)
    options, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
