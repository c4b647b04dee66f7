// NVML's counters of a device's health and its events. What comes up during a run comes with the first launch of a measured
// kernel, so that a look before it sees nothing.
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>

#include "tests/stand_in/nvml_device.hpp"

namespace {

namespace self = peakproof::stand_in;
using self::answer;
using self::enter;
using self::give;
using self::kInvalidArgument;
using self::kNotSupported;
using self::kSuccess;
using self::kTimeout;
using self::RowRemap;
using Device = self::NvmlDevice;
using Count = unsigned long long;

/// So many from the first launch on.
Count come_up(int many) { return self::launches() > 0 ? static_cast<Count>(many) : 0; }

/// nvmlMemoryErrorType_t
constexpr int kUncorrected = 1;
Count errors(const Device* device, int type) {
  const auto& played = self::settings_of(device);
  return come_up(type == kUncorrected ? played.ecc_errors : played.ecc_corrected);
}

/// nvmlRowRemapperHistogramValues_t
struct Banks {
  unsigned max;
  unsigned high;
  unsigned partial;
  unsigned low;
  unsigned none;
};

/// nvmlEccSramErrorStatus_v1_t, of which the version and the last member are played.
struct SramStatus {
  unsigned version;
  Count counts[11];
  unsigned threshold_exceeded;
};

/// nvmlViolationTime_t
struct ViolationTime {
  Count reference_us;
  Count violation_ns;
};

// nvmlEventType…
constexpr Count kSingleBitEcc = 0x1;
constexpr Count kDoubleBitEcc = 0x2;
constexpr Count kXid = 0x8;

/// nvmlEventData_t
struct EventData {
  Device* device;
  Count type;
  Count data;
  unsigned gpu_instance;
  unsigned compute_instance;
};

/// What a set has still to tell of its one device.
struct EventSet {
  Device* device = nullptr;
  Count wanted = 0;
  Count told = 0;  // of each type one event
};

/// The next event that has happened and was not told.
Count next_event(const EventSet& set) {
  const auto& played = self::settings_of(set.device);
  const std::int64_t launches = self::launches();
  Count happened = 0;
  if (played.xid_at > 0 && launches >= played.xid_at) happened |= kXid;
  if (played.ecc_errors > 0 && launches > 0) happened |= kDoubleBitEcc;
  if (played.ecc_corrected > 0 && launches > 0) happened |= kSingleBitEcc;
  const Count untold = happened & set.wanted & ~set.told;
  return untold & (~untold + 1);  // the lowest of them
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are NVML's
extern "C" {

int nvmlDeviceGetTotalEccErrors(Device* device, int type, int /*counter*/, Count* count) {
  return answer(device, count, errors(device, type), self::settings_of(device).ecc);
}
/// All of them are of device memory.
int nvmlDeviceGetMemoryErrorCounter(Device* device, int type, int /*counter*/, int location, Count* count) {
  constexpr int dram = 2;  // nvmlMemoryLocation_t
  constexpr int sram = 7;
  const bool known = location == dram || location == sram;
  return answer(device, count, location == dram ? errors(device, type) : 0, known && self::settings_of(device).ecc);
}
int nvmlDeviceGetSramEccErrorStatus(Device* device, SramStatus* status) {
  constexpr unsigned version = 0x1000068;  // nvmlEccSramErrorStatus_v1
  static_assert(sizeof(SramStatus) == (version & 0xffffffU));
  if (status == nullptr || status->version != version) return kInvalidArgument;
  const auto& played = self::settings_of(device);
  SramStatus now{};
  now.version = version;
  now.threshold_exceeded = played.sram_threshold ? 1 : 0;
  return answer(device, status, now, played.ecc);
}

int nvmlDeviceGetRetiredPagesPendingStatus(Device* device, unsigned* pending) {
  return answer(device, pending, self::settings_of(device).retired_pending ? 1U : 0U);
}
int nvmlDeviceGetRemappedRows(Device* device, unsigned* corrected, unsigned* uncorrected, unsigned* pending,
                              unsigned* failed) {
  const RowRemap remap = self::settings_of(device).remap;
  const bool any = remap != RowRemap::none;
  const int status = answer(device, corrected, 0U, remap != RowRemap::unsupported);
  if (status != kSuccess) return status;
  *uncorrected = any ? 1 : 0;
  *pending = remap == RowRemap::pending ? 1 : 0;
  *failed = remap == RowRemap::failed ? 1 : 0;
  return kSuccess;
}
/// 640 banks, the most of them with all spare rows.
int nvmlDeviceGetRowRemapperHistogram(Device* device, Banks* banks) {
  constexpr unsigned all = 640;
  const RowRemap remap = self::settings_of(device).remap;
  Banks now{.max = all, .high = 0, .partial = 0, .low = 0, .none = 0};
  if (remap != RowRemap::none) --now.max;
  if (remap == RowRemap::low)
    now.low = 1;
  else if (remap == RowRemap::full || remap == RowRemap::failed)
    now.none = 1;
  else if (remap != RowRemap::none)
    now.high = 1;
  return answer(device, banks, now, remap != RowRemap::unsupported);
}

int nvmlDeviceGetPcieReplayCounter(Device* device, unsigned* replays) {
  return answer(device, replays, static_cast<unsigned>(come_up(self::settings_of(device).pcie_replays)));
}
/// All of them are of the first link that is up.
int nvmlDeviceGetNvLinkErrorCounter(Device* device, unsigned link, int kind, Count* count) {
  const auto& played = self::settings_of(device);
  const int number = static_cast<int>(link);
  const bool here = number == played.nvlinks_down && kind == played.nvlink_error_kind;
  return answer(device, count, here ? come_up(played.nvlink_errors) : 0,
                number < played.nvlinks && number >= played.nvlinks_down);
}

/// In the device's own time.
int nvmlDeviceGetViolationStatus(Device* device, unsigned policy, ViolationTime* time) {
  const auto& shares = self::settings_of(device).violation_ms;
  const double seconds = self::device_seconds();
  const bool known = policy < shares.size();
  const double lowered = known ? 1e-3 * shares.at(policy) * seconds : 0;
  return answer(device, time,
                {.reference_us = static_cast<Count>(std::llround(1e6 * seconds)),
                 .violation_ns = static_cast<Count>(std::llround(1e9 * lowered))},
                known);
}

int nvmlDeviceGetSupportedEventTypes(Device* device, Count* types) {
  return answer(device, types, kSingleBitEcc | kDoubleBitEcc | kXid);
}
int nvmlEventSetCreate(EventSet** set) { return give(set, new EventSet); }
int nvmlEventSetFree(EventSet* set) {
  delete set;
  return kSuccess;
}
int nvmlDeviceRegisterEvents(Device* device, Count types, EventSet* set) {
  if (set == nullptr) return kInvalidArgument;
  set->device = device;
  set->wanted = types;
  return enter(device);
}
int nvmlEventSetWait_v2(EventSet* set, EventData* event, unsigned /*timeout_ms*/) {
  if (set == nullptr || set->device == nullptr) return kInvalidArgument;
  if (const int status = enter(set->device); status != kSuccess) return status;
  const Count type = next_event(*set);
  if (type == 0) return kTimeout;
  set->told |= type;
  const auto xid = static_cast<Count>(self::settings_of(set->device).xid);
  return give(event, {.device = set->device,
                      .type = type,
                      .data = type == kXid ? xid : 0,
                      .gpu_instance = ~0U,
                      .compute_instance = ~0U});
}
}
// NOLINTEND(readability-identifier-naming)
