#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

namespace mobireg {

/// Writes a picture (blue-green-red) as PNG, replacing a file of that name. Throws `Error`.
void write_png(const std::filesystem::path& file, const cv::Mat3b& picture);

}  // namespace mobireg
