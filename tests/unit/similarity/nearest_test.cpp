#include "similarity/nearest.hpp"
#include "base/unit_vector.hpp"
#include "similarity/codes.hpp"
#include "similarity/sketch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace triage::similarity {
namespace {

using Vector = std::vector<float>;

class Vectors {
 public:
  explicit Vectors(unsigned seed) : chance_(seed) {}
  /// A random direction.
  Vector any(std::size_t dimensions) {
    std::normal_distribution<float> normal;
    Vector out(dimensions);
    for (float& value : out) value = normal(chance_);
    normalise(out);
    return out;
  }
  /// Near `centre`; the less, the larger `far`.
  Vector near(const Vector& centre, float far) {
    Vector out = any(centre.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = centre[i] + far * out[i];
    normalise(out);
    return out;
  }
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(chance_); }

 private:
  std::mt19937 chance_;
};

void add(Vector& rows, const Vector& row) {
  rows.insert(rows.end(), row.begin(), row.end());
}

void expect_the_same(const NearestExamples& index, const Vector& query, const char* what) {
  const auto found = index.find(query);
  const auto wanted = index.find_by_all(query);
  ASSERT_EQ(found.has_value(), wanted.has_value()) << what;
  if (!found) return;
  EXPECT_EQ(found->row, wanted->row) << what;
  EXPECT_EQ(found->score, wanted->score) << what;
}

TEST(NearestExamples, NoRowsHaveNoNearest) {
  const NearestExamples index({}, 3);
  EXPECT_EQ(index.size(), 0U);
  EXPECT_FALSE(index.find(Vector{1, 0, 0}));
  EXPECT_FALSE(index.find_by_all(Vector{1, 0, 0}));
}

TEST(NearestExamples, TheScoreIsTheCosine) {
  const NearestExamples index({1, 0, 0, 0, 0.6F, 0.8F}, 3);
  const auto found = index.find(Vector{0, 0, 1});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->row, 1U);
  EXPECT_FLOAT_EQ(static_cast<float>(found->score), 0.8F);
  EXPECT_NEAR(index.find(Vector{-1, 0, 0})->score, 0, 1e-7);
}

TEST(NearestExamples, IsThatOfComparingWithAll) {
  Vectors some(1);
  for (const std::size_t dimensions : {1U, 2U, 31U, 64U, 65U, 200U, 384U, 1000U})
    for (const std::size_t count : {1U, 2U, 17U, 500U}) {
      Vector rows;
      std::vector<Vector> centres;
      for (int i = 0; i < 5; ++i) centres.push_back(some.any(dimensions));
      for (std::size_t i = 0; i < count; ++i)
        add(rows, some.near(centres[some.below(5)], 0.1F * static_cast<float>(i % 20)));
      const NearestExamples index(rows, dimensions);
      for (int i = 0; i < 10; ++i) {
        expect_the_same(index, some.any(dimensions), "any");
        expect_the_same(index, some.near(centres[some.below(5)], 0.3F), "near a centre");
        const auto row = index.row_at(some.below(count));
        expect_the_same(index, Vector(row.begin(), row.end()), "a row");
      }
    }
}

TEST(NearestExamples, OfEqualsTheFirst) {
  Vectors some(2);
  const Vector centre = some.any(384);
  Vector rows;
  for (int i = 0; i < 100; ++i) add(rows, some.any(384));
  for (int i = 0; i < 50; ++i) add(rows, centre);
  for (int i = 0; i < 100; ++i) add(rows, some.any(384));
  const NearestExamples index(rows, 384);
  for (int i = 0; i < 20; ++i) {
    const auto found = index.find(some.near(centre, 0.2F));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->row, 100U);
  }
}

TEST(NearestExamples, AllTheSame) {
  Vectors some(3);
  const Vector row = some.any(100);
  Vector rows;
  for (int i = 0; i < 300; ++i) add(rows, row);
  const NearestExamples index(rows, 100);
  const auto found = index.find(some.any(100));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->row, 0U) << "what a sketch of 0 - mean leaves is not taken for a difference";
  expect_the_same(index, row, "the row itself");
}

// Vectors whose sketches say as little as possible: one large number beside many small ones that decide, rows that
// differ in the last bit, and rows and queries of zeros, of numbers that are not normal, and of opposite signs.
TEST(NearestExamples, VectorsThatAreHardToSketch) {
  Vectors some(4);
  constexpr std::size_t dimensions = 200;
  Vector rows;
  for (int i = 0; i < 200; ++i) {
    Vector row = some.any(dimensions);
    row[7] = 50;
    normalise(row);
    add(rows, row);
  }
  const Vector base = some.any(dimensions);
  for (std::size_t i = 0; i < 100; ++i) {
    Vector row = base;
    row[i] = std::nextafter(row[i], i % 2 == 0 ? 2.0F : -2.0F);
    add(rows, row);
  }
  add(rows, Vector(dimensions));
  add(rows, Vector(dimensions, 1e-41F));
  Vector minus = base;
  for (float& value : minus) value = -value;
  add(rows, minus);
  const NearestExamples index(rows, dimensions);
  for (int i = 0; i < 50; ++i) {
    Vector query = some.any(dimensions);
    if (i % 2 == 0) query[7] = 20;
    normalise(query);
    expect_the_same(index, query, "any");
    expect_the_same(index, some.near(base, 0.001F), "near the base");
  }
  expect_the_same(index, base, "the base");
  expect_the_same(index, minus, "its opposite");
  expect_the_same(index, Vector(dimensions), "zeros");
  expect_the_same(index, Vector(dimensions, 1e-41F), "almost zeros");
}

