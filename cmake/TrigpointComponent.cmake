# Every header compiles alone: one with a source file of its name is that file's first include (tests/support/lint looks), and
# the others, which land in `lone`, are compiled by the target all_verify_interface_header_sets.
function(tp_lone_headers lone)
    set(found)
    foreach(header IN LISTS ARGN)
        cmake_path(ABSOLUTE_PATH header)
        cmake_path(REPLACE_EXTENSION header LAST_ONLY .cpp OUTPUT_VARIABLE source)
        if(NOT EXISTS ${source})
            list(APPEND found ${header})
        endif()
    endforeach()
    set(${lone} ${found} PARENT_SCOPE)
endfunction()

# tp_component(name SOURCES ... HEADERS ... PUBLIC ... PRIVATE ...)
# A folder's library `tp_name` with the alias `tp::name`. Includes are written from the root.
function(tp_component name)
    cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE" ${ARGN})
    add_library(tp_${name} STATIC ${ARG_SOURCES})
    add_library(tp::${name} ALIAS tp_${name})
    tp_lone_headers(lone ${ARG_HEADERS})
    target_sources(tp_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS}
                              PUBLIC FILE_SET lone TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${lone})
    target_link_libraries(tp_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} tp_warnings)
    set_target_properties(tp_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON INTERFACE_HEADER_SETS_TO_VERIFY lone)
endfunction()

# tp_part(component SOURCES ... HEADERS ... PRIVATE ...): more of a component, said in a folder inside it.
function(tp_part component)
    cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;PRIVATE" ${ARGN})
    list(TRANSFORM ARG_HEADERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    tp_lone_headers(lone ${ARG_HEADERS})
    target_sources(tp_${component} PRIVATE ${ARG_SOURCES} PUBLIC FILE_SET HEADERS FILES ${ARG_HEADERS}
                                   PUBLIC FILE_SET lone FILES ${lone})
    target_link_libraries(tp_${component} PRIVATE ${ARG_PRIVATE})
endfunction()

# tp_program(name SOURCES ... PRIVATE ...)
function(tp_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;PRIVATE" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE ${ARG_PRIVATE} tp_warnings)
endfunction()

# tp_unit_test(component SOURCES ... PRIVATE ... TIMEOUT seconds): one GoogleTest program for a component.
function(tp_unit_test component)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;PRIVATE" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(unit_${component} ${ARG_SOURCES})
    if(TP_SANITIZE MATCHES "undefined")
        # What is tested has every check; in the tests' own code they would double the time that it takes to compile.
        target_compile_options(unit_${component} PRIVATE -fno-sanitize=undefined)
    endif()
    target_link_libraries(unit_${component} PRIVATE ${ARG_PRIVATE} GTest::gmock GTest::gtest_main tp_warnings)
    add_test(NAME unit_${component} COMMAND unit_${component} --gtest_brief=1)
    set_tests_properties(unit_${component} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# tp_python_test(name FILES ... TIMEOUT seconds): one pytest run against the programs of this build.
function(tp_python_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "FILES" ${ARGN})
    add_test(NAME ${name}
             COMMAND /usr/bin/python3 -m pytest -q -p no:cacheprovider ${ARG_FILES}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES
        TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ON
        ENVIRONMENT "TRIGPOINT_PROGRAMS=${PROJECT_BINARY_DIR}/bin;PYTHONDONTWRITEBYTECODE=1")
endfunction()
