# CORONER_STATIC: every library but glibc comes from an archive, so that the program is one file that can be copied.
#
# AUTO takes the archives if all of them are here and fit together, and else says which do not and takes the shared
# libraries; ON makes that an error. What Debian has no archive of, or none that is small, is in cmake/stand_ins.
set(CORONER_IS_STATIC OFF)

# TARGET|its archive and those that it needs in turn, in the order of linking
set(static_archives
  "PkgConfig::RE2|re2"
  "pugixml::shared|pugixml"
  "yaml-cpp|yaml-cpp"
  "Boost::filesystem|boost_filesystem boost_atomic"
  "LibArchive::LibArchive|archive zstd z"
  "CURL::libcurl|curl nghttp2 psl idn2 unistring ssl crypto zstd brotlidec brotlicommon z"
  "OpenSSL::SSL|ssl crypto"
  "OpenSSL::Crypto|crypto")
set(static_stand_ins archive_formats.c gssapi.c ldap.c rtmp.c ssh2.c)

# Sets RESULT to the archives' paths, in the same order, and appends the names of those that are not here to ABSENT.
function(find_archives names result absent)
  set(paths "")
  set(not_here ${${absent}})
  foreach(name ${names})
    find_library(ARCHIVE_${name} lib${name}.a)
    mark_as_advanced(ARCHIVE_${name})
    if(ARCHIVE_${name})
      list(APPEND paths ${ARCHIVE_${name}})
    else()
      list(APPEND not_here lib${name}.a)
    endif()
  endforeach()
  set(${result} ${paths} PARENT_SCOPE)
  set(${absent} ${not_here} PARENT_SCOPE)
endfunction()

# TARGET, which find_package() made of a shared library, stands for ARCHIVES instead.
function(take_archives target archives)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL INTERFACE_LIBRARY)
    set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${archives}")
    return()
  endif()
  list(POP_FRONT archives first)
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${first} INTERFACE_LINK_LIBRARIES "${archives}")
  foreach(configuration ${configurations})
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_${configuration} ${first})
  endforeach()
endfunction()

# Sets RESULT to why this machine's archives cannot be linked, or to nothing.
function(static_obstacle result)
  set(missing "")
  set(probe_archives "")
  foreach(row ${static_archives})
    string(REGEX MATCH "^(.*)\\|(.*)$" row "${row}")
    separate_arguments(names UNIX_COMMAND "${CMAKE_MATCH_2}")
    if(TARGET ${CMAKE_MATCH_1})
      find_archives("${names}" paths missing)
      list(APPEND probe_archives ${paths})
    endif()
  endforeach()
  if(missing)
    list(REMOVE_DUPLICATES missing)
    list(JOIN missing ", " missing)
    set(${result} "there is no ${missing}" PARENT_SCOPE)
    return()
  endif()
  set(folder ${CMAKE_SOURCE_DIR}/cmake/stand_ins)
  list(TRANSFORM static_stand_ins PREPEND ${folder}/ OUTPUT_VARIABLE sources)
  try_compile(CORONER_ARCHIVES_FIT ${CMAKE_BINARY_DIR}/archives_fit
    SOURCES ${folder}/probe.cpp ${sources}
    LINK_LIBRARIES ${probe_archives} Threads::Threads ${CMAKE_DL_LIBS} CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
    OUTPUT_VARIABLE output)
  set(${result} "" PARENT_SCOPE)
  if(NOT CORONER_ARCHIVES_FIT)
    string(REGEX MATCH "undefined reference to [^\n]*" undefined "${output}")
    set(${result} "the archives do not fit together (${undefined})" PARENT_SCOPE)
  endif()
endfunction()

if(CORONER_STATIC)
  static_obstacle(obstacle)
  if(NOT obstacle)
    set(CORONER_IS_STATIC ON)
  elseif(CORONER_STATIC STREQUAL AUTO)
    message(STATUS "The program will need this machine's shared libraries: ${obstacle}")
  else()
    message(FATAL_ERROR "CORONER_STATIC=ON: ${obstacle}")
  endif()
endif()

if(CORONER_IS_STATIC)
  foreach(row ${static_archives})
    string(REGEX MATCH "^(.*)\\|(.*)$" row "${row}")
    set(target ${CMAKE_MATCH_1})
    separate_arguments(names UNIX_COMMAND "${CMAKE_MATCH_2}")
    if(TARGET ${target})
      find_archives("${names}" paths missing)
      take_archives(${target} "${paths}")
    endif()
  endforeach()
  # As objects, which come before all archives: what they define is taken from no archive.
  set_property(TARGET LibArchive::LibArchive APPEND PROPERTY INTERFACE_LINK_LIBRARIES
    $<TARGET_OBJECTS:coroner_archive_stand_ins>)
  set_property(TARGET CURL::libcurl APPEND PROPERTY INTERFACE_LINK_LIBRARIES $<TARGET_OBJECTS:coroner_curl_stand_ins>)
  take_archives(fmt::fmt ${CMAKE_BINARY_DIR}/lib/libcoroner_fmt.a)
  add_dependencies(fmt::fmt coroner_fmt)
endif()

# coroner_one_file(PROGRAM): PROGRAM needs glibc alone, which each build of it holds; its debug information lies beside
# it, as PROGRAM.debug. Without archives it finds libraries in lib/ next to its own folder.
function(coroner_one_file program)
  if(NOT CORONER_IS_STATIC)
    set_target_properties(${program} PROPERTIES BUILD_RPATH "$ORIGIN/../lib")
    target_link_options(${program} PRIVATE -Wl,--disable-new-dtags)
    return()
  endif()
  # fmt::fmt was a shared library, for whose folder CMake would add an RPATH.
  set_target_properties(${program} PROPERTIES SKIP_BUILD_RPATH ON)
  target_link_options(${program} PRIVATE -static-libstdc++ -static-libgcc -Wl,--as-needed -Wl,--gc-sections)
  add_custom_command(TARGET ${program} POST_BUILD
    COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:${program}> $<TARGET_FILE:${program}>.debug
    COMMAND ${CMAKE_OBJCOPY} --strip-all --add-gnu-debuglink=$<TARGET_FILE:${program}>.debug $<TARGET_FILE:${program}>
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${program}> -DREADELF=${CMAKE_READELF}
      -P ${CMAKE_SOURCE_DIR}/cmake/check_one_file.cmake
    VERBATIM)
endfunction()
