# Debian's cross compiler with the sysroot of sysroot.sh, given as -DMOBIREG_SYSROOT=FOLDER.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MOBIREG_SYSROOT)
set(CMAKE_SYSROOT ${MOBIREG_SYSROOT})
set(OpenCV_DIR ${CMAKE_CURRENT_LIST_DIR}/opencv)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
# The libraries that OpenCV's need are found by the linker, BLAS in a folder of its own.
set(library_folder ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-Wl,-rpath-link,${library_folder}:${library_folder}/blas:${library_folder}/lapack")
