// A network on a device: how long a pass takes, what it was predicted to take, what the precision costs in quality, and
// how training went. Parts of a Result, beside its rate.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peakproof::reports {

/// Outputs of a precision against the same network in FP64 on the host.
struct OutputQuality {
  std::int64_t items = 0;     ///< inputs of the batch whose outputs were compared
  double relative_error = 0;  ///< ||out - ref|| / ||ref||
  double rmse = 0;
  double mae = 0;
  double max_error = 0;
  std::optional<double>
      top1_agreement;  ///< share of items with the same largest output; nothing where outputs are no classes
  std::optional<double> accuracy;            ///< share of labelled items that are right; nothing without labels
  std::optional<double> reference_accuracy;  ///< of the FP64 outputs, on the same items
};

/// One layer of the pass, timed alone, many times in a row.
struct LayerRun {
  std::string name;
  double flops = 0;        ///< of the whole batch
  double measured_s = 0;   ///< median
  double predicted_s = 0;  ///< least time by the measured ceilings; 0: none
  std::string bound;       ///< of the prediction: "compute", "memory", "launch"
};

/// What a prediction was made from, in numbers.
struct MeasuredCeilings {
  double matrix_per_second = 0;  ///< operations of the matrix layers, 2 per MAC
  double vector_per_second = 0;  ///< FP32 operations of all others; 0: they were held against memory alone
  double bytes_per_second = 0;   ///< of the memory that the pass works in
  double launch_s = 0;           ///< least time between two layers; 0: not counted
};

struct Inference {
  std::string network;    ///< "mlp", "cnn", "transformer", "digits"
  std::string precision;  ///< theory::name(Precision)
  std::int64_t batch = 0;
  std::int64_t parameters = 0;
  double macs_per_item = 0;
  double flops_per_item = 0;
  double weight_bytes = 0;  ///< as they lie in the device's memory
  std::int64_t passes = 0;  ///< timed one by one, as a caller sees them: from the call to the end of the device's work
  std::optional<double> p50_s;
  std::optional<double> p95_s;                  ///< nothing below 20 passes
  std::optional<double> p99_s;                  ///< nothing below 100 passes
  double items_per_s = 0;                       ///< batch / the result's median time of a pass, back to back
  std::optional<double> predicted_s;            ///< least time of a pass by ceilings measured in the same run
  std::map<std::string, std::string> ceilings;  ///< what it was predicted from, for people
  std::optional<MeasuredCeilings> measured_ceilings;
  std::vector<LayerRun> layers;
  std::optional<OutputQuality> quality;
};

/// One epoch's end.
struct Epoch {
  double loss = 0;      ///< mean cross-entropy over the training items, as the steps saw them
  double accuracy = 0;  ///< on the test items
  double seconds = 0;   ///< of training since the start, without the tests
};

struct Training {
  std::string network;
  std::string
      data;  ///< what was learned, for people: "UCI optical recognition of handwritten digits, 1437 to learn, 360 to test"
  std::uint64_t seed = 0;
  std::int64_t batch = 0;
  double learning_rate = 0;
  double momentum = 0;
  double target_accuracy = 0;
  std::optional<double> time_to_target_s;  ///< nothing: it was not reached
  std::optional<std::int64_t> epochs_to_target;
  std::optional<std::int64_t> iterations_to_target;
  double samples_per_s = 0;
  double best_accuracy = 0;
  std::vector<Epoch> curve;
  std::int64_t gradients_checked = 0;  ///< against central finite differences in FP64
  double gradient_error = 0;           ///< the largest |g - f| / max(|g|, |f|, scale) of them
  bool repeats = false;                ///< a second run with the same seed gave the same curve, bit for bit
};

}  // namespace peakproof::reports
