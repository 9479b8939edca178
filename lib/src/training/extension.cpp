#include "training/extension.h"

#include "config/enum_names.h"
#include "core/fail.h"
#include "mobireg/training/schedule.h"

namespace mobireg {

ExtendedRun extend_run(const RunConfig& planned, const std::filesystem::path& run_dir, int epochs,
                       std::optional<ScheduleExtension> extend) {
  const int before = planned.training.epochs;
  if (epochs < before) {
    fail("{}: the run is planned for {} epochs; --epochs must be at least that, not {}",
         run_dir.string(), before, epochs);
  }
  ExtendedRun run{planned, {}};
  if (epochs == before) return run;
  OptimizerConfig& optimizer = run.config.training.optimizer;
  const char* schedule = enum_name(optimizer.schedule);
  const bool depends = depends_on_length(optimizer);
  if (depends && !extend) {
    fail(
        "{}: the run's {} schedule ends after {} epochs; to extend it to {}, say how: --extend "
        "stretch (from now on as if planned for {} epochs) or --extend hold (with the rate with "
        "which epoch {} began)",
        run_dir.string(), schedule, before, epochs, epochs, before);
  }
  if (!depends && extend && optimizer.schedule_epochs == 0) {
    fail("{}: the run's {} schedule does not depend on its length; leave --extend out",
         run_dir.string(), schedule);
  }
  run.config.training.epochs = epochs;
  run.what = fmt::format("extended from {} to {} epochs", before, epochs);
  if (extend == ScheduleExtension::kStretch) {
    optimizer.schedule_epochs = 0;
    run.what += fmt::format(", the {} schedule stretched over them", schedule);
  } else if (depends || optimizer.schedule_epochs > 0) {
    if (depends) optimizer.schedule_epochs = before;
    run.what += fmt::format(", the rate held after the {} schedule's {}", schedule,
                            optimizer.schedule_epochs);
  }
  return run;
}

}  // namespace mobireg
