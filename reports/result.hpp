// What a measurement is: plain structs, one Result per case, one Report per run. Everything that is printed is made
// from these, and they round-trip through JSON (reports/json.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reports/check.hpp"
#include "reports/health.hpp"
#include "reports/model_run.hpp"
#include "reports/sample.hpp"
#include "reports/verdict.hpp"
#include "theory/device_spec.hpp"
#include "theory/peak.hpp"

namespace peakproof::reports {

using Texts = std::map<std::string, std::string>;

/// E_spec = achieved / peak(rated clock); E_issue = achieved / peak(measured clock); C = measured / rated clock.
struct Efficiency {
  std::optional<double> spec;
  std::optional<double> issue;
  std::optional<double> clock;
};

/// A named part of what is missing to 100 % of the rated peak (of the peak at the measured clock where no rated one is
/// known). `fraction` is of that peak.
struct Loss {
  std::string kind;  ///< "clock" or "issue"
  std::string name;  ///< "power cap", "thermal", "locked", "overhead instructions", "launch", "unknown", …
  double fraction = 0;
  std::string evidence;  ///< where the number comes from
};

/// The lowest E_issue that is accepted, and who says so.
struct Floor {
  double issue = 0;
  std::string source;
};

/// Wrong items of one SM (or core): silent data corruption has an address.
struct WrongUnit {
  int unit = -1;  ///< %smid; -1: no SM can be named
  std::int64_t items = 0;
  std::uint64_t bits = 0;  ///< every bit that was wrong in any of them
  std::string example;     ///< "item 4711: 3f8ccccd, expected 3f8ccccc"
};

/// The check of the answer.
struct Verification {
  std::string method;  ///< e.g. "every thread bit for bit against std::fma"; empty: not checked
  std::int64_t items = 0;
  std::int64_t mismatches = 0;
  std::int64_t not_numbers = 0;  ///< of the mismatches: NaN or infinite, told by their bits
  /// SMs (cores) whose answers were checked; 0: the kernel does not say which SM answered.
  int units = 0;
  std::vector<WrongUnit> wrong_units;    ///< empty where nothing was wrong
  std::optional<double> relative_error;  ///< ||out - ref|| / ||ref|| where the arithmetic is not exact
  std::optional<double> tolerance;       ///< the largest relative_error that is accepted
  std::optional<double> rmse;            ///< root mean square of out - ref
  std::optional<double> mae;             ///< mean of |out - ref|
  std::optional<double> max_error;       ///< the largest |out - ref|
  /// Something was compared, nothing differed, relative_error is within tolerance, and every error that is set is a
  /// number.
  [[nodiscard]] bool passed() const;
};

/// The audit of the machine code that ran.
struct Audit {
  std::string status;  ///< "audited", "failed", "unaudited", or "not_applicable" (a library call, the CPU)
  std::string kernel;
  std::string arch;  ///< "sm_90a"
  std::string cubin_sha256;
  std::map<std::string, int> counts;  ///< opcode -> instructions in the hot loop
  std::optional<double> overhead;     ///< instructions that are not claimed / all instructions of the hot loop
  std::string note;
};

/// A second launch that the first is held against (cuBLAS on the same matrices). Both were sampled in turn, so that
/// heat and power cap are the same for both; the result's own figures come from samples of its own.
struct Reference {
  std::string name;
  double achieved_per_s = 0;
  double ratio = 0;  ///< own_achieved_per_s / achieved_per_s
  int samples = 0;   ///< of each of the two
  std::optional<double> sm_clock_hz;
  std::optional<double> own_achieved_per_s;  ///< this result's rate in the same turns; absent in files before 1.2
  std::optional<double> own_sm_clock_hz;
};

/// The spread over the SMs (or cores): shows a slow SM or GPC.
struct UnitMap {
  std::string quantity;       ///< "sm_clock_hz", "operations_per_clk", "bytes_per_clk", …
  std::vector<int> unit;      ///< %smid
  std::vector<double> value;  ///< one per unit
};

/// The unit of what is called and returns, such as a launch: it is told as the time that one takes.
inline constexpr std::string_view kCalls = "CALL/s";

/// An earlier measurement of the same case, kept when it was measured again.
struct Attempt {
  double achieved_per_s = 0;
  Efficiency efficiency;
  Summary summary;
  Verdict verdict = Verdict::error;
};

struct Result {
  std::string name;
  Texts params;
  std::optional<theory::Pipe> pipe;
  double work_per_launch = 0;
  int launches_per_sample = 1;                ///< more than one where a launch alone is too short to be timed
  double achieved_per_s = 0;                  ///< work x launches per sample / median; NaN where nothing was measured
  std::string unit;                           ///< "FLOP/s", "OP/s", "B/s", "CALL/s"
  std::optional<theory::Peak> peak;           ///< at the rated clock
  std::optional<theory::Peak> peak_measured;  ///< at the measured clock; for memory the same as peak
  Efficiency efficiency;
  std::optional<Floor> floor;
  std::vector<Loss> losses;
  Summary summary;
  std::vector<Sample> samples;
  std::optional<Latency> latency;  ///< of a latency benchmark: reported, not judged
  Verification verification;
  Audit audit;
  std::optional<Reference> reference;
  std::vector<UnitMap> unit_maps;
  std::optional<Inference> inference;  ///< of a network that was run
  std::optional<Training> training;    ///< of a network that was trained
  std::optional<Telemetry> telemetry;  ///< while it was sampled; nothing where nobody could be asked
  std::vector<Attempt> attempts;       ///< before this one; the first one first
  Verdict verdict = Verdict::error;
  std::string note;
};

struct Device {
  theory::DeviceSpec spec;
  bool stand_in = false;  ///< a pretend device of the tests: its reports say STAND-IN and are no reference
  Texts facts;            ///< uuid, pci, driver, vbios, ecc, mig, power limit, event reasons before and after, …
};

struct Tool {
  std::string version;
  std::string commit;
  std::string compiler;
  std::string build_type;
  Texts facts;  ///< CUDA toolkit, runtime and driver versions, libraries
};

struct Host {
  std::string name;
  std::string os;
  std::string cpu;
  int cpu_count = 0;
  double cpu_hz = 0;
  std::optional<bool> cpu_scaling;  ///< the governor may change the clock; nothing where unknown
  std::vector<double> load_average;
};

struct Completeness {
  std::vector<std::string> planned;
  std::vector<std::string> missing;
};

/// Under what terms a report was judged as an acceptance.
struct Acceptance {
  std::string level;  ///< "quick", "standard", "extended", "soak", "verify"
  std::string policy_name;
  std::string policy_sha256;
  std::string policy_text;
  std::string baseline_sha256;  ///< empty: none
  double planned_s = 0;         ///< how long the run was meant to take
  std::string claim;            ///< what the run proves beyond its figures, such as a soak's MTBF; may be empty
};

/// What the report is about.
enum class Scope { device, node, fleet };
[[nodiscard]] std::string_view name(Scope scope);
[[nodiscard]] std::optional<Scope> scope_from_name(std::string_view name);

struct Report {
  std::string run_id;  ///< UUID, version 7; empty in files before 1.4
  Scope scope = Scope::device;
  std::string started;  ///< ISO 8601 with offset
  std::string finished;
  std::vector<std::string> argv;
  Tool tool;
  Host host;
  Device device;
  std::vector<Result> results;
  Completeness completeness;
  std::optional<Health> health;          ///< nothing in files before 1.4 and where nobody was asked
  std::optional<Acceptance> acceptance;  ///< nothing: measured, not accepted
  std::vector<Check> checks;             ///< of an acceptance, in the order of the policy's rules
  /// The devices of a node, or the nodes of a fleet. Such a report has no results of its own; its verdict is the worst.
  std::vector<Report> members;
  double duration_s = 0;
  bool samples_withheld = false;  ///< to save room: the figures stand, the single samples are gone
  bool anonymous = false;
  std::string verdict;  ///< verdict_of_exit_code(exit_code)
  int exit_code = 0;
};

/// Whether these params are of a burst: sampled from idle, without warm-up.
[[nodiscard]] bool is_burst(const Texts& params);

/// The spread that judge() holds against its limit: that of the times, and of a burst of a pipe that follows the SM
/// clock that of E_issue (issue_spread), since a burst's clock changes by nature.
[[nodiscard]] double judged_spread(const Result& result);

/// The verdict on a result that was measured, from what it holds: judge() on its evidence. The same result always gets
/// the same verdict, also when it is read from a file.
[[nodiscard]] Verdict judge(const Result& result, const Limits& limits = {});

/// What a report says against itself: a result whose verdict is not what its figures give, or an exit code that its
/// results do not give. Empty where nothing.
[[nodiscard]] std::string contradiction(const Report& report);

}  // namespace peakproof::reports
