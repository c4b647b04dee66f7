#include "bench/harness/cuda_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/cuda_dram.hpp"
#include "bench/harness/cuda_matrix_chain.hpp"
#include "bench/harness/data.hpp"
#include "bench/harness/device_check.hpp"
#include "kernels/memory/bulk_copy.hpp"
#include "kernels/memory/dram_mix.hpp"
#include "kernels/memory/in_flight.hpp"
#include "kernels/memory/pattern.hpp"
#include "kernels/memory/scattered.hpp"
#include "kernels/memory/stream.hpp"
#include "kernels/memory/stream_check.hpp"

namespace peakproof::bench {
namespace {

using kernels::BulkCopy;
using kernels::BulkPattern;
using kernels::DramMix;
using kernels::Flight;
using kernels::InFlight;
using kernels::Pattern;
using kernels::Scattered;

constexpr int kPoison = 0xA5;

using Bytes = DeviceBuffer<std::byte>;
using Words = DeviceBuffer<unsigned long long>;

// ---- what a case has while it is measured ----

/// Its memory, its launches and its check. Made when the case's turn comes, and gone after it.
class Traffic {
 public:
  explicit Traffic(CudaDevice& device) : device_(device) {}
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;
  virtual ~Traffic() = default;
  [[nodiscard]] virtual double work() const = 0;  ///< bytes
  virtual void poison() = 0;
  virtual void launch() = 0;
  [[nodiscard]] virtual reports::Verification verify() = 0;

 protected:
  [[nodiscard]] CudaDevice& device() const { return device_; }
  [[nodiscard]] cudaStream_t stream() const { return device_.stream(); }
  /// What `add`, which is told where, adds to a number on the device.
  template <class Add>
  [[nodiscard]] unsigned long long counted(const Add& add) const {
    const Words number(1);
    number.fill_bytes(0, stream());
    check(add(number.data()));
    return number.to_host(stream()).front();
  }
  /// Whether all sums together are that of the pattern's first words.
  [[nodiscard]] bool sums_match(const Words& sums, const Pattern& pattern, std::int64_t bytes) const {
    const auto found = sums.to_host(stream());
    return std::accumulate(found.begin(), found.end(), 0ULL) ==
           counted([&](unsigned long long* sum) { return kernels::sum_of_words(pattern, bytes / 8, sum, stream()); });
  }
  [[nodiscard]] Bytes filled(const Pattern& pattern, std::int64_t bytes) const {
    Bytes memory(bytes);
    check(kernels::fill(pattern, memory.data(), bytes, stream()));
    return memory;
  }

 private:
  CudaDevice& device_;
};
using MakeTraffic = std::function<std::unique_ptr<Traffic>()>;

constexpr const char* kReadMethod = "the sum of all 64-bit words read, exact, against that of their positions";
constexpr const char* kWrittenMethod = "every 8-byte word written against its position, on the device";

// ---- TMA bulk copies ----

class BulkTraffic final : public Traffic {
 public:
  BulkTraffic(CudaDevice& device, const BulkCopy& kernel, kernels::Data data)
      : Traffic(device), kernel_(kernel), pattern_{.data = data}, words_(kernels::StreamData{.data = data}.words()) {
    check(kernels::prepare(kernel));
    if (kernel.reads()) source_ = filled(pattern_, kernel.bytes);
    if (kernel.writes())
      destination_ = Bytes(kernel.bytes);
    else
      sums_ = Words(kernel.blocks());
  }
  [[nodiscard]] double work() const override { return kernel_.bytes_moved(); }
  void poison() override {
    if (kernel_.writes())
      destination_.fill_bytes(kPoison, stream());
    else
      sums_.fill_bytes(kPoison, stream());
  }
  void launch() override {
    check(kernels::launch(
        kernel_, {.source = source_.data(), .destination = destination_.data(), .sums = sums_.data(), .words = words_},
        stream()));
  }
  [[nodiscard]] reports::Verification verify() override {
    const std::int64_t words = kernel_.bytes / 8;
    if (!kernel_.writes())
      return {
          .method = kReadMethod, .items = words, .mismatches = sums_match(sums_, pattern_, kernel_.bytes) ? 0 : words};
    return verify_on_device(stream(), kWrittenMethod, words, [&](kernels::Mismatches* found) {
      return kernel_.reads() ? kernels::count_mismatches(pattern_, destination_.data(), kernel_.bytes, found, stream())
                             : kernels::count_mismatches(words_, destination_.data(), kernel_.bytes, found, stream());
    });
  }

