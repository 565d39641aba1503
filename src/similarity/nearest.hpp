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

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace triage::similarity {

struct Nearest {
  std::size_t row = 0;
  double score = 0;  ///< cosine(query, row)
};

/// Thread-safe. The sketches are made by the first find(), or before it by prepare().
class NearestExamples {
 public:
  /// `vectors`: rows of `dimensions` floats, each of length 1 or less. `dimensions` > 0 divides their count.
  NearestExamples(std::vector<float> vectors, std::size_t dimensions);

  [[nodiscard]] std::size_t size() const noexcept { return vectors_.size() / dimensions_; }
  [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_; }
  [[nodiscard]] std::span<const float> row_at(std::size_t row) const noexcept {
    return std::span(vectors_).subspan(row * dimensions_, dimensions_);
  }

  /// Makes the sketches, unless there are some: for 100,000 rows of 384 numbers in about half a second.
  void prepare() const;
  /// Whether a search takes little enough time for an event loop's own thread: about 0.2 ms.
  [[nodiscard]] bool is_quick() const noexcept { return vectors_.size() <= quick_numbers_max; }
  static constexpr std::size_t quick_numbers_max = 15'000 * 384;

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
  struct Sketched;
  struct Once;
  [[nodiscard]] std::vector<Candidate> candidates(const Query& query, Nearest& best) const;
  static void refine(const Query& query, std::vector<Candidate>& candidates);
  void look_at(const Query& query, std::size_t row, Nearest& best) const;
  [[nodiscard]] const Sketched& sketched() const;

  std::size_t dimensions_;
  std::vector<float> vectors_;
  std::shared_ptr<Once> once_;  // shared by copies, which have the same vectors
};

}  // namespace triage::similarity
