# A layer is one folder under src/ and one static library, cdc_<name>. Its headers are reached as
# "<name>/file.h", through an include path that holds nothing but that folder: a layer that does not
# link another cannot include it.
function(cdcbench_layer name)
    cmake_parse_arguments(arg "" "" "SOURCES;SEES;LINKS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    set(door ${PROJECT_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${door})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${door}/${name} SYMBOLIC)
    add_library(cdc_${name} STATIC ${sources} ${arg_SOURCES})
    target_include_directories(cdc_${name} PUBLIC ${door})
    foreach(seen IN LISTS arg_SEES)
        target_link_libraries(cdc_${name} PUBLIC cdc_${seen})
    endforeach()
    target_link_libraries(cdc_${name} PRIVATE ${arg_LINKS})
endfunction()
