#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mobireg/data/dataset.h"
#include "mobireg/training/teaching.h"
#include "training/teacher.h"

namespace mobireg {

struct TeacherQuestions {
  bool features = false;           // the teachers must have been loaded with them
  bool mirrored_features = false;  // also of the mirror images
};

/// Throws Error when an image cannot be read.
TeacherAnswers ask_teachers(const std::vector<Teacher>& teachers,
                            const ImageRegressionDataset& rows, const ModelConfig& student,
                            const TeacherQuestions& questions, int threads);

/// Keeps them in a file, so that a run goes on without its teachers. `rows` is the fingerprint of
/// the rows.
void write_answers(const std::filesystem::path& path, const TeacherAnswers& answers,
                   const std::vector<Teacher>& teachers, const std::string& rows);

/// Throws Error when the file is damaged, or of other rows.
TeacherAnswers read_answers(const std::filesystem::path& path, const std::string& rows);

}  // namespace mobireg
