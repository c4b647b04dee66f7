// The rows of THE TABLE, as they are published or measured; see throughput.hpp. Order: compute capability, pipe,
// variant. Only throughput.cpp includes this file.
#pragma once

#include <array>
#include <cstdint>

#include "theory/sources.hpp"
#include "theory/throughput.hpp"

namespace peakproof::theory::rows {

using enum Confidence;
using enum Pipe;
using enum Variant;
using namespace sources;  // NOLINT(google-build-using-namespace): the rows are read as a table

inline constexpr ComputeCapability k70{7, 0};
inline constexpr ComputeCapability k75{7, 5};
inline constexpr ComputeCapability k80{8, 0};
inline constexpr ComputeCapability k86{8, 6};
inline constexpr ComputeCapability k87{8, 7};
inline constexpr ComputeCapability k89{8, 9};
inline constexpr ComputeCapability k90{9, 0};
inline constexpr ComputeCapability k100{10, 0};
inline constexpr ComputeCapability k103{10, 3};
inline constexpr ComputeCapability k110{11, 0};
inline constexpr ComputeCapability k120{12, 0};
inline constexpr ComputeCapability k121{12, 1};

// Notes that several rows share.
inline constexpr std::string_view kShuffle7Note = "the guide has a footnote on shuffles of 7.x";
inline constexpr std::string_view kShuffle75Note =
    "disputed: the guide's column for 7.x prints 32, with a footnote; a Quadro RTX 6000 measures 16.0, one warp "
    "shuffle in 2 clocks, which is carried";
inline constexpr std::string_view kFp6475Note =
    "disputed: the guide's column for 7.x says 32, with a footnote: 7.5 has 2 lanes, which is carried; a Quadro RTX "
    "6000 measures 1.68, one warp instruction in 19 clocks (connollydavid/tu102)";
inline constexpr std::string_view kSmallInt7Note =
    "disputed: the guide of CUDA 11 prints 64, which is carried, a copy of 2019 prints 16";
inline constexpr std::string_view kDp4a75Note = "measured 63.98; IDP.4A runs on the FMA pipe";
inline constexpr std::string_view kDp4a80Note =
    "IDP.4A occupies the FMA pipe of a sub-core for 2.0 cycles, as IMAD; NVIDIA says the same of the pipe";
inline constexpr std::string_view kDp4a86Note =
    "the rate of IMAD: both run on the FMA heavy pipe of GA10x; not confirmed by a public measurement";
inline constexpr std::string_view kDp4a89Note = "34.8 TOPS on an RTX 4060 are 64 on 24 SMs at 2.83 GHz";
inline constexpr std::string_view kDp4a90Note =
    "one warp instruction in 2.01 cycles on each sub-core, as IMAD; NVIDIA says that both share a pipe";
inline constexpr std::string_view kDp4a120Note =
    "measured 62.6 on an RTX 5070 Ti; 42 TOPS on an RTX 5060 are 64 on 30 SMs at 2.73 GHz (krrishnarraj/clpeak)";
inline constexpr std::string_view kPack80Note =
    "F2FP occupies the ALU pipe of a sub-core for 2.0 cycles: 64 instructions of two values";
inline constexpr std::string_view kPack103Note = "measured 31.9 instructions of two values; it reads two registers";
inline constexpr std::string_view kPack120Note =
    "disputed: an RTX 5070 Ti measures 63.6 instructions, 127 values, which is carried; on an RTX 5090 one warp needs "
    "about 4 clocks each with two source registers, 64 values (nvidia-sass-document)";
inline constexpr std::string_view kIntToFloatNote = "I2FP: measured 63.6 on an RTX 5070 Ti";
inline constexpr std::string_view kConvert64On120Note =
    "one unit per SM takes a warp instruction with a 64-bit source in about 18 clocks, with a 64-bit destination in "
    "about 19";
inline constexpr std::string_view kIssueNote =
    "4 warp schedulers x 32 lanes: thread instructions of any kind; not a unit, but the limit of every mix";
inline constexpr std::string_view kIssueH100Note =
    "disputed: 4 warp schedulers x 32 lanes, as documented, is carried; one note times two warps of a sub-core at 2 "
    "instructions per clock (nvidia-sass-document), which nothing else confirms";
inline constexpr std::string_view kIssueB300Note = "4 warp schedulers x 32 lanes; measured 126.4 on a B300";
inline constexpr std::string_view kIssueThorNote =
    "4 warp schedulers x 32 lanes; Thor was compute capability 10.1 when the guide was written";
inline constexpr std::string_view kAddAdaNote =
    "IADD3; the newer guide prints 128 for an add of two operands, which the compiler spreads over two pipes";
inline constexpr std::string_view kAddHopperNote =
    "disputed: the guide prints 64, which is carried; of two notes of nvidia-sass-document one times IADD3 from two "
    "warps of a sub-core at 0.5 per clock, 64, and one at 1.0, 128";
inline constexpr std::string_view kAdd100Note =
    "unit count of the SM; IADD3 measures 0.5 per clock and sub-core, 64, on a B200";
inline constexpr std::string_view kAdd103Note =
    "IADD3, measured 63.6; an add of two operands reaches 128 where the compiler alternates IADD3 and IMAD.IADD";
inline constexpr std::string_view kAdd120Note =
    "disputed: Best Practices Guide 13.4 prints 128 and an RTX 5070 Ti measures 122.1 for an add of two "
    "operands, which is carried; a stream of IADD3 alone measures 63.3 on an RTX 5090 (nvidia-sass-document)";
inline constexpr std::string_view kMadAdaNote =
    "27.07 TOPS measured on an RTX 4080 (kirill146/mad_throughput_benchmark) are 64 on 76 SMs at 2.78 GHz";
inline constexpr std::string_view kMadHopperNote =
    "peak INT32 is half of peak FP32 (30 of 60 in the preliminary table); measured 126.9 operations per clock and SM "
    "(HPMLL), and 64 IMAD in SASS streams (nvidia-sass-document)";
inline constexpr std::string_view kB200RateNote = "measured 0.5 per clock and sub-core with two warps";
inline constexpr std::string_view kHalfOrinNote =
    "measured 200, as on A100, where 256 is documented; the guide has no column for 8.7";
inline constexpr std::string_view kShuffle90Note = "measured 31.6 on H800 and H20 (nvidia-sass-document)";
inline constexpr std::string_view kHalfHopperNote =
    "133.8 TFLOPS on H100 SXM; HFMA2 alone is served at half of it, so HFMA2 and HFMA2.MMA, which use different pipes, "
    "must alternate (nvidia-sass-document); the best public measurement is 203";
inline constexpr std::string_view kHalf80Note =
    "documented (78 TFLOPS on A100); the only public measurement reached 200, so 256 is not easily reached; HFMA2 "
    "alone measures half of it (nvidia-sass-document), so the rest has to come from HFMA2.MMA";
inline constexpr std::string_view kHalf86Note =
    "disputed: CUDA C++ Programming Guide 11.x and 12.6 print 256, the GA102 whitepaper gives the FP32 rate, 128, and "
    "Accel-Sim micro-benchmarks measure 128 on an RTX 3090";
inline constexpr std::string_view kBf16AmpereNote =
    "the guide has no row; the published 29.8 (RTX 3080) and 40.0 (RTX 3090 Ti) BF16 TFLOPS are the FP32 rate";
inline constexpr std::string_view kBf16AdaNote =
    "the guide has no row; the published 82.6 BF16 TFLOPS of the RTX 4090 are the FP32 rate";
inline constexpr std::string_view kLanesNote = "unit count of the SM; the guide's throughput row is not public";
inline constexpr std::string_view kL1AmpereNote =
    "disputed: the L1 shares the data path of shared memory, 128 B/clk (CUDA guide), but global loads measure 64 on an "
    "A40 (9.35 TB/s at 1740 MHz)";
inline constexpr std::string_view kL1AdaNote =
    "disputed: the L1 shares the data path of shared memory, 128 B/clk (CUDA guide), but global loads measure 64 on an "
    "L40 (22.6 TB/s at 2490 MHz)";
inline constexpr std::string_view kL1MeasuredNote = "measured close to 128 on V100, A100 and H100 (gpu-benches)";
inline constexpr std::string_view kL1DataPathNote =
    "the L1 shares the data path of shared memory; not confirmed by a public measurement";
inline constexpr std::string_view kTuring64Note =
    "32 banks x 4 B would be 128; the GA102 whitepaper says that Turing moves 64 B/clk";
inline constexpr std::string_view kA10gNote =
    "no NVIDIA document; 70 FP16, 140 INT8 and 280 INT4 T(FL)OPS at 80 SMs and 1710 MHz are half of the A10's rates";
inline constexpr std::string_view kL40Note =
    "the L40 data sheet prints half of the L40S per SM: 181.05 BF16, 90.5 TF32, 362 FP8 and INT8, 724 INT4";
inline constexpr std::string_view kH20Note =
    "148 FP16, 74 TF32, 296 FP8 and INT8 T(FL)OPS on 78 SMs imply a quarter of the full 9.0 rate near 1.85 GHz; both "
    "accumulators run at one rate on 9.0";
inline constexpr std::string_view kMmaHopperNote =
    "measured ceiling, 66.5 % of the wgmma rate: 1424 TOPS at 1980 MHz for the largest 8-bit shape (k32); an H800 PCIe "
    "shows 60 to 65 % (arXiv 2501.12084)";
inline constexpr std::string_view kMmaHopperHalfNote =
    "66.5 % of the wgmma rate, as measured for 8-bit k32, which has as many bytes per instruction as m16n8k16; an H800 "
    "PCIe shows 60 to 65 % (arXiv 2501.12084)";
inline constexpr std::string_view kMmaHopperTf32Note =
    "66.5 % of the wgmma rate, as measured for 8-bit k32, which has as many bytes per instruction as m16n8k8; k4 "
    "shapes "
    "reach half of it";
inline constexpr std::string_view kMmaBlackwellNote =
    "25 % of the tcgen05 rate: mma.sync reaches 577 of 2325 BF16 TFLOPS on a B300";
inline constexpr std::string_view kMmaB200Note =
    "25 % of the tcgen05 rate, as measured on a B300 (577 of 2325 BF16 TFLOPS), whose rate is the same; not measured "
    "on "
    "10.0";
inline constexpr std::string_view kHalf100Note =
    "disputed: Best Practices Guide 13.0 (cited by OpenXLA) lists 64 two-way instructions, 128 results, half of 9.0; "
    "TechPowerUp's 1191 FP16 TFLOPS for B200 is no CUDA-core figure; HFMA2 measures 128 on a B200 "
    "(nvidia-sass-document)";
inline constexpr std::string_view kKeyedMajorNote = "OpenXLA keys its table on the major version, 10";
inline constexpr std::string_view kFp64B300Note =
    "FP32:FP64 is 64:1 in Table 30; OpenXLA's 64 for 10.3 is the rate of 10.0 and wrong here";
inline constexpr std::string_view kB300SameNote = "2250 and 2500 dense TFLOPS of B300 and GB300 are the rate of 10.0";
inline constexpr std::string_view kInt8B300Note =
    "153.5 and 165 dense TOPS of B300 and GB300: 1/32 of 10.0; OpenXLA's 8192 is wrong for 10.3";
inline constexpr std::string_view kFp4B300Note =
    "1.5 x the rate of 10.0 (14 to 15 dense PFLOPS); OpenXLA's 16384 is too low for 10.3";
inline constexpr std::string_view kThorHalfNote =
    "extrapolated from the published FP4 rate, 4:1; a public GEMM reached only 113 of the implied 258 TFLOPS";
inline constexpr std::string_view kThorInt8Note = "extrapolated from the published FP8 rate, 1:1";
inline constexpr std::string_view kThorFp32Note = "2560 CUDA cores in 20 SMs";
inline constexpr std::string_view kHalf120Note =
    "Programming Guide 12.9 Table 7 prints 256; the Best Practices Guide lists 64 two-way instructions, and an RTX "
    "5070 "
    "Ti measures 126";
inline constexpr std::string_view kPacked120Note =
    "disputed: not in the guide, and one public note has the compiler split the packed FMA in two; an RTX 5070 Ti "
    "measures 125 results, the FP32 rate at half the issue slots";
inline constexpr std::string_view kShuffle120Note =
    "disputed: Best Practices Guide 13.4 prints 32; an RTX 5070 Ti and an RTX 5090 measure 16, one warp shuffle in 2 "
    "clocks, which is carried";
inline constexpr std::string_view kConvert120Note =
    "disputed: Best Practices Guide 13.4 prints 16 (2 for FP32 to INT32); an RTX 5070 Ti measures 16 for float to "
    "integer and FP32 to FP16, 63.6 for integer to float and for packed FP32 to FP16";
inline constexpr std::string_view kFp8Geforce120Note =
    "disputed: the RTX Blackwell whitepaper prints half rate, 512 (419 TFLOPS on the RTX 5090); cuBLASLt measures "
    "184.6 "
    "TFLOPS on an RTX 5060 Ti, about 1000, and CUTLASS says that kind::f8f6f4 has twice the rate for FP32 "
    "accumulators; "
    "legacy mma without .kind may run at 512";
inline constexpr std::string_view kTf32Pro120Note = "half of the BF16 rate, as in every other architecture";
inline constexpr std::string_view kFp6Note = "kind::f8f6f4 runs FP6 at the FP8 rate";
inline constexpr std::string_view kFp4Note =
    "kind::mxf4 and mxf4nvf4 only; not halved on GeForce (1676 dense TFLOPS on the RTX 5090)";
inline constexpr std::string_view kGb10Note =
    "column of 12.0; whether GB10 halves FP32 accumulation as GeForce does is not settled";

inline constexpr auto kRows = std::to_array<Throughput>({
    // 7.0: V100, Titan V
    Throughput{k70, fp64_fma, any, 32, kGuide11},
    Throughput{k70, fp32_fma, any, 64, kGuide11},
    Throughput{k70, fp16x2_fma, any, 128, kGuide11},
    Throughput{k70, int32_mad, any, 64, kGuide11},
    Throughput{k70, int32_add, any, 64, kGuide11},
    Throughput{k70, int32_logic, any, 64, kGuide11},
    Throughput{k70, sfu, any, 16, kGuide11},
    Throughput{k70, shuffle, any, 32, kGuide11, kShuffle7Note},
    Throughput{k70, convert, any, 16, kGuide11},
    Throughput{k70, convert_small_int, any, 64, kGuide11, kSmallInt7Note, high, true},
    Throughput{k70, convert_64bit, any, 16, kGuide11},
    Throughput{k70, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k70, tensor_fp16, any, 512, kA100Paper, "125 TFLOPS on V100 for both accumulators"},
    Throughput{k70, tensor_fp16_acc16, any, 512, kA100Paper, "125 TFLOPS on V100 for both accumulators"},
    Throughput{k70, l1, any, 128, kGuide129, kL1MeasuredNote},
    Throughput{k70, shared, any, 128, kGuide129},

    // 7.5: T4, RTX 20, Quadro RTX, Titan RTX. GTX 16 has no tensor cores, so no tensor row is for any variant.
    Throughput{k75, fp64_fma, any, 2, kGuide129, kFp6475Note, high, true},
    Throughput{k75, fp32_fma, any, 64, kGuide11},
    Throughput{k75, fp16x2_fma, any, 128, kGuide11},
    Throughput{k75, int32_mad, any, 64, kGuide11},
    Throughput{k75, int32_add, any, 64, kGuide11},
    Throughput{k75, int32_logic, any, 64, kGuide11},
    Throughput{k75, dp4a, any, 64, kTu102, kDp4a75Note, medium},
    Throughput{k75, sfu, any, 16, kGuide11},
    Throughput{k75, shuffle, any, 16, kTu102, kShuffle75Note, medium, true},
    Throughput{k75, convert, any, 16, kGuide11},
    Throughput{k75, convert_small_int, any, 64, kGuide11, kSmallInt7Note, high, true},
    Throughput{k75, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k75, tensor_fp16, datacenter_pro, 512, kTuringPaper},
    Throughput{k75, tensor_fp16, geforce, 256, kTuringPaper, "half rate: 113.8 and 56.9 TFLOPS on the RTX 2080 Ti"},
    Throughput{k75, tensor_fp16_acc16, datacenter_pro, 512, kTuringPaper},
    Throughput{k75, tensor_fp16_acc16, geforce, 512, kTuringPaper},
    Throughput{k75, tensor_int8, datacenter_pro, 1024, kTuringPaper},
    Throughput{k75, tensor_int8, geforce, 1024, kTuringPaper},
    Throughput{k75, tensor_int4, datacenter_pro, 2048, kTuringPaper},
    Throughput{k75, tensor_int4, geforce, 2048, kTuringPaper},
    Throughput{k75, tensor_b1, datacenter_pro, 8192, kWikipediaCuda, "1024 per tensor core x 8"},
    Throughput{k75, tensor_b1, geforce, 8192, kWikipediaCuda, "1024 per tensor core x 8"},
    Throughput{k75, l1, any, 64, kGa102Paper, kTuring64Note},
    Throughput{k75, shared, any, 64, kGa102Paper, kTuring64Note},

    // 8.0: A100, A30, A800
    Throughput{k80, fp64_fma, any, 32, kGuide11},
    Throughput{k80, fp32_fma, any, 64, kGuide126},
    Throughput{k80, fp16x2_fma, any, 256, kGuide126, kHalf80Note},
    Throughput{k80, bf16x2_fma, any, 128, kA100Paper, "39 TFLOPS on A100"},
    Throughput{k80, int32_mad, any, 64, kGuide11},
    Throughput{k80, int32_add, any, 64, kGuide126},
    Throughput{k80, int32_logic, any, 64, kGuide126},
    Throughput{k80, dp4a, any, 64, kSassA100, kDp4a80Note, medium},
    Throughput{k80, sfu, any, 16, kGuide11},
    Throughput{k80, shuffle, any, 32, kGuide126},
    Throughput{k80, convert, any, 16, kGuide126},
    Throughput{k80, convert_small_int, any, 64, kGuide126},
    Throughput{k80, convert_64bit, any, 16, kGuide11},
    Throughput{k80, convert_pack, any, 128, kSassA100, kPack80Note, medium},
    Throughput{k80, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k80, tensor_fp16, any, 1024, kA100Paper},
    Throughput{k80, tensor_fp16_acc16, any, 1024, kA100Paper},
    Throughput{k80, tensor_bf16, any, 1024, kA100Paper},
    Throughput{k80, tensor_tf32, any, 512, kA100Paper},
    Throughput{k80, tensor_fp64, any, 64, kA100Paper},
    Throughput{k80, tensor_int8, any, 2048, kA100Paper},
    Throughput{k80, tensor_int4, any, 4096, kA100Paper},
    Throughput{k80, tensor_b1, any, 16384, kWikipediaCuda, "4096 per tensor core x 4"},
    Throughput{k80, l1, any, 128, kGuide13, kL1MeasuredNote},
    Throughput{k80, shared, any, 128, kGuide13},

    // 8.6: A10, A40, A2, RTX A, RTX 30. Nothing is known of the A10G's tensor rates but FP16, INT8 and INT4.
    Throughput{k86, fp64_fma, any, 2, kGuide11},
    Throughput{k86, fp32_fma, any, 128, kGuide126},
    Throughput{k86, fp16x2_fma, any, 128, kGa102Paper, kHalf86Note, high, true},
    Throughput{k86, bf16x2_fma, any, 128, kGa102Paper, kBf16AmpereNote},
    Throughput{k86, int32_mad, any, 64, kGuide11},
    Throughput{k86, int32_add, any, 64, kGuide126},
    Throughput{k86, int32_logic, any, 64, kGuide126},
    Throughput{k86, dp4a, any, 64, kForumPipes, kDp4a86Note, low},
    Throughput{k86, sfu, any, 16, kGuide11},
    Throughput{k86, shuffle, any, 32, kGuide126},
    Throughput{k86, convert, any, 16, kGuide126},
    Throughput{k86, convert_small_int, any, 64, kGuide126},
    Throughput{k86, convert_64bit, any, 2, kGuide11},
    Throughput{k86, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k86, tensor_fp16, datacenter_pro, 512, kLightning,
               "149.7 TFLOPS on A40, 125 on A10, 154.8 on RTX A6000"},
    Throughput{k86, tensor_fp16, geforce, 256, kGa102Paper, "half rate: 71 TFLOPS on the RTX 3090"},
    Throughput{k86, tensor_fp16, a10g, 256, kLlmAnalysis, kA10gNote, medium},
    Throughput{k86, tensor_fp16_acc16, datacenter_pro, 512, kGa102Paper},
    Throughput{k86, tensor_fp16_acc16, geforce, 512, kGa102Paper},
    Throughput{k86, tensor_bf16, datacenter_pro, 512, kLightning},
    Throughput{k86, tensor_bf16, geforce, 256, kDerived, "the same rate as FP16 with FP32 accumulation", medium},
    Throughput{k86, tensor_tf32, datacenter_pro, 256, kLightning, "74.8 TFLOPS on A40"},
    Throughput{k86, tensor_tf32, geforce, 128, kLightning, "35.6 TFLOPS on the RTX 3090: the FP32 rate"},
    Throughput{k86, tensor_int8, datacenter_pro, 1024, kLightning, "299.3 TOPS on A40"},
    Throughput{k86, tensor_int8, geforce, 1024, kLightning, "284 TOPS on the RTX 3090"},
    Throughput{k86, tensor_int8, a10g, 512, kLlmAnalysis, kA10gNote, medium},
    Throughput{k86, tensor_int4, datacenter_pro, 2048, kLightning},
    Throughput{k86, tensor_int4, geforce, 2048, kLightning},
    Throughput{k86, tensor_int4, a10g, 1024, kLlmAnalysis, kA10gNote, medium},
    Throughput{k86, tensor_b1, datacenter_pro, 8192, kWikipediaCuda, "2048 per tensor core x 4"},
    Throughput{k86, tensor_b1, geforce, 8192, kWikipediaCuda, "2048 per tensor core x 4"},
    Throughput{k86, l1, any, 64, kGpuBenches, kL1AmpereNote, medium, true},
    Throughput{k86, shared, any, 128, kGa102Paper},

    // 8.7: Jetson Orin
    Throughput{k87, fp64_fma, any, 2, kGuide129, "measured 2 (Accel-Sim micro-benchmarks)"},
    Throughput{k87, fp32_fma, any, 128, kGuide129, "measured 128 (Accel-Sim micro-benchmarks)"},
    Throughput{k87, fp16x2_fma, any, 256, kMeasuredAccelSim, kHalfOrinNote, low},
    Throughput{k87, int32_mad, any, 64, kGuide129, kLanesNote},
    Throughput{k87, int32_add, any, 64, kGuide129, kLanesNote},
    Throughput{k87, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k87, tensor_fp16, any, 1024, kOrinSheet, "half of the INT8 rate", medium},
    Throughput{k87, tensor_fp16_acc16, any, 1024, kOrinSheet, "half of the INT8 rate"},
    Throughput{k87, tensor_bf16, any, 1024, kDerived, "half of the INT8 rate", medium},
    Throughput{k87, tensor_tf32, any, 512, kOrinSheet, "a quarter of the INT8 rate", medium},
    Throughput{k87, tensor_int8, any, 2048, kOrinSheet, "170 sparse TOPS of the GPU alone at 16 SMs and 1.3 GHz"},
    Throughput{k87, tensor_int4, any, 4096, kDerived, "twice the INT8 rate", low},
    Throughput{k87, l1, any, 128, kGuide13, kL1DataPathNote, medium},
    Throughput{k87, shared, any, 128, kGuide13},

    // 8.9: L4, L40, L40S, RTX Ada, RTX 40. What the L40 does with FP16 accumulators is not known.
    Throughput{k89, fp64_fma, any, 2, kGuide129},
    Throughput{k89, fp32_fma, any, 128, kGuide126},
    Throughput{k89, fp16x2_fma, any, 128, kGuide126},
    Throughput{k89, bf16x2_fma, any, 128, kAdaPaper, kBf16AdaNote},
    Throughput{k89, int32_mad, any, 64, kBestPractices13, kMadAdaNote},
    Throughput{k89, int32_add, any, 64, kGuide126, kAddAdaNote},
    Throughput{k89, int32_logic, any, 64, kGuide126},
    Throughput{k89, dp4a, any, 64, kClpeakDp4a, kDp4a89Note, medium},
    Throughput{k89, sfu, any, 16, kGuide129},
    Throughput{k89, shuffle, any, 32, kGuide126},
    Throughput{k89, convert, any, 16, kGuide126},
    Throughput{k89, convert_small_int, any, 64, kGuide126},
    Throughput{k89, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k89, tensor_fp16, datacenter_pro, 512, kLightning, "121 TFLOPS on L4, 362 on L40S"},
    Throughput{k89, tensor_fp16, geforce, 256, kAdaPaper, "half rate: 165.2 TFLOPS on the RTX 4090"},
    Throughput{k89, tensor_fp16, l40, 256, kLightning, kL40Note},
    Throughput{k89, tensor_fp16_acc16, datacenter_pro, 512, kAdaPaper},
    Throughput{k89, tensor_fp16_acc16, geforce, 512, kAdaPaper, "330.3 TFLOPS on the RTX 4090"},
    Throughput{k89, tensor_bf16, datacenter_pro, 512, kLightning},
    Throughput{k89, tensor_bf16, geforce, 256, kAdaPaper},
    Throughput{k89, tensor_bf16, l40, 256, kLightning, kL40Note},
    Throughput{k89, tensor_tf32, datacenter_pro, 256, kLightning, "60 TFLOPS on L4, 183 on L40S"},
    Throughput{k89, tensor_tf32, geforce, 128, kLightning, "the FP32 rate"},
    Throughput{k89, tensor_tf32, l40, 128, kLightning, kL40Note},
    Throughput{k89, tensor_int8, datacenter_pro, 1024, kAdaPaper, "measured 2048.4 operations per clock and SM"},
    Throughput{k89, tensor_int8, geforce, 1024, kAdaPaper, "measured 2048.4 operations per clock and SM"},
    Throughput{k89, tensor_int8, l40, 512, kLightning, kL40Note},
    Throughput{k89, tensor_int4, datacenter_pro, 2048, kLightning, "the L40S data sheet prints its INT8 rate for INT4"},
    Throughput{k89, tensor_int4, geforce, 2048, kLightning, "1321.2 TOPS on the RTX 4090"},
    Throughput{k89, tensor_int4, l40, 1024, kLightning, kL40Note},
    Throughput{k89, tensor_fp8, datacenter_pro, 1024, kAiconfigurator, "242 TFLOPS on L4, 733 on L40S"},
    Throughput{k89, tensor_fp8, geforce, 512, kAdaPaper,
               "330.3 TFLOPS on the RTX 4090; whitepapers before v2.02 print 660.6"},
    Throughput{k89, tensor_fp8, l40, 512, kLightning, kL40Note},
    Throughput{k89, tensor_fp8_acc16, datacenter_pro, 1024, kAdaPaper},
    Throughput{k89, tensor_fp8_acc16, geforce, 1024, kAdaPaper, "660.6 TFLOPS on the RTX 4090"},
    Throughput{k89, l1, any, 64, kGpuBenches, kL1AdaNote, medium, true},
    Throughput{k89, shared, any, 128, kGuide13},

    // 9.0: H100, H200, GH200; H800 has its FP64 cut (by how much is not published), H20 its tensor cores and its FP64.
    Throughput{k90, fp64_fma, datacenter_pro, 64, kGuide129},
    Throughput{k90, fp32_fma, any, 128, kGuide126},
    Throughput{k90, fp16x2_fma, any, 256, kGuide126, kHalfHopperNote},
    Throughput{k90, bf16x2_fma, any, 256, kH100Paper, "the same as FP16"},
    Throughput{k90, int32_mad, any, 64, kH100Paper, kMadHopperNote},
    Throughput{k90, int32_add, any, 64, kGuide126, kAddHopperNote, high, true},
    Throughput{k90, int32_logic, any, 64, kGuide126},
    Throughput{k90, dp4a, any, 64, kSassH100, kDp4a90Note, medium},
    Throughput{k90, sfu, any, 16, kGuide129, "MUFU takes 8.0 cycles on each sub-core: 16 (nvidia-sass-document)"},
    Throughput{k90, shuffle, any, 32, kGuide126, kShuffle90Note},
    Throughput{k90, convert, any, 16, kGuide126},
    Throughput{k90, convert_small_int, any, 64, kGuide126},
    Throughput{k90, issue, any, 128, kSchedulers, kIssueH100Note, high, true},
    Throughput{k90, tensor_fp16, any, 2048, kH100Paper},
    Throughput{k90, tensor_fp16, h20, 512, kDerived, kH20Note, medium},
    Throughput{k90, tensor_fp16_acc16, any, 2048, kH100Paper},
    Throughput{k90, tensor_fp16_acc16, h20, 512, kDerived, kH20Note, medium},
    Throughput{k90, tensor_bf16, any, 2048, kH100Paper},
    Throughput{k90, tensor_bf16, h20, 512, kDerived, kH20Note, medium},
    Throughput{k90, tensor_tf32, any, 1024, kXla},
    Throughput{k90, tensor_tf32, h20, 256, kDerived, kH20Note, medium},
    Throughput{k90, tensor_fp64, datacenter_pro, 128, kXla},
    Throughput{k90, tensor_int8, any, 4096, kXla},
    Throughput{k90, tensor_int8, h20, 1024, kDerived, kH20Note, medium},
    Throughput{k90, tensor_fp8, any, 4096, kH100Paper},
    Throughput{k90, tensor_fp8, h20, 1024, kDerived, kH20Note, medium},
    Throughput{k90, tensor_fp8_acc16, any, 4096, kH100Paper},
    Throughput{k90, tensor_fp8_acc16, h20, 1024, kDerived, kH20Note, medium},
    Throughput{k90, mma_fp16, datacenter_pro, 1362, kHpmll, kMmaHopperHalfNote, medium},
    Throughput{k90, mma_fp16, h800, 1362, kHpmll, kMmaHopperHalfNote, medium},
    Throughput{k90, mma_bf16, datacenter_pro, 1362, kHpmll, kMmaHopperHalfNote, medium},
    Throughput{k90, mma_bf16, h800, 1362, kHpmll, kMmaHopperHalfNote, medium},
    Throughput{k90, mma_tf32, datacenter_pro, 681, kHpmll, kMmaHopperTf32Note, low},
    Throughput{k90, mma_tf32, h800, 681, kHpmll, kMmaHopperTf32Note, low},
    Throughput{k90, mma_int8, datacenter_pro, 2724, kHpmll, kMmaHopperNote, medium},
    Throughput{k90, mma_int8, h800, 2724, kHpmll, kMmaHopperNote, medium},
    Throughput{k90, l1, any, 128, kGuide13, kL1MeasuredNote},
    Throughput{k90, shared, any, 128, kGuide13},

    // 10.0: B200, GB200
    Throughput{k100, fp64_fma, any, 64, kGuide129},
    Throughput{k100, fp32_fma, any, 128, kGuide129},
    Throughput{k100, fp32x2_fma, any, 128, kSassB200Packed, "FFMA2: measured 0.5 per clock and sub-core", medium},
    Throughput{k100, fp16x2_fma, any, 128, kXla, kHalf100Note, medium, true},
    Throughput{k100, bf16x2_fma, any, 128, kXla, "the same entry as FP16", medium},
    Throughput{k100, int32_mad, any, 64, kSassB200, kB200RateNote, medium},
    Throughput{k100, int32_add, any, 64, kGuide129, kAdd100Note},
    Throughput{k100, int32_logic, any, 64, kSassB200, kB200RateNote, medium},
    Throughput{k100, sfu, any, 16, kGuide129},
    Throughput{k100, shuffle, any, 32, kSassB200, "measured 0.96 warp shuffles per clock", medium},
    Throughput{k100, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k100, tensor_fp16, any, 4096, kXla},
    Throughput{k100, tensor_fp16_acc16, any, 4096, kXla},
    Throughput{k100, tensor_bf16, any, 4096, kXla},
    Throughput{k100, tensor_tf32, any, 2048, kXla},
    Throughput{k100, tensor_fp64, any, 64, kXla, "the FP64 vector rate, half of 9.0"},
    Throughput{k100, tensor_int8, any, 8192, kXla},
    Throughput{k100, tensor_fp8, any, 8192, kXla},
    Throughput{k100, tensor_fp6, any, 8192, kXla},
    Throughput{k100, tensor_fp4, any, 16384, kXla},
    Throughput{k100, mma_fp16, any, 1024, kQuickRun, kMmaB200Note, low},
    Throughput{k100, mma_bf16, any, 1024, kQuickRun, kMmaB200Note, low},
    Throughput{k100, l1, any, 128, kGuide13, kL1DataPathNote, medium},
    Throughput{k100, shared, any, 128, kGuide13},

    // 10.3: B300, GB300. No row for special functions: EX2 runs at 32 there and the others at 16 (QuickRunCUDA), so one
    // number would be wrong for one of them.
    Throughput{k103, fp64_fma, any, 2, kGuide13, kFp64B300Note},
    Throughput{k103, fp32_fma, any, 128, kXla, "measured 99 % of it on a B300 (QuickRunCUDA)"},
    Throughput{k103, fp32x2_fma, any, 128, kQuickRunPipes, "FFMA2: 2.00 warp instructions per clock", medium},
    Throughput{k103, fp16x2_fma, any, 128, kXla, kKeyedMajorNote, medium},
    Throughput{k103, bf16x2_fma, any, 128, kXla, kKeyedMajorNote, medium},
    Throughput{k103, int32_mad, any, 64, kQuickRunPipes, "IMAD: 2.00 warp instructions per clock", medium},
    Throughput{k103, int32_add, any, 64, kQuickRunPipes, kAdd103Note, medium},
    Throughput{k103, int32_logic, any, 64, kQuickRunPipes, "LOP3, measured 63.8", medium},
    Throughput{k103, dp4a, any, 64, kQuickRunPipes, "IDP.4A: 2.00 warp instructions per clock", medium},
    Throughput{k103, shuffle, any, 32, kQuickRunPipes, "measured 31.8", medium},
    Throughput{k103, convert, any, 16, kQuickRunPipes, "F2I; F2F of FP32 to FP16 measures about 11", medium},
    Throughput{k103, convert_int_to_float, any, 64, kQuickRunPipes, "I2FP: 2.00 warp instructions per clock", medium},
    Throughput{k103, convert_pack, any, 64, kQuickRunConversions, kPack103Note, medium},
    Throughput{k103, issue, any, 128, kSchedulers, kIssueB300Note},
    Throughput{k103, tensor_fp16, any, 4096, kDerived, kB300SameNote},
    Throughput{k103, tensor_fp16_acc16, any, 4096, kDerived, kB300SameNote},
    Throughput{k103, tensor_bf16, any, 4096, kDerived, kB300SameNote},
    Throughput{k103, tensor_tf32, any, 2048, kDerived, kB300SameNote},
    Throughput{k103, tensor_int8, any, 256, kAiconfigurator, kInt8B300Note, medium},
    Throughput{k103, tensor_fp8, any, 8192, kDerived, kB300SameNote},
    Throughput{k103, tensor_fp6, any, 8192, kDerived, "the FP8 rate"},
    Throughput{k103, tensor_fp4, any, 24576, kDerived, kFp4B300Note, medium},
    Throughput{k103, mma_fp16, any, 1024, kQuickRun, kMmaBlackwellNote, medium},
    Throughput{k103, mma_bf16, any, 1024, kQuickRun, kMmaBlackwellNote, medium},
    Throughput{k103, l1, any, 128, kGuide13, kL1DataPathNote, medium},
    Throughput{k103, shared, any, 128, kGuide13},

    // 11.0: Jetson Thor
    Throughput{k110, fp64_fma, any, 2, kGuide13, "FP32:FP64 is 64:1 in Table 30"},
    Throughput{k110, fp32_fma, any, 128, kThorSheet, kThorFp32Note},
    Throughput{k110, issue, any, 128, kSchedulers, kIssueThorNote, medium},
    Throughput{k110, tensor_fp16, any, 4096, kDerived, kThorHalfNote, low},
    Throughput{k110, tensor_fp16_acc16, any, 4096, kDerived, kThorHalfNote, medium},
    Throughput{k110, tensor_bf16, any, 4096, kDerived, kThorHalfNote, low},
    Throughput{k110, tensor_int8, any, 8192, kDerived, kThorInt8Note, low},
    Throughput{k110, tensor_fp8, any, 8192, kThorSheet},
    Throughput{k110, tensor_fp4, any, 16384, kThorSheet},
    Throughput{k110, l1, any, 128, kGuide13, kL1DataPathNote, medium},
    Throughput{k110, shared, any, 128, kGuide13},

    // 12.0: RTX 50, RTX PRO Blackwell
    Throughput{k120, fp64_fma, any, 2, kBestPractices13, "measured 1.7 on an RTX 5070 Ti"},
    Throughput{k120, fp32_fma, any, 128, kBestPractices13, "measured 122.7 on an RTX 5070 Ti"},
    Throughput{k120, fp32x2_fma, any, 128, kMeasured5070Ti, kPacked120Note, medium, true},
    Throughput{k120, fp16x2_fma, any, 128, kBestPractices13, kHalf120Note},
    Throughput{k120, bf16x2_fma, any, 128, kMeasured5070Ti, "measured 126; the whitepaper gives the FP32 rate"},
    Throughput{k120, int32_mad, any, 64, kBestPractices13, "measured 62.9 on an RTX 5070 Ti"},
    Throughput{k120, int32_add, any, 128, kBestPractices13, kAdd120Note, high, true},
    Throughput{k120, int32_logic, any, 64, kBestPractices13, "measured 63.1 on an RTX 5070 Ti"},
    Throughput{k120, dp4a, any, 64, kMeasured5070Ti, kDp4a120Note},
    Throughput{k120, sfu, any, 16, kGuide129, "measured 16 on an RTX 5070 Ti"},
    Throughput{k120, shuffle, any, 16, kMeasured5070Ti, kShuffle120Note, medium, true},
    Throughput{k120, convert, any, 16, kBestPractices13, kConvert120Note, medium, true},
    Throughput{k120, convert_64bit, any, 32.0 / 18, kSassRtx5090, kConvert64On120Note, medium},
    Throughput{k120, convert_int_to_float, any, 64, kMeasured5070Ti, kIntToFloatNote, medium},
    Throughput{k120, convert_pack, any, 128, kMeasured5070Ti, kPack120Note, medium, true},
    Throughput{k120, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k120, tensor_fp16, datacenter_pro, 512, kAiconfigurator,
               "467.8 dense BF16 TFLOPS on the RTX PRO 6000 Server at 2430 MHz"},
    Throughput{k120, tensor_fp16, geforce, 256, kRtxBlackwellPaper,
               "half rate: 209.5 TFLOPS on the RTX 5090; measured 47.0 on an RTX 5060 Ti"},
    Throughput{k120, tensor_fp16_acc16, any, 512, kRtxBlackwellPaper},
    Throughput{k120, tensor_bf16, datacenter_pro, 512, kAiconfigurator},
    Throughput{k120, tensor_bf16, geforce, 256, kRtxBlackwellPaper},
    Throughput{k120, tensor_tf32, datacenter_pro, 256, kDerived, kTf32Pro120Note, medium},
    Throughput{k120, tensor_tf32, geforce, 128, kRtxBlackwellPaper},
    Throughput{k120, tensor_int8, any, 1024, kRtxBlackwellPaper},
    Throughput{k120, tensor_fp8, datacenter_pro, 1024, kAiconfigurator},
    Throughput{k120, tensor_fp8, geforce, 1024, kBlackwall, kFp8Geforce120Note, medium, true},
    Throughput{k120, tensor_fp8_acc16, any, 1024, kRtxBlackwellPaper, "838 TFLOPS on the RTX 5090"},
    Throughput{k120, tensor_fp6, any, 1024, kCutlass, kFp6Note},
    Throughput{k120, tensor_fp4, any, 2048, kRtxBlackwellPaper, kFp4Note},
    Throughput{k120, l1, any, 128, kGuide13, kL1DataPathNote, medium},
    Throughput{k120, shared, any, 128, kGuide13},

    // 12.1: GB10. The Best Practices Guide has one column for 12.0 and 12.1.
    Throughput{k121, fp64_fma, any, 2, kBestPractices13},
    Throughput{k121, fp32_fma, any, 128, kBestPractices13},
    Throughput{k121, fp32x2_fma, any, 128, kMeasured5070Ti, kPacked120Note, medium, true},
    Throughput{k121, fp16x2_fma, any, 128, kBestPractices13, kHalf120Note},
    Throughput{k121, bf16x2_fma, any, 128, kMeasured5070Ti, "measured 126 on 12.0", medium},
    Throughput{k121, int32_mad, any, 64, kBestPractices13},
    Throughput{k121, int32_add, any, 128, kBestPractices13, kAdd120Note, high, true},
    Throughput{k121, int32_logic, any, 64, kBestPractices13},
    Throughput{k121, dp4a, any, 64, kMeasured5070Ti, "measured 62.6 on 12.0", medium},
    Throughput{k121, sfu, any, 16, kGuide129},
    Throughput{k121, shuffle, any, 16, kMeasured5070Ti, kShuffle120Note, medium, true},
    Throughput{k121, convert, any, 16, kBestPractices13, kConvert120Note, medium, true},
    Throughput{k121, convert_64bit, any, 32.0 / 18, kSassRtx5090, kConvert64On120Note, medium},
    Throughput{k121, convert_int_to_float, any, 64, kMeasured5070Ti, kIntToFloatNote, medium},
    Throughput{k121, convert_pack, any, 128, kMeasured5070Ti, kPack120Note, medium, true},
    Throughput{k121, issue, any, 128, kSchedulers, kIssueNote},
    Throughput{k121, tensor_fp16, datacenter_pro, 512, kAiconfigurator, kGb10Note, medium},
    Throughput{k121, tensor_fp16, geforce, 256, kRtxBlackwellPaper, kGb10Note, medium},
    Throughput{k121, tensor_fp16_acc16, any, 512, kRtxBlackwellPaper},
    Throughput{k121, tensor_bf16, datacenter_pro, 512, kAiconfigurator, kGb10Note, medium},
    Throughput{k121, tensor_bf16, geforce, 256, kRtxBlackwellPaper, kGb10Note, medium},
    Throughput{k121, tensor_tf32, datacenter_pro, 256, kDerived, kTf32Pro120Note, medium},
    Throughput{k121, tensor_tf32, geforce, 128, kRtxBlackwellPaper, kGb10Note, medium},
    Throughput{k121, tensor_int8, any, 1024, kRtxBlackwellPaper},
    Throughput{k121, tensor_fp8, datacenter_pro, 1024, kAiconfigurator, kGb10Note, medium},
    Throughput{k121, tensor_fp8, geforce, 1024, kBlackwall, kFp8Geforce120Note, medium, true},
    Throughput{k121, tensor_fp8_acc16, any, 1024, kRtxBlackwellPaper},
    Throughput{k121, tensor_fp6, any, 1024, kCutlass, kFp6Note},
    Throughput{k121, tensor_fp4, any, 2048, kRtxBlackwellPaper, kFp4Note},
    Throughput{k121, l1, any, 128, kGuide13, kL1DataPathNote, medium},
    Throughput{k121, shared, any, 128, kGuide13},
});

inline constexpr std::int64_t kMebi = 1024LL * 1024;
inline constexpr std::array kL2Rows = {
    L2Throughput{k70, kMebi * 6, 2048, kA100Paper},
    L2Throughput{k80, kMebi * 40, 5120, kA100Paper},
};

}  // namespace peakproof::theory::rows
