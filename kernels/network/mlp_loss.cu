// The loss of a batch and its gradients by the scores.
//
//   idea     one block, a row a thread at a time: a sum of a thousand numbers is no work for more. It is added up in one
//            order, without atomics
//   work     two exponentials a score; none of it is counted
//   limit    one block's latency
//   answer   the mean of -log softmax(scores)[label], and (softmax - one hot) / rows in the place of the scores
#include "kernels/network/mlp_loss.cuh"

namespace peakproof::kernels {

cudaError_t launch(const MlpLoss& loss, cudaStream_t stream) {
  const bool null = loss.scores == nullptr || loss.labels == nullptr || loss.order == nullptr || loss.loss == nullptr;
  if (null || loss.rows < 1 || loss.classes < 1) return cudaErrorInvalidValue;
  mlp_loss<<<1, kLossThreads, 0, stream>>>(loss);
  return cudaGetLastError();
}

}  // namespace peakproof::kernels
