#include "onnx/feature_model.hpp"

#include "base/shared_by_key.hpp"
#include "onnx/model_file.hpp"

#include <algorithm>

namespace triage::onnx {
namespace {

bool has_shape(const TensorSpec& tensor, Element element, std::int64_t columns) {
  const auto fits = [](std::int64_t declared, std::int64_t wanted) { return declared == -1 || declared == wanted; };
  return tensor.element == element && tensor.shape.size() == 2 && tensor.shape[0] == -1 &&
         (columns < 0 ? tensor.shape[1] == -1 : fits(tensor.shape[1], columns));
}

std::string wrong_input(const TensorSpec& found, const std::string& expected) {
  return "its input '" + found.name + "' is " + to_string(found) + ", but must be " + expected;
}

}  // namespace

Result<std::shared_ptr<const FeatureModel>> FeatureModel::load(const PartFile& file, const FeatureModelUse& use) {
  static SharedByKey<FeatureModel> all;
  std::string key = content_key(file);
  if (!key.empty()) key.append(" ").append(use.kind).append(" ") += std::to_string(use.version);
  if (auto known = all.find(key); known && known->count_ == use.count) return known;
  auto made = make(file, use);
  return made ? all.keep(key, std::move(*made)) : made;
}

Result<std::shared_ptr<const FeatureModel>> FeatureModel::make(const PartFile& file, const FeatureModelUse& use) {
  auto session = session_of(file);
  if (!session) return session.error();
  const std::shared_ptr<FeatureModel> model(new FeatureModel(std::move(*session)));
  if (std::string problem = model->problem(use); !problem.empty())
    return Error{ErrorCode::invalid_config, std::move(problem)};
  model->count_ = use.count;
  model->version_ = model->session_->property("triage.version");
  const ModelInput nothing{{}, std::vector<float>(use.count), {}};
  const ModelInput* const tried = &nothing;
  if (const auto scores = model->run({&tried, 1}); !scores) return scores.error();
  model->measure();
  return std::shared_ptr<const FeatureModel>(model);
}

std::string FeatureModel::problem(const FeatureModelUse& use) {
  const std::string kind = session_->property("triage.kind");
  if (kind != use.kind)
    return "its property triage.kind is '" + kind + "', but must be '" + std::string(use.kind) +
           "': tools/train writes such models";
  const std::string version = session_->property("triage.features");
  if (version != std::to_string(use.version))
    return "it was trained with version '" + version + "' of the features, but this program has version " +
           std::to_string(use.version) + ": train it again";
  std::string out = input_problem(use);
  return out.empty() ? output_problem() : out;
}

std::string FeatureModel::input_problem(const FeatureModelUse& use) {
  const auto inputs = session_->inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec& input = inputs[i];
    if (input.name == "features") {
      features_ = i;
      if (!has_shape(input, Element::float32, static_cast<std::int64_t>(use.count)))
        return wrong_input(input, "float32[?, " + std::to_string(use.count) + "]");
    } else if (input.name == "ngram_ids") {
      ids_ = i;
      if (!has_shape(input, Element::int64, -1)) return wrong_input(input, "int64[?, ?]");
    } else if (input.name == "ngram_values") {
      values_ = i;
      if (!has_shape(input, Element::float32, -1)) return wrong_input(input, "float32[?, ?]");
    } else {
      return "its input '" + input.name + "' is not known: it must be features, ngram_ids or ngram_values";
    }
  }
  if (features_ == none) return "it has no input 'features'";
  if ((ids_ == none) != (values_ == none)) return "of its inputs 'ngram_ids' and 'ngram_values' one is missing";
  return "";
}

std::string FeatureModel::output_problem() const {
  for (const TensorSpec& output : session_->outputs()) {
    const bool column = output.shape.size() == 2 && output.shape[1] == 1;
    if (output.element != Element::float32 || !(output.shape.size() == 1 || column))
      return "its output '" + output.name + "' is " + to_string(output) + ", but must be float32[?] or float32[?, 1]";
  }
  return session_->outputs().empty() ? "it has no output" : "";
}

void FeatureModel::measure() {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t ngrams = 256;  // of a prompt of 1 KB
  const ModelInput input{{}, std::vector<float>(count_), std::vector<std::int64_t>(ngrams), std::vector<float>(ngrams)};
  const ModelInput* const tried = &input;
  cost_ = std::chrono::nanoseconds::max();
  for (int i = 0; i < 9; ++i) {
    const auto began = Clock::now();
    (void)run({&tried, 1});
    cost_ = std::min<std::chrono::nanoseconds>(cost_, Clock::now() - began);
  }
}

std::optional<std::size_t> FeatureModel::output(std::string_view name) const noexcept {
  const auto outputs = session_->outputs();
  const auto found = std::ranges::find(outputs, name, &TensorSpec::name);
  if (found == outputs.end()) return std::nullopt;
  return static_cast<std::size_t>(found - outputs.begin());
}

Result<std::vector<std::vector<float>>> FeatureModel::run(std::span<const ModelInput* const> inputs) const {
  const std::size_t rows = inputs.size();
  std::size_t most = 1;  // of n-grams: no tensor may be empty
  for (const ModelInput* const input : inputs) most = std::max(most, input->ngrams.size());
  std::vector<float> features;
  std::vector<std::int64_t> ids(rows * most);
  std::vector<float> values(rows * most);
  features.reserve(rows * count_);
  for (std::size_t row = 0; row < rows; ++row) {
    features.insert(features.end(), inputs[row]->features.begin(), inputs[row]->features.end());
    std::ranges::copy(inputs[row]->ngrams, ids.begin() + static_cast<std::ptrdiff_t>(row * most));
    std::ranges::copy(inputs[row]->ngram_values, values.begin() + static_cast<std::ptrdiff_t>(row * most));
  }
  std::vector<TensorIn> in(session_->inputs().size());
  const auto height = static_cast<std::int64_t>(rows);
  const auto width = static_cast<std::int64_t>(most);
  in[features_] = {std::span<const float>(features), {height, static_cast<std::int64_t>(count_)}};
  if (reads_ngrams()) {
    in[ids_] = {std::span<const std::int64_t>(ids), {height, width}};
    in[values_] = {std::span<const float>(values), {height, width}};
  }
  const auto came = session_->run(in);
  if (!came) return came.error();
  std::vector<std::vector<float>> out(rows);
  for (const TensorOut& output : *came) {
    if (output.values.size() != rows)
      return Error{ErrorCode::invalid_config, "an output has " + std::to_string(output.values.size()) + " values for " +
                                                  std::to_string(rows) + " inputs"};
    for (std::size_t row = 0; row < rows; ++row) out[row].push_back(output.values[row]);
  }
  return out;
}

}  // namespace triage::onnx
