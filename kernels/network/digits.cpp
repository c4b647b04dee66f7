#include "kernels/network/digits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

#include "kernels/network/mlp.hpp"

namespace peakproof::kernels {
namespace {

constexpr int kBrightest = 16;
constexpr int kTestEvery = 5;

/// A line's numbers. Throws std::invalid_argument where they are no item.
std::array<int, Digits::pixels + 1> numbers_of(std::string_view line, std::int64_t number) {
  std::array<int, Digits::pixels + 1> numbers{};
  const auto fail = [&] [[noreturn]] () {
    throw std::invalid_argument("digits: line " + std::to_string(number) +
                                " is not 64 pixels of 0 to 16 and a digit, with commas between them");
  };
  const char* at = line.data();
  const char* const end = at + line.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && (at == end || *at++ != ',')) fail();
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    const int most = i < Digits::pixels ? kBrightest : Digits::classes - 1;
    if (error != std::errc() || numbers[i] < 0 || numbers[i] > most) fail();
    at = rest;
  }
  if (at != end) fail();
  return numbers;
}

/// A few epochs of plain FP64 SGD, which take about a second.
ProgramWeights learn_digits() {
  constexpr std::uint64_t kSeed = 1;
  constexpr std::int64_t kEpochs = 10;
  constexpr std::size_t kBatch = 32;
  constexpr Sgd kSgd = {.rate = 0.05, .momentum = 0.9};
  const Program program = digits_mlp();
  const MlpLayers layers = mlp_layers(program);
  const Digits& data = digits().learn;
  const std::vector<float> first = in_a_row(made_weights(program, kSeed));
  std::vector<double> parameters(first.begin(), first.end());
  std::vector<double> velocity(parameters.size());
  for (std::int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<int> order = shuffled(data.items(), kSeed, epoch);
    for (std::size_t item = 0; item + kBatch <= order.size(); item += kBatch) {
      const auto step = mlp_gradients(layers, parameters, data, std::span(order).subspan(item, kBatch));
      sgd_step(kSgd, step.gradients, velocity, parameters);
    }
  }
  return by_step(layers, std::vector<float>(parameters.begin(), parameters.end()));
}

}  // namespace

SplitDigits split_digits(std::string_view csv) {
  SplitDigits split;
  std::int64_t line = 0;
  while (!csv.empty()) {
    const std::size_t length = std::min(csv.find('\n'), csv.size());
    const auto numbers = numbers_of(csv.substr(0, length), line + 1);
    csv.remove_prefix(std::min(length + 1, csv.size()));
    Digits& part = line % kTestEvery == 0 ? split.test : split.learn;
    for (int i = 0; i < Digits::pixels; ++i)
      part.images.push_back(static_cast<float>(numbers.at(static_cast<std::size_t>(i))) / float{kBrightest});
    part.labels.push_back(numbers.back());
    ++line;
  }
  return split;
}

const SplitDigits& digits() {
  static const SplitDigits kSplit = split_digits(digits_csv());
  return kSplit;
}

Program digits_mlp(std::int64_t hidden) {
  const auto dense = [](const char* name, std::int64_t in, std::int64_t out, Activation activation) {
    return Step{.kind = StepKind::dense, .name = name, .in = in, .out = out, .activation = activation};
  };
  return {.name = "digits",
          .numbers_per_row = Digits::pixels,
          .steps = {dense("hidden1", Digits::pixels, hidden, Activation::relu),
                    dense("hidden2", hidden, hidden, Activation::relu),
                    dense("classify", hidden, Digits::classes, Activation::none)},
          .classes = true};
}

const ProgramWeights& trained_digits_mlp() {
  static const ProgramWeights kWeights = learn_digits();
  return kWeights;
}

}  // namespace peakproof::kernels
