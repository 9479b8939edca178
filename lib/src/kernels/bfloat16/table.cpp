#include "kernels/bfloat16/pointwise.h"
#include "kernels/bfloat16/tile_product.h"
#include "kernels/depthwise.h"
#include "kernels/first.h"
#include "kernels/pool.h"

namespace mobireg::MOBIREG_ISA {
namespace {

template <class Products>
constexpr KernelsOf<Bfloat16> table_of(const char* name) {
  return {
      name,

      pointwise_packed,
      pack_pointwise,
      pack_pointwise_transposed,
      pointwise_block,
      pointwise_scratch,
      pointwise_forward<Products>,
      pointwise_backward<Products>,

      depthwise_scratch,
      depthwise_forward,
      depthwise_backward,

      first_scratch,
      first_forward,
      first_backward,

      pool_forward,
      pool_backward,

      pack_pointwise_part,
      pack_pointwise_transposed_part,
      pointwise_factors,
      pointwise_weight_gradient<Products>,
  };
}

}  // namespace

extern const KernelsOf<Bfloat16> dot_table;
extern const KernelsOf<Bfloat16> amx_table;
const KernelsOf<Bfloat16> dot_table = table_of<DotProducts>("avx512bf16");
const KernelsOf<Bfloat16> amx_table = table_of<Amx>("amx");

}  // namespace mobireg::MOBIREG_ISA
