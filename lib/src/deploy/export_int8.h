#pragma once

#include "deploy/quantize.h"
#include "deploy/trained_network.h"
#include "mobireg/deploy/export.h"

namespace mobireg {

/// The network in int8 as `format` has it. `format`: ONNX or ncnn. Throws Error where
/// the calibration images are not the network's.
QuantizedNetwork quantize_for(ExportFormat format, const Network& network,
                              const TrainedNetwork& trained, const Int8Export& options);

/// Runs a network that takes pixels, or what `standardizer` makes of them.
PixelsToOutputs engine_on_tensors(const Network& network,
                                  std::shared_ptr<const Standardizer> standardizer);

/// Of one image on the calling thread: the median of many.
double image_seconds(const Network& network);

/// Throws Error when the mean error grows by more than the options allow.
Int8Report judge_int8(const QuantizedNetwork& quantized, const Int8Export& options,
                      const PixelsToOutputs& float_network, const PixelsToOutputs& int8_network);

}  // namespace mobireg
