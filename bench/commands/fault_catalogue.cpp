#include "bench/commands/fault_catalogue.hpp"

#include <array>

#include "reports/verdict.hpp"

namespace peakproof::bench {
namespace {

using reports::exit_device_fault;
using reports::exit_inconclusive;
using reports::exit_nothing_to_test;
using reports::exit_pass;
using reports::exit_rejected;
using reports::exit_report_not_written;
using reports::exit_usage;

constexpr int kInterrupted = 130;  // 128 + SIGINT
constexpr int kTerminated = 143;   // 128 + SIGTERM

// One benchmark that takes a moment; every rule of the policy that is not about a benchmark applies all the same.
constexpr std::string_view kAccept = "peakproof accept fp32_fma --level quick --no-retest --json=report.json";

constexpr std::string_view kAcceptLinks = "peakproof accept pcie --level quick --no-retest --json=report.json";

constexpr auto kStandIn = FaultPlace::stand_in;
constexpr auto kMachine = FaultPlace::machine;

constexpr auto kCatalogue = std::to_array<FaultTrial>({
    {1, "no GPU", "every GPU hidden", kMachine, "", kAccept, exit_inconclusive, "no GPU to measure"},
    {1, "no GPU", "the driver sees none (CUDA 100)", kStandIn, "init=no_device", kAccept, exit_inconclusive,
     "sees no NVIDIA GPU"},
    {1, "no GPU", "its device files are not for us (CUDA 100, NVML 4)", kStandIn, "init=no_permission", kAccept,
     exit_inconclusive, "sees no NVIDIA GPU"},
    {1, "no GPU", "hidden by CUDA_VISIBLE_DEVICES", kStandIn, "", "CUDA_VISIBLE_DEVICES=none peakproof accept fp32_fma",
     exit_inconclusive, "CUDA_VISIBLE_DEVICES is 'none'"},
    {1, "no driver", "CUDA 35", kStandIn, "driver=off", kAccept, exit_inconclusive, "no NVIDIA driver answers"},
    {1, "no GPU, and that is fine", "--skip-if-no-gpu", kStandIn, "init=no_device",
     "peakproof accept fp32_fma --skip-if-no-gpu", exit_nothing_to_test, "sees no NVIDIA GPU"},
    {1, "no GPU", "what needs none", kMachine, "", "peakproof --help && peakproof list && peakproof policy show",
     exit_pass, "fp32_fma"},
    {2, "fewer GPUs than expected", "CUDA shows three of four", kStandIn, "count=4;2:visible=off",
     "peakproof accept fp32_fma --level quick --no-retest --expect-gpus 4 --json=report.json", exit_rejected,
     "FAIL PP-6101\n3 of 4"},
    {3, "driver and library differ", "CUDA 803, NVML 18", kStandIn, "init=driver_mismatch", kAccept, exit_inconclusive,
     "cudaErrorSystemDriverMismatch"},
    {3, "driver too old for the GPU", "CUDA 804", kStandIn, "init=compat", kAccept, exit_inconclusive,
     "cudaErrorCompatNotSupportedOnDevice"},
    {4, "fabric manager not ready", "CUDA 802", kStandIn, "init=system_not_ready", kAccept, exit_inconclusive,
     "cudaErrorSystemNotReady"},
    {5, "no machine code for the GPU", "CUDA 209 at every kernel", kStandIn, "init=no_image", kAccept,
     exit_inconclusive, "cudaErrorNoKernelImageForDevice"},
    {6, "GPU lost during the run", "CUDA 999 and Xid 79 while it is measured", kStandIn,
     "lost=measured:9:unknown,xid=8:79", kAccept, exit_device_fault, "FAIL PP-8101\nXid 79"},
    {6, "GPU lost without an Xid, of two", "CUDA 719 on one; the other goes on", kStandIn,
     "count=2;1:lost=measured:9:launch_failure,nvml_lost=launch:9", kAccept, exit_device_fault,
     "FAIL PP-8101    gpu:1\nGPU is lost"},
    {7, "uncorrectable ECC error", "CUDA 214 and Xid 48", kStandIn, "lost=measured:9:ecc,xid=8:48,ecc_errors=1",
     kAccept, exit_device_fault, "FAIL PP-8101\nFAIL PP-4101"},
    {7, "uncorrectable ECC error", "the counter grows, and nothing else", kStandIn, "ecc_errors=1", kAccept,
     exit_device_fault, "FAIL PP-4101"},
    {7, "too many ECC errors in SRAM", "the driver's threshold", kStandIn, "sram_threshold=on", kAccept, exit_rejected,
     "FAIL PP-4103"},
    {8, "storm of corrected ECC errors", "20 million under load", kStandIn, "ecc_corrected=20000000", kAccept,
     exit_rejected, "FAIL PP-4102"},
    {9, "ECC off", "mode off", kStandIn, "ecc=off", kAccept, exit_rejected, "FAIL PP-4105"},
    {9, "ECC changes with the next reboot", "pending off", kStandIn, "ecc_pending=off", kAccept, exit_pass,
     "WARN PP-4106"},
    {10, "row remap pending", "pending", kStandIn, "remap=pending", kAccept, exit_rejected, "FAIL PP-4201"},
    {10, "row remap failed", "failed", kStandIn, "remap=failed", kAccept, exit_rejected, "FAIL PP-4202"},
    {10, "few spare rows left", "a bank has few", kStandIn, "remap=low", kAccept, exit_pass, "WARN PP-4205"},
    {10, "row remap cannot be asked", "not supported", kStandIn, "remap=unsupported", kAccept, exit_pass,
     "not supported by this GPU\nrow_remap.pending\n!FAIL"},
    {10, "pages wait for retirement", "pending", kStandIn, "retired_pending=on", kAccept, exit_rejected,
     "FAIL PP-4206"},
    {11, "another process on the GPU", "40 % of load by somebody else", kStandIn, "foreign_load=40", kAccept,
     exit_inconclusive, "ERROR PP-7103\ncontaminated"},
    {12, "MIG enabled", "on the only GPU", kStandIn, "mig=on", kAccept, exit_inconclusive, "ERROR PP-6203"},
    {12, "MIG enabled on one of two", "the other is measured", kStandIn, "count=2;1:mig=on", kAccept, exit_inconclusive,
     "ERROR PP-6203   gpu:1\n!ERROR PP-6203   gpu:0"},
    {13, "compute mode prohibited", "CUDA 46", kStandIn, "compute_mode=prohibited", kAccept, exit_inconclusive,
     "ERROR PP-8102\ncudaErrorDevicesUnavailable\nnvidia-smi -c 0"},
    {13, "compute mode exclusive, taken", "CUDA 46", kStandIn, "compute_mode=exclusive,foreign_load=40", kAccept,
     exit_inconclusive, "cudaErrorDevicesUnavailable"},
    {13, "compute mode exclusive, free", "nobody else is there", kStandIn, "compute_mode=exclusive", kAccept, exit_pass,
     "!ERROR"},
    {14, "software power cap, limit by default", "event reason, clock at 90 %", kStandIn,
     "reasons=power,power_ms=900,clock=0.9,pause_ms=2", kAccept, exit_pass, "sw_power_cap\n!FAIL"},
    {15, "power limit lowered", "400 of 700 W enforced", kStandIn, "power_limit=400", kAccept, exit_pass,
     "WARN PP-2301"},
    {15, "power limit lowered, --strict", "400 of 700 W enforced", kStandIn, "power_limit=400",
     "peakproof accept fp32_fma --level quick --no-retest --strict --json=report.json", exit_rejected, "PP-2301"},
    {16, "hardware slowdown", "event reason", kStandIn, "reasons=hw_slowdown,pause_ms=2", kAccept, exit_rejected,
     "FAIL PP-2201"},
    {16, "hardware thermal slowdown", "event reason", kStandIn, "reasons=hw_thermal,pause_ms=2", kAccept, exit_rejected,
     "FAIL PP-2202"},
    {16, "power brake", "event reason", kStandIn, "reasons=power_brake,pause_ms=2", kAccept, exit_rejected,
     "FAIL PP-2203"},
    {17, "clock locked low", "application clock at 70 %", kStandIn, "reasons=locked,clock=0.7,app_mhz=1386,pause_ms=2",
     kAccept, exit_pass, "WARN PP-2101\nWARN PP-2206"},
    {18, "clock unstable", "two clock states, 15 % apart", kStandIn, "noise=clock", kAccept, exit_inconclusive,
     "ERROR PP-7103\nnoisy"},
    {19, "persistence mode off", "mode off", kStandIn, "persistence=off", kAccept, exit_pass, "WARN PP-6201"},
    {20, "PCIe at a lower generation", "3.0 under load in a slot of 5.0", kStandIn, "pcie=3:16,pcie_best=5:16",
     kAcceptLinks, exit_rejected, "FAIL PP-5101"},
    {20, "PCIe at a lower width", "8 lanes of 16 under load", kStandIn, "pcie=5:8,pcie_best=5:16", kAcceptLinks,
     exit_rejected, "FAIL PP-5101"},
    {20, "PCIe packets sent again", "81 during the run", kStandIn, "pcie_replays=81", kAccept, exit_rejected,
     "FAIL PP-5103"},
    {21, "NVLink down", "2 of 18 of an H200", kStandIn, "name=NVIDIA H200,sms=132,nvlinks=18,nvlinks_down=2", kAccept,
     exit_rejected, "FAIL PP-5204"},
    {21, "NVLink recovers", "once", kStandIn, "nvlinks=18,nvlink_errors=1:recovery", kAccept, exit_rejected,
     "FAIL PP-5201"},
    {22, "kernel hangs", "a launch never ends", kStandIn, "hang=measured:5",
     "peakproof accept fp32_fma --level quick --no-retest --timeout 2 --json=report.json", exit_device_fault,
     "FAIL PP-8101"},
    {22, "CUDA call hangs, SIGTERM ignored", "a launch never returns", kStandIn, "hang=measured:5,deaf=on",
     "peakproof run fp32_fma dram --quick --silence 3 --json=report.json", exit_device_fault, "hung"},
    {22, "worker crashes", "SIGSEGV while it is measured", kStandIn, "crash=10", kAccept, exit_inconclusive,
     "ERROR PP-7102\nSIGSEGV"},
    {23, "SIGINT during the run", "after the first of two benchmarks", kStandIn, "pause_ms=50,noise=time",
     "env --default-signal=INT peakproof accept fp32_fma int32_add --level standard --json=report.json & until test -s "
     "report.json; do sleep 0.1; done; kill -INT $!; wait $!",
     kInterrupted, "interrupted"},
    {23, "SIGTERM during the run", "after the first of two benchmarks", kStandIn, "pause_ms=50,noise=time",
     "peakproof accept fp32_fma int32_add --level quick --json=report.json & until test -s report.json; do sleep 0.1; "
     "done; kill $!; wait $!",
     kTerminated, "interrupted"},
    {24, "disk full", "/dev/full", kStandIn, "",
     "peakproof accept fp32_fma --level quick --json=report.json --md=/dev/full", exit_report_not_written,
     "/dev/full\nverdict:"},
    {24, "output folder missing", "no such folder", kStandIn, "",
     "peakproof accept fp32_fma --level quick --json=no/such/report.json", exit_report_not_written, "no/such"},
    {25, "stdout closed", "before the start; the file is whole", kStandIn, "",
     "peakproof accept fp32_fma --level quick --json=report.json >&-", exit_report_not_written, ""},
    {26, "baseline corrupt", "a truncated file", kStandIn, "",
     "printf '{\"peakproof_baseline\": ' > b.json; peakproof accept fp32_fma --level quick --baseline b.json",
     exit_usage, "b.json"},
    {26, "baseline missing", "no such file", kStandIn, "", "peakproof accept fp32_fma --level quick --baseline b.json",
     exit_usage, "b.json"},
    {26, "baseline edited", "one figure of a sealed one", kStandIn, "",
     "for i in 1 2 3; do PEAKPROOF_STAND_IN=speed=0.98$i peakproof run fp32_fma --quick "
     "--json=$i.json; done > /dev/null; peakproof baseline create "
     "1.json 2.json 3.json --allow-stand-in --json=b.json && sed -i 's/\"issue\": 0.98/\"issue\": 0.88/' b.json; "
     "peakproof accept fp32_fma "
     "--level quick --baseline b.json",
     exit_usage, "b.json\nseal"},
    {27, "baseline poisoned", "made of three runs of a slow GPU", kStandIn, "speed=0.5",
     "for i in 1 2 3; do PEAKPROOF_STAND_IN=speed=0.5$i peakproof run fp32_fma --quick "
     "--json=$i.json; done > /dev/null; "
     "peakproof baseline create 1.json 2.json 3.json --allow-stand-in --json=b.json",
     exit_usage, "below"},
    {28, "threshold with a slip of the unit", "2333 B/s of memory bandwidth", kStandIn, "",
     "peakproof policy show | sed '0,/\"rules\": \\[/s//\"rules\": [{\"id\": \"slip\", \"measure\": \"absolute\", "
     "\"subject\": \"dram\\/*\", \"fail_below\": 2333, \"unit\": \"B\\/s\", \"code\": \"PP-1101\", \"source\": \"a "
     "typing mistake\"},/' > p.json; peakproof accept fp32_fma --level quick --policy p.json",
     exit_usage, "rule slip: fail_below 2.333 KB/s"},
    {29, "not a number", "one NaN in a matrix product", kStandIn, "flaw=nan:wmma_gemm_fp16",
     "peakproof run wmma_gemm --m 256 --n 512 --k 256 --quick --benchmark_filter=type:fp16/iter --json=run.json; "
     "peakproof verify run.json --json=report.json",
     exit_rejected, "FAIL PP-3103"},
    {29, "not a number, and bits that are wrong", "every bit of one word of a chain set", kStandIn,
     "flaw=nan,flaw_sm=1", kAccept, exit_device_fault, "FAIL PP-3101\nSM 1"},
    {30, "wrong answer", "one bit, on SM 2", kStandIn, "flaw=wrong,flaw_sm=2", kAccept, exit_device_fault,
     "FAIL PP-3101\nSM 2"},
    {31, "faster than theory allows", "130 %", kStandIn, "speed=1.3", kAccept, exit_inconclusive,
     "ERROR PP-7106\nabove_theory"},
    {32, "compiler removed the work", "", FaultPlace::build, "", "", exit_pass, ""},
    {33, "no telemetry", "NVML does not start", kStandIn, "nvml=off", kAccept, exit_inconclusive, "ERROR PP-7109"},
    {34, "kernel log unreadable", "an Xid comes by NVML alone", kStandIn, "xid=5:48", kAccept, exit_device_fault,
     "FAIL PP-4401\nXid 48"},
    {35, "unknown Xid", "Xid 9999", kStandIn, "xid=5:9999", kAccept, exit_pass, "WARN PP-4403\nXid 9999"},
    {35, "the driver asks for a reset", "recovery action", kStandIn, "recovery=reset", kAccept, exit_rejected,
     "FAIL PP-4301"},
    {36, "two runs on one GPU", "the second while the first runs", kStandIn, "pause_ms=50,noise=time",
     "peakproof accept fp32_fma --level quick > first.txt 2>&1 & first=$!; sleep 2; peakproof accept fp32_fma --level "
     "quick; code=$?; kill $first; wait; exit $code",
     exit_inconclusive, "process"},
    {37, "NVML blocks", "from the 5th launch on", kStandIn, "nvml_hang=launch:5,pause_ms=40", kAccept,
     exit_inconclusive, "ERROR PP-7109\nstopped answering"},
    {38, "NVML in another order than CUDA", "row remap pending on the second GPU", kStandIn,
     "count=2,permuted=on;1:remap=pending",
     "peakproof accept fp32_fma --level quick --no-retest --device cuda:0 > first.txt && peakproof accept fp32_fma "
     "--level quick --no-retest --device cuda:1 --json=report.json",
     exit_rejected, "FAIL PP-4201"},
    {39, "hostile names", "HTML in the device's name", kStandIn, "name=<script>alert(1)</script>&\"x\"",
     "peakproof accept fp32_fma --level quick --json=report.json --html=r.html --junit=r.xml > text.txt 2>&1 && cat "
     "r.html r.xml",
     exit_pass, "&lt;script&gt;alert\n!<script>alert"},
    {40, "node missing from a merge", "one of two", kStandIn, "",
     "peakproof accept fp32_fma --level quick --json=a.json > text.txt && peakproof merge a.json --expect 2 "
     "--json=report.json",
     exit_rejected, "missing"},
    {41, "locale with a decimal comma, odd time zone", "de_DE, half an hour off", kStandIn, "",
     "LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 TZ=America/St_Johns peakproof accept fp32_fma --level quick "
     "--json=report.json",
     exit_pass, "verdict: pass"},
    {42, "flood in the log", "stderr of a whole run", kStandIn, "",
     "peakproof accept fp32_fma --level quick --json=report.json 2> err.txt && test $(wc -l < err.txt) -lt 50",
     exit_pass, "verdict: pass"},
    {43, "a profiler is attached", "CUDA_INJECTION64_PATH is set", kStandIn, "",
     "CUDA_INJECTION64_PATH=/opt/profiler.so peakproof accept fp32_fma --level quick --no-retest --json=report.json",
     exit_inconclusive, "profiler"},
    {43, "a virtual GPU, confidential computing", "NVML says so", kStandIn, "virtualization=vgpu,confidential=on",
     kAccept, exit_pass, "virtualization vgpu\nconfidential_computing on"},
    {44, "first launches: lazy loading, cold clocks", "", FaultPlace::gpu, "", "", exit_pass, ""},
});

}  // namespace

std::span<const FaultTrial> fault_catalogue() { return kCatalogue; }

std::string_view expected_verdict(int exit_code) {
  return exit_code == exit_usage ? "refused" : reports::verdict_of_exit_code(exit_code);
}

}  // namespace peakproof::bench
