# LibTorch as the target `torch`: Debian's package, unless MOBIREG_LIBTORCH names a folder of LibTorch
# 2.x: an unpacked download, or `torch` in site-packages. Only its CPU part is used, without its own
# CMake files, which ask for CUDA where it was built with CUDA.

if(NOT MOBIREG_LIBTORCH)
  set(MOBIREG_LIBTORCH_VERSION "")
  if(NOT TARGET torch)
    find_package(Torch REQUIRED)
  endif()
elseif(NOT TARGET torch)
  foreach(file lib/libtorch_cpu.so lib/libc10.so include/torch/csrc/api/include/torch/torch.h)
    if(NOT EXISTS "${MOBIREG_LIBTORCH}/${file}")
      message(FATAL_ERROR "MOBIREG_LIBTORCH: ${MOBIREG_LIBTORCH} has no ${file}; "
                          "give LibTorch's folder, or `torch` in site-packages")
    endif()
  endforeach()
  file(GLOB version_files "${MOBIREG_LIBTORCH}/include/torch/headeronly/version.h"
                          "${MOBIREG_LIBTORCH}/include/torch/csrc/api/include/torch/version.h")
  foreach(file ${version_files})
    file(STRINGS "${file}" version REGEX "^ *\"[0-9.]+\"")
    string(REGEX REPLACE "[ \"]" "" version "${version}")
    if(version)
      set(MOBIREG_LIBTORCH_VERSION "${version}")
    endif()
  endforeach()
  message(STATUS "LibTorch ${MOBIREG_LIBTORCH_VERSION} of ${MOBIREG_LIBTORCH}")

  # Wheels before 2.6 came with GCC 4's std::string, which OpenCV's and everybody else's is not.
  file(GLOB torch_config "${MOBIREG_LIBTORCH}/share/cmake/Torch/TorchConfig.cmake")
  if(torch_config)
    file(STRINGS "${torch_config}" old_abi REGEX "_GLIBCXX_USE_CXX11_ABI=0")
    if(old_abi)
      message(FATAL_ERROR "MOBIREG_LIBTORCH: ${MOBIREG_LIBTORCH} was built with the C++ ABI of before "
                          "GCC 5; take the cxx11-abi download, or version 2.6 or later")
    endif()
  endif()

  # Two OpenMP runtimes in a process would have twice the threads, so the one that LibTorch brings.
  file(GLOB libgomp "${MOBIREG_LIBTORCH}/lib/libgomp*.so*")
  if(libgomp)
    list(GET libgomp 0 libgomp)
    set_target_properties(OpenMP::OpenMP_CXX PROPERTIES INTERFACE_LINK_LIBRARIES "${libgomp}")
  endif()

  add_library(mobireg-c10 SHARED IMPORTED)
  set_target_properties(mobireg-c10 PROPERTIES IMPORTED_LOCATION "${MOBIREG_LIBTORCH}/lib/libc10.so")
  add_library(torch SHARED IMPORTED)
  set_target_properties(torch PROPERTIES
    IMPORTED_LOCATION "${MOBIREG_LIBTORCH}/lib/libtorch_cpu.so"
    INTERFACE_INCLUDE_DIRECTORIES
      "${MOBIREG_LIBTORCH}/include;${MOBIREG_LIBTORCH}/include/torch/csrc/api/include"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_LINK_LIBRARIES mobireg-c10)
endif()
