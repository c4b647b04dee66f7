#include "bench/harness/cuda_network_memory.hpp"

#include <fmt/format.h>

#include "bench/harness/errors.hpp"

namespace peakproof::bench {

using kernels::Element;

std::optional<NetworkFormats> network_formats(theory::Precision precision) {
  switch (precision) {
    case theory::Precision::fp32:
      return NetworkFormats{{Element::f32, Element::f32, Element::f32}, Element::f32};
    case theory::Precision::tf32:
      return NetworkFormats{{Element::tf32, Element::f32, Element::f32}, Element::f32};
    case theory::Precision::fp16:
      return NetworkFormats{{Element::f16, Element::f32, Element::f16}, Element::f16};
    case theory::Precision::bf16:
      return NetworkFormats{{Element::bf16, Element::f32, Element::bf16}, Element::bf16};
    case theory::Precision::fp8:
      return NetworkFormats{{Element::e4m3, Element::f32, Element::bf16}, Element::f16};
    case theory::Precision::int8:
      return NetworkFormats{{Element::s8, Element::s32, Element::s32}, Element::f16};
    case theory::Precision::fp64:
    case theory::Precision::int4:
      break;
  }
  return std::nullopt;
}

float largest_of(Element narrow) { return narrow == Element::e4m3 ? 448.0F : 127.0F; }

DeviceBuffer<std::byte> NetworkMemory::take(std::int64_t bytes) const {
  if (const std::int64_t free = device_.free_bytes(); free < bytes)
    throw MeasurementError(fmt::format(
        "too little memory: {} bytes are free beside what the network has, and it needs {} more: leave this "
        "batch size out by --benchmark_filter",
        free, bytes));
  return DeviceBuffer<std::byte>(bytes);
}

DeviceBuffer<std::byte> NetworkMemory::upload(const std::vector<float>& numbers, Element format) const {
  const auto count = static_cast<std::int64_t>(numbers.size());
  auto plain = take(bytes_of(Element::f32, count));
  check(cudaMemcpyAsync(plain.data(), numbers.data(), plain.bytes(), cudaMemcpyHostToDevice, stream()));
  if (format == Element::f32 || format == Element::tf32) {
    wait_for(stream());
    return plain;
  }
  auto converted = take(bytes_of(format, count));
  const bool narrow = kernels::bits_of(format) == 8;
  kernels::FinishLayer convert{.in = plain.data(), .in_stride = count, .rows = 1, .columns = count};
  (narrow ? convert.out.narrow : convert.out.wide) = converted.data();
  (narrow ? convert.out.narrow_format : convert.out.wide_format) = format;
  check(kernels::finish_layer(convert, stream()));
  wait_for(stream());  // the plain numbers go
  return converted;
}

DeviceBuffer<std::byte> NetworkMemory::upload_parameters(const std::vector<float>& numbers, Element format) {
  auto buffer = upload(numbers, format);
  count_parameters(buffer);
  return buffer;
}

std::vector<float> NetworkMemory::download(const DeviceBuffer<std::byte>& numbers, Element format,
                                           std::int64_t count) const {
  const DeviceBuffer<float> plain(count);
  check(kernels::finish_layer({.in = numbers.data(),
                               .in_format = format,
                               .in_stride = count,
                               .out = {.wide = plain.data(), .wide_format = Element::f32},
                               .rows = 1,
                               .columns = count},
                              stream()));
  return plain.to_host(stream());
}

}  // namespace peakproof::bench
