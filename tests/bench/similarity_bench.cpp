// How long the nearest of many examples takes to find: p50 and p99 in microseconds of processor time, so that
// neighbours on the machine count for little, with 384 dimensions. docs/benchmarks.md has the figures.
//
//   bench_similarity                 all cases
//   bench_similarity KIND ROWS       one, for valgrind --tool=callgrind --toggle-collect='*NearestExamples::find(*'
//
// prompts   two hundred topics, texts of one topic at a cosine of about 0.6: as the prompts of an app are
// near      all texts at a cosine of about 0.97: as with an encoder that finds everything alike
// random    no structure at all, the worst case: every example is about as far from the prompt as every other
#include "base/unit_vector.hpp"
#include "similarity/nearest.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string_view>
#include <vector>

namespace triage::similarity {
namespace {

constexpr std::size_t dimensions = 384;
constexpr std::size_t topics = 200;

class Prompts {
 public:
  explicit Prompts(std::string_view kind) : centres_(topics * dimensions) {
    noise_ = kind == "random" ? 1.0F : kind == "near" ? 0.5F : 0.8F;
    topic_ = kind == "random" ? 0.0F : 1.0F;
    std::vector<float> common(dimensions);
    for (float& value : common) value = kind == "near" ? 2 * normal_(chance_) : 0;
    for (std::size_t i = 0; i < centres_.size(); ++i) centres_[i] = topic_ * normal_(chance_) + common[i % dimensions];
  }

  std::vector<float> next() {
    const float* const centre = &centres_[chance_() % topics * dimensions];
    std::vector<float> out(dimensions);
    for (std::size_t i = 0; i < dimensions; ++i) out[i] = centre[i] + noise_ * normal_(chance_);
    normalise(out);
    return out;
  }

 private:
  std::mt19937 chance_{16};
  std::normal_distribution<float> normal_;
  std::vector<float> centres_;
  float noise_;
  float topic_;
};

double processor_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

void run(const char* kind, std::size_t rows, int queries) {
  Prompts prompts(kind);
  std::vector<float> vectors;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto vector = prompts.next();
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }
  const double began = processor_us();
  const NearestExamples index(std::move(vectors), dimensions);
  index.prepare();
  const double built = processor_us() - began;
  std::vector<double> times;
  for (int i = 0; i < queries; ++i) {
    const auto query = prompts.next();
    const double before = processor_us();
    const auto found = index.find(query);
    times.push_back(processor_us() - before);
    if (i < 3 && found->score != index.find_by_all(query)->score) std::abort();
  }
  std::sort(times.begin(), times.end());
  std::printf("%-8s %7zu rows: p50 %6.0f us, p99 %6.0f us; built in %.0f ms\n", kind, rows, times[times.size() / 2],
              times[times.size() * 99 / 100], built / 1000);
}

}  // namespace
}  // namespace triage::similarity

int main(int count, char** words) {
  using triage::similarity::run;
  if (count == 3) {
    run(words[1], std::strtoul(words[2], nullptr, 10), 20);
    return 0;
  }
  for (const char* kind : {"prompts", "near", "random"})
    for (const std::size_t rows : {1'000U, 10'000U, 100'000U}) run(kind, rows, 1'000);
  return 0;
}
