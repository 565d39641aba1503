#include "similarity/nearest.hpp"

#include "base/unit_vector.hpp"
#include "similarity/sketch.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

namespace triage::similarity {
namespace {

// More than all roundings together of a bound that is computed with floats.
constexpr float rounding = 1e-5F;

}  // namespace

struct NearestExamples::Sketched {
  explicit Sketched(const NearestExamples& of);

  std::vector<float> mean;
  Sketches first;
  Sketches second;
};

struct NearestExamples::Once {
  std::once_flag flag;
  std::optional<Sketched> sketched;
};

NearestExamples::Sketched::Sketched(const NearestExamples& of)
    : mean(of.dimensions()), first(of.size(), of.dimensions()), second(of.size(), of.dimensions()) {
  const std::size_t dimensions = of.dimensions();
  std::vector<double> sums(dimensions);
  for (std::size_t i = 0; i < of.size(); ++i)
    for (std::size_t k = 0; k < dimensions; ++k) sums[k] += static_cast<double>(of.row_at(i)[k]);
  for (std::size_t k = 0; k < dimensions && of.size() > 0; ++k)
    mean[k] = static_cast<float>(sums[k] / static_cast<double>(of.size()));
  std::vector<float> left(dimensions);
  for (std::size_t i = 0; i < of.size(); ++i) {
    for (std::size_t k = 0; k < dimensions; ++k) left[k] = of.row_at(i)[k] - mean[k];
    first.set(i, left);
    second.set(i, left);
  }
}

NearestExamples::NearestExamples(std::vector<float> vectors, std::size_t dimensions)
    : dimensions_(dimensions), vectors_(std::move(vectors)), once_(std::make_shared<Once>()) {}

const NearestExamples::Sketched& NearestExamples::sketched() const {
  std::call_once(once_->flag, [this] { once_->sketched.emplace(*this); });
  return *once_->sketched;
}

void NearestExamples::prepare() const {
  static_cast<void>(sketched());
}

struct NearestExamples::Query {
  std::span<const float> vector;
  const Sketched& sketched;
  Rounded rounded;
  float mean;   // its product with the mean
  float slack;  // what rounding it costs with a first sketch
};

void NearestExamples::look_at(const Query& query, std::size_t row, Nearest& best) const {
  const double score = cosine(query.vector, row_at(row));
  if (score > best.score || (score == best.score && row < best.row)) best = {row, score};
}

// A row that seems better than all before it is looked at at once, so that `best` is a sharp bound early.
std::vector<NearestExamples::Candidate> NearestExamples::candidates(const Query& query, Nearest& best) const {
  std::vector<Candidate> out;
  float leading = -std::numeric_limits<float>::infinity();
  float bound = leading;
  float dots[Sketches::dots_max];
  std::uint32_t rows[Sketches::dots_max];
  for (std::size_t begin = 0; begin < size(); begin += Sketches::dots_max) {
    const std::size_t count = std::min(Sketches::dots_max, size() - begin);
    std::iota(rows, rows + count, static_cast<std::uint32_t>(begin));
    query.sketched.first.dots({rows, count}, query.rounded, dots);
    for (std::size_t i = 0; i < count; ++i) {
      const float about = query.mean + dots[i];
      const float error = query.sketched.first.loss(begin + i) + query.slack;
      if (about + error < bound) continue;
      out.push_back({static_cast<std::uint32_t>(begin + i), about, error});
      if (about <= leading) continue;
      leading = about;
      look_at(query, begin + i, best);
      bound = static_cast<float>(best.score) - rounding;
    }
  }
  return out;
}

void NearestExamples::refine(const Query& query, std::vector<Candidate>& candidates) {
  const Sketches& second = query.sketched.second;
  const float slack = query.slack + query.rounded.loss * second.longest();
  float dots[Sketches::dots_max];
  std::uint32_t rows[Sketches::dots_max];
  for (std::size_t begin = 0; begin < candidates.size(); begin += Sketches::dots_max) {
    const auto some = std::span(candidates).subspan(begin, std::min(Sketches::dots_max, candidates.size() - begin));
    for (std::size_t i = 0; i < some.size(); ++i) rows[i] = some[i].row;
    second.dots({rows, some.size()}, query.rounded, dots);
    for (std::size_t i = 0; i < some.size(); ++i) {
      some[i].about += dots[i];
      some[i].error = second.loss(some[i].row) + slack;
    }
  }
}

std::optional<Nearest> NearestExamples::find(std::span<const float> vector) const {
  if (size() == 0) return std::nullopt;
  const Sketched& all = sketched();
  Query query{vector, all, Rounded(vector), static_cast<float>(cosine(vector, all.mean)), 0};
  query.slack = query.rounded.loss * all.first.longest() + rounding;
  Nearest best{0, -std::numeric_limits<double>::infinity()};
  std::vector<Candidate> left = candidates(query, best);
  const auto drop_losers = [&] {
    std::erase_if(left, [&](const Candidate& each) { return static_cast<double>(each.most()) < best.score; });
  };
  drop_losers();
  refine(query, left);
  drop_losers();
  std::sort(left.begin(), left.end(), [](const Candidate& a, const Candidate& b) { return a.most() > b.most(); });
  for (const Candidate& each : left) {
    if (static_cast<double>(each.most()) < best.score) break;
    look_at(query, each.row, best);
  }
  return best;
}

std::optional<Nearest> NearestExamples::find_by_all(std::span<const float> query) const {
  std::optional<Nearest> best;
  for (std::size_t i = 0; i < size(); ++i)
    if (const double score = cosine(query, row_at(i)); !best || score > best->score) best = {i, score};
  return best;
}

}  // namespace triage::similarity
