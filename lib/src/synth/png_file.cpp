#include "synth/png_file.h"

#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "core/fail.h"

namespace mobireg {

void write_png(const std::filesystem::path& file, const cv::Mat3b& picture) {
  // Encoded here and written by a stream: cv::imwrite would print its own complaint to stderr.
  std::vector<unsigned char> bytes;
  cv::imencode(".png", picture, bytes);
  std::ofstream stream(file, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) fail("synth: cannot write the picture '{}'", file.string());
}

}  // namespace mobireg
