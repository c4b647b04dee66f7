// Which machine code runs, and whether it was audited when it was built.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/result.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::bench {

/// One row that scripts/sass_audit.py wrote at build time.
struct AuditRow {
  std::string_view kernel;
  std::string_view arch;  ///< "sm_90a"
  std::string_view cubin_sha256;
  std::string_view status;  ///< "audited" or "failed"
  double overhead;          ///< instructions of the hot loop that are not claimed / all of it; -1: not what counts
  std::string_view counts;  ///< "FFMA=512 BRA=1"
  std::string_view note;
};
/// The table that was compiled in; empty in a build without a disassembler.
[[nodiscard]] std::span<const AuditRow> audit_table();

/// A cubin inside the running executable.
struct EmbeddedImage {
  std::string arch;
  std::string sha256;
};
/// The cubins of the running executable, hashed now.
[[nodiscard]] const std::vector<EmbeddedImage>& embedded_images();

/// The architecture whose cubin the driver loads on a device of this capability: an exact "a" target, else the highest
/// minor of the same major that is not above the device's; empty where only PTX is left. Pure.
[[nodiscard]] std::string loaded_arch(theory::ComputeCapability device, const std::vector<EmbeddedImage>& images);

/// The audit of `kernel` on a device: "unaudited" with the reason where the table has no row for the very bytes that
/// are in the executable, or where the driver compiles PTX. Pure.
[[nodiscard]] reports::Audit look_up_audit(const std::string& kernel, theory::ComputeCapability device,
                                           std::span<const AuditRow> table, const std::vector<EmbeddedImage>& images,
                                           bool forced_ptx);

}  // namespace peakproof::bench
