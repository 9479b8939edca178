#include "mobireg/training/run_folder.h"

#include <ATen/Version.h>
#include <fcntl.h>
#include <sys/file.h>
#include <torch/version.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/fail.h"
#include "mobireg/core/file.h"
#include "mobireg/core/version.h"
#include "mobireg/data/data_frame.h"

namespace mobireg {
namespace {

constexpr const char* kLockName = ".lock";

constexpr const char* kReadme = R"(A training run of mobireg.

config.json       everything that describes the run, with every default filled in
environment.json  versions, processor and thread count it was started with
rows.csv          which row of the data is in which split (train, validation, test)
train.log         what happened, line by line
report.html       curves, errors, the worst faces, config: open it in a browser
tensorboard/      the curves for TensorBoard: tensorboard --logdir THIS_FOLDER
times.csv         a line an epoch: images/s, and the seconds that each part took
metrics.csv       a line an epoch: loss, mean absolute error (mae) and mean squared error (mse), over
                  all outputs and for each; val_ are the validation rows; angles are in degrees
pseudo_labels.csv, teachers.safetensors   what the run's teachers said, where it has any
checkpoints/      last.safetensors: the newest state; best.safetensors: lowest validation mae;
                  epoch-NNNN.safetensors: after that epoch

To go on (after an interruption, or with --epochs for more):  mobireg-resume THIS_FOLDER
To judge it on the test rows:  mobireg-evaluate THIS_FOLDER/checkpoints/best.safetensors
To ship it:  mobireg-export THIS_FOLDER/checkpoints/best.safetensors --output model.pt
)";

bool is_empty_but_for_lock(const std::filesystem::path& path) {
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().filename() != kLockName) return false;
  }
  return true;
}

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

/// "AVX512", "AVX2", ...: what LibTorch's kernels use, from its own report.
std::string instruction_set() {
  const std::string report = at::show_config();
  const std::string label = "CPU capability usage: ";
  const std::size_t begin = report.find(label);
  if (begin == std::string::npos) return "unknown";
  return report.substr(begin + label.size(), report.find('\n', begin) - begin - label.size());
}

std::string environment_json(int threads) {
  nlohmann::ordered_json json;
  json["mobireg"] = version();
  json["libtorch"] = TORCH_VERSION;
  json["threads"] = threads;
  json["processor"] = processor_name();
  json["instruction_set"] = instruction_set();
  return json.dump(2) + "\n";
}

void write_rows(const Datasets& datasets, const std::filesystem::path& path) {
  std::vector<std::string> filenames;
  std::vector<std::string> splits;
  std::vector<std::string> rows;
  const auto add = [&](const ImageRegressionDataset& dataset, const char* split) {
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
      filenames.push_back(dataset.row(i).filename);
      splits.emplace_back(split);
      rows.push_back(dataset.row(i).where());
    }
  };
  add(datasets.train, "train");
  add(datasets.validation, "validation");
  add(datasets.test, "test");
  DataFrame frame;
  frame.add_column("filename", std::move(filenames));
  frame.add_column("split", std::move(splits));
  frame.add_column("row", std::move(rows));
  frame.write_csv(path);
}

}  // namespace

RunFolder::RunFolder(std::filesystem::path path) : path_(std::move(path)) {
  const std::string lock_path = (path_ / kLockName).string();
  lock_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) fail("{}: cannot be locked: {}", path_.string(), std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    fail("{}: another process is working in this run's folder", path_.string());
  }
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void RunFolder::check_free(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return;
  if (!std::filesystem::is_directory(path, error))
    fail("{}: it is a file, not a folder", path.string());
  if (std::filesystem::exists(path / "config.json", error)) {
    fail("{}: it already holds a run; go on with it by mobireg-resume, or choose another run_dir",
         path.string());
  }
  if (!is_empty_but_for_lock(path)) {
    fail("{}: the folder is not empty and not a run's; choose another run_dir", path.string());
  }
}

RunFolder RunFolder::create(const RunConfig& config, const Datasets& datasets, int threads) {
  std::error_code error;
  std::filesystem::create_directories(config.run_dir, error);
  if (error) fail("{}: the folder cannot be made: {}", config.run_dir.string(), error.message());
  RunFolder folder(config.run_dir);
  check_free(config.run_dir);
  std::filesystem::create_directory(folder.checkpoints(), error);
  if (error)
    fail("{}: the folder cannot be made: {}", folder.checkpoints().string(), error.message());
  write_file_atomically(folder.path_ / "README.txt", kReadme);
  write_file_atomically(folder.path_ / "environment.json", environment_json(threads));
  write_rows(datasets, folder.path_ / "rows.csv");
  write_file_atomically(folder.config_file(), to_json(config));
  return folder;
}

RunFolder RunFolder::open(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path / "config.json", error)) {
    fail("{}: not a run's folder (it has no config.json)", path.string());
  }
  return RunFolder(std::filesystem::absolute(path).lexically_normal());
}

RunConfig RunFolder::config() const {
  return run_config_from_json(read_file(config_file()), config_file().string());
}

int RunFolder::threads() const {
  const auto file = path_ / "environment.json";
  const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!json.is_object() || !json.contains("threads") || !json["threads"].is_number_integer()) {
    fail("{}: it has no thread count", file.string());
  }
  return json["threads"].get<int>();
}

}  // namespace mobireg
