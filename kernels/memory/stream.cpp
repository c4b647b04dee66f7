// What is known of a STREAM pattern without a device.
#include "kernels/memory/stream.hpp"

namespace peakproof::kernels {
namespace {

struct Row {
  const char* name;
  const char* type;  ///< of the kernel's template
  int inputs;
  bool sums;
};
/// In the order of StreamPattern.
constexpr std::array<Row, kStreamPatterns.size()> kRows = {{{"read", "Read", 1, true},
                                                            {"write", "Write", 0, false},
                                                            {"copy", "Copy", 1, false},
                                                            {"scale", "Scale", 1, false},
                                                            {"add", "Add", 2, false},
                                                            {"triad", "Triad", 2, false},
                                                            {"dot", "Dot", 2, true}}};

const Row& row(StreamPattern pattern) { return kRows.at(static_cast<std::size_t>(pattern)); }

}  // namespace

const char* name(StreamPattern pattern) { return row(pattern).name; }

std::string StreamKernel::symbol() const { return std::string("stream<") + row(pattern).type + ">"; }
int StreamKernel::inputs() const { return row(pattern).inputs; }
bool StreamKernel::sums() const { return row(pattern).sums; }

}  // namespace peakproof::kernels
