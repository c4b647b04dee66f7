# Run at every build: writes OUTPUT from INPUT with the commit of the source tree, and only if that changed.
find_package(Git QUIET)
set(PEAKPROOF_COMMIT unknown)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(PEAKPROOF_COMMIT ${described})
  endif()
endif()
if(DEFINED ENV{PEAKPROOF_COMMIT})  # a source tree without its history
  set(PEAKPROOF_COMMIT $ENV{PEAKPROOF_COMMIT})
endif()
configure_file(${INPUT} ${OUTPUT} @ONLY)