 private:
  BulkCopy kernel_;
  Pattern pattern_;
  kernels::WordSequence words_;
  Bytes source_;
  Bytes destination_;
  Words sums_;
};

// ---- reads and writes in a ratio ----

class MixTraffic final : public Traffic {
 public:
  MixTraffic(CudaDevice& device, const DramMix& kernel, kernels::Data data)
      : Traffic(device), kernel_(kernel), pattern_{.data = data}, words_(kernels::StreamData{.data = data}.words()) {
    if (kernel.reads() > 0) {
      source_ = filled(pattern_, kernel.bytes_read());
      sums_ = Words(kernel.blocks());
    }
    if (kernel.writes > 0) destination_ = Bytes(kernel.bytes_written());
  }
  [[nodiscard]] double work() const override { return static_cast<double>(kernel_.bytes); }
  void poison() override {
    if (kernel_.reads() > 0) sums_.fill_bytes(kPoison, stream());
    if (kernel_.writes > 0) destination_.fill_bytes(kPoison, stream());
  }
  void launch() override {
    check(kernels::launch(
        kernel_, {.source = source_.data(), .destination = destination_.data(), .sums = sums_.data(), .words = words_},
        stream()));
  }
  [[nodiscard]] reports::Verification verify() override {
    reports::Verification result{.items = kernel_.bytes / 8};
    if (kernel_.reads() > 0) {
      result.method = kReadMethod;
      if (!sums_match(sums_, pattern_, kernel_.bytes_read())) result.mismatches += kernel_.bytes_read() / 8;
    }
    if (kernel_.writes > 0) {
      result.method += (result.method.empty() ? "" : "; ") + std::string(kWrittenMethod);
      add_mismatches(result, found_on_device(stream(), [&](kernels::Mismatches* found) {
                       return kernels::count_mismatches(words_, destination_.data(), kernel_.bytes_written(), found,
                                                        stream());
                     }));
    }
    return result;
  }

 private:
  DramMix kernel_;
  Pattern pattern_;
  kernels::WordSequence words_;
  Bytes source_;
  Bytes destination_;
  Words sums_;
};

// ---- bytes in flight ----

class FlightTraffic final : public Traffic {
 public:
  FlightTraffic(CudaDevice& device, const InFlight& kernel, kernels::Data data)
      : Traffic(device),
        kernel_(kernel),
        pattern_{.data = data},
        source_(filled(pattern_, kernel.bytes())),
        sums_(kernel.sums()),
        trace_(kernel.blocks) {}
  [[nodiscard]] double work() const override { return static_cast<double>(kernel_.bytes()); }
  void poison() override { sums_.fill_bytes(kPoison, stream()); }
  void launch() override { check(kernels::launch(kernel_, source_.data(), sums_.data(), trace_.data(), stream())); }
  [[nodiscard]] reports::Verification verify() override {
    const std::int64_t words = kernel_.bytes() / 8;
    return {.method = kReadMethod + std::string("; and of each block that it had its SM for itself"),
            .items = words + kernel_.blocks,
            .mismatches = (sums_match(sums_, pattern_, kernel_.bytes()) ? 0 : words) +
                          blocks_not_alone(trace_.to_host(stream()))};
  }

 private:
  InFlight kernel_;
  Pattern pattern_;
  Bytes source_;
  Words sums_;
  DeviceBuffer<kernels::BlockTrace> trace_;
};

// ---- accesses far apart ----

class ScatteredTraffic final : public Traffic {
 public:
  ScatteredTraffic(CudaDevice& device, const Scattered& kernel, kernels::Data data)
      : Traffic(device),
        kernel_(kernel),
        pattern_{.data = data},
        source_(filled(pattern_, kernel.bytes)),
        sums_(kernel.blocks()) {}
  [[nodiscard]] double work() const override { return static_cast<double>(kernel_.useful_bytes()); }
  void poison() override { sums_.fill_bytes(kPoison, stream()); }
  void launch() override { check(kernels::launch(kernel_, source_.data(), sums_.data(), stream())); }
  [[nodiscard]] reports::Verification verify() override {
    return verify_on_device(stream(), "the sum of each block's words, exact, against that of their positions",
                            kernel_.blocks(), [&](kernels::Mismatches* found) {
                              return kernels::count_mismatches(kernel_, pattern_, sums_.data(), found, stream());
                            });
  }

