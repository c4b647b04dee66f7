// How fast does every SM fetch texels that its L1 holds?
#include "bench/harness/cuda_cache.hpp"

namespace peakproof::bench {

void declare_texture_cuda(Registry& registry, CudaDevice& device) {
  using kernels::Fetch;
  struct Way {
    Fetch fetch;
    const char* name;
  };
  for (const auto& [fetch, name] :
       {Way{Fetch::linear, "1d"}, Way{Fetch::point, "2d_point"}, Way{Fetch::bilinear, "2d_bilinear"}})
    for (const int words : {1, 4})
      add_texture_read(registry, device,
                       {.name = "texture",
                        .params = {{"fetch", name}, {"texel", words == 4 ? "float4" : "float"}},
                        .remark = options_that_do_not_apply(registry.options(), true)},
                       {.fetch = fetch, .texel_words = words});
}

}  // namespace peakproof::bench
