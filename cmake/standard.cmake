# Settings that every target of this project shares, as interface targets linked by own code only.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(CORONER_WERROR "Warnings are errors" OFF)
option(CORONER_TIDY "Run clang-tidy beside the compiler" OFF)
set(CORONER_STATIC OFF CACHE STRING "Link everything but glibc from archives, so that the program can be copied to a node: ON, OFF or AUTO")
set(CORONER_SANITIZE "" CACHE STRING "Sanitizers for own code: address;undefined or thread")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached too, if times and macros in them are left out of the comparison.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(standard_settings INTERFACE)
target_include_directories(standard_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(standard_settings INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  $<$<BOOL:${CORONER_WERROR}>:-Werror>)
# Optimising, GCC 12 warns of libstdc++'s own strings (GCC bugs 105329 and 105651) and of what tl::expected holds.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(standard_settings INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()

if(CORONER_SANITIZE)
  list(JOIN CORONER_SANITIZE "," sanitizers)
  target_compile_options(standard_settings INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(standard_settings INTERFACE -fsanitize=${sanitizers})
endif()

if(CORONER_TIDY)
  find_program(CLANG_TIDY NAMES clang-tidy-16 REQUIRED)
endif()
