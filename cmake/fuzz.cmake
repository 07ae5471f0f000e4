# Fuzz targets: X_fuzz.cpp beside the parser that it feeds becomes bin/X_fuzz, in the preset fuzz alone.
option(CORONER_FUZZ "Make fuzz targets; needs clang with libFuzzer" OFF)

if(CORONER_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "fuzz targets need clang (the preset fuzz asks for clang++-16), not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  add_custom_target(fuzz_targets)
endif()

# coroner_fuzz(NAME SOURCES file... [SEES target...]): the libFuzzer program NAME, part of the target fuzz_targets.
function(coroner_fuzz name)
  if(NOT CORONER_FUZZ)
    return()
  endif()
  cmake_parse_arguments(FUZZ "" "" "SOURCES;SEES" ${ARGN})
  add_executable(${name} EXCLUDE_FROM_ALL ${FUZZ_SOURCES})
  target_link_libraries(${name} PRIVATE ${FUZZ_SEES} standard_settings)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz_targets ${name})
endfunction()
