// Words of a product name, for finding boards by a part of their name.
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace peakproof::theory {

/// The words of a text in lower case, split at everything that is neither a letter nor a digit:
/// "NVIDIA A100-SXM4-80GB" -> nvidia, a100, sxm4, 80gb.
[[nodiscard]] inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      word += static_cast<char>(std::tolower(byte));
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

}  // namespace peakproof::theory
