#include "bench/harness/cpu_topology.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace peakproof::bench {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::filesystem::path cpu_folder(int cpu, const SystemRoot& root) {
  return root / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu));
}

void keep_smaller(std::optional<double>& limit, std::optional<double> other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

// "max 100000" or "150000 100000": quota and period in microseconds.
std::optional<double> quota_v2(const std::filesystem::path& group) {
  const std::optional<std::string> text = read_text(group / "cpu.max");
  if (!text) return std::nullopt;
  const std::vector<std::string> words = split(*text, ' ');
  if (words.size() != 2) return std::nullopt;
  const auto quota = parse_number<double>(words[0]);
  const auto period = parse_number<double>(words[1]);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return *quota / *period;
}

std::optional<double> quota_v1(const std::filesystem::path& group) {
  const auto quota = parse_number<double>(read_text(group / "cpu.cfs_quota_us").value_or(""));
  const auto period = parse_number<double>(read_text(group / "cpu.cfs_period_us").value_or(""));
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;  // -1: no limit
  return *quota / *period;
}

// What is left to a group: its limit less what is in use, in bytes.
std::optional<double> memory_left(const std::filesystem::path& group, const char* limit_file, const char* usage_file) {
  const auto limit = parse_number<double>(read_text(group / limit_file).value_or(""));  // "max": no limit
  const auto usage = parse_number<double>(read_text(group / usage_file).value_or(""));
  if (!limit || !usage) return std::nullopt;
  return std::max(0.0, *limit - *usage);
}

std::optional<double> memory_left_v2(const std::filesystem::path& group) {
  return memory_left(group, "memory.max", "memory.current");
}

std::optional<double> memory_left_v1(const std::filesystem::path& group) {
  return memory_left(group, "memory.limit_in_bytes", "memory.usage_in_bytes");
}

using ReadLimit = std::optional<double> (*)(const std::filesystem::path& group);

// From the top down to the group: a container may see its own group as the top, and a limit may stand on any level.
std::optional<double> smallest_on_path(const std::filesystem::path& mount, std::string_view group, ReadLimit read) {
  std::optional<double> limit = read(mount);
  std::filesystem::path path = mount;
  for (const std::string& part : split(group, '/')) {
    if (part.empty()) continue;
    path /= part;
    keep_smaller(limit, read(path));
  }
  return limit;
}

// The smallest limit of this process's groups: version 2, and version 1 of the named controller.
std::optional<double> smallest_limit(const SystemRoot& root, std::string_view controller, ReadLimit v2, ReadLimit v1) {
  std::optional<double> limit;
  std::istringstream lines(read_text(root / "proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {  // "0::/path" or "4:cpu,cpuacct:/path"
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    const std::filesystem::path mounts = root / "sys/fs/cgroup";
    if (controllers.empty()) {
      keep_smaller(limit, smallest_on_path(mounts, group, v2));
      continue;
    }
    const std::vector<std::string> names = split(controllers, ',');
    if (std::find(names.begin(), names.end(), controller) == names.end()) continue;
    keep_smaller(limit, smallest_on_path(mounts / controllers, group, v1));
    if (names.size() > 1) keep_smaller(limit, smallest_on_path(mounts / controller, group, v1));
  }
  return limit;
}

// "32768K", "2M" or bytes.
std::int64_t parse_cache_size(std::string_view text) {
  std::int64_t unit = 1;
  if (!text.empty() && (text.back() == 'K' || text.back() == 'M')) {
    unit = text.back() == 'K' ? 1024 : 1024 * 1024;
    text.remove_suffix(1);
  }
  return parse_number<std::int64_t>(text).value_or(0) * unit;
}

}  // namespace

std::optional<std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return std::nullopt;
  text.erase(text.find_last_not_of(" \t\n\r") + 1);
  return text;
}

