#pragma once
// The nearest of many vectors by cosine similarity, exactly: the winner and its score are those of comparing with all.
//
// A vector x is kept as floats, and as two sketches of an eighth of that size: x' of x - mean and x" of what x' leaves
// of it, each with 4 bits for a dimension. A sketch bounds the cosine from both sides by the Cauchy-Schwarz inequality:
//
//   q.x = q.mean + p.x' + (q - p).x' + q.(x - mean - x')        p: the query with 8 bits for a dimension
//         |(q - p).x'| <= |q - p| |x'|,   |q.(x - mean - x')| <= |q| |x - mean - x'|
//
// A search reads all first sketches, the second ones of those that may still win, and computes the cosines that are
// then in doubt from the floats. How much is left to the floats depends on the vectors, the result does not.

#include "similarity/sketch.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace triage::similarity {

/// Scales `vector` to length 1. False: it has no direction, because it is all zero or not finite.
bool normalise(std::span<float> vector) noexcept;

/// The cosine of two unit vectors of one size; the same on every machine.
double cosine(std::span<const float> a, std::span<const float> b) noexcept;

struct Nearest {
  std::size_t row = 0;
  double score = 0;  ///< cosine(query, row)
};

/// Immutable and thread-safe.
class NearestExamples {
 public:
  /// `vectors`: rows of `dimensions` floats, each of length 1 or less. `dimensions` > 0 divides their count.
  NearestExamples(std::vector<float> vectors, std::size_t dimensions);

  [[nodiscard]] std::size_t size() const noexcept { return vectors_.size() / dimensions_; }
  [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_; }
  [[nodiscard]] std::span<const float> row_at(std::size_t row) const noexcept {
    return std::span(vectors_).subspan(row * dimensions_, dimensions_);
  }

  /// The row with the highest cosine, of equals the first. nullopt: there are no rows. `query` has dimensions() floats
  /// and length 1 or less.
  [[nodiscard]] std::optional<Nearest> find(std::span<const float> query) const;
  /// The same by comparing with every row: what find() is tested against.
  [[nodiscard]] std::optional<Nearest> find_by_all(std::span<const float> query) const;

 private:
  struct Candidate {
    std::uint32_t row;
    float about;  // its cosine, as far as is known
    float error;  // by how much the cosine may differ
    [[nodiscard]] float most() const noexcept { return about + error; }
  };
  struct Query;
  [[nodiscard]] std::vector<Candidate> candidates(const Query& query, Nearest& best) const;
  void refine(const Query& query, std::vector<Candidate>& candidates) const;
  void look_at(const Query& query, std::size_t row, Nearest& best) const;

  std::size_t dimensions_;
  std::vector<float> vectors_;
  std::vector<float> mean_;
  Sketches first_;
  Sketches second_;
};

}  // namespace triage::similarity
