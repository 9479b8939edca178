#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/content_index.h"
#include "image/image_folder.h"
#include "mobireg/config/data_config.h"
#include "mobireg/data/dataset.h"

namespace mobireg {

/// Where the images of one data set lie and how they are cropped.
struct ImageSource {
  std::shared_ptr<const ImageFolder> folder;
  bool has_box = false;
  Range margin;  // of the crops that will be asked for
};

struct StoreItem {
  std::string filename;
  std::string where;  // the row, for messages
  int source = 0;
  double width = 1;  // of the upright image file, in pixels; read only where the source has boxes
  double height = 1;
  CropSquare box{0, 0, 1};  // without a margin, in the same pixels
};

/// The images of one dataset. Each is kept or decoded as a square that holds the crop of the
/// largest margin, at the scale at which the crop of the smallest margin still has the input's
/// size.
class ImageStore {
 public:
  ImageStore(const InputConfig& input, std::uint64_t max_pixels, std::vector<ImageSource> sources,
             std::vector<StoreItem> items);

  /// The same images for another network, not in memory, with that margin about all boxes; unset:
  /// the middle of what each had.
  ImageStore for_input(const InputConfig& input, std::optional<double> margin) const;

  const InputConfig& input() const { return input_; }
  const ImageSource& source(std::int64_t i) const {
    return sources_[static_cast<std::size_t>(item(i).source)];
  }

  /// Decodes all images into memory, or takes them from `cache` (a folder; empty: none), where they
  /// are then kept for the next run. Returns what is wrong with each image, "" where nothing is.
  std::vector<std::string> load(int threads, const std::filesystem::path& cache,
                                const WarningCallback& warn);

  /// From memory, or decoded now. Throws Error naming the row.
  StoredImage get(std::int64_t i) const;

  /// The same without its pixels.
  StoredImage place(std::int64_t i) const;

  bool in_memory() const { return pixels_ != nullptr || items_.empty(); }

  /// Bytes that all images take in memory.
  std::size_t bytes() const { return offsets_.back(); }

 private:
  const StoreItem& item(std::int64_t i) const { return items_[static_cast<std::size_t>(i)]; }
  int side_of(const StoreItem& item) const;
  CropSquare square_of(const StoreItem& item) const;
  const ImageFolder& folder_of(const StoreItem& item) const;
  Image decode(const StoreItem& item, const std::string& bytes) const;

  /// Into memory; says what is wrong with each image. `contents`, where given, become those of the
  /// files that were decoded.
  std::vector<std::string> decode_all(int threads, std::vector<FileContent>* contents);

  /// Of all files, of which only those are read that the index does not know; empty digests where
  /// that is not possible.
  std::vector<FileContent> contents_by(const ContentIndex& index, int threads) const;

  /// Names the pixels that the files' contents and the settings make.
  std::string cache_key(const std::vector<FileContent>& contents) const;

  InputConfig input_;
  std::uint64_t max_pixels_;
  std::vector<ImageSource> sources_;
  std::vector<StoreItem> items_;
  std::vector<std::size_t> offsets_;            // of each image's pixels; the last one is the end
  std::shared_ptr<const std::uint8_t> pixels_;  // null where images are decoded when asked for
};

/// The crop that a margin makes of a box.
CropSquare with_margin(const CropSquare& box, double margin);

double middle(const Range& range);

}  // namespace mobireg