TEST(NearestExamples, OppositesOfTheQueryOnly) {
  Vectors some(5);
  const Vector query = some.any(64);
  Vector rows;
  for (int i = 0; i < 50; ++i) {
    Vector row = some.near(query, 0.2F);
    for (float& value : row) value = -value;
    add(rows, row);
  }
  const NearestExamples index(rows, 64);
  EXPECT_LT(index.find(query)->score, -0.9);
  expect_the_same(index, query, "all are opposite");
}

/// The widths that this machine has.
std::vector<CodeWidth> widths() {
  std::vector<CodeWidth> out;
  for (const CodeWidth width : {CodeWidth::any, CodeWidth::avx2, CodeWidth::avx512})
    if (width <= widest_codes()) out.push_back(width);
  return out;
}

TEST(CodeDots, AreTheSameWithAnyWidth) {
  std::mt19937 chance(6);
  for (const std::size_t units : {1U, 2U, 4U, 5U, 6U, 48U})
    for (const std::size_t rows : {1U, 2U, 3U, 4U, 7U, 64U}) {
      std::vector<std::uint8_t> codes(rows * units * unit_bytes);
      for (auto& each : codes) each = static_cast<std::uint8_t>(chance());
      CodeNumbers numbers(units * unit_dimensions);
      for (std::size_t i = 0; i < units * unit_dimensions; ++i)
        numbers.set(i, static_cast<std::int8_t>(static_cast<int>(chance() % 255) - 127));
      std::vector<const std::uint8_t*> each_row;
      for (std::size_t i = 0; i < rows; ++i) each_row.push_back(&codes[i * units * unit_bytes]);
      std::vector<std::int32_t> narrow(rows);
      code_dots(CodeWidth::any, each_row, numbers, narrow.data());
      for (const CodeWidth width : widths()) {
        std::vector<std::int32_t> wide(rows);
        code_dots(width, each_row, numbers, wide.data());
        EXPECT_EQ(wide, narrow);
      }
    }
}

TEST(CodeDots, TheLargestProductsFit) {
  for (const int number : {127, -127})
    for (const CodeWidth width : widths()) {
      const std::vector<std::uint8_t> codes(128 * unit_bytes, 0xff);
      CodeNumbers numbers(128 * unit_dimensions);
      for (std::size_t i = 0; i < 128 * unit_dimensions; ++i) numbers.set(i, static_cast<std::int8_t>(number));
      std::int32_t product = 0;
      const std::uint8_t* const row = codes.data();
      code_dots(width, {&row, 1}, numbers, &product);
      EXPECT_EQ(product, 128 * 64 * 15 * number);
    }
}

TEST(CodeDots, AreTheProductsByUnit) {
  std::vector<std::uint8_t> codes(2 * unit_bytes);
  codes[3] = 0x5a;           // dimension 3: 10, dimension 35: 5
  codes[unit_bytes] = 0x07;  // dimension 64: 7
  CodeNumbers numbers(2 * unit_dimensions);
  numbers.set(3, 2);
  numbers.set(35, -100);
  numbers.set(64, 3);
  numbers.set(96, 99);
  for (const CodeWidth width : widths()) {
    std::int32_t product = 0;
    const std::uint8_t* const row = codes.data();
    code_dots(width, {&row, 1}, numbers, &product);
    EXPECT_EQ(product, 10 * 2 - 5 * 100 + 7 * 3);
  }
}

TEST(Sketches, TheLossIsWhatIsLeft) {
  Vectors some(7);
  Sketches sketches(1, 384);
  Vector vector = some.any(384);
  sketches.set(0, vector);
  const double left = std::sqrt(cosine(vector, vector));
  EXPECT_GE(static_cast<double>(sketches.loss(0)), left) << "a bound";
  EXPECT_LE(static_cast<double>(sketches.loss(0)), left * 1.0001 + 1e-6);
  EXPECT_LT(sketches.loss(0), 0.15F) << "4 bits are worth that much for a random direction";
}

TEST(NearestExamples, LargeOnesAreNotForAnEventLoop) {
  constexpr std::size_t dimensions = 8192;
  constexpr std::size_t rows = NearestExamples::quick_numbers_max / dimensions;
  EXPECT_TRUE(NearestExamples(Vector(rows * dimensions), dimensions).is_quick());
  EXPECT_FALSE(NearestExamples(Vector((rows + 1) * dimensions), dimensions).is_quick());
}

TEST(Normalise, GivesLengthOneOrRefuses) {
  Vector vector{3, 4};
  EXPECT_TRUE(normalise(vector));
  EXPECT_EQ(vector, (Vector{0.6F, 0.8F}));
  Vector large(10, 3e38F);
  EXPECT_TRUE(normalise(large));
  EXPECT_NEAR(cosine(large, large), 1, 1e-6);
  Vector zero(4);
  EXPECT_FALSE(normalise(zero));
  Vector none;
  EXPECT_FALSE(normalise(none));
  Vector broken{1, INFINITY};
  EXPECT_FALSE(normalise(broken));
  broken = {1, NAN};
  EXPECT_FALSE(normalise(broken));
}

}  // namespace
}  // namespace triage::similarity
