// Where the figures come from: one constant per public document.
#pragma once

#include <string_view>

namespace peakproof::theory::sources {

// NVIDIA guides
inline constexpr std::string_view kGuide11 =
    "NVIDIA CUDA C++ Programming Guide 11.x, Table 3, Throughput of Native Arithmetic Instructions";
inline constexpr std::string_view kGuide126 =
    "NVIDIA CUDA C++ Programming Guide 12.6, Table 4, Throughput of Native Arithmetic Instructions";
inline constexpr std::string_view kGuide129 =
    "NVIDIA CUDA C++ Programming Guide 12.9, sections 20.6 to 20.10, Compute Capabilities";
inline constexpr std::string_view kGuide13 =
    "NVIDIA CUDA Programming Guide 13.x, section 5.1, Compute Capabilities, Tables 29 to 33";
inline constexpr std::string_view kBestPractices13 =
    "NVIDIA CUDA C++ Best Practices Guide 13.4, section 12.1.1, Throughput of Native Arithmetic Instructions";
inline constexpr std::string_view kSchedulers =
    "NVIDIA CUDA C++ Programming Guide 12.9, sections 20.6 to 20.10 (4 warp schedulers per SM), and Volta Tuning "
    "Guide, Instruction Scheduling (one warp instruction per scheduler and clock)";
inline constexpr std::string_view kForumPipes =
    "NVIDIA Developer Forums, thread 302018, Separate CUDA core pipeline for FP16 and FP32, post 7: the pipes of IMAD "
    "and IDP on GA100, GA10x and GH100";
inline constexpr std::string_view kCccl =
    "NVIDIA/cccl, libcudacxx/include/cuda/__device/arch_traits.h (commit efee2cf6)";

// NVIDIA whitepapers and data sheets
inline constexpr std::string_view kTuringPaper = "NVIDIA Turing GPU Architecture whitepaper";
inline constexpr std::string_view kA100Paper =
    "NVIDIA A100 Tensor Core GPU Architecture whitepaper (also NVIDIA Ampere Architecture In-Depth)";
inline constexpr std::string_view kGa102Paper = "NVIDIA Ampere GA102 GPU Architecture whitepaper";
inline constexpr std::string_view kAdaPaper = "NVIDIA Ada GPU Architecture whitepaper v2.1, Appendix A";
inline constexpr std::string_view kH100Paper =
    "NVIDIA H100 Tensor Core GPU Architecture whitepaper (also NVIDIA Hopper Architecture In-Depth)";
inline constexpr std::string_view kRtxBlackwellPaper =
    "NVIDIA RTX Blackwell GPU Architecture whitepaper v1.1, Tables 3 and 6";
inline constexpr std::string_view kBlackwellSheet = "NVIDIA Blackwell data sheet";
inline constexpr std::string_view kOrinSheet =
    "NVIDIA Jetson AGX Orin data sheet DS-10662-001 v1.8 and Orin NX data sheet DS-10712-001";
inline constexpr std::string_view kThorSheet =
    "NVIDIA Jetson T5000 figures: 2070 FP4 and 1035 FP8 sparse TFLOPS, 2560 CUDA cores, 20 SMs, 1.575 GHz";
inline constexpr std::string_view kDataSheets = "NVIDIA data sheets";
inline constexpr std::string_view kProductPages = "NVIDIA product pages";

// Public transcriptions of NVIDIA's figures
inline constexpr std::string_view kXla =
    "openxla/xla, xla/stream_executor/cuda/cuda_core_info_table.cc (cites Best Practices Guide 13.0 Table 5, the A100 "
    "and H100 whitepapers, Wikipedia CUDA and the Blackwell Technical Brief v2.1)";
inline constexpr std::string_view kXlaSpecs = "openxla/xla, xla/backends/gpu/target_config/specs/*.txtpb";
inline constexpr std::string_view kWikipediaCuda =
    "Wikipedia, CUDA, tables Tensor cores and Multiprocessor architecture";
inline constexpr std::string_view kWikipediaList =
    "Wikipedia, List of Nvidia graphics processing units (jaeseok614/gpu-specs-kr, data/gpu_specs.json)";
inline constexpr std::string_view kLightning =
    "Lightning-AI/pytorch-lightning, src/lightning/fabric/utilities/throughput.py (cites NVIDIA data sheets and "
    "whitepapers)";
inline constexpr std::string_view kAiconfigurator = "ai-dynamo/aiconfigurator, systems/*.yaml";
inline constexpr std::string_view kLlmAnalysis = "cli99/llm-analysis, gpu_configs/*.json";
inline constexpr std::string_view kMlEngineering = "stas00/ml-engineering, compute/accelerator/README.md";
inline constexpr std::string_view kGpuSpecs = "winston-zhang-orz/gpu-specs, specs.md (data sheet transcription)";
inline constexpr std::string_view kTechPowerUp =
    "TechPowerUp GPU database (reox007/RightNow-GPU-Database, data/nvidia/all.json)";
inline constexpr std::string_view kHuggingFace = "huggingface/huggingface.js, hardware-nvidia.ts";
inline constexpr std::string_view kCutlass = "NVIDIA CUTLASS, media/docs/blackwell_functionality.md";

// Measurements
inline constexpr std::string_view kMeasured5070Ti =
    "SM execution pipes: CUDA cores, SFUs and conversions: published micro-benchmarks of an RTX 5070 Ti (sm_120, 70 "
    "SMs)";
inline constexpr std::string_view kMeasuredAccelSim =
    "Accel-Sim micro-benchmarks, FMA per SM and clock on A100, Jetson Orin and RTX 3090";
inline constexpr std::string_view kGpuBenches =
    "RRZE-HPC/gpu-benches and te42kyfo/gpu-benches, README.md, gpu-cache/*.txt and gpu-l2-cache/*.txt";
inline constexpr std::string_view kGpuBenchesLatency =
    "RRZE-HPC/gpu-benches (commit 1038c5d), gpu-latency/*.txt: a random pointer chase over growing buffers";
inline constexpr std::string_view kHpmll =
    "HPMLL micro-benchmarks (Luo et al., Benchmarking and Dissecting the Nvidia Hopper GPU Architecture), re-run on an "
    "H100 SXM5";
inline constexpr std::string_view kHpmllH100 =
    "Johnsonms/NVIDIA-Hopper-Benchmark, reproduction of the HPMLL micro-benchmarks on an H100 SXM5, summary.md";
inline constexpr std::string_view kQuickRun = "QuickRunCUDA, chapter 06, tensor cores of a B300";
inline constexpr std::string_view kQuickRunPipes =
    "ademeure/QuickRunCUDA, B300_PIPE_CATALOG.md and b300_clean/A6_PER_PIPE_REFERENCE.md: instruction rates of a B300";
inline constexpr std::string_view kQuickRunConversions =
    "ademeure/QuickRunCUDA, F2FP_DEEP_DIVE.md: conversions of a B300";
inline constexpr std::string_view kQuickRunChains =
    "ademeure/QuickRunCUDA, b300_clean/CHAIN_FP_MUFU_LATENCY.md, 14_math_intrinsics.md and 15_integer_bit_ops.md: "
    "dependent chains on a B300";
inline constexpr std::string_view kTu102 =
    "connollydavid/tu102, table/tu102_ops.csv: instruction latencies and rates of a Quadro RTX 6000 at 1455 MHz";
inline constexpr std::string_view kSassA100 =
    "cicuvc/nvidia-sass-document, GA100 scalar-math pipes and ALU/FMA sharing: SASS streams on an A100";
inline constexpr std::string_view kSassH100 =
    "cicuvc/nvidia-sass-document, notes/sm90/arch/h100_fixed_pipeline.md: SASS streams on an H100";
inline constexpr std::string_view kSassB200 =
    "cicuvc/nvidia-sass-document, notes/sm100/arch/b200_fixed_admission_depth.md and b200_lsu_exchange_topology.md: "
    "SASS streams on a B200";
inline constexpr std::string_view kSassB200Packed =
    "cicuvc/nvidia-sass-document, notes/sm100/instr/ffma2.md: SASS streams on a B200";
inline constexpr std::string_view kSassRtx5090 =
    "cicuvc/nvidia-sass-document, GB202 MIO / LSU / XU topology probes: SASS streams on an RTX 5090";
inline constexpr std::string_view kClpeakDp4a =
    "krrishnarraj/clpeak, issue 209: __dp4a through CUDA on an RTX 4060 and an RTX 5060";
inline constexpr std::string_view kBlackwall =
    "QuantumDrizzy/BLACKWALL, README: cuBLAS and cuBLASLt GEMMs on an RTX 5060 Ti";

// Derived here
inline constexpr std::string_view kDerived =
    "derived from the published dense peak: peak / (2 x SMs x clock), rounded to the unit count it implies";
inline constexpr std::string_view kSparsity =
    "2:4 structured sparsity doubles the dense rate (NVIDIA A100 whitepaper; the same in every later data sheet)";
inline constexpr std::string_view kSparsityFp4B300 =
    "B300 and GB300 print 18 to 20 PFLOPS sparse beside 14 to 15 dense FP4: 4/3 of the dense rate "
    "(ai-dynamo/aiconfigurator, stas00/ml-engineering)";
inline constexpr std::string_view kHbmDoubleRate =
    "HBM moves two bits per pin and clock (JEDEC JESD235 and JESD238); clock and enabled bus as given for the device";
inline constexpr std::string_view kBoardSheet = "the board's data sheet";
inline constexpr std::string_view kDataRate = "data rate per pin and enabled bus as given for the device";

}  // namespace peakproof::theory::sources
