#include "data/image_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/fail.h"
#include "core/parallel_for.h"
#include "core/sha256.h"
#include "image/image_cache.h"
#include "image/image_resize.h"
#include "mobireg/core/text.h"
#include "mobireg/core/version.h"

namespace mobireg {

ImageStore::ImageStore(const InputConfig& input, std::uint64_t max_pixels,
                       std::vector<ImageSource> sources, std::vector<StoreItem> items)
    : input_(input),
      max_pixels_(max_pixels),
      sources_(std::move(sources)),
      items_(std::move(items)),
      offsets_{0} {
  for (const StoreItem& item : items_) {
    const auto side = static_cast<std::size_t>(side_of(item));
    offsets_.push_back(offsets_.back() + side * side * static_cast<std::size_t>(input.channels()));
  }
}

ImageStore ImageStore::for_input(const InputConfig& input, std::optional<double> margin) const {
  std::vector<ImageSource> sources = sources_;
  for (ImageSource& source : sources) {
    const double fixed = source.has_box ? margin.value_or(middle(source.margin)) : 0;
    source.margin = {fixed, fixed};
  }
  return {input, max_pixels_, std::move(sources), items_};
}

int ImageStore::side_of(const StoreItem& item) const {
  const Range& margin = sources_[static_cast<std::size_t>(item.source)].margin;
  const double ratio = (1 + 2 * margin.high) / (1 + 2 * margin.low);
  return static_cast<int>(std::ceil(input_.size * ratio - 1e-9));
}

CropSquare ImageStore::square_of(const StoreItem& item) const {
  return with_margin(item.box, sources_[static_cast<std::size_t>(item.source)].margin.high);
}

const ImageFolder& ImageStore::folder_of(const StoreItem& item) const {
  return *sources_[static_cast<std::size_t>(item.source)].folder;
}

Image ImageStore::decode(const StoreItem& item, const std::string& bytes) const {
  const ImageSource& source = sources_[static_cast<std::size_t>(item.source)];
  const int side = side_of(item);
  DecodeOptions options;
  options.color_mode = input_.color_mode;
  options.exif_orientation = input_.exif_orientation;
  options.max_pixels = max_pixels_;
  if (input_.dct_scaling) options.min_side = side;
  if (source.has_box) options.of_side = square_of(item).side;
  try {
    const DecodedImage decoded = decode_image(bytes, options);
    if (!source.has_box) return resize_image(decoded.image.view(), side, input_.interpolation);
    CropSquare square = square_of(item);
    square = {square.left * decoded.scale, square.top * decoded.scale, square.side * decoded.scale};
    return crop_image(decoded.image.view(), square, side, input_.interpolation);
  } catch (const Error& error) {
    fail("{}: {}", in_quotes(item.filename), error.what());
  }
}

StoredImage ImageStore::place(std::int64_t i) const {
  const StoreItem& wanted = item(i);
  return {nullptr,      side_of(wanted), input_.channels(), square_of(wanted),
          wanted.width, wanted.height,   wanted.box};
}

StoredImage ImageStore::get(std::int64_t i) const {
  const StoreItem& wanted = item(i);
  StoredImage stored = place(i);
  if (pixels_) {
    stored.pixels = {pixels_, pixels_.get() + offsets_[static_cast<std::size_t>(i)]};
    return stored;
  }
  try {
    const std::string bytes = folder_of(wanted).read(wanted.filename);
    auto image = std::make_shared<const Image>(decode(wanted, bytes));
    stored.pixels = {image, image->pixels.data()};
    return stored;
  } catch (const Error& error) {
    fail("{}: {}", wanted.where, error.what());
  }
}

std::string ImageStore::cache_key(const std::vector<FileContent>& contents) const {
  Sha256 sha;
  const auto add = [&](const auto& value) { sha.update(&value, sizeof(value)); };
  sha.update(version(), std::strlen(version()) + 1);  // decoders may change
  add(input_.size);
  add(input_.color_mode);
  add(input_.interpolation);
  add(input_.dct_scaling);
  add(input_.exif_orientation);
  add(max_pixels_);
  for (const ImageSource& source : sources_) {
    add(source.has_box);
    add(source.margin);
  }
  for (std::size_t i = 0; i < items_.size(); ++i) {
    add(items_[i].source);
    add(items_[i].box);
    add(contents[i].digest);
  }
  return to_hex(sha.digest());
}

std::vector<FileContent> ImageStore::contents_by(const ContentIndex& index, int threads) const {
  std::vector<FileContent> contents(items_.size());
  const auto look_up = [&](std::int64_t i) {
    FileContent& content = contents[static_cast<std::size_t>(i)];
    const ImageFolder& folder = folder_of(item(i));
    try {
      content.stamp = folder.stamp(item(i).filename);
      const auto known = index.find(content.stamp);
      content.digest = known ? *known : digest_of(folder.read(item(i).filename, &content.stamp));
    } catch (const Error&) {  // decoding will tell
    }
  };
  parallel_for(static_cast<std::int64_t>(items_.size()), threads, look_up);
  return contents;
}

std::vector<std::string> ImageStore::decode_all(int threads, std::vector<FileContent>* contents) {
  std::vector<std::string> problems(items_.size());
  const std::shared_ptr<std::uint8_t> block(new std::uint8_t[bytes()],
                                            std::default_delete<std::uint8_t[]>());
  const auto load_one = [&](std::int64_t row) {
    const auto i = static_cast<std::size_t>(row);
    FileContent content;
    try {
      const std::string bytes = folder_of(items_[i]).read(items_[i].filename, &content.stamp);
      if (contents != nullptr) {
        content.digest = digest_of(bytes);
        (*contents)[i] = content;
      }
      const Image image = decode(items_[i], bytes);
      std::copy(image.pixels.begin(), image.pixels.end(), block.get() + offsets_[i]);
    } catch (const std::exception& error) {  // one bad file must not end the check of the others
      problems[i] = error.what();
    }
  };
  parallel_for(static_cast<std::int64_t>(items_.size()), threads, load_one);
  pixels_ = block;
  return problems;
}

std::vector<std::string> ImageStore::load(int threads, const std::filesystem::path& cache,
                                          const WarningCallback& warn) {
  std::vector<std::string> problems(items_.size());
  if (items_.empty()) return problems;
  if (cache.empty()) return decode_all(threads, nullptr);
  ContentIndex index(cache / "contents.index");
  std::vector<FileContent> contents(items_.size());
  if (holds_images(cache, bytes())) {  // else no file need be read only to know its contents
    contents = contents_by(index, threads);
    pixels_ = ImageCache(cache, cache_key(contents), bytes()).open();
  }
  const bool is_new = pixels_ == nullptr;
  if (is_new) problems = decode_all(threads, &contents);
  const bool all_good = std::all_of(problems.begin(), problems.end(),
                                    [](const std::string& problem) { return problem.empty(); });
  if (!all_good) return problems;
  try {
    if (is_new) ImageCache(cache, cache_key(contents), bytes()).write(pixels_.get());
    for (const FileContent& content : contents) index.remember(content);
    index.write();
  } catch (const Error& error) {  // the run does not need it
    if (warn) warn(std::string(error.what()) + "; going on without");
  }
  return problems;
}

CropSquare with_margin(const CropSquare& box, double margin) {
  const double added = box.side * margin;
  return {box.left - added, box.top - added, box.side + 2 * added};
}

double middle(const Range& range) { return (range.low + range.high) / 2; }

}  // namespace mobireg
