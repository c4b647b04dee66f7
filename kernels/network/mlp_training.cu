// The products of a step of training, each with what follows it.
//
//   idea     see mlp_training.hpp
//   work     2 FLOP a term of a sum; of mlp_update the column sums beside them
//   machine  one trip of the loop is a slab of 32 terms: an FFMA each, whose two operands come from shared memory; what
//            else there is fetches the next slab, most of it indices and the items' places
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop mlp_forward   FFMA=32 LDS=64 STS=4 FADD=0 other<0.5
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop mlp_backward  FFMA=32 LDS=64 STS=4 FADD=0 other<0.5
//   sass     sm_75,sm_80,sm_86,sm_89,sm_90a,sm_100a,sm_120a  loop mlp_update    FFMA=32 LDS=64 STS=4 FADD=32 other<0.5
//   limit    launches; then shared memory
//   answer   see mlp_training.hpp
#include "kernels/network/mlp_training.cuh"

namespace peakproof::kernels {
namespace {

/// Blocks over rows and columns of what comes out.
dim3 grid_of(int rows, int columns) {
  const auto blocks = [](int extent) { return static_cast<unsigned>((extent + kSide - 1) / kSide); };
  return {blocks(columns), blocks(rows), 1};
}

bool fits(int rows, int in, int out) {
  constexpr int kMostRows = 0xFFFF * kSide;  // as many blocks as a grid may have in that direction
  return rows > 0 && rows <= kMostRows && in > 0 && out > 0 && out <= kMostRows;
}

}  // namespace

cudaError_t launch(const MlpForward& layer, cudaStream_t stream) {
  const bool null = layer.x == nullptr || layer.weights == nullptr || layer.bias == nullptr || layer.y == nullptr;
  if (null || !fits(layer.rows, layer.in, layer.out)) return cudaErrorInvalidValue;
  mlp_forward<<<grid_of(layer.rows, layer.out), kThreads, 0, stream>>>(layer);
  return cudaGetLastError();
}

cudaError_t launch(const MlpBackward& layer, cudaStream_t stream) {
  const bool null = layer.dy == nullptr || layer.weights == nullptr || layer.x == nullptr || layer.dx == nullptr;
  if (null || !fits(layer.rows, layer.in, layer.out)) return cudaErrorInvalidValue;
  mlp_backward<<<grid_of(layer.rows, layer.in), kThreads, 0, stream>>>(layer);
  return cudaGetLastError();
}

cudaError_t launch(const MlpUpdate& layer, cudaStream_t stream) {
  const bool null = layer.dy == nullptr || layer.x == nullptr || layer.weights == nullptr || layer.bias == nullptr ||
                    layer.weights_velocity == nullptr || layer.bias_velocity == nullptr;
  if (null || !fits(layer.rows, layer.in, layer.out)) return cudaErrorInvalidValue;
  mlp_update<<<grid_of(layer.out, layer.in), kThreads, 0, stream>>>(layer);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
