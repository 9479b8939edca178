#include "mobireg/data/dataset.h"

#include "core/fail.h"
#include "core/sha256.h"

namespace mobireg {

ImageRegressionDataset::ImageRegressionDataset(std::vector<DatasetEntry> entries,
                                               const InputConfig& input)
    : entries_(std::move(entries)), input_(input) {}

std::shared_ptr<const Image> ImageRegressionDataset::image(std::int64_t i) const {
  const DatasetEntry& entry = entries_[static_cast<std::size_t>(i)];
  if (entry.image) return entry.image;
  try {
    return std::make_shared<const Image>(read_image(entry.row.path, input_));
  } catch (const Error& error) {
    fail("{}:{}: {}", entry.row.csv.string(), entry.row.line, error.what());
  }
}

ImageRegressionDataset ImageRegressionDataset::filter(
    const std::function<bool(const DatasetRow&)>& keep) const {
  std::vector<DatasetEntry> kept;
  for (const DatasetEntry& entry : entries_) {
    if (keep(entry.row)) kept.push_back(entry);
  }
  return {std::move(kept), input_};
}

std::string ImageRegressionDataset::fingerprint() const {
  Sha256 sha;
  for (const DatasetEntry& entry : entries_) {
    sha.update(entry.row.filename.c_str(), entry.row.filename.size() + 1);
    sha.update(entry.row.targets.data(), entry.row.targets.size() * sizeof(float));
  }
  return to_hex(sha.digest());
}

}  // namespace mobireg
