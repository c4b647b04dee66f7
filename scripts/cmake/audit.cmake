# peakproof_audit(<library> <sources of audited kernels>...): audits the library's machine code after each build of it,
# into build/audit/table.inc (compiled into the harness) and build/audit/audit.json. A build goes on without a
# disassembler or after a failed audit, which the executables then say; the test sass_audit is strict.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(peakproof_audit library)
  set(folder ${PROJECT_BINARY_DIR}/audit)
  set(script ${PROJECT_SOURCE_DIR}/scripts/sass_audit.py)
  list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)

  # Every architecture that gets machine code of its own must be audited: "90a-real" and "80", not "80-virtual".
  set(archs "")
  foreach(arch IN LISTS CMAKE_CUDA_ARCHITECTURES)
    if(NOT arch MATCHES "-virtual$")
      string(REPLACE "-real" "" arch ${arch})
      list(APPEND archs sm_${arch})
    endif()
  endforeach()
  list(JOIN archs "," archs)

  set(command ${Python3_EXECUTABLE} ${script} ${sources} --binary $<TARGET_FILE:${library}> --require ${archs})
  if(PEAKPROOF_TOOLS)
    list(APPEND command --tools ${PEAKPROOF_TOOLS})
  endif()
  set_property(GLOBAL PROPERTY PEAKPROOF_AUDIT_COMMAND ${command})

  add_custom_command(OUTPUT ${folder}/table.inc ${folder}/audit.json
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${command} --advisory --table ${folder}/table.inc --json ${folder}/audit.json
    DEPENDS ${library} ${script} ${sources}
    COMMENT "Auditing the machine code of the kernels" VERBATIM)
  add_custom_target(peakproof_audit_run DEPENDS ${folder}/table.inc)
  # peakproof::audit: who includes "audit/table.inc" links this.
  add_library(peakproof_audit INTERFACE)
  add_library(peakproof::audit ALIAS peakproof_audit)
  target_include_directories(peakproof_audit INTERFACE ${PROJECT_BINARY_DIR})
  add_dependencies(peakproof_audit peakproof_audit_run)
endfunction()
