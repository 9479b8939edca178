#pragma once

// The one list of every config field: its name, its value, what it means and which values are
// allowed. Reading, writing, `--set`, the unknown-field check and docs/configuration.md are
// visitors over it. A visitor is called as visitor(name, value, meaning, bound).

#include "config/data_fields.h"
#include "config/enum_names.h"
#include "config/model_fields.h"
#include "config/training_fields.h"

namespace mobireg {

template <class Visitor>
void visit_fields(Visitor& visit, RunConfig& c) {
  visit("run_dir", c.run_dir, "Folder of the run, made by it.");
  visit("seed", c.seed, "Of weights, order, augmentation and dropout.");
  visit("threads", c.threads,
        "Compute threads; 0: as many as make training faster, measured at the start of the run.",
        Bound{0, 1024, false, false, "0 to 1024"});
  visit(
      "kernels", c.kernels,
      "`auto`: mobireg's own fused kernels where they fit; `aten`: LibTorch's alone, to compare.");
  visit(
      "precision", c.precision,
      "What training stores and multiplies: `fp32`, or `bf16` on processors that have it. Weights, "
      "statistics and validation are fp32 in both.");
  visit("model", c.model, "The network.");
  visit("data", c.data, "Images and labels.");
  visit("augmentation", c.augmentation, "Changes made to training images, drawn anew each pass.");
  visit("training", c.training, "How it is trained.");
}

}  // namespace mobireg
