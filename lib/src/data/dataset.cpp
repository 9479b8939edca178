#include "mobireg/data/dataset.h"

#include "augmentation/geometry.h"
#include "augmentation/warp.h"
#include "core/fail.h"
#include "core/sha256.h"
#include "data/image_store.h"

namespace mobireg {

std::string DatasetRow::where() const {
  return line == 0 ? (csv / filename).string() : fmt::format("{}:{}", csv.string(), line);
}

ImageRegressionDataset::ImageRegressionDataset(std::vector<DatasetRow> rows,
                                               std::shared_ptr<const ImageStore> images,
                                               std::vector<std::int64_t> positions,
                                               std::shared_ptr<const LabelTransform> labels)
    : rows_(std::move(rows)),
      images_(std::move(images)),
      positions_(std::move(positions)),
      labels_(std::move(labels)) {}

const InputConfig& ImageRegressionDataset::input() const { return images_->input(); }

StoredImage ImageRegressionDataset::image(std::int64_t i) const {
  return images_->get(positions_[static_cast<std::size_t>(i)]);
}

Range ImageRegressionDataset::crop_margin(std::int64_t i) const {
  return images_->source(positions_[static_cast<std::size_t>(i)]).margin;
}

Image ImageRegressionDataset::input_image(std::int64_t i) const {
  const StoredImage stored = image(i);
  const int size = input().size;
  Image result{size, size, stored.channels, {}};
  if (stored.side == size) {
    result.pixels.assign(stored.view().pixels, stored.view().pixels + stored.view().size());
    return result;
  }
  const CropSquare crop = with_margin(stored.box, middle(crop_margin(i)));
  std::vector<float> pixels(static_cast<std::size_t>(size) * static_cast<std::size_t>(size) *
                            static_cast<std::size_t>(stored.channels));
  warp(stored.view(), crop_affine(crop, size, stored.square, stored.side), size, {}, pixels.data());
  for (const float pixel : pixels) {
    result.pixels.push_back(static_cast<std::uint8_t>(pixel + 0.5F));
  }
  return result;
}

std::vector<float> ImageRegressionDataset::input_targets(std::int64_t i) const {
  std::vector<float> targets = row(i).targets;
  to_input(i, targets.data());
  return targets;
}

void ImageRegressionDataset::to_input(std::int64_t i, float* targets) const {
  const StoredImage place = images_->place(positions_[static_cast<std::size_t>(i)]);
  labels_->to_crop(place.width, place.height, with_margin(place.box, middle(crop_margin(i))),
                   targets);
}

void ImageRegressionDataset::from_input(std::int64_t i, float* targets) const {
  const StoredImage place = images_->place(positions_[static_cast<std::size_t>(i)]);
  labels_->from_crop(place.width, place.height, with_margin(place.box, middle(crop_margin(i))),
                     targets);
}

ImageRegressionDataset ImageRegressionDataset::as_seen_by(const InputConfig& input,
                                                          std::optional<double> margin) const {
  return {rows_, std::make_shared<const ImageStore>(images_->for_input(input, margin)), positions_,
          labels_};
}

std::filesystem::path ImageRegressionDataset::file(std::int64_t i) const {
  return images_->source(positions_[static_cast<std::size_t>(i)]).folder->path() / row(i).filename;
}

ImageRegressionDataset ImageRegressionDataset::filter(
    const std::function<bool(const DatasetRow&)>& keep) const {
  std::vector<DatasetRow> rows;
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!keep(rows_[i])) continue;
    rows.push_back(rows_[i]);
    positions.push_back(positions_[i]);
  }
  return {std::move(rows), images_, std::move(positions), labels_};
}

std::string ImageRegressionDataset::fingerprint() const {
  Sha256 sha;
  for (const DatasetRow& row : rows_) {
    sha.update(row.filename.c_str(), row.filename.size() + 1);
    sha.update(row.targets.data(), row.targets.size() * sizeof(float));
    sha.update(&row.weight, sizeof(row.weight));
  }
  return to_hex(sha.digest());
}

std::string Datasets::fingerprint() const {
  return train.fingerprint() + validation.fingerprint() +
         (unlabelled.size() > 0 ? unlabelled.fingerprint() : "");
}

}  // namespace mobireg
