# CUDA: the toolkit, the architectures, one shared runtime.
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)  # one runtime per process; a preloaded stand-in does nothing to a static one
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(PEAKPROOF_DEFAULT_ARCHITECTURES ON)
  set(CMAKE_CUDA_ARCHITECTURES 80)  # replaced below; CMake needs one to enable the language without a GPU
endif()
enable_language(CUDA)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.4)
  message(FATAL_ERROR "CUDA Toolkit ${CMAKE_CUDA_COMPILER_VERSION} is too old: 12.4 or later is needed (or -DPEAKPROOF_CUDA=OFF)")
endif()
if(PEAKPROOF_DEFAULT_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 75-real 80 86-real 89-real 90a-real)  # 80 also as PTX, for what is not listed
  if(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 12.8)
    list(APPEND CMAKE_CUDA_ARCHITECTURES 100a-real 120a-real)
  endif()
endif()
set(CMAKE_CUDA_STANDARD 17)  # CMake 3.25 knows no CUDA C++20
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)
find_package(CUDAToolkit 12.4 REQUIRED)
