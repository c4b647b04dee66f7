#include "theory/boards.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "theory/board_rows.hpp"
#include "theory/words.hpp"

namespace peakproof::theory {
namespace {

using board_rows::kBoards;

constexpr bool boards_are_sound() {
  for (std::size_t i = 0; i < kBoards.size(); ++i) {
    const auto& board = kBoards[i];
    if (board.name.empty() || board.cited.front().empty() || board.sm_count <= 0 || board.memory_type.empty())
      return false;
    if (i > 0 && board.compute_capability < kBoards[i - 1].compute_capability) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (kBoards[j].name == board.name) return false;
  }
  return true;
}
static_assert(boards_are_sound(), "boards are sorted and have a name of their own, a source, SMs and a memory type");

/// How well the words of a query fit a board, best first.
enum class Fit { whole_name, whole_words, starts_of_words, parts_of_words, none };

bool all_found(const std::vector<std::string>& query, const std::vector<std::string>& words,
               bool (*matches)(const std::string& word, const std::string& part)) {
  return std::all_of(query.begin(), query.end(), [&](const std::string& part) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return matches(word, part); });
  });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// True if `part` stands in `word` at `at` without cutting a number in two: "l4" is no part of "l40".
bool stands_at(std::string_view word, std::string_view part, std::size_t at) {
  if (word.substr(at, part.size()) != part) return false;
  const std::size_t end = at + part.size();
  const bool cut_before = at > 0 && is_digit(word[at - 1]) && is_digit(part.front());
  const bool cut_after = end < word.size() && is_digit(word[end]) && is_digit(part.back());
  return !cut_before && !cut_after;
}

bool same(const std::string& word, const std::string& part) { return word == part; }
bool starts(const std::string& word, const std::string& part) { return stands_at(word, part, 0); }
bool contains(const std::string& word, const std::string& part) {
  for (std::size_t at = 0; at < word.size(); ++at)
    if (stands_at(word, part, at)) return true;
  return false;
}

/// Words that make another product of the same number: an RTX 3090 is no RTX 3090 Ti.
bool other_product(const std::vector<std::string>& query, const std::vector<std::string>& words) {
  const auto has = [](const std::vector<std::string>& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  constexpr std::array<std::string_view, 5> suffixes = {"ti", "super", "laptop", "d", "mobile"};
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [&](std::string_view suffix) { return has(words, suffix) != has(query, suffix); });
}

Fit fit(const std::vector<std::string>& query, const Board& board) {
  auto words = words_of(board.name);
  if (query == words) return Fit::whole_name;
  if (other_product(query, words)) return Fit::none;
  auto with_memory = words;
  with_memory.push_back(words_of(board.memory_type).front());  // the driver says "H100 80GB HBM3"
  if (all_found(query, with_memory, same)) return Fit::whole_words;
  if (all_found(query, words, starts)) return Fit::starts_of_words;
  return all_found(query, words, contains) ? Fit::parts_of_words : Fit::none;
}

/// Levenshtein's distance: the fewest letters to insert, delete or replace.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// How far the words of the query are from those of the board.
std::size_t distance(const std::vector<std::string>& query, const Board& board) {
  const auto words = words_of(board.name);
  std::size_t sum = 0;
  for (const auto& part : query) {
    std::size_t best = part.size();
    for (const auto& word : words) best = std::min(best, distance(part, word));
    sum += best;
  }
  return sum;
}

/// The boards whose words are close to the query: at most half of its letters differ.
std::vector<const Board*> closest_boards(const std::vector<std::string>& query) {
  constexpr std::size_t wanted = 3;
  std::size_t letters = 0;
  for (const auto& part : query) letters += part.size();
  std::vector<std::pair<std::size_t, const Board*>> ranked;
  for (const auto& board : kBoards)
    if (const auto far = distance(query, board); 2 * far <= letters) ranked.emplace_back(far, &board);
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const Board*> closest;
  for (std::size_t i = 0; i < std::min(wanted, ranked.size()); ++i) closest.push_back(ranked[i].second);
  return closest;
}

/// The words of a name that tell one board from another.
std::vector<std::string> query_of(std::string_view name) {
  auto words = words_of(name);
  std::erase_if(words, [](const std::string& word) { return word == "nvidia" || word == "edition" || word == "gpu"; });
  return words;
}

