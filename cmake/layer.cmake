# A layer is a folder under src/ and a static library: run/tap is src/run/tap and cdc_run_tap. Its
# headers are reached as "run/tap/file.h" through its door, a folder of links to them and nothing
# else. A layer is compiled with its own door and those of the layers that it SEES, whatever these see
# in turn: an include of any other does not compile (tests/lint/check_doors.py tries it).
set(CDCBENCH_DOORS ${PROJECT_BINARY_DIR}/layers)
set_property(GLOBAL PROPERTY CDCBENCH_LAYERS "")

# The library of a layer.
function(cdcbench_library variable layer)
    string(REPLACE "/" "_" name ${layer})
    set(${variable} cdc_${name} PARENT_SCOPE)
endfunction()

# The folder that a target is given to reach a layer's headers.
function(cdcbench_door variable layer)
    string(REPLACE "/" "_" name ${layer})
    set(${variable} ${CDCBENCH_DOORS}/${name} PARENT_SCOPE)
endfunction()

# A target sees the layers named, and links them.
function(cdcbench_sees target)
    foreach(layer IN LISTS ARGN)
        cdcbench_door(door ${layer})
        cdcbench_library(library ${layer})
        target_include_directories(${target} PRIVATE ${door})
        get_target_property(type ${target} TYPE)
        if(type STREQUAL "STATIC_LIBRARY")
            target_link_libraries(${target} PUBLIC ${library})
        else()
            target_link_libraries(${target} PRIVATE ${library})
        endif()
    endforeach()
endfunction()

function(cdcbench_make_door layer)
    cdcbench_door(door ${layer})
    file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${layer}/*.h)
    file(REMOVE_RECURSE ${door})
    file(MAKE_DIRECTORY ${door}/${layer})
    foreach(header IN LISTS headers)
        get_filename_component(name ${header} NAME)
        file(CREATE_LINK ${header} ${door}/${layer}/${name} SYMBOLIC)
    endforeach()
endfunction()

#   cdcbench_layer(<layer> SEES <layer>… LINKS <library>… SOURCES <generated file>…)
function(cdcbench_layer layer)
    cmake_parse_arguments(arg "" "" "SOURCES;SEES;LINKS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${layer}/*.c)
    cdcbench_make_door(${layer})
    cdcbench_door(door ${layer})
    cdcbench_library(library ${layer})
    add_library(${library} STATIC ${sources} ${arg_SOURCES})
    target_include_directories(${library} PRIVATE ${door})
    cdcbench_sees(${library} ${arg_SEES})
    target_link_libraries(${library} PRIVATE ${arg_LINKS})
    set_property(GLOBAL APPEND PROPERTY CDCBENCH_LAYERS ${layer})
    set_property(GLOBAL PROPERTY CDCBENCH_SEEN_BY_${library} ${layer} ${arg_SEES})
endfunction()

# A program that is given what a layer itself is given: a test of the layer.
function(cdcbench_sees_as target layer)
    cdcbench_library(library ${layer})
    get_property(seen GLOBAL PROPERTY CDCBENCH_SEEN_BY_${library})
    cdcbench_sees(${target} ${seen})
endfunction()
