#include "bench/harness/cuda_gemm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "bench/harness/data.hpp"
#include "bench/harness/errors.hpp"
#include "bench/harness/gemm_shape.hpp"
#include "kernels/tensor/gemm_check.hpp"
#include "theory/peak.hpp"

namespace peakproof::bench {
namespace {

using kernels::GemmShape;
using kernels::GemmTypes;
using Launch = std::function<void(const GemmShape&, const GemmOperands&, std::size_t, cudaStream_t)>;

/// The memory of one set of operands.
struct GemmMemory {
  DeviceBuffer<std::byte> a;
  DeviceBuffer<std::byte> b;
  DeviceBuffer<std::byte> c;

  GemmMemory(const GemmShape& shape, const GemmTypes& types)
      : a(bytes_of(types.operand, shape.m * shape.k)),
        b(bytes_of(types.operand, shape.n * shape.k)),
        c(bytes_of(types.out, shape.m * shape.n)) {}
};

/// How many sets exceed twice the L2 together, and their bytes.
struct Sets {
  std::int64_t count = 1;
  std::int64_t bytes = 0;
};
Sets sets_of(const GemmShape& shape, const GemmTypes& types, const theory::DeviceSpec& device) {
  const std::int64_t bytes = bytes_of(types.operand, shape.m * shape.k) + bytes_of(types.operand, shape.n * shape.k) +
                             bytes_of(types.out, shape.m * shape.n);
  const std::int64_t count = 2 * device.l2_bytes / bytes + 1;
  return {.count = count, .bytes = count * bytes};
}

/// The matrices of a case, and which of them hold a product.
struct GemmState {
  GemmShape shape;
  DeviceBuffer<kernels::GemmErrors> errors;
  std::vector<GemmMemory> memory;
  std::vector<GemmOperands> sets;  ///< where the memory is
  std::vector<bool> launched;      ///< since C was poisoned
  std::size_t next = 0;            ///< set, of the case and its reference alike
  const Launch* latest = nullptr;  ///< what computed the products: that is what is verified
};

/// What the parts of a Case share. The launches of `what` are referred to by the state, so that it stays where it is.
struct Gemm {
  GemmCase what;
  CudaDevice* device;
  kernels::MatrixData data;
  GemmState state;