std::string join_names(const std::vector<const Board*>& candidates) {
  std::string text;
  for (const auto* board : candidates) text.append(text.empty() ? "" : ", ").append(board->name);
  return text;
}

}  // namespace

double PublishedPeak::per_second() const { return value * (pipe == Pipe::dram ? 1e9 : 1e12); }

std::span<const Board> boards() { return kBoards; }

std::span<const PublishedPeak> published_peaks(const Board& board) {
  const auto* end = std::find_if(board.published_peaks.begin(), board.published_peaks.end(),
                                 [](const PublishedPeak& peak) { return peak.value == 0; });
  return {board.published_peaks.begin(), end};
}

std::span<const std::string_view> sources_of(const Board& board) {
  const auto* end =
      std::find_if(board.cited.begin(), board.cited.end(), [](std::string_view source) { return source.empty(); });
  return {board.cited.begin(), end};
}

DeviceSpec device_spec(const Board& board) {
  constexpr double mega = 1e6;
  constexpr double giga = 1e9;
  constexpr double mebi = 1024 * 1024;
  DeviceSpec spec;
  spec.name = board.name;
  spec.compute_capability = board.compute_capability;
  spec.variant = board.variant;
  spec.sm_count = board.sm_count;
  spec.base_clock_hz = board.base_mhz * mega;
  spec.sm_clock_hz = board.boost_mhz * mega;
  spec.tensor_clock_hz = board.tensor_boost_mhz * mega;
  spec.memory_clock_hz = board.memory_clock_mhz * mega;
  spec.memory_data_rate_bps = board.data_rate_gbps * giga;
  spec.memory_type = board.memory_type;
  spec.memory_bus_bits = board.memory_bus_bits;
  spec.memory_bytes = static_cast<std::int64_t>(std::llround(board.memory_gb * giga));
  spec.l2_bytes = static_cast<std::int64_t>(std::llround(board.l2_mib * mebi));
  spec.power_limit_w = board.power_w;
  spec.pcie_generation = board.pcie_generation;
  spec.pcie_lanes = board.pcie_lanes;
  spec.nvlink_bytes_per_second = board.nvlink_gbs * giga;
  return spec;
}

BoardSearch find_board(std::string_view name) {
  const auto query = query_of(name);
  BoardSearch search;
  const std::string quoted = "board \"" + std::string(name) + "\"";
  if (query.empty()) {
    search.error = quoted + " is no name; see: peakproof theory --list";
    return search;
  }
  Fit best = Fit::none;
  for (const auto& board : kBoards) {
    const Fit found = fit(query, board);
    if (found > best || found == Fit::none) continue;
    if (found < best) search.candidates.clear();
    best = found;
    search.candidates.push_back(&board);
  }
  if (search.candidates.size() == 1) {
    search.board = search.candidates.front();
    search.candidates.clear();
  } else if (search.candidates.empty()) {
    search.candidates = closest_boards(query);
    const std::string close = search.candidates.empty() ? "" : "; close: " + join_names(search.candidates);
    search.error =
        quoted + " is not known" + close + "; all: peakproof theory --list; any other: peakproof theory --spec FILE";
  } else {
    search.error = quoted + " is ambiguous: " + join_names(search.candidates) + "; give more of the name";
  }
  return search;
}

const Board* identify_board(const DeviceSpec& device) {
  if (device.kind != DeviceKind::gpu) return nullptr;
  const auto query = query_of(device.name);
  if (query.empty()) return nullptr;
  std::vector<const Board*> same_machine;
  for (const auto& board : kBoards) {
    const bool same_bus =
        board.memory_bus_bits == 0 || device.memory_bus_bits == 0 || board.memory_bus_bits == device.memory_bus_bits;
    if (fit(query, board) <= Fit::whole_words && board.compute_capability == device.compute_capability &&
        board.sm_count == device.sm_count && same_bus)
      same_machine.push_back(&board);
  }
  if (same_machine.size() == 1) return same_machine.front();
  constexpr double one_mhz = 1e6;
  const auto other_clock = [&](const Board* board) {
    return std::abs(board->boost_mhz * one_mhz - device.sm_clock_hz) > one_mhz;
  };
  std::erase_if(same_machine, other_clock);
  return same_machine.size() == 1 ? same_machine.front() : nullptr;
}

}  // namespace peakproof::theory
