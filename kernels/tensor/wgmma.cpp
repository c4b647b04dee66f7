#include "kernels/tensor/wgmma.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "kernels/tensor/number_format.hpp"

namespace peakproof::kernels {
namespace {

using wgmma::Type;

NumberFormat format_of(Type type) {
  switch (type) {
    case Type::bf16:
      return number_format(Format::bf16);
    case Type::tf32:
      return number_format(Format::f32);
    case Type::e4m3:
      return number_format(Format::e4m3);
    case Type::e5m2:
      return number_format(Format::e5m2);
    case Type::s8:
      return number_format(Format::s8);
    case Type::f16:
    case Type::f16_acc16:
      break;
  }
  return number_format(Format::f16);
}

const char* name_of(Type type) {
  switch (type) {
    case Type::f16_acc16:
      return "Fp16Acc16";
    case Type::bf16:
      return "Bf16";
    case Type::tf32:
      return "Tf32";
    case Type::e4m3:
      return "E4m3";
    case Type::e5m2:
      return "E5m2";
    case Type::s8:
      return "Int8";
    case Type::f16:
      break;
  }
  return "Fp16";
}

/// The numbers of one launch's operands, one after the other, the same on every machine.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>((next() >> 32U) * limit >> 32U); }
  /// Of either sign, and not 0.
  int up_to(int largest) {
    const int magnitude = 1 + static_cast<int>(below(static_cast<std::uint32_t>(largest)));
    return below(2) == 0 ? magnitude : -magnitude;
  }

