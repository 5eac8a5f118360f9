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

# tp_headers(set HEADERS ... PRIVATE ...): headers of others that most files include and that take longer to read than these
# files: compiled once, where TP_PCH is on. TP_HEADERS names the set that components made from here on take. A file includes
# what it uses all the same: clang-tidy and release builds read it without them.
function(tp_headers set)
    cmake_parse_arguments(ARG "" "" "HEADERS;PRIVATE" ${ARGN})
    if(TP_PCH)
        add_library(tp_headers_${set} OBJECT ${PROJECT_SOURCE_DIR}/cmake/headers.cpp)
        target_link_libraries(tp_headers_${set} PRIVATE ${ARG_PRIVATE} tp_warnings)
        tp_reads_headers(tp_headers_${set})
        target_precompile_headers(tp_headers_${set} PRIVATE ${ARG_HEADERS})
        set(TP_HEADERS ${set} PARENT_SCOPE)
    endif()
endfunction()

# What code and the headers compiled for it must agree on.
function(tp_reads_headers target)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -fpch-preprocess) # or ccache cannot tell what is in them
    endif()
endfunction()

# tp_takes_headers(target): what TP_HEADERS names, if it names something.
function(tp_takes_headers target)
    if(TP_HEADERS)
        tp_reads_headers(${target})
        target_precompile_headers(${target} REUSE_FROM tp_headers_${TP_HEADERS})
    endif()
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
    tp_takes_headers(tp_${name})
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
    tp_takes_headers(unit_${component})
    target_link_libraries(unit_${component} PRIVATE ${ARG_PRIVATE} GTest::gmock GTest::gtest_main tp_warnings)
    add_test(NAME unit_${component} COMMAND unit_${component} --gtest_brief=1)
    set_tests_properties(unit_${component} PROPERTIES TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT}) # the longest first
endfunction()

# tp_python_test(name FILES ... TIMEOUT seconds [ALONE]): one pytest run against the programs of this build. Each has hosts,
# servers and a database of its own; with a platform's programs to wait for, it counts as two. ALONE: it compares times.
function(tp_python_test name)
    cmake_parse_arguments(ARG "ALONE" "TIMEOUT" "FILES" ${ARGN})
    add_test(NAME ${name}
             COMMAND /usr/bin/python3 -m pytest -q -p no:cacheprovider ${ARG_FILES}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES
        TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT} PROCESSORS 2 RUN_SERIAL ${ARG_ALONE}
        ENVIRONMENT "TRIGPOINT_PROGRAMS=${PROJECT_BINARY_DIR}/bin;PYTHONDONTWRITEBYTECODE=1")
endfunction()
