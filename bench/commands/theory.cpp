#include "bench/commands/theory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "theory/cpu.hpp"
#include "theory/peak.hpp"
#include "theory/pipe.hpp"
#include "theory/roofline.hpp"
#include "theory/sm_resources.hpp"
#include "theory/throughput.hpp"
#include "theory/units.hpp"

namespace peakproof::bench {
namespace {

using theory::Pipe;

constexpr std::size_t kColumns = 120;
constexpr std::string_view kUnknown = "unknown";

/// `head`, then `text` in lines of at most kColumns, each but the first indented to the column where `text` began.
std::string wrapped(std::string head, std::string_view text) {
  const std::size_t indent = head.size();
  std::string out = std::move(head);
  std::size_t column = indent;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    if (column > indent && column + 1 + word.size() > kColumns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return out + '\n';
}

/// "34.00 TFLOP/s" -> "34 TFLOP/s": as many digits as were printed, no more.
std::string without_zeros(std::string text) {
  const auto space = text.find(' ');
  const auto point = text.find('.');
  if (point == std::string::npos || space == std::string::npos) return text;
  std::size_t end = text.find_last_not_of('0', space - 1) + 1;
  if (end == point + 1) end = point;
  return text.erase(end, space - end);
}

std::string megahertz(double hz) { return hz > 0 ? theory::plain(hz * 1e-6) + " MHz" : std::string(kUnknown); }

std::string mebibytes(std::int64_t bytes) {
  constexpr double mebi = 1024 * 1024;
  return bytes > 0 ? theory::plain(static_cast<double>(bytes) / mebi) + " MiB" : std::string(kUnknown);
}

std::string line(std::string_view label, std::string_view text) {
  return wrapped(fmt::format("  {:<16}", label), text);
}

/// A line whose text is aligned already.
std::string aligned_line(std::string_view label, std::string_view text) {
  return fmt::format("  {:<16}{}\n", label, text);
}

std::string published_text(const theory::Board& board, Pipe pipe) {
  for (const auto& published : theory::published_peaks(board))
    if (published.pipe == pipe) return without_zeros(theory::si(published.per_second(), theory::unit(pipe), 4));
  return "";
}

std::string memory_text(const theory::DeviceSpec& device, const std::string& printed_bandwidth) {
  std::vector<std::string> parts;
  std::string size = device.memory_bytes > 0
                         ? without_zeros(theory::si(static_cast<double>(device.memory_bytes), "B", 4))
                         : "size " + std::string(kUnknown);
  size += ' ';
  size += device.memory_type.empty() ? "type " + std::string(kUnknown) : device.memory_type;
  parts.push_back(size);
  parts.push_back(device.memory_bus_bits > 0 ? fmt::format("{} bit", device.memory_bus_bits)
                                             : "bus " + std::string(kUnknown));
  if (device.memory_data_rate_bps > 0)
    parts.push_back(theory::plain(device.memory_data_rate_bps * 1e-9) + " Gb/s per pin");
  if (const auto bandwidth = theory::rated_peak(device, Pipe::dram)) {
    parts.push_back(theory::plain(bandwidth->per_second * 1e-9, 4) + " GB/s");
  } else {
    parts.push_back("bandwidth " + std::string(kUnknown) +
                    (printed_bandwidth.empty() ? "" : " (printed: " + printed_bandwidth + ")"));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string links_text(const theory::Board& board) {
  std::string text = board.pcie_generation > 0 ? fmt::format("PCIe {}.0", board.pcie_generation) : "PCIe unknown";
  if (board.pcie_lanes > 0) text += fmt::format(" x{}", board.pcie_lanes);
  if (board.nvlink_gbs > 0) text += fmt::format(", NVLink {} GB/s", theory::plain(board.nvlink_gbs));
  return text;
}

std::string unit_counts(const theory::DeviceSpec& device) {
  const auto* sm = theory::find_sm_resources(device.compute_capability);
  if (sm == nullptr) {
    return line("Units", "unknown for compute capability " + theory::to_string(device.compute_capability));
  }
  const std::array<std::pair<std::string_view, int>, 5> units = {{
      {"FP32 cores", sm->fp32_cores},
      {"FP64 cores", sm->fp64_cores},
      {"INT32 cores", sm->int32_cores},
      {"Tensor cores", theory::tensor_cores_per_sm(*sm, device.variant)},
      {"SFUs", sm->special_function_units},
  }};
  const bool no_tensor_cores = device.variant == theory::Variant::gtx16;
  std::string out;
  for (const auto& [label, count] : units) {
    const bool known = count > 0 || (label == "Tensor cores" && no_tensor_cores);
    out += aligned_line(label, known ? fmt::format("{:>6} per SM {:>8} in all", count, count * device.sm_count)
                                     : fmt::format("{:>6} per SM", "?"));
  }
  if (!sm->note.empty()) out += line("Units", sm->note);
  return out;
}

std::string clock_lines(const theory::DeviceSpec& device) {
  const auto row = [](std::string_view domain, const std::string& base, const std::string& boost,
                      std::string_view remark) {
    return fmt::format("  {:<16}{:>10} base {:>12} boost{}\n", domain, base, boost, remark);
  };
  const std::string base = megahertz(device.base_clock_hz);
  const bool own_tensor_clock = device.tensor_clock_hz > 0 && device.tensor_clock_hz != device.sm_clock_hz;
  std::string out = row("Vector clock", base, megahertz(device.sm_clock_hz), "");
  out += row("Tensor clock", base, megahertz(theory::rated_clock_hz(device, Pipe::tensor_fp16)),
             own_tensor_clock ? "   (FP64 tensor: the vector clock)" : "");
  return out + aligned_line("Memory clock", fmt::format("{:>10}", megahertz(device.memory_clock_hz)));
}

std::string gpu_sheet(const theory::DeviceSpec& device, const theory::Board* board) {
  std::string out = clock_lines(device);
  out += line("Memory", memory_text(device, board != nullptr ? published_text(*board, Pipe::dram) : ""));
  out += line("L2", mebibytes(device.l2_bytes));
  out += line("SMs", device.sm_count > 0 ? std::to_string(device.sm_count) : std::string(kUnknown));
  out += unit_counts(device);
  out += line("Power limit",
              device.power_limit_w > 0 ? theory::plain(device.power_limit_w) + " W" : std::string(kUnknown));
  if (board != nullptr) {
    out += line("Links", links_text(*board));
    if (!board->note.empty()) out += line("Note", board->note);
  }
  return out;
}

std::string cpu_sheet(const theory::DeviceSpec& device) {
  const auto* cpu = theory::find_cpu(device.microarchitecture);
  std::string out = line("Architecture", cpu != nullptr ? cpu->name : kUnknown);
  out += line("Cores used", std::to_string(device.sm_count));
  out += line("Rated clock", megahertz(device.sm_clock_hz));
  if (cpu != nullptr) {
    const auto lanes = [&](int bits) {
      return cpu->fp32_fma_lanes(bits) > 0 ? fmt::format("{} at {} bit", cpu->fp32_fma_lanes(bits), bits)
                                           : fmt::format("none at {} bit", bits);
    };
    out += line("FP32 FMA lanes", fmt::format("{}, {}, {}", lanes(128), lanes(256), lanes(512)));
  }
  return out;
}

std::string title(const theory::DeviceSpec& device) {
  const std::string name = device.name.empty() ? "unnamed device" : device.name;
  const std::string kind = device.kind == theory::DeviceKind::cpu
                               ? "host CPU"
                               : fmt::format("compute capability {}, {}", theory::to_string(device.compute_capability),
                                             theory::name(device.variant));
  const std::size_t gap = kColumns > name.size() + kind.size() ? kColumns - name.size() - kind.size() : 1;
  return name + std::string(gap, ' ') + kind + '\n' + std::string(kColumns, '=') + '\n';
}

/// What the table says of a peak beside its number: where it comes from and, where there is one, a note.
struct Origin {
  std::vector<std::string> sources;
  std::string note;
};

Origin origin_of(const theory::DeviceSpec& device, const theory::Peak& peak) {
  if (device.kind == theory::DeviceKind::gpu) {
    if (const auto* row = theory::find_throughput(device.compute_capability, device.variant, peak.pipe)) {
      Origin origin{{std::string(row->source)}, std::string(row->note)};
      if (!row->sparsity_source.empty()) {
        origin.sources.emplace_back(row->sparsity_source);
        origin.note.clear();  // it stands at the dense row
      }
      return origin;
    }
  }
  return {{peak.source}, {}};
}

/// Different texts, numbered from 1 in the order in which they came.
class Footnotes {
 public:
  std::size_t number(const std::string& text) {
    auto at = std::find(texts_.begin(), texts_.end(), text);
    if (at == texts_.end()) at = texts_.insert(texts_.end(), text);
    return static_cast<std::size_t>(at - texts_.begin()) + 1;
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < texts_.size(); ++i)
      out += wrapped(fmt::format("  {:<5}", fmt::format("[{}]", i + 1)), texts_[i]);
    return out;
  }

 private:
  std::vector<std::string> texts_;
};

struct Note {
  std::string pipes;
  std::string text;
};

/// Pipes of the same note share it.
void add_note(std::vector<Note>& notes, Pipe pipe, const std::string& text) {
  if (text.empty()) return;
  const auto same = std::find_if(notes.begin(), notes.end(), [&](const Note& note) { return note.text == text; });
  if (same == notes.end()) {
    notes.push_back({std::string(theory::name(pipe)), text});
  } else {
    same->pipes.append(", ").append(theory::name(pipe));
  }
}

std::string peak_table(const theory::DeviceSpec& device, const theory::Board* board) {
  Footnotes sources;
  std::vector<Note> notes;
  std::string out = fmt::format("\nPeaks at the rated clocks\n  {:<24}{:>14}{}  {:<53}{}\n", "pipe", "peak",
                                board != nullptr ? "     published" : "", "formula", "source");
  for (const auto& peak : theory::rated_peaks(device)) {
    const Origin origin = origin_of(device, peak);
    std::vector<std::size_t> numbers;
    for (const auto& source : origin.sources) numbers.push_back(sources.number(source));
    const std::string published = board != nullptr ? fmt::format("{:>14}", published_text(*board, peak.pipe)) : "";
    out += fmt::format("  {:<24}{:>14}{}  {:<53}[{}]\n", theory::name(peak.pipe),
                       theory::si(peak.per_second, theory::unit(peak.pipe), 4), published, peak.formula,
                       fmt::join(numbers, ","));
    add_note(notes, peak.pipe, origin.note);
  }
  if (!notes.empty()) out += "\nNotes\n";
  for (const auto& note : notes) out += wrapped("  ", note.pipes + ": " + note.text);
  out += "\nSources\n" + sources.text();
  if (board != nullptr) out += wrapped("  board: ", fmt::format("{}", fmt::join(theory::sources_of(*board), "; ")));
  return out;
}

/// What most kernels are limited by; the ridge points of the others follow in proportion to their peaks.
constexpr std::array kMainPipes = {
    Pipe::fp64_fma,    Pipe::fp32_fma,    Pipe::fp16x2_fma,  Pipe::int32_mad,  Pipe::tensor_fp16, Pipe::tensor_bf16,
    Pipe::tensor_tf32, Pipe::tensor_fp64, Pipe::tensor_int8, Pipe::tensor_fp8, Pipe::tensor_fp4,  Pipe::mma_fp16,
};

std::string ridge_points(const theory::DeviceSpec& device) {
  const auto memory = theory::rated_peak(device, Pipe::dram);
  if (!memory) return "\nNo ridge points: the bandwidth of the device memory is unknown.\n";
  std::string out = fmt::format(
      "\nRidge points against {} of device memory (below them a kernel is limited by the memory, above by the pipe)\n",
      theory::si(memory->per_second, "B/s", 4));
  for (const Pipe pipe : kMainPipes) {
    const auto unit = theory::unit(pipe);
    if (const auto ridge = theory::ridge_point(device, pipe))
      out += fmt::format("  {:<24}{:>9.2f} {}/B\n", theory::name(pipe), *ridge, unit.substr(0, unit.find('/')));
  }
  return out;
}

}  // namespace

std::string theory_text(const theory::DeviceSpec& device, const theory::Board* board) {
  std::string out = title(device);
  out += device.kind == theory::DeviceKind::cpu ? cpu_sheet(device) : gpu_sheet(device, board);
  if (theory::rated_peaks(device).empty())
    return out + "\nNo peaks: the table has no row for this device, or its clock or SM count is unknown.\n";
  return out + peak_table(device, board) + ridge_points(device);
}

std::string board_list_text() {
  std::string out = fmt::format("{:<36}{:>4}  {:<15}{:>4}  {:>9}  {:>9}  {:<8}{:>8}  {:>7}\n", "board", "cc", "variant",
                                "SMs", "boost", "tensor", "memory", "size", "power");
  for (const auto& board : theory::boards()) {
    const auto device = theory::device_spec(board);
    const auto or_dash = [](double value, std::string text) { return value > 0 ? std::move(text) : std::string("-"); };
    const double tensor_hz = theory::rated_clock_hz(device, Pipe::tensor_fp16);
    out += fmt::format("{:<36}{:>4}  {:<15}{:>4}  {:>9}  {:>9}  {:<8}{:>8}  {:>7}\n", board.name,
                       theory::to_string(board.compute_capability), theory::name(board.variant), board.sm_count,
                       or_dash(device.sm_clock_hz, megahertz(device.sm_clock_hz)),
                       or_dash(tensor_hz, megahertz(tensor_hz)), board.memory_type,
                       or_dash(board.memory_gb, theory::plain(board.memory_gb) + " GB"),
                       or_dash(board.power_w, theory::plain(board.power_w) + " W"));
  }
  return out;
}

}  // namespace peakproof::bench
