# Targets beside the program: how the sources look, and what the live tests need.
add_custom_target(format COMMAND ${CMAKE_SOURCE_DIR}/scripts/format USES_TERMINAL VERBATIM)
add_custom_target(check_format COMMAND ${CMAKE_SOURCE_DIR}/scripts/format --check USES_TERMINAL VERBATIM)
add_custom_target(tidy COMMAND ${CMAKE_SOURCE_DIR}/scripts/tidy ${CMAKE_BINARY_DIR} USES_TERMINAL VERBATIM)

# coroner_live_tests(FOLDER): target live_tests builds every program of FOLDER and of its subfolders.
function(coroner_live_tests folder)
  add_custom_target(live_tests)
  get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(each ${CMAKE_SOURCE_DIR}/${folder} ${below})
    get_property(targets DIRECTORY ${each} PROPERTY BUILDSYSTEM_TARGETS)
    if(targets)
      add_dependencies(live_tests ${targets})
    endif()
  endforeach()
endfunction()
