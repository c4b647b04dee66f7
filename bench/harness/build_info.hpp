// What this build is; made into build_info.cpp by CMake.
#pragma once

namespace peakproof::bench::build {

extern const char* const version;
extern const char* const commit;  ///< "-dirty" behind it if the tree had changes
extern const char* const compiler;
extern const char* const build_type;

}  // namespace peakproof::bench::build
