# Whether PROGRAM can be copied alone to another machine: cmake -DPROGRAM=… -DREADELF=… -P check_one_file.cmake
# It may need glibc and nothing else, and a copy of it must run in an empty folder with an empty environment.
cmake_minimum_required(VERSION 3.25)
set(glibc "^(libc\\.so\\.6|libm\\.so\\.6|libresolv\\.so\\.2|ld-linux[-a-z0-9_]*\\.so\\.[0-9]+)$")

execute_process(COMMAND ${READELF} --dynamic --wide ${PROGRAM} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*\\[[^]\n]+\\]" needed "${dynamic}")
list(TRANSFORM needed REPLACE ".*\\[(.*)\\]" "\\1")
if(NOT "libc.so.6" IN_LIST needed)
  message(FATAL_ERROR "${PROGRAM}: its list of libraries cannot be read: [${needed}]")
endif()
list(FILTER needed EXCLUDE REGEX "${glibc}")
if(needed)
  message(FATAL_ERROR "${PROGRAM} needs more than glibc: ${needed}")
endif()
if(dynamic MATCHES "\\((RPATH|RUNPATH)\\)")
  message(FATAL_ERROR "${PROGRAM} looks for libraries in folders of its own")
endif()

cmake_path(GET PROGRAM FILENAME name)
set(folder ${PROGRAM}.alone)
file(REMOVE_RECURSE ${folder})
file(COPY ${PROGRAM} DESTINATION ${folder})
execute_process(COMMAND env -i ./${name} --version WORKING_DIRECTORY ${folder}
  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE code TIMEOUT 60)
file(REMOVE_RECURSE ${folder})
if(NOT code EQUAL 0 OR NOT said MATCHES "^coroner [0-9]")
  message(FATAL_ERROR "A copy of ${PROGRAM} does not run alone (${code}): ${said}")
endif()
