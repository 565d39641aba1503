// Files of examples and of vectors: any bytes are read or refused, with a line and a fix for each problem; what is read
// has the shape that the index expects.

#include "similarity/rows.hpp"
#include "base/unit_vector.hpp"
#include "fuzz_check.hpp"
#include "similarity/nearest.hpp"
#include "similarity/vector_file.hpp"
#include "support/padded.hpp"

#include <algorithm>
#include <cmath>

namespace triage::fuzz {
namespace {

void check_rows(std::string_view text, const std::vector<const similarity::Row*>& rows,
                const std::vector<similarity::Problem>& problems) {
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  check(problems.size() <= similarity::problems_max, "problems are bounded");
  for (const similarity::Problem& each : problems) {
    check(each.line >= 1 && each.line <= lines, "a problem is in the file");
    check(!each.message.empty(), "a problem is named");
  }
  std::size_t dimensions = 0;
  for (const similarity::Row* row : rows) {
    check(!row->text.empty() && row->line >= 1 && row->line <= lines, "a row has a text and a line");
    if (row->vector.empty()) continue;
    check(dimensions == 0 || row->vector.size() == dimensions, "vectors have one size");
    dimensions = row->vector.size();
    check(std::abs(triage::cosine(row->vector, row->vector) - 1) < 1e-5, "vectors have length 1");
  }
}

void read_rows(std::string_view text) {
  const test::Padded padded(text);
  std::vector<similarity::Problem> problems;
  std::vector<const similarity::Row*> rows;
  const auto examples = similarity::read_examples(padded.view(), problems);
  for (const auto& each : examples) rows.push_back(&each);
  check_rows(text, rows, problems);
  problems.clear();
  rows.clear();
  const auto graded = similarity::read_graded(padded.view(), problems);
  for (const auto& each : graded) rows.push_back(&each);
  check_rows(text, rows, problems);
}

void read_vectors(std::string_view bytes) {
  const auto file = similarity::VectorFile::read(bytes);
  if (!file) return;
  const auto again = similarity::VectorFile::read(file->bytes());
  check(again.has_value() && again->size() == file->size(), "a file is read as it was written");
}

// The bytes as vectors: two numbers each.
void find(std::string_view bytes) {
  std::vector<float> numbers;
  for (const char byte : bytes) numbers.push_back(static_cast<float>(static_cast<signed char>(byte)));
  if (numbers.size() < 4) return;
  numbers.resize(numbers.size() / 2 * 2);
  for (std::size_t i = 0; i < numbers.size(); i += 2) triage::normalise(std::span(numbers).subspan(i, 2));
  const std::vector<float> query(numbers.begin(), numbers.begin() + 2);
  const similarity::NearestExamples index(std::vector<float>(numbers.begin() + 2, numbers.end()), 2);
  const auto found = index.find(query);
  const auto wanted = index.find_by_all(query);
  check(found && wanted && found->row == wanted->row && found->score == wanted->score, "the nearest is the nearest");
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = triage::fuzz::as_text(data, size);
  triage::fuzz::read_rows(bytes);
  triage::fuzz::read_vectors(bytes);
  triage::fuzz::find(bytes);
  return 0;
}
