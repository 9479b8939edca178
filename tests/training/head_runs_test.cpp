// Small runs with every loss and every form of head.

#include <torch/types.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "mobireg/data/data_frame.h"
#include "mobireg/evaluation/evaluate_file.h"
#include "mobireg/training/run.h"
#include "synthetic_run.h"
#include "training/stopping_observer.h"

namespace mobireg {
namespace {

struct HeadCase {
  const char* name;
  LossKind loss;
  HeadForm form = HeadForm::kValues;
};

const std::vector<HeadCase> kCases{{"wing", LossKind::kWing},
                                   {"geodesic", LossKind::kGeodesic},
                                   {"heteroscedastic", LossKind::kHeteroscedastic},
                                   {"geodesic rotation", LossKind::kGeodesic, HeadForm::kRotation},
                                   {"mse rotation", LossKind::kMse, HeadForm::kRotation}};

void set_head(SyntheticRun& run, const HeadCase& of) {
  HeadConfig head{"pose", {"pitch", "yaw", "roll"}, 32};
  head.form = of.form;
  head.uncertainty = of.loss == LossKind::kHeteroscedastic;
  run.config.model.heads = {head};
  run.config.training.loss = of.loss;
  run.config = resolve_config(run.config);
}

TEST_CASE("a run learns with each loss of a pose, and its checkpoint is judged") {
  for (const HeadCase& of : kCases) {
    CAPTURE(of.name);
    SyntheticRun run(4);
    set_head(run, of);
    start_run(run.config);
    const DataFrame metrics = DataFrame::read_csv(run.config.run_dir / "metrics.csv");
    const std::vector<double>& loss = metrics.numbers("loss");
    const std::vector<double>& mae = metrics.numbers("val_mae");
    CHECK(loss.back() < loss.front());
    CHECK(std::isfinite(mae.back()));
    EvaluateOptions options;
    options.file = run.checkpoint("last");
    options.rows = RowSet::kValidation;
    const Evaluation evaluation = evaluate_file(options);
    CHECK(evaluation.overall.mae == Approx(mae.back()).epsilon(1e-3));
    CHECK(evaluation.overall.calibration.has_value() == run.config.model.heads[0].uncertainty);
  }
}

TEST_CASE("runs of rotations and of uncertain outputs go on after a stop, bit for bit") {
  for (const std::size_t i : {2, 3}) {
    CAPTURE(kCases[i].name);
    SyntheticRun run;
    set_head(run, kCases[i]);
    start_run(run.config);
    const auto straight = results(run);
    move_away(run);
    StoppingObserver stopping(3);
    start_run(run.config, stopping.options());
    resume_run(run.config.run_dir);
    CHECK(results(run) == straight);
  }
}

}  // namespace
}  // namespace mobireg
