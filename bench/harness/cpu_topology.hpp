// Which cores this process may use, read from the system's files below a root folder ("/", or a made-up tree in tests).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::bench {

using SystemRoot = std::filesystem::path;

/// The whole text of a small file without the white space at its end; nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> read_text(const std::filesystem::path& file);
/// The numbers of a kernel CPU list such as "0-3,8"; empty where the text is not one.
[[nodiscard]] std::vector<int> parse_cpu_list(std::string_view text);

/// The CPUs (hardware threads) that the scheduler may put this process on, in ascending order.
[[nodiscard]] std::vector<int> allowed_cpus();
/// One CPU per physical core, the lowest allowed one; in ascending order. Where the system says nothing of siblings,
/// every allowed CPU counts as a core.
[[nodiscard]] std::vector<int> one_cpu_per_core(const std::vector<int>& allowed, const SystemRoot& root);

/// CPU time per second that the control groups of this process grant (cpu.max of version 2, cpu.cfs_quota_us of version
/// 1, the smallest on the way to the root); nothing where there is no limit.
[[nodiscard]] std::optional<double> cpu_quota(const SystemRoot& root);
/// The CPUs to use: the first of `cores`, as many as the quota keeps busy without throttling, at least one.
[[nodiscard]] std::vector<int> within_quota(std::vector<int> cores, std::optional<double> quota);

/// "0-3,8" of a sorted list of CPUs.
[[nodiscard]] std::string to_cpu_list(const std::vector<int>& cpus);
/// Bytes that a new allocation can have without swapping or being killed: MemAvailable, and what the control groups of
/// this process leave. 0 where unknown.
[[nodiscard]] std::int64_t available_memory_bytes(const SystemRoot& root);
/// A line of /proc/meminfo such as "MemTotal", in bytes; 0 where unknown.
[[nodiscard]] std::int64_t meminfo_bytes(std::string_view key, const SystemRoot& root);

/// One level of the data caches that a CPU sees; those that hold instructions too count.
struct CacheLevel {
  int level = 0;                 ///< 1: the first
  std::int64_t bytes = 0;        ///< 0 where unknown
  std::vector<int> shared_with;  ///< the CPUs that it serves, this one among them
};
/// Those of this CPU, from the first level on; empty where the system does not tell.
[[nodiscard]] std::vector<CacheLevel> data_caches(int cpu, const SystemRoot& root);
/// Bytes of the caches of this level that fall to each of the CPUs where all of them work at once: the smallest share.
/// 0 where one of them has no such level, or one of unknown size.
[[nodiscard]] std::int64_t cache_share_bytes(int level, const std::vector<int>& cpus, const SystemRoot& root);
/// Bytes of all last-level caches that the given CPUs share among them; 0 where unknown.
[[nodiscard]] std::int64_t last_level_cache_bytes(const std::vector<int>& cpus, const SystemRoot& root);
/// Time stolen by the hypervisor since boot, per CPU in the order given, in seconds (field "steal" of /proc/stat, in
/// steps of 10 ms). Empty where the file cannot be read.
[[nodiscard]] std::vector<double> stolen_seconds(const std::vector<int>& cpus, const SystemRoot& root);

}  // namespace peakproof::bench
