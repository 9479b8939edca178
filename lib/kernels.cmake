# The inner loops of training and inference, compiled once for each instruction set that a processor of
# this kind may have (src/kernels/isa.h); the program chooses when it runs.

include(CheckCXXCompilerFlag)

set(kernel_sources
  src/inference/first_convolution.cpp
  src/inference/heads.cpp
  src/inference/separable_block.cpp
  src/inference/table.cpp
  src/kernels/depthwise_backward.cpp
  src/kernels/depthwise_forward.cpp
  src/kernels/first_backward.cpp
  src/kernels/first_forward.cpp
  src/kernels/pointwise.cpp
  src/kernels/pointwise_backward.cpp
  src/kernels/pointwise_forward.cpp
  src/kernels/pool.cpp
  src/kernels/table.cpp
)
set(instruction_sets baseline)
check_cxx_compiler_flag("-march=x86-64-v4 -mprefer-vector-width=512" MOBIREG_X86_KERNELS)
if(MOBIREG_X86_KERNELS)
  list(APPEND instruction_sets avx2 avx512)
  set(avx2_options -march=x86-64-v3)
  set(avx512_options -march=x86-64-v4 -mprefer-vector-width=512)
  set_source_files_properties(src/inference/kernels.cpp src/kernels/kernels.cpp PROPERTIES
    COMPILE_DEFINITIONS MOBIREG_X86_KERNELS)
endif()
foreach(set IN LISTS instruction_sets)
  add_library(mobireg-kernels-${set} OBJECT ${kernel_sources})
  target_include_directories(mobireg-kernels-${set} PRIVATE src)
  target_compile_definitions(mobireg-kernels-${set} PRIVATE MOBIREG_ISA=${set})
  # In debug builds too: inline functions left to the linker could come from the wrong set.
  target_compile_options(mobireg-kernels-${set} PRIVATE -O3 -Wall -Wextra ${${set}_options})
  set_target_properties(mobireg-kernels-${set} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_sources(mobireg PRIVATE $<TARGET_OBJECTS:mobireg-kernels-${set}>)
endforeach()

# Those that store bfloat16: one more set, for processors with AVX512-BF16 and, found when it runs, AMX.
set(bfloat16_options -march=x86-64-v4 -mprefer-vector-width=512 -mavx512bf16 -mamx-tile -mamx-bf16)
string(JOIN " " bfloat16_flags ${bfloat16_options})
check_cxx_compiler_flag("${bfloat16_flags}" MOBIREG_BFLOAT16_KERNELS)
if(MOBIREG_X86_KERNELS AND MOBIREG_BFLOAT16_KERNELS)
  add_library(mobireg-kernels-avx512bf16 OBJECT
    src/kernels/depthwise_backward.cpp
    src/kernels/depthwise_forward.cpp
    src/kernels/first_backward.cpp
    src/kernels/first_forward.cpp
    src/kernels/bfloat16/pointwise.cpp
    src/kernels/bfloat16/pointwise_backward.cpp
    src/kernels/bfloat16/pointwise_forward.cpp
    src/kernels/pool.cpp
    src/kernels/bfloat16/table.cpp)
  target_include_directories(mobireg-kernels-avx512bf16 PRIVATE src)
  target_compile_definitions(mobireg-kernels-avx512bf16 PRIVATE MOBIREG_ISA=avx512bf16)
  # GCC 12 warns of its own intrinsics, whose masked forms begin with an undefined register.
  target_compile_options(mobireg-kernels-avx512bf16 PRIVATE -O3 -Wall -Wextra ${bfloat16_options}
    $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>)
  set_target_properties(mobireg-kernels-avx512bf16 PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_sources(mobireg PRIVATE $<TARGET_OBJECTS:mobireg-kernels-avx512bf16>)
  set_property(SOURCE src/kernels/kernels.cpp APPEND PROPERTY
    COMPILE_DEFINITIONS MOBIREG_BFLOAT16_KERNELS)
endif()
