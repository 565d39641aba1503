// A result is three floats: the row, which is below 2^24, and the cosine as the sum of two.
#include "routing/example_search.hpp"

#include "base/unit_vector.hpp"

#include <utility>

namespace triage::routing {

static_assert(similarity::rows_max < 1U << 24, "a float holds any row");

Result<std::vector<std::vector<float>>> ExampleSearch::run(std::span<const ModelInput* const> inputs) const {
  std::vector<const ModelInput*> texts;
  for (const ModelInput* const input : inputs)
    if (input->features.empty()) texts.push_back(input);
  std::vector<std::vector<float>> encoded;
  if (!texts.empty()) {
    auto vectors = encoder_->encode(texts);
    if (!vectors) return vectors;
    encoded = std::move(*vectors);
  }
  std::vector<std::vector<float>> out;
  auto next = encoded.begin();
  for (const ModelInput* const input : inputs) {
    std::vector<float> vector = !input->features.empty() ? input->features
                                : next != encoded.end()  ? std::move(*next++)
                                                         : std::vector<float>();
    std::vector<float>& said = out.emplace_back();
    if (vector.size() != set_->nearest.dimensions() || !normalise(vector)) continue;
    const auto nearest = set_->nearest.find(vector);
    if (!nearest) continue;
    const auto score = static_cast<float>(nearest->score);
    said = {static_cast<float>(nearest->row), score, static_cast<float>(nearest->score - static_cast<double>(score))};
  }
  return out;
}

std::optional<similarity::Nearest> ExampleSearch::nearest_in(const Scores& scores) {
  const std::vector<float>& said = scores.values;
  if (said.size() != 3) return std::nullopt;
  return similarity::Nearest{static_cast<std::size_t>(said[0]),
                             static_cast<double>(said[1]) + static_cast<double>(said[2])};
}

}  // namespace triage::routing