  [[nodiscard]] cudaStream_t stream() const { return device->stream(); }
};

void fill_operands(const Gemm& gemm, kernels::MatrixData data) {
  const auto& shape = gemm.state.shape;
  const auto& types = gemm.what.types;
  std::uint64_t seed = 1;
  for (const auto& set : gemm.state.sets) {
    // The operands are const to those who multiply them.
    check(
        kernels::fill_matrix(data, types.operand, seed++, const_cast<void*>(set.a), shape.m * shape.k, gemm.stream()));
    check(
        kernels::fill_matrix(data, types.operand, seed++, const_cast<void*>(set.b), shape.n * shape.k, gemm.stream()));
  }
}

void poison(Gemm& gemm) {
  // Bytes of ones are a NaN in every floating-point format; as an integer they are -1, so those get one beyond all
  // sums.
  constexpr int kNan = 0xFF;
  constexpr int kHuge = 0x80;
  for (const auto& memory : gemm.state.memory)
    memory.c.fill_bytes(kernels::is_integer(gemm.what.types.out) ? kHuge : kNan, gemm.stream());
  gemm.state.launched.assign(gemm.state.sets.size(), false);
}

void launch(Gemm& gemm, const Launch& with, std::size_t set) {
  with(gemm.state.shape, gemm.state.sets[set], set, gemm.stream());
  gemm.state.launched[set] = true;
  gemm.state.latest = &with;
}

void launch_next(Gemm& gemm, const Launch& with) {
  const std::size_t set = gemm.state.next;
  gemm.state.next = (set + 1) % gemm.state.sets.size();
  launch(gemm, with, set);
}

/// Adds the errors of one set to those on the device. In strips of rows, each well below a second on any card: a
/// display's watchdog and the limit of a wait stay away.
void compare(const Gemm& gemm, const GemmOperands& set) {
  constexpr std::int64_t kStripOperations = 50'000'000'000;
  constexpr std::int64_t kFewestRows = 128;
  const auto& shape = gemm.state.shape;
  const auto& types = gemm.what.types;
  const std::int64_t rows = std::max(kFewestRows, kStripOperations / (2 * shape.n * shape.k));
  for (std::int64_t row = 0; row < shape.m; row += rows) {
    const GemmShape strip{.m = std::min(rows, shape.m - row), .n = shape.n, .k = shape.k};
    check(kernels::check_gemm(strip, types,
                              static_cast<const std::byte*>(set.a) + bytes_of(types.operand, row * shape.k), set.b,
                              static_cast<const std::byte*>(set.c) + bytes_of(types.out, row * shape.n),
                              gemm.state.errors.data(), gemm.stream(), row));
    wait_for(gemm.stream());
  }
}

/// The errors of all sets that were launched since C was poisoned.
kernels::GemmErrors compare_launched(const Gemm& gemm) {
  gemm.state.errors.fill_bytes(0, gemm.stream());
  for (std::size_t set = 0; set < gemm.state.sets.size(); ++set)
    if (gemm.state.launched[set]) compare(gemm, gemm.state.sets[set]);
  return gemm.state.errors.to_host(gemm.stream()).front();
}

/// Where in C they lie: a tile's place tells more than a number.
void add_wrong_elements(reports::Verification& result, const kernels::GemmErrors& errors, std::int64_t columns) {
  if (errors.mismatches == 0) return;
  const auto place = [columns](unsigned long long index) {
    const auto at = static_cast<std::int64_t>(index);
    return fmt::format("row {}, column {}", at / columns, at % columns);
  };
  result.mismatches += static_cast<std::int64_t>(errors.mismatches);
  result.not_numbers += static_cast<std::int64_t>(errors.not_numbers);
  result.wrong_units.push_back(
      {.unit = -1,
       .items = static_cast<std::int64_t>(errors.mismatches),
       .example = ~errors.not_first + 1 == errors.end
                      ? fmt::format("the element in {} of C", place(errors.end - 1))
                      : fmt::format("elements from {} to {} of C", place(~errors.not_first), place(errors.end - 1))});
}

/// First what the timed launches left, on their own operands against FP64; then a launch on every set with small
/// integers, where each element is exact.
reports::Verification verify(Gemm& gemm) {
  const auto& shape = gemm.state.shape;
  const auto& types = gemm.what.types;
  reports::Verification result{
      .method =
          "||out - ref|| / ||ref||, RMSE, MAE and the worst element against FP64 on the timed operands, then every "
          "element exact on small integers",
      .tolerance = gemm_tolerance(types, shape.k)};
  const auto elements = static_cast<unsigned long long>(shape.m) * static_cast<unsigned long long>(shape.n);
  const auto sets =
      static_cast<unsigned long long>(std::count(gemm.state.launched.begin(), gemm.state.launched.end(), true));
  const Launch* latest = gemm.state.latest;

  const kernels::GemmErrors timed = compare_launched(gemm);
  const auto compared = static_cast<double>(timed.compared);
  const double error = std::sqrt(timed.sum_difference2);
  const double reference = std::sqrt(timed.sum_reference2);
  result.relative_error = reference > 0 ? error / reference : error;
  result.rmse = std::sqrt(timed.sum_difference2 / compared);
  result.mae = timed.sum_difference / compared;
  result.max_error = timed.max_difference;
  // As far from the root mean square of all elements as no element of a normal distribution is.
  constexpr double kFarthest = 12;
  const double worst_allowed = *result.tolerance * kFarthest * reference / std::sqrt(compared);
  if (kernels::is_integer(types.accumulate)) add_wrong_elements(result, timed, shape.n);
  // What is no number is told apart: the worst of the others hides behind it.
  const auto not_numbers = kernels::is_integer(types.accumulate) ? 0 : static_cast<std::int64_t>(timed.not_numbers);
  result.not_numbers += not_numbers;
  if (!(timed.max_difference <= worst_allowed)) result.mismatches += std::max<std::int64_t>(not_numbers, 1);
  result.items = static_cast<std::int64_t>(timed.compared);
  if (latest == nullptr || sets == 0 || timed.compared != sets * elements) {
    ++result.mismatches;
    return result;
  }

  fill_operands(gemm, exact_data(types));
  poison(gemm);
  for (std::size_t set = 0; set < gemm.state.sets.size(); ++set) launch(gemm, *latest, set);
  const kernels::GemmErrors exact = compare_launched(gemm);
  fill_operands(gemm, gemm.data);
  result.items += static_cast<std::int64_t>(exact.compared);
  add_wrong_elements(result, exact, shape.n);
  if (exact.compared != gemm.state.sets.size() * elements) ++result.mismatches;
  return result;
}

void release(Gemm& gemm) {
  if (gemm.what.reference && gemm.what.reference->release) gemm.what.reference->release();
  if (gemm.what.release) gemm.what.release();
  gemm.state = {};
}

void prepare(Gemm& gemm, const GemmShape& shape) {
  const Sets sets = sets_of(shape, gemm.what.types, gemm.device->spec());
  if (const std::int64_t free = gemm.device->free_bytes(); sets.bytes > free)
    throw MeasurementError(fmt::format(
        "too little memory: {} bytes are free, the matrices need {}: choose smaller --m --n --k", free, sets.bytes));
  gemm.state = {.shape = shape, .errors = DeviceBuffer<kernels::GemmErrors>(1)};
  for (std::int64_t set = 0; set < sets.count; ++set) {
    const auto& memory = gemm.state.memory.emplace_back(shape, gemm.what.types);
    gemm.state.sets.push_back({.a = memory.a.data(), .b = memory.b.data(), .c = memory.c.data()});
  }
  gemm.state.launched.assign(gemm.state.sets.size(), false);
  fill_operands(gemm, gemm.data);
  if (gemm.what.prepare) gemm.what.prepare(shape, gemm.state.sets);
}

/// As prepare, with nothing left behind where it fails.
void prepare_or_release(Gemm& gemm, const GemmShape& shape) {
  try {
    prepare(gemm, shape);
  } catch (...) {
    if (!DeviceFault::happened) release(gemm);
    throw;
  }
}

/// Nothing where the shape fits the tile.
std::optional<std::string> misuse(const GemmCase& what, const GemmShape& shape) {
  const auto& tile = what.tile;
  if (shape.m % tile.m == 0 && shape.n % tile.n == 0 && shape.k % tile.k == 0) return std::nullopt;
  const auto type = what.params.find("type");
  return fmt::format("{}{}: m, n and k must be multiples of {}, {} and {}, not {}, {} and {}: change --m --n --k",
                     what.name, type == what.params.end() ? "" : " of " + type->second, tile.m, tile.n, tile.k, shape.m,
                     shape.n, shape.k);
}

void add_shape(Registry& registry, CudaDevice& device, const GemmCase& what, const GemmShape& shape) {
  const auto gemm = std::make_shared<Gemm>(
      Gemm{.what = what, .device = &device, .data = matrix_data(registry.options().data), .state = {}});
  const bool sweep = registry.options().sweep;
  reports::Texts params = what.params;
  params["m"] = std::to_string(shape.m);
  params["n"] = std::to_string(shape.n);
  params["k"] = std::to_string(shape.k);
  params["data"] = data_name(registry.options().data);
  if (sweep) params["sweep"] = "shapes";
  Case benchmark_case{
      .name = what.name,
      .params = std::move(params),
      .pipe = what.pipe,
      .unit = kernels::is_integer(what.types.operand) ? "OP/s" : "FLOP/s",
      .floor = sweep ? std::nullopt : what.floor,
      .kernel = what.kernel,
      .remark = what.remark,
      .burst = !sweep,
      .misuse = misuse(what, shape),
      .prepare = [gemm, shape] { prepare_or_release(*gemm, shape); },
      .release = [gemm] { release(*gemm); },
      .found = what.found,
      .work = [shape] { return shape.operations(); },
      .poison = [gemm] { poison(*gemm); },
      .launch = [gemm] { launch_next(*gemm, gemm->what.launch); },
      .verify = [gemm] { return verify(*gemm); },
  };
  if (what.reference && !sweep) {
    benchmark_case.reference = ReferenceLaunch{
        .name = what.reference->name,
        .launch = [gemm] { launch_next(*gemm, gemm->what.reference->launch); },
        .prepare =
            [gemm] {
              const auto& reference = *gemm->what.reference;
              if (reference.prepare) reference.prepare(gemm->state.shape, gemm->state.sets);
            },
        .found = what.reference->found,
    };
  }
  registry.add(std::move(benchmark_case));
}

/// The side of the default shape: smaller where a launch of the usual one would take long, as FP64 does on most cards,
/// or its check, which is an FP64 product.
std::int64_t usual_side(const GemmCase& what, const theory::DeviceSpec& device) {
  constexpr double kLongestLaunch = 0.25;
  constexpr double kLongestCheck = 2;
  constexpr std::int64_t kSmallest = 1024;
  const auto check_peak = theory::rated_peak(device, theory::Pipe::fp64_fma);
  auto peak = what.pipe ? theory::rated_peak(device, *what.pipe) : std::nullopt;
  if (!peak && what.types.operand == kernels::Element::f64) peak = check_peak;
  const auto longer = [](std::int64_t side, const std::optional<theory::Peak>& rate, double limit) {
    return rate && GemmShape{.m = side, .n = side, .k = side}.operations() > limit * rate->per_second;
  };
  std::int64_t side = kGemmSide;
  while (side > kSmallest && (longer(side, peak, kLongestLaunch) || longer(side, check_peak, kLongestCheck))) side /= 2;
  return side;
}

void add_sweep(Registry& registry, CudaDevice& device, const GemmCase& what, const GemmShape& usual,
               const FixedShape& fixed) {
  const std::int64_t free = device.free_bytes();
  std::size_t added = 0;
  for (const auto& shape : swept_shapes(usual, what.wave.value_or(what.tile), fixed)) {
    if (sets_of(shape, what.types, device.spec()).bytes > free) continue;
    add_shape(registry, device, what, shape);
    ++added;
  }
  if (added > 0) return;
  reports::Texts params = what.params;
  params["sweep"] = "shapes";
  registry.add({.name = what.name,
                .params = std::move(params),
                .skip = fmt::format("too little memory: {} bytes are free, and no shape of the sweep fits", free)});
}

}  // namespace

double gemm_tolerance(const GemmTypes& types, std::int64_t k) {
  using kernels::Element;
  if (kernels::is_integer(types.accumulate)) return 0;
  const auto deep = static_cast<double>(k);
  const bool fp8 = types.operand == Element::e4m3 || types.operand == Element::e5m2;
  // Tensor cores cut sums off (Fasi, Higham, Mikaitis and Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ
  // Computer Science 7, 2021), so that errors add up in a line: a unit in the last place for every addition, of which
  // 7.5 makes one for every 4 of k.
  double tolerance = 0x1p-23 * (deep / 4 + 16);
  if (types.accumulate == Element::f64) tolerance = 0x1p-52 * (deep / 4 + 16);
  if (types.operand == Element::f32) tolerance = 0x1p-23 * (deep + 16);  // one for every product
  // Sums of FP8 products have about 14 bits on 8.9 and 9.0 (DeepSeek-V3 technical report, arXiv 2412.19437, 3.3.2), and
  // one instruction adds 32 of them.
  if (fp8) tolerance = 0x1p-12 * (deep / 32 + 16);
  // FP16 is rounded to nearest after every 4 to 16 of k: the errors are a walk, with room for what is not to nearest.
  if (types.accumulate == Element::f16) tolerance = 0x1p-10 * (2 * std::sqrt(deep) + 16);
  switch (types.out) {  // half a unit in the last place of C
    case Element::f16:
      return tolerance + 0x1p-11;
    case Element::bf16:
      return tolerance + 0x1p-8;
    case Element::e4m3:
      return tolerance + 0x1p-4;
    case Element::e5m2:
      return tolerance + 0x1p-3;
    default:
      return tolerance;
  }
}

void add_cuda_gemm(Registry& registry, CudaDevice& device, const GemmCase& what) {
  const Options& options = registry.options();
  if (what.skip) return registry.add({.name = what.name, .params = what.params, .skip = what.skip});
  const GemmShape usual =
      whole_waves(device.spec().sm_count, what.wave.value_or(what.tile), usual_side(what, device.spec()));
  if (options.sweep)
    return add_sweep(registry, device, what, usual,
                     {.m = options.m.value_or(0), .n = options.n.value_or(0), .k = options.k.value_or(0)});
  add_shape(registry, device, what,
            {.m = options.m.value_or(usual.m), .n = options.n.value_or(usual.n), .k = options.k.value_or(usual.k)});
}

}  // namespace peakproof::bench
