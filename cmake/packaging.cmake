# `cpack` in the build folder makes two Debian packages: `mobireg`, the apps with their man pages,
# completion and configs, and `libmobireg-dev`, the library.
if(MOBIREG_LIBTORCH)
  return()  # no package has that LibTorch
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the mobireg authors")
set(CPACK_PACKAGE_CONTACT "the mobireg authors <mobireg@localhost.localdomain>" CACHE STRING
    "Maintainer of the packages: NAME <ADDRESS>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL apps dev)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian_files.cmake)
set(CPACK_MOBIREG_SOURCE ${PROJECT_SOURCE_DIR})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_APPS_PACKAGE_NAME mobireg)
set(CPACK_DEBIAN_APPS_PACKAGE_SECTION science)
set(CPACK_DEBIAN_APPS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_APPS_PACKAGE_RECOMMENDS "opencv-data, libopenblas0-openmp")
set(CPACK_COMPONENT_APPS_DESCRIPTION "Head pose or landmarks from face crops, for example: training, evaluation, \
export to ONNX, ncnn and TorchScript, and prediction on images, videos and cameras.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libmobireg-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libtorch-dev, libopencv-dev, libonnx-dev, libprotobuf-dev, libfmt-dev, nlohmann-json3-dev, \
libjpeg-dev, libpng-dev, zlib1g-dev, libssl-dev, libmatio-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "The library for C++: headers, a static library and files for CMake's find_package(mobireg).")

include(CPack)
