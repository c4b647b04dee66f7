// A texture object with an owner.
#pragma once

#include <utility>

#include "bench/harness/cuda.hpp"

namespace peakproof::bench {

class Texture {
 public:
  Texture() = default;
  Texture(const cudaResourceDesc& resource, const cudaTextureDesc& sampler) {
    check(cudaCreateTextureObject(&object_, &resource, &sampler, nullptr));
  }
  Texture(Texture&& other) noexcept : object_(std::exchange(other.object_, 0)) {}
  Texture& operator=(Texture&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  Texture(const Texture&) = delete;
  Texture& operator=(const Texture&) = delete;
  ~Texture() {
    if (object_ != 0 && !DeviceFault::happened) static_cast<void>(cudaDestroyTextureObject(object_));
  }
  [[nodiscard]] cudaTextureObject_t get() const { return object_; }

 private:
  cudaTextureObject_t object_ = 0;
};

}  // namespace peakproof::bench
