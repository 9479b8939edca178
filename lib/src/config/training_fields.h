#pragma once

// The fields of training; see fields.h.

#include "config/field_bounds.h"

namespace mobireg {

template <class Visitor>
void visit_fields(Visitor& visit, OptimizerConfig& c) {
  visit("name", c.name,
        "Keras's optimiser of that name; `adamw` decays weights apart from the gradient.");
  visit("learning_rate", c.learning_rate,
        "Unset: 0.001 for `adam` and `adamw`, 0.01 for the others.", kPositive);
  visit("schedule", c.schedule,
        "What multiplies it. `cosine` and `one_cycle` end at 0 with the run, which then cannot be "
        "extended unless `mobireg-resume` is told how.");
  visit(
      "schedule_epochs", c.schedule_epochs,
      "`cosine`, `one_cycle`: epochs they are planned for; later ones keep the rate with which the "
      "last of them began. 0: the run's.",
      kNotNegative);
  visit("warmup_epochs", c.warmup_epochs,
        "First epochs, in which the rate rises from 0 and after which the schedule begins; with "
        "`one_cycle`, the length of its rise (0: a third of it).",
        kNotNegative);
  visit("decay_epochs", c.decay_epochs, "`step`, `exponential`: epochs for one `decay_factor`.",
        kPositive);
  visit("decay_factor", c.decay_factor, "`step`, `exponential`, `plateau`: multiplies the rate.",
        Bound{0, 1, true, true, "between 0 and 1"});
  visit("plateau_patience", c.plateau_patience,
        "`plateau`: epochs without a better validation MAE.", kAtLeastOne);
  visit("backbone_rate", c.backbone_rate,
        "The backbone's learning rate, as a multiple of the heads'.", kNotNegative);
  visit("weight_decay", c.weight_decay,
        "Share of each weight, times the learning rate, that a step takes off (`adamw`), or its "
        "multiple that is added to the gradient (the others); not of biases and BatchNorm.",
        kNotNegative);
  visit("clip_norm", c.clip_norm, "Largest L2 norm of all gradients together; 0: any.",
        kNotNegative);
  visit("beta_1", c.beta_1, "Adam's decay of the gradient's mean.", kBelowOne);
  visit("beta_2", c.beta_2, "Adam's decay of the squared gradient's mean.", kBelowOne);
  visit("epsilon", c.epsilon, "Adam's, added outside the bias correction as in Keras.", kPositive);
  visit("momentum", c.momentum, "Of `momentum` and `nesterov`.", kBelowOne);
}

template <class Visitor>
void visit_fields(Visitor& visit, CheckpointConfig& c) {
  visit("every", c.every, "Epochs from one checkpoint to the next.", kAtLeastOne);
  visit("keep", c.keep, "Newest epoch checkpoints kept; 0: all. `best` and `last` always are.",
        kNotNegative);
}

template <class Visitor>
void visit_fields(Visitor& visit, DistillationConfig& c) {
  visit("teachers", c.teachers,
        "Checkpoints or exported files with the same outputs, whose mean is learnt from.");
  visit("weight", c.weight, "Share of the teachers' outputs in the loss; the labels have the rest.",
        Bound{0, 1, false, false, "0 to 1"});
  visit("feature_weight", c.feature_weight,
        "Weight of the difference to their pooled features, added to the loss; teachers must be "
        "checkpoints.",
        kNotNegative);
}

template <class Visitor>
void visit_fields(Visitor& visit, UnlabelledConfig& c) {
  visit("folders", c.folders, "Folders of images without labels, with all that lies in them.");
  visit("pseudo_labels", c.pseudo_labels,
        "Let the distillation's teachers label them, and keep those on which they agree.");
  visit("agreement", c.agreement,
        "Largest standard deviation of what is said of an image mirrored and turned, for each "
        "output; degrees for angles, else the output's unit.",
        kPositive);
  visit("weight", c.weight, "Weight of pseudo-labelled rows in the loss.", kNotNegative);
  visit("consistency_weight", c.consistency_weight,
        "Weight of the difference to what the weights' moving average says of the plain image (a "
        "mean teacher); 0: none.",
        kNotNegative);
  visit("consistency_rampup", c.consistency_rampup, "Epochs in which that weight rises from 0.",
        kNotNegative);
}

template <class Visitor>
void visit_fields(Visitor& visit, TrainingConfig& c) {
  visit("epochs", c.epochs, "Epochs.", kAtLeastOne);
  visit("batch_size", c.batch_size,
        "Images a step. A last batch of one image joins the batch before it.",
        Bound{2, 65536, false, false, "2 to 65536"});
  visit("steps_per_epoch", c.steps_per_epoch,
        "Steps an epoch, going on in the data where the last epoch stopped; 0: one pass over the "
        "rows.",
        kNotNegative);
  visit("validation_steps", c.validation_steps, "Batches judged an epoch; 0: all validation rows.",
        kNotNegative);
  visit("accumulate", c.accumulate, "Batches whose mean gradient makes one update of the weights.",
        kAtLeastOne);
  visit("loss", c.loss,
        "Mean over all outputs, in the labels' units; a head may have its own. `geodesic` needs a "
        "head of pitch, yaw and roll, `heteroscedastic` one with `uncertainty`.");
  visit("huber_delta", c.huber_delta, "Error at which `huber` turns from square to linear.",
        kPositive);
  visit("wing_width", c.wing_width, "Error at which `wing` turns from logarithm to linear.",
        kPositive);
  visit("wing_curvature", c.wing_curvature, "`wing`: the smaller, the steeper near 0.", kPositive);
  visit("optimizer", c.optimizer, "How weights are updated.");
  visit("ema_decay", c.ema_decay,
        "Decay a step of a moving average of the weights, which is what is validated, chosen and "
        "exported; 0: none.",
        kBelowOne);
  visit("early_stopping", c.early_stopping,
        "Epochs without a better validation MAE after which the run ends; 0: never.", kNotNegative);
  visit("checkpoint", c.checkpoint, "When checkpoints are written.");
  visit("init_from", c.init_from,
        "Weights to start from: safetensors whose names and shapes fit, or a checkpoint.");
  visit(
      "init_parts", c.init_parts,
      "Beginnings of the names of the weights taken from it, as `backbone` or `heads.yaw`; empty: "
      "all that fit.");
  visit("freeze_epochs", c.freeze_epochs,
        "First epochs in which the backbone, BatchNorm's statistics too, stays as it is.",
        kNotNegative);
  visit("distillation", c.distillation, "Networks to learn from.");
  visit("unlabelled", c.unlabelled, "Images without labels.");
}

}  // namespace mobireg
