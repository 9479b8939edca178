# The library for boards: Predictor on ONNX files by cv::dnn, without LibTorch. Not to be linked with
# mobireg::mobireg into one program: it is a part of it, with other definitions of a few functions.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
find_package(OpenCV REQUIRED COMPONENTS core imgproc dnn)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)

set(board_sources
  config/json_reader.cpp
  config/model_config.cpp
  config/resolve_heads.cpp
  config/resolve_model.cpp
  config/units.cpp
  core/file.cpp
  core/rotation.cpp
  core/text.cpp
  core/version.cpp
  data/implied_switches.cpp
  deploy/image_pixels.cpp
  deploy/load_network_board.cpp
  deploy/load_onnx.cpp
  deploy/loaded_network.cpp
  deploy/model_card.cpp
  deploy/onnx_cursor.cpp
  deploy/onnx_model.cpp
  deploy/onnx_reader.cpp
  deploy/predictor.cpp
  deploy/protobuf_reader.cpp
  deploy/raw_outputs.cpp
  image/image_resize.cpp
  model/head_outputs.cpp
)
list(TRANSFORM board_sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/src/)
add_library(mobireg-board ${board_sources})
add_library(mobireg::board ALIAS mobireg-board)
set_target_properties(mobireg-board PROPERTIES EXPORT_NAME board)
target_include_directories(mobireg-board
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_LIST_DIR}/include>
         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE ${CMAKE_CURRENT_LIST_DIR}/src)
target_include_directories(mobireg-board SYSTEM PRIVATE ${OpenCV_INCLUDE_DIRS})
# Of fmt and JSON only headers are used, so that a board need not have them.
target_link_libraries(mobireg-board
  PUBLIC opencv_core
  PRIVATE opencv_imgproc opencv_dnn $<BUILD_INTERFACE:fmt::fmt-header-only>
          $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
target_compile_features(mobireg-board PUBLIC cxx_std_17)
target_compile_options(mobireg-board PRIVATE -Wall -Wextra)
target_compile_definitions(mobireg-board PRIVATE MOBIREG_VERSION="${PROJECT_VERSION}")
# What a program does not use of it, the linker may leave out.
target_compile_options(mobireg-board PRIVATE -ffunction-sections -fdata-sections)

install(TARGETS mobireg-board EXPORT mobireg-board-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(header config/augmentation_config config/loss_kind config/model_config config/units core/error core/version
        deploy/model_card deploy/predictor)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/include/mobireg/${header}.h
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mobireg/${folder})
endforeach()
install(EXPORT mobireg-board-targets NAMESPACE mobireg::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mobireg)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/mobireg-config.cmake.in mobireg-config.cmake
        INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mobireg)
write_basic_package_version_file(mobireg-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mobireg-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/mobireg-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mobireg)
