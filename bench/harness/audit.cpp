#include "bench/harness/audit.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <iterator>
#include <sstream>
#include <vector>

#include "kernels/image/embedded_cubins.hpp"
#include "reports/sha256.hpp"

namespace peakproof::bench {
namespace {

/// An AuditRow as it is compiled in: in string_views, the compiler would count the letters of thousands of rows.
struct CompiledRow {
  const char* kernel;
  const char* arch;
  const char* cubin_sha256;
  const char* status;
  double overhead;
  const char* counts;
  const char* note;
};
constexpr CompiledRow kTable[] = {
#include "audit/table.inc"
    {"", "", "", "", 0, "", ""},  // an array may not be empty
};

std::map<std::string, int> parse_counts(std::string_view text) {
  std::map<std::string, int> counts;
  std::istringstream words{std::string(text)};
  for (std::string word; words >> word;)
    if (const auto equals = word.find('='); equals != std::string::npos)
      counts[word.substr(0, equals)] = std::atoi(word.c_str() + equals + 1);
  return counts;
}

/// "sm_90a" -> {9, 0} and whether it is an architecture-specific ("a") target; "sm_103" -> {10, 3}.
struct Target {
  theory::ComputeCapability cc;
  bool specific = false;
};
Target parse_target(std::string_view arch) {
  const int number = std::atoi(std::string(arch.substr(arch.find('_') + 1)).c_str());
  return {.cc = {number / 10, number % 10}, .specific = arch.ends_with('a')};
}

}  // namespace

std::span<const AuditRow> audit_table() {
  static const std::vector<AuditRow> kRows = [] {
    std::vector<AuditRow> rows;
    for (const auto& row : std::span(kTable).first(std::size(kTable) - 1))
      rows.push_back({row.kernel, row.arch, row.cubin_sha256, row.status, row.overhead, row.counts, row.note});
    return rows;
  }();
  return kRows;
}

const std::vector<EmbeddedImage>& embedded_images() {
  static const std::vector<EmbeddedImage> kImages = [] {
    std::vector<EmbeddedImage> images;
    const auto program = kernels::read_own_executable();
    for (const auto& cubin : kernels::find_cubins(program))
      images.push_back(
          {.arch = cubin.arch,
           .sha256 = reports::sha256({reinterpret_cast<const char*>(cubin.bytes.data()), cubin.bytes.size()})});
    return images;
  }();
  return kImages;
}

std::string loaded_arch(theory::ComputeCapability device, const std::vector<EmbeddedImage>& images) {
  std::string best;
  int best_minor = -1;
  for (const auto& image : images) {
    const Target target = parse_target(image.arch);
    if (target.cc.major != device.major || target.cc.minor > device.minor) continue;
    if (target.specific && target.cc != device) continue;
    const int rank = 2 * target.cc.minor + (target.specific ? 1 : 0);
    if (rank <= best_minor) continue;
    best = image.arch;
    best_minor = rank;
  }
  return best;
}

reports::Audit look_up_audit(const std::string& kernel, theory::ComputeCapability device,
                             std::span<const AuditRow> table, const std::vector<EmbeddedImage>& images,
                             bool forced_ptx) {
  reports::Audit audit{.status = "unaudited", .kernel = kernel};
  if (forced_ptx) {
    audit.note = "CUDA_FORCE_PTX_JIT is set: the driver compiled the PTX";
    return audit;
  }
  audit.arch = loaded_arch(device, images);
  if (audit.arch.empty()) {
    audit.note = fmt::format("no cubin for compute capability {}: the driver compiled the PTX", to_string(device));
    return audit;
  }
  if (table.empty()) {
    audit.note = "built without a disassembler: run scripts/run.sh, which installs one";
    return audit;
  }
  for (const auto& image : images) {
    if (image.arch != audit.arch) continue;
    for (const auto& row : table) {
      if (row.kernel != kernel || row.arch != image.arch || row.cubin_sha256 != image.sha256) continue;
      const bool never_measured = row.status == "absent" || row.status == "unused";
      audit.status = never_measured ? "failed" : row.status;  // whatever ran, it was not the work
      audit.cubin_sha256 = row.cubin_sha256;
      audit.counts = parse_counts(row.counts);
      if (row.overhead >= 0) audit.overhead = row.overhead;
      audit.note = row.note;
      return audit;
    }
  }
  audit.note = "the machine code in this executable is not the code that was audited when it was built";
  return audit;
}

}  // namespace peakproof::bench
