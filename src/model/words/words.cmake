# Turns word lists (one word a line) into one C file of string arrays:
#   cmake -DOUT=words.c -DLISTS=a.txt|b.txt -P words.cmake
# a.txt becomes `const char *const words_a[]` and `const size_t words_a_count`. The order of the lines
# is part of the row function (docs/rows.md), so it is kept.
cmake_policy(VERSION 3.25)
string(REPLACE "|" ";" lists "${LISTS}")
set(code "/* Made from src/model/words by words.cmake. */\n#include \"model/row_tables.h\"\n")
foreach(list IN LISTS lists)
    get_filename_component(name ${list} NAME_WE)
    file(STRINGS ${list} words)
    list(LENGTH words count)
    string(REPLACE ";" "\",\n    \"" body "${words}")
    string(APPEND code "\nconst char *const words_${name}[] = {\n    \"${body}\",\n};\n"
                       "const size_t words_${name}_count = ${count};\n")
endforeach()
file(WRITE ${OUT} "${code}")