 private:
  Scattered kernel_;
  Pattern pattern_;
  Bytes source_;
  Words sums_;
};

// ---- declaring ----

/// The buffers of a case whose sizes are multiples of `multiple`. A --size that STREAM takes is rounded down to it.
DramBuffers buffers_of(const Registry& registry, const CudaDevice& device, int count, std::int64_t multiple) {
  if (!registry.options().size_bytes) return dram_buffers(registry, device, count, multiple);
  DramBuffers buffers = dram_buffers(registry, device, count, kernels::StreamKernel::granule);
  buffers.bytes = buffers.bytes / multiple * multiple;
  if (buffers.bytes == 0 && !buffers.misuse)
    buffers.misuse =
        fmt::format("--size {} is too small: {} bytes are moved at a time", *registry.options().size_bytes, multiple);
  return buffers;
}

/// What all cases have in common; `params` beside the size and the data.
Case common_case(const Registry& registry, CudaDevice& device, reports::Texts params, const DramBuffers& buffers,
                 const MakeTraffic& make) {
  params["bytes"] = std::to_string(buffers.bytes);
  params["data"] = data_name(registry.options().data);
  const auto traffic = std::make_shared<std::unique_ptr<Traffic>>();
  return {.name = "dram",
          .params = std::move(params),
          .pipe = theory::Pipe::dram,
          .unit = "B/s",
          .remark = working_set_remark(registry.device(), buffers.total()),
          .misuse = buffers.misuse,
          .prepare =
              [=, &device] {
                require_room(buffers, device);
                *traffic = make();
              },
          .release = [traffic] { traffic->reset(); },
          .work = [traffic] { return (*traffic)->work(); },
          .poison = [traffic] { (*traffic)->poison(); },
          .launch = [traffic] { (*traffic)->launch(); },
          .verify = [traffic] { return (*traffic)->verify(); }};
}

void append(std::string& remark, const std::string& more) { remark += (remark.empty() ? "" : "; ") + more; }

void add_bulk(Registry& registry, CudaDevice& device, BulkPattern pattern) {
  const BulkCopy shape{.pattern = pattern};
  const auto buffers = buffers_of(registry, device, static_cast<int>(shape.reads()) + static_cast<int>(shape.writes()),
                                  BulkCopy::block_bytes);
  const BulkCopy kernel{.pattern = pattern, .bytes = buffers.bytes};
  const auto data = kernel_data(registry.options().data);
  Case each = common_case(registry, device, {{"pattern", kernel.name()}}, buffers,
                          [=, &device] { return std::make_unique<BulkTraffic>(device, kernel, data); });
  each.kernel = kernel.symbol();
  if (auto why = why_not_native(BulkCopy::native, device.spec().compute_capability,
                                code_architecture(device.audit(kernel.symbol()).arch));
      !why.empty())
    each.skip = std::move(why);
  registry.add(std::move(each));
}

/// The largest power of two of bytes that the buffer of a scattered access may have.
DramBuffers power_of_two_buffer(const Registry& registry, const CudaDevice& device) {
  DramBuffers buffers = buffers_of(registry, device, 1, kernels::StreamKernel::granule);
  const auto rounded =
      static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(std::max<std::int64_t>(buffers.bytes, 1))));
  if (rounded < Scattered::least_bytes && !buffers.misuse)
    buffers.misuse = fmt::format("--size {} is too small: scattered accesses take {} bytes and more", buffers.bytes,
                                 Scattered::least_bytes);
  buffers.bytes = std::clamp(rounded, Scattered::least_bytes, Scattered::most_bytes);
  return buffers;
}

/// `kernel` lacks its size, `params` what it is.
void add_scattered(Registry& registry, CudaDevice& device, Scattered kernel, const reports::Texts& params) {
  const auto buffers = power_of_two_buffer(registry, device);
  kernel.bytes = buffers.bytes;
  const auto data = kernel_data(registry.options().data);
  Case each = common_case(registry, device, params, buffers,
                          [=, &device] { return std::make_unique<ScatteredTraffic>(device, kernel, data); });
  each.kernel = kernel.symbol();
  if (!kernel.moves_what_it_reads()) {
    each.pipe.reset();
    append(each.remark, "bytes asked for, in sectors of 32: the memory may move 64 for each, so there is no peak");
  }
  registry.add(std::move(each));
}

