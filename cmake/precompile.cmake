# Headers that nearly every file reads, compiled once. For builds that are for tests only: a release build goes without,
# and so finds an include that a file forgot.
option(CORONER_PRECOMPILE "Precompile common headers (faster whole builds; not for releases)" OFF)

# A file with another macro on its command line goes without them.
set(CMAKE_PCH_WARN_INVALID OFF)

set(common_headers <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory> <optional> <set> <string>
  <string_view> <vector> <fmt/format.h> <nlohmann/json.hpp> <tl/expected.hpp>)
set(test_headers ${common_headers} <gmock/gmock.h> <gtest/gtest.h>)

# Position-independent code of libraries and of programs differs, so each has its own.
if(CORONER_PRECOMPILE)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "int main() {}\n")
  add_library(coroner_common_headers OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_precompile_headers(coroner_common_headers PRIVATE ${common_headers})
  add_executable(coroner_test_headers EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_precompile_headers(coroner_test_headers PRIVATE ${test_headers})
  target_link_libraries(coroner_test_headers PRIVATE GTest::gmock)
  foreach(target coroner_common_headers coroner_test_headers)
    target_link_libraries(${target} PRIVATE standard_settings fmt::fmt nlohmann_json::nlohmann_json tl::expected
      Boost::headers Boost::filesystem Threads::Threads)
  endforeach()
endif()

# coroner_precompile(TARGET common|test): TARGET reads those headers first.
function(coroner_precompile target kind)
  if(CORONER_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM coroner_${kind}_headers)
  endif()
endfunction()
