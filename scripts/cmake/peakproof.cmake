# What every target shares: warnings as errors, and one helper per kind of target.
add_library(peakproof_warnings INTERFACE)
target_compile_options(peakproof_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wshadow;-Wconversion;-Wsign-conversion;-Wno-missing-field-initializers;-Werror>
  $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings;-Xcompiler=-Wall,-Wextra,-Werror>)

# peakproof_library(<name> <sources>...): library peakproof_<name>, also known as peakproof::<name>.
function(peakproof_library name)
  add_library(peakproof_${name} STATIC ${ARGN})
  add_library(peakproof::${name} ALIAS peakproof_${name})
  target_include_directories(peakproof_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(peakproof_${name} PRIVATE peakproof_warnings)
endfunction()

# peakproof_test(<path of x_test.cpp> LINK <libraries>...): one executable, one ctest of the same name.
function(peakproof_test source)
  cmake_parse_arguments(ARG "" "" "LINK;LABELS;SOURCES" ${ARGN})
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main peakproof_warnings)
  target_compile_options(${name} PRIVATE -O1)  # a test is compiled more often than it runs
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77)
endfunction()