std::vector<int> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  if (text.empty()) return cpus;
  for (const std::string& part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_number<int>(std::string_view(part).substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_number<int>(std::string_view(part).substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > 1'000'000) return {};
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::vector<int> allowed_cpus() {
  // The mask must hold every CPU that the kernel was built for, else the call fails with EINVAL: try larger ones.
  for (std::size_t capacity = CPU_SETSIZE; capacity <= (1U << 20U); capacity *= 2) {
    cpu_set_t* mask = CPU_ALLOC(capacity);
    if (mask == nullptr) return {};
    const std::size_t size = CPU_ALLOC_SIZE(capacity);
    std::vector<int> cpus;
    if (sched_getaffinity(0, size, mask) == 0) {
      for (std::size_t cpu = 0; cpu < capacity; ++cpu) {
        if (CPU_ISSET_S(cpu, size, mask)) cpus.push_back(static_cast<int>(cpu));
      }
    }
    CPU_FREE(mask);
    if (!cpus.empty()) return cpus;
  }
  return {};
}

std::vector<int> one_cpu_per_core(const std::vector<int>& allowed, const SystemRoot& root) {
  std::set<int> taken;  // siblings of a core that is in use
  std::vector<int> sorted = allowed;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> cores;
  for (const int cpu : sorted) {
    if (taken.contains(cpu)) continue;
    cores.push_back(cpu);
    const std::filesystem::path topology = cpu_folder(cpu, root) / "topology";
    std::optional<std::string> siblings = read_text(topology / "core_cpus_list");
    if (!siblings) siblings = read_text(topology / "thread_siblings_list");  // its name before Linux 5.3
    for (const int sibling : parse_cpu_list(siblings.value_or(""))) taken.insert(sibling);
  }
  return cores;
}

std::optional<double> cpu_quota(const SystemRoot& root) { return smallest_limit(root, "cpu", quota_v2, quota_v1); }

std::vector<int> within_quota(std::vector<int> cores, std::optional<double> quota) {
  if (quota && *quota < static_cast<double>(cores.size()) && !cores.empty()) {
    cores.resize(std::max<std::size_t>(1, static_cast<std::size_t>(*quota)));
  }
  return cores;
}

std::string to_cpu_list(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(cpus[first]);
    if (last > first) text += '-' + std::to_string(cpus[last]);
    first = last + 1;
  }
  return text;
}

std::int64_t meminfo_bytes(std::string_view key, const SystemRoot& root) {
  std::istringstream lines(read_text(root / "proc/meminfo").value_or(""));
  for (std::string line; std::getline(lines, line);) {  // "MemTotal:       24605724 kB"
    if (line.size() <= key.size() || line.compare(0, key.size(), key) != 0 || line[key.size()] != ':') continue;
    std::istringstream words(line.substr(key.size() + 1));
    std::int64_t kibibytes = 0;
    return words >> kibibytes ? kibibytes * 1024 : 0;
  }
  return 0;
}

std::int64_t available_memory_bytes(const SystemRoot& root) {
  const std::int64_t available = meminfo_bytes("MemAvailable", root);
  const std::optional<double> left = smallest_limit(root, "memory", memory_left_v2, memory_left_v1);
  return left && *left < static_cast<double>(available) ? static_cast<std::int64_t>(*left) : available;
}

std::vector<CacheLevel> data_caches(int cpu, const SystemRoot& root) {
  std::map<int, CacheLevel> levels;
  for (int index = 0; index < 16; ++index) {
    const std::filesystem::path cache = cpu_folder(cpu, root) / "cache" / ("index" + std::to_string(index));
    const auto level = parse_number<int>(read_text(cache / "level").value_or(""));
    if (!level) break;
    if (read_text(cache / "type") == "Instruction") continue;
    std::vector<int> shared_with = parse_cpu_list(read_text(cache / "shared_cpu_list").value_or(""));
    if (shared_with.empty()) shared_with = {cpu};
    levels[*level] = {*level, parse_cache_size(read_text(cache / "size").value_or("")), std::move(shared_with)};
  }
  std::vector<CacheLevel> caches;
  caches.reserve(levels.size());
  for (auto& [level, cache] : levels) caches.push_back(std::move(cache));
  return caches;
}

std::int64_t cache_share_bytes(int level, const std::vector<int>& cpus, const SystemRoot& root) {
  std::optional<std::int64_t> smallest;
  for (const int cpu : cpus) {
    std::int64_t share = 0;
    for (const CacheLevel& cache : data_caches(cpu, root)) {
      const auto shares = [&](int other) {
        return std::find(cache.shared_with.begin(), cache.shared_with.end(), other) != cache.shared_with.end();
      };
      if (cache.level == level)
        share = cache.bytes / std::max<std::int64_t>(1, std::count_if(cpus.begin(), cpus.end(), shares));
    }
    if (!smallest || share < *smallest) smallest = share;
  }
  return smallest.value_or(0);
}

std::int64_t last_level_cache_bytes(const std::vector<int>& cpus, const SystemRoot& root) {
  std::map<std::vector<int>, std::int64_t> last_levels;  // by the CPUs that share it
  for (const int cpu : cpus) {
    const std::vector<CacheLevel> caches = data_caches(cpu, root);
    if (!caches.empty()) last_levels[caches.back().shared_with] = caches.back().bytes;
  }
  std::int64_t sum = 0;
  for (const auto& [shared, bytes] : last_levels) sum += bytes;
  return sum;
}

std::vector<double> stolen_seconds(const std::vector<int>& cpus, const SystemRoot& root) {
  const std::optional<std::string> text = read_text(root / "proc/stat");
  if (!text) return {};
  std::map<int, double> stolen;
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("cpu", 0) != 0) break;  // the CPUs stand first
    std::istringstream words(line.substr(3));
    int cpu = -1;
    if (line.size() > 3 && line[3] == ' ') continue;  // "cpu  ": the sum
    words >> cpu;
    double ticks = 0;
    for (int field = 0; field < 8; ++field) words >> ticks;  // user nice system idle iowait irq softirq steal
    if (words) stolen[cpu] = ticks / ticks_per_second;
  }
  std::vector<double> result;
  for (const int cpu : cpus) {
    const auto found = stolen.find(cpu);
    if (found == stolen.end()) return {};
    result.push_back(found->second);
  }
  return result;
}

}  // namespace peakproof::bench
