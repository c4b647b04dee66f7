// The CUDA machine code inside a file: so that a program can say which code, to the byte, it is about to run.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace peakproof::kernels {

/// One cubin (an ELF file for the CUDA machine) within an image. It is found only where the fat binary is stored
/// uncompressed, which is how this library is built (nvcc --no-compress).
struct EmbeddedCubin {
  std::string arch;                  ///< "sm_90a"; without its suffix where the cubin does not tell
  std::size_t offset = 0;            ///< of its first byte in the image
  std::span<const std::byte> bytes;  ///< the same bytes that cuobjdump extracts; a view into the image
  std::vector<std::string> kernels;  ///< mangled names of the functions in it
};

/// Every cubin in an image, in order. Damaged ones are left out. `image` must outlive the result.
[[nodiscard]] std::vector<EmbeddedCubin> find_cubins(std::span<const std::byte> image);

/// The file of the running program; empty where it cannot be read.
[[nodiscard]] std::vector<std::byte> read_own_executable();

}  // namespace peakproof::kernels
