#include "kernels/memory/texture_read.hpp"

#include <cstddef>
#include <cstring>

#include "kernels/memory/pattern.hpp"

namespace peakproof::kernels {

std::vector<float> texels(const TextureRead& kernel, std::uint64_t seed) {
  constexpr std::uint64_t values = 4096;
  const Pattern random{.seed = seed};
  std::vector<float> words(static_cast<std::size_t>(kernel.rows()) * kernel.width *
                           static_cast<std::size_t>(kernel.texel_words));
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = static_cast<float>(random.word(i) % values);
  return words;
}

cudaResourceDesc resource(const TextureRead& kernel, void* memory) {
  constexpr int float_bits = 32;
  const int more = kernel.texel_words == 4 ? float_bits : 0;
  const cudaChannelFormatDesc format = {float_bits, more, more, more, cudaChannelFormatKindFloat};
  cudaResourceDesc description = {};
  if (kernel.fetch == Fetch::linear) {
    description.resType = cudaResourceTypeLinear;
    description.res.linear = {memory, format, TextureRead::set_bytes};
  } else {
    description.resType = cudaResourceTypePitch2D;
    description.res.pitch2D = {memory, format, TextureRead::width, static_cast<std::size_t>(kernel.rows()),
                               static_cast<std::size_t>(kernel.row_bytes())};
  }
  return description;
}

cudaTextureDesc sampler(const TextureRead& kernel) {
  cudaTextureDesc description = {};
  for (auto& mode : description.addressMode) mode = cudaAddressModeClamp;
  description.filterMode = kernel.fetch == Fetch::bilinear ? cudaFilterModeLinear : cudaFilterModePoint;
  description.readMode = cudaReadModeElementType;
  description.normalizedCoords = 0;
  return description;
}

std::vector<std::uint32_t> answer(const TextureRead& kernel, std::uint64_t seed) {
  const auto words = texels(kernel, seed);
  const auto texel_words = static_cast<std::size_t>(kernel.texel_words);
  const int steps = kernel.rows() / TextureRead::step_rows;  // of one round
  const int warps = TextureRead::threads / TextureRead::width;
  const auto sum_of_trip = [&](int step, int thread) {
    std::uint32_t sum = 0;
    for (int fetch = 0; fetch < TextureRead::fetches; ++fetch) {
      const int row = step * TextureRead::step_rows + thread / TextureRead::width + fetch * warps;
      const auto texel = static_cast<std::size_t>(std::int64_t{row} * TextureRead::width + thread % TextureRead::width);
      for (std::size_t word = 0; word < texel_words; ++word) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, &words[texel * texel_words + word], sizeof bits);
        sum += bits;
      }
    }
    return sum;
  };
  std::vector<std::uint32_t> out;
  out.reserve(static_cast<std::size_t>(kernel.blocks) * TextureRead::threads);
  for (int block = 0; block < kernel.blocks; ++block) {
    for (int thread = 0; thread < TextureRead::threads; ++thread) {
      std::uint32_t sum = 0;
      for (int step = 0; step < steps; ++step) {                   // as often as the walk comes by
        const int until = (step - block % steps + steps) % steps;  // trips before the first time
        const int times = kernel.trips > until ? (kernel.trips - until - 1) / steps + 1 : 0;
        sum += static_cast<std::uint32_t>(times) * sum_of_trip(step, thread);
      }
      out.push_back(sum);
    }
  }
  return out;
}

}  // namespace peakproof::kernels
