#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace mobireg {

/// Whether some image cache in the folder holds that many bytes of pixels, whatever its key.
bool holds_images(const std::filesystem::path& folder, std::size_t bytes);

/// A file of decoded images in a folder that runs share: a header, then the pixels. It is named by
/// the key, so it holds what the key says or is not there; it gets its name when it is complete, so
/// two runs or a kill leave no half of one.
class ImageCache {
 public:
  /// `key`: hexadecimal digest of everything the pixels depend on. `bytes`: of the pixels.
  /// An empty folder is a cache that holds nothing and is not written.
  ImageCache(const std::filesystem::path& folder, const std::string& key, std::size_t bytes);

  /// The pixels, mapped from the file; null when they are not there or the file is not whole.
  std::shared_ptr<const std::uint8_t> open() const;

  /// Throws Error when the folder cannot be made or written (a full disk); nothing is then left.
  /// Also removes what killed writers left in the folder.
  void write(const std::uint8_t* pixels) const;

 private:
  std::filesystem::path file_;
  std::string header_;
  std::size_t bytes_;
};

}  // namespace mobireg
