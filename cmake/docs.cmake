# The target `docs`: the API's pages, in docs/api of the build folder. A warning is an error.
find_program(DOXYGEN doxygen)
if(DOXYGEN)
  add_custom_target(docs
    COMMAND ${CMAKE_COMMAND} -E env MOBIREG_VERSION=${PROJECT_VERSION}
            MOBIREG_API_DOCS=${PROJECT_BINARY_DIR}/docs/api ${DOXYGEN} docs/Doxyfile
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
endif()
