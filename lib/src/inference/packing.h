#pragma once

#include <cstdint>

namespace mobireg {

/// How `vectors` registers of output channels are cut into panels of at most `panel`: the next
/// panel's width, none of them 1 where 2 would do.
inline int panel_width(int vectors, int panel) {
  if (vectors <= panel) return vectors;
  return vectors == panel + 1 && panel > 2 ? panel - 1 : panel;
}

}  // namespace mobireg