void add_mix(Registry& registry, CudaDevice& device, int writes) {
  const auto buffers = buffers_of(registry, device, 1, DramMix::block_bytes);
  const DramMix kernel{.writes = writes, .bytes = buffers.bytes};
  const auto data = kernel_data(registry.options().data);
  Case each =
      common_case(registry, device, {{"sweep", "mix"}, {"write_percent", std::to_string(kernel.write_percent())}},
                  buffers, [=, &device] { return std::make_unique<MixTraffic>(device, kernel, data); });
  each.kernel = kernel.symbol();
  registry.add(std::move(each));
}

/// Makes one block an SM of it, or tells why that cannot be.
std::optional<std::string> why_not_alone(InFlight& kernel) {
  const cudaError_t status = kernels::one_block_per_sm(kernel);
  if (auto why = no_machine_code(status)) return why;
  if (status == cudaErrorInvalidConfiguration)
    return fmt::format("not exactly one block of {} threads fits an SM", kernel.flight.threads());
  check(status);
  return std::nullopt;
}

void add_in_flight(Registry& registry, CudaDevice& device, const Flight& flight) {
  auto buffers = buffers_of(registry, device, 1, kernels::StreamKernel::granule);
  auto kernel = InFlight::over(flight, buffers.bytes, device.spec().sm_count);
  if (kernel.trips < 1 && !buffers.misuse)
    buffers.misuse = fmt::format("--size {} is too small: with {} bytes in flight, {} SMs read {} bytes at a time",
                                 buffers.bytes, flight.bytes(), kernel.blocks, kernel.trip_bytes());
  const auto skip = why_not_alone(kernel);
  const auto data = kernel_data(registry.options().data);
  Case each = common_case(
      registry, device,
      {{"sweep", "in_flight"}, {"pattern", "read"}, {"bytes_in_flight_per_sm", std::to_string(flight.bytes())}},
      buffers, [=, &device] { return std::make_unique<FlightTraffic>(device, kernel, data); });
  each.kernel = kernel.symbol();
  each.skip = skip;
  append(each.remark, fmt::format("{} x 16 bytes a thread, {} warps an SM, in one block", flight.loads, flight.warps));
  registry.add(std::move(each));
}

}  // namespace

std::int64_t blocks_not_alone(std::vector<kernels::BlockTrace> traces) {
  std::sort(traces.begin(), traces.end(), [](const auto& one, const auto& other) {
    return std::pair(one.smid, one.begin_clk) < std::pair(other.smid, other.begin_clk);
  });
  std::int64_t count = 0;
  for (std::size_t i = 0; i < traces.size(); ++i) {
    const auto& block = traces[i];
    const bool written = block.smid >= 0 && block.end_clk > block.begin_clk;
    const bool early = i > 0 && traces[i - 1].smid == block.smid && traces[i - 1].end_clk > block.begin_clk;
    if (!written || early) ++count;
  }
  return count;
}

void add_cuda_traffic(Registry& registry, CudaDevice& device) {
  const Options& options = registry.options();
  if (!options.sweep) {
    constexpr int kStride = 1024;
    for (const auto pattern : kernels::kBulkPatterns) add_bulk(registry, device, pattern);
    add_scattered(registry, device, {.stride_bytes = kStride},
                  {{"pattern", "strided"}, {"stride_bytes", std::to_string(kStride)}});
    for (const int piece : {Scattered::sector_bytes, Scattered::line_bytes})
      add_scattered(registry, device, {.piece_bytes = piece},
                    {{"pattern", "random"}, {"granularity_bytes", std::to_string(piece)}});
  }
  if (options.sweeps("mix"))
    for (int writes = 0; writes <= DramMix::vectors; ++writes) add_mix(registry, device, writes);
  if (options.sweeps("in_flight"))
    for (const Flight& flight : kernels::kFlights) add_in_flight(registry, device, flight);
  if (options.sweeps("stride"))
    for (int stride = Scattered::sector_bytes; stride <= Scattered::most_stride; stride *= 2)
      add_scattered(registry, device, {.stride_bytes = stride},
                    {{"sweep", "stride"}, {"pattern", "strided"}, {"stride_bytes", std::to_string(stride)}});
}

}  // namespace peakproof::bench
