// In the place of the reader, in a build without the ONNX library.
#include "models/onnx_network.hpp"

namespace peakproof::models {

OnnxNetwork read_onnx(const std::filesystem::path& /*file*/, const ReadOptions& /*options*/) {
  throw ModelError(
      "this build has no ONNX library, so it reads no networks: install it (Debian: libonnx-dev libprotobuf-dev) and "
      "build again");
}

}  // namespace peakproof::models
