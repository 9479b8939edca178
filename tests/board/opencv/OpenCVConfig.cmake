# OpenCV in the sysroot of sysroot.sh: Debian's own file wants all of OpenCV's modules to be there.
set(OpenCV_VERSION 4.6.0)
set(OpenCV_FOUND TRUE)
set(OpenCV_INCLUDE_DIRS ${CMAKE_SYSROOT}/usr/include/opencv4
    ${CMAKE_SYSROOT}/usr/include/aarch64-linux-gnu/opencv4)
foreach(module core imgproc dnn)
  if(NOT TARGET opencv_${module})
    add_library(opencv_${module} SHARED IMPORTED)
    set_target_properties(opencv_${module} PROPERTIES
      IMPORTED_LOCATION ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/libopencv_${module}.so
      INTERFACE_INCLUDE_DIRECTORIES "${OpenCV_INCLUDE_DIRS}")
  endif()
endforeach()
