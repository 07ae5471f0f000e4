# Turns reports/html into a C++ source: cmake -DOUTPUT=... -DFOLDER=... -P embed.cmake
set(text "// Made from reports/html.\n#include \"harness/report/html_assets.h\"\n\nnamespace coroner::report::html_assets {\n")
foreach(pair "page|report.html" "style|report.css" "script|report.js")
  string(REPLACE "|" ";" pair "${pair}")
  list(GET pair 0 name)
  list(GET pair 1 file)
  file(READ "${FOLDER}/${file}" content)
  # A literal of more than 64 KiB is not portable; each file is far below.
  string(APPEND text "const std::string_view ${name} = R\"embedded(${content})embedded\";\n")
endforeach()
string(APPEND text "}  // namespace coroner::report::html_assets\n")
file(WRITE "${OUTPUT}" "${text}")
