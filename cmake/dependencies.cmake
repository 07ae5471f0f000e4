# Libraries of the system (Debian 12 packages, named in cmake/packages.txt), each behind one target.
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
find_package(pugixml REQUIRED)   # JUnit out
find_package(LibXml2 REQUIRED)   # strict re-reading, in tests only
find_package(Boost 1.81 REQUIRED COMPONENTS filesystem)

# glibc's threads need no flag of the compiler, and one that only some files get parts the precompiled headers.
foreach(target PkgConfig::RE2)
  get_target_property(options ${target} INTERFACE_COMPILE_OPTIONS)
  if(options)
    list(REMOVE_ITEM options -pthread)
    set_property(TARGET ${target} PROPERTY INTERFACE_COMPILE_OPTIONS "${options}")
  endif()
endforeach()

include(static)   # archives in place of shared libraries

function(coroner_print_summary)
  message(STATUS "coroner ${PROJECT_VERSION}: ${CMAKE_BUILD_TYPE}, sanitizers: [${CORONER_SANITIZE}], warnings are errors: ${CORONER_WERROR}, one file: ${CORONER_IS_STATIC}")
  message(STATUS "  GoogleTest ${GTest_VERSION}, fmt ${fmt_VERSION}, nlohmann_json ${nlohmann_json_VERSION}, yaml-cpp ${yaml-cpp_VERSION}")
  message(STATUS "  libcurl ${CURL_VERSION_STRING}, OpenSSL ${OPENSSL_VERSION}, libarchive ${LibArchive_VERSION}, Boost ${Boost_VERSION}")
endfunction()