 private:
  std::uint64_t next() {  // SplitMix64
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

/// Of a 2:4 sparse A two columns are stored of four, of TF32 one of two, of a dense one each.
struct Groups {
  int columns = 1;  ///< of the whole A
  int stored = 1;
};
Groups groups_of(const Wgmma& chain) {
  if (!chain.sparse) return {};
  return chain.type == Type::tf32 ? Groups{2, 1} : Groups{4, 2};
}

/// The columns of the whole A that are stored of each group, ascending; for all rows of a slice.
WgmmaMatrix stored_columns(const Groups& groups, int stored_k, Numbers& numbers) {
  WgmmaMatrix stored{.columns = stored_k};
  std::vector<int>& columns = stored.values;
  const int group_count = stored_k / groups.stored;
  for (int row = 0; row < wgmma::rows; ++row) {
    for (int group = 0; group < group_count; ++group) {
      const int first = group * groups.columns;
      if (groups.stored == 1) {
        columns.push_back(first + static_cast<int>(numbers.below(static_cast<std::uint32_t>(groups.columns))));
        continue;
      }
      const int low = static_cast<int>(numbers.below(4));
      const int high = (low + 1 + static_cast<int>(numbers.below(3))) % 4;
      columns.push_back(first + std::min(low, high));
      columns.push_back(first + std::max(low, high));
    }
  }
  return stored;
}

/// The bytes of a launch's operands.
class Image {
 public:
  explicit Image(const Wgmma& chain) : format_(format_of(chain.type)), bytes_(wgmma::element_bytes(chain.type)) {}
  /// Writes an element at a byte.
  void write(int at, int value) {
    const std::uint64_t bits = format_.encode(value);
    for (int i = 0; i < bytes_; ++i) {
      const auto byte = static_cast<std::uint32_t>(bits >> static_cast<unsigned>(8 * i)) & 0xFFU;
      or_into(at + i, byte);
    }
  }
  void or_into(int at, std::uint32_t byte) {
    const auto word = static_cast<std::size_t>(at / 4);
    if (word >= words_.size()) words_.resize(word + 1);
    words_[word] |= byte << static_cast<unsigned>(at % 4 * 8);
  }
  std::vector<std::uint32_t> take() { return std::move(words_); }

 private:
  NumberFormat format_;
  int bytes_;
  std::vector<std::uint32_t> words_;
};

/// The byte of the operands at which byte `byte` of a row of a slice of A lies, among the registers of its threads: of
/// each thread 16 words, 4 for a slice.
int byte_in_registers(int slice, int row, int byte) {
  const int thread = row / 16 * 32 + row % 8 * 4 + byte % 16 / 4;
  const int word = byte / 16 * 2 + row / 8 % 2;
  return thread * Wgmma::slices * 16 + slice * 16 + word * 4 + byte % 4;
}

/// The thread whose metadata has a group of four columns (of TF32, two) of a row, and the lowest of its four bits.
struct MetadataPlace {
  int thread = 0;
  int bit = 0;
};
MetadataPlace metadata_place(Type type, int row, int group) {
  const int quad = row / 16 * 32 + row % 8 * 4;
  const int half = row / 8 % 2;
  if (wgmma::element_bytes(type) == 1) return {quad + group / 8 * 2 + half, group % 8 * 4};
  return {quad + group / 4, half * 16 + group % 4 * 4};
}

void write_metadata(const Wgmma& chain, const WgmmaMatrices& matrices, int first_byte, Image& image) {
  const Groups groups = groups_of(chain);
  const int group_count = matrices.stored_k / groups.stored;
  for (int pair = 0; pair < 2; ++pair) {
    const auto& columns = matrices.row_of_b[static_cast<std::size_t>(pair)];
    for (int row = 0; row < wgmma::rows; ++row) {
      for (int group = 0; group < group_count; ++group) {
        const int first = group * groups.stored;
        const auto place_of = [&](int column) {
          return static_cast<std::uint32_t>(columns.at(row, column) % groups.columns);
        };
        // Of TF32, whose elements are two halves wide: the halves 0 and 1, or 2 and 3.
        const std::uint32_t low = groups.stored == 1 ? 2 * place_of(first) : place_of(first);
        const std::uint32_t high = groups.stored == 1 ? low + 1 : place_of(first + 1);
        const MetadataPlace place = metadata_place(chain.type, row, group);
        const std::uint32_t four = (low | high << 2U) << static_cast<unsigned>(place.bit % 8);
        const int byte = first_byte + place.thread * 8 + pair * 4 + place.bit / 8;
        image.or_into(byte, four);
        // Of 16 and 32 bits the other two of four threads are not asked; they have the same, as in CUTLASS.
        if (wgmma::element_bytes(chain.type) > 1) image.or_into(byte + 2 * 8, four);
      }
    }
  }
}

}  // namespace

std::string Wgmma::symbol() const {
  return std::string("wgmma_chain<Wgmma") + name_of(type) + (sparse ? "Sparse" : "") +
         (a_in_registers ? "Registers" : "Shared") + ", " + std::to_string(n) + ", " + std::to_string(steps) + ">";
}

WgmmaMatrices wgmma_matrices(const Wgmma& chain, WgmmaData data) {
  const WgmmaNumbers allowed = wgmma_numbers(chain.type);
  const Groups groups = groups_of(chain);
  WgmmaMatrices m{.stored_k = wgmma::instruction_k(chain.type), .k = chain.k()};
  Numbers numbers(1);
  const auto any = [&](int largest) { return data == WgmmaData::ones ? 1 : numbers.up_to(largest); };
  for (std::size_t pair = 0; pair < 2; ++pair) {
    m.row_of_b[pair] = stored_columns(groups, m.stored_k, numbers);
    auto& first = m.a[pair];
    auto& second = m.a[pair + 2];
    first.columns = second.columns = m.stored_k;
    m.b[pair].columns = m.k;
    for (int row = 0; row < wgmma::rows; ++row) {
      const bool drifts = row / 8 % 2 == static_cast<int>(pair);
      const int odd = data == WgmmaData::zero ? 0 : row % m.stored_k;
      for (int column = 0; column < m.stored_k; ++column) {
        const int value = data == WgmmaData::zero ? 0 : any(allowed.largest_a);
        const int drift = drifts && column == odd ? (value < 0 ? -1 : 1) : 0;
        first.values.push_back(value);
        second.values.push_back(drift - value);
      }
    }
    for (int column = 0; column < chain.n; ++column)
      for (int row = 0; row < m.k; ++row)
        m.b[pair].values.push_back(data == WgmmaData::zero && row >= groups.columns ? 0 : any(allowed.largest_b));
  }
  return m;
}

std::vector<std::uint32_t> wgmma_operands(const Wgmma& chain, const WgmmaMatrices& matrices) {
  const int element = wgmma::element_bytes(chain.type);
  Image image(chain);
  for (int slice = 0; slice < Wgmma::slices; ++slice) {
    const auto& a = matrices.a[static_cast<std::size_t>(slice)];
    for (int row = 0; row < wgmma::rows; ++row) {
      for (int column = 0; column < matrices.stored_k; ++column) {
        const int byte = column * element;
        const int at = chain.a_in_registers ? byte_in_registers(slice, row, byte)
                                            : wgmma::swizzled_128b(row, slice * wgmma::slice_bytes + byte);
        image.write(at, a.at(row, column));
      }
    }
  }
  int first_byte = wgmma::rows * wgmma::tile_row_bytes;
  const int slice_bytes = matrices.k * element;  // a dense B has its two slices twice, so that its tile's row is full
  for (const int sign : {1, -1}) {
    for (int slice = 0; slice * slice_bytes < wgmma::tile_row_bytes; ++slice) {
      const auto& b = matrices.b[static_cast<std::size_t>(slice % 2)];
      for (int column = 0; column < chain.n; ++column)
        for (int row = 0; row < matrices.k; ++row)
          image.write(first_byte + wgmma::swizzled_128b(column, slice * slice_bytes + row * element),
                      sign * b.at(column, row));
    }
    first_byte += chain.n * wgmma::tile_row_bytes;
  }
  if (chain.sparse) write_metadata(chain, matrices, first_byte, image);
  auto words = image.take();
  words.resize(static_cast<std::size_t>(first_byte) / 4 + (chain.sparse ? 2 * Wgmma::threads : 0));
  return words;
}

std::array<std::int64_t, 2> wgmma_walk(Type type, std::int64_t trips) {
  std::array<std::int64_t, 2> sum{};
  for (int pair = 0; pair < 2; ++pair) {
    const std::uint32_t turn = wgmma_numbers(type).turn(pair);
    std::uint32_t turned = 0;
    for (std::int64_t trip = 0; trip < trips; ++trip, turned += turn)
      sum[static_cast<std::size_t>(pair)] += turned >> 31U == 0 ? 1 : -1;
  }
  return sum;
}

std::array<std::uint32_t, Wgmma::threads> wgmma_answer(const Wgmma& chain, const WgmmaMatrices& matrices) {
  const auto walk = wgmma_walk(chain.type, chain.trips);
  constexpr std::int64_t rounds = Wgmma::steps / Wgmma::slices;
  const auto element = [&](int row, int column) {
    std::int64_t sum = 1;
    for (std::size_t pair = 0; pair < 2; ++pair) {
      const std::int64_t walked = rounds * walk[pair];
      for (int k = 0; k < matrices.stored_k; ++k) {
        const std::int64_t first = matrices.a[pair].at(row, k);
        const std::int64_t left = walked * (first + matrices.a[pair + 2].at(row, k)) + first;
        sum += left * matrices.b[pair].at(column, matrices.row_of_b[pair].at(row, k));
      }
    }
    return sum;
  };
  const auto half = [](std::int64_t value) {
    return static_cast<std::uint32_t>(number_format(Format::f16).encode(value));
  };
  std::array<std::uint32_t, Wgmma::threads> folded{};
  for (int thread = 0; thread < Wgmma::threads; ++thread) {
    std::uint32_t& words = folded[static_cast<std::size_t>(thread)];
    const auto fold = [&words](std::uint32_t word) { words = wgmma_fold(words, word); };
    for (int eight = 0; eight < chain.n / 8; ++eight) {
      for (const int below : {0, 8}) {
        const int row = thread / 32 * 16 + thread % 32 / 4 + below;
        const int column = eight * 8 + thread % 4 * 2;
        const std::int64_t low = element(row, column);
        const std::int64_t high = element(row, column + 1);
        if (chain.type == Type::f16_acc16) {
          fold(half(low) | half(high) << 16U);
        } else {
          for (const std::int64_t value : {low, high})
            fold(chain.type == Type::s8 ? static_cast<std::uint32_t>(value)
                                        : std::bit_cast<std::uint32_t>(static_cast<float>(value)));
        }
      }
    }
  }
  return folded;
}

}  // namespace peakproof::kernels
