// Texts of a batch are padded to the longest. Mean pooling leaves the padding out:
//
//   v = sum over tokens of mask * h / sum of mask,  then v / |v|        (Reimers and Gurevych 2019, Sentence-BERT)
#include "onnx/text_model.hpp"

#include "base/file.hpp"
#include "base/shared_by_key.hpp"
#include "base/unit_vector.hpp"
#include "onnx/model_file.hpp"

#include <algorithm>

namespace triage::onnx {
namespace {

using Rows = std::vector<std::vector<std::int64_t>>;

Result<std::shared_ptr<const tokenize::Tokenizer>> tokenizer_of(const TextModelSpec& spec) {
  const auto content = read_file(spec.tokenizer);
  if (!content) return content.error();
  return tokenize::read_tokenizer(spec.tokenizer.path, *content, {.lowercase = spec.lowercase});
}

// The output of that name, or the only float32 output of that rank; none: the number of outputs.
std::size_t output_named(std::span<const TensorSpec> outputs, std::string_view name, std::size_t rank) {
  const auto fits = [rank](const TensorSpec& each) {
    return each.element == Element::float32 && each.shape.size() == rank;
  };
  std::size_t only = outputs.size();
  std::size_t fitting = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!fits(outputs[i])) continue;
    if (outputs[i].name == name) return i;
    only = i;
    ++fitting;
  }
  return fitting == 1 ? only : outputs.size();
}

// What a model is made of, as text; empty: its files' content is not known.
std::string key_of(const TextModelSpec& spec) {
  const std::string model = content_key(spec.model);
  if (model.empty() || spec.tokenizer.sha256.empty()) return "";
  return model + ' ' + spec.tokenizer.sha256 + ' ' + spec.tokenizer.path + (spec.lowercase ? " lower " : " ") +
         std::to_string(spec.tokens_max) + (spec.encodes ? " encodes " : " ") + std::string(word(spec.pooling));
}

// The vector of one text, whose tokens' vectors are `hidden`, `width` numbers each.
std::vector<float> pooled(std::span<const float> hidden, std::size_t width, std::size_t tokens, Pooling pooling) {
  std::vector<float> out(width);
  const std::size_t used = pooling == Pooling::mean ? tokens : 1;
  for (std::size_t token = 0; token < used; ++token)
    for (std::size_t i = 0; i < width; ++i) out[i] += hidden[token * width + i];
  for (float& value : out) value /= static_cast<float>(used);
  return out;
}

}  // namespace

std::shared_ptr<const TextModel> TextModel::load(const TextModelSpec& spec, TextModelProblem& problem) {
  static SharedByKey<TextModel> all;
  const std::string key = key_of(spec);
  if (auto known = all.find(key)) return known;
  auto made = make(spec, problem);
  return made == nullptr ? nullptr : all.keep(key, std::move(made));
}

std::shared_ptr<const TextModel> TextModel::make(const TextModelSpec& spec, TextModelProblem& problem) {
  const auto tokenizer = tokenizer_of(spec);
  if (!tokenizer) {
    problem = {true, tokenizer.error().message};
    return nullptr;
  }
  if ((*tokenizer)->special_tokens() >= spec.tokens_max) {
    problem = {true, "it adds " + std::to_string((*tokenizer)->special_tokens()) +
                         " special tokens, which leaves no room within tokens_max"};
    return nullptr;
  }
  auto session = session_of(spec.model);
  if (!session) {
    problem = {false, session.error().message};
    return nullptr;
  }
  const std::shared_ptr<TextModel> model(new TextModel(spec, std::move(*session), *tokenizer));
  for (std::string found : {model->input_problem(), model->find_output()}) {
    if (found.empty()) continue;
    problem = {false, std::move(found)};
    return nullptr;
  }
  if (std::string found = model->trial_problem(); !found.empty()) {
    problem = {false, std::move(found)};
    return nullptr;
  }
  return model;
}

std::string TextModel::input_problem() const {
  bool ids = false;
  bool mask = false;
  for (const TensorSpec& input : session_->inputs()) {
    ids = ids || input.name == "input_ids";
    mask = mask || input.name == "attention_mask";
    if (input.name != "input_ids" && input.name != "attention_mask" && input.name != "token_type_ids")
      return "its input '" + input.name + "' is not known: it must be input_ids, attention_mask or token_type_ids";
    if (input.element != Element::int64 || input.shape.size() != 2 || input.shape[0] != -1 || input.shape[1] != -1)
      return "its input '" + input.name + "' is " + to_string(input) + ", but must be int64[?, ?]";
  }
  if (!ids) return "it has no input 'input_ids'";
  return mask ? "" : "it has no input 'attention_mask'";
}

std::string TextModel::find_output() {
  const auto outputs = session_->outputs();
  if (!encodes_) {
    output_ = output_named(outputs, "logits", 2);
    return output_ < outputs.size() ? "" : "it has no output 'logits' that is float32[?, ?], as classifiers have";
  }
  output_ = output_named(outputs, "sentence_embedding", 2);
  if (output_ == outputs.size() || outputs[output_].name != "sentence_embedding") {
    const std::size_t hidden = output_named(outputs, "last_hidden_state", 3);
    if (hidden < outputs.size()) output_ = hidden;
  }
  if (output_ < outputs.size()) return "";
  return "it has neither an output 'sentence_embedding' that is float32[?, ?] nor 'last_hidden_state' that is "
         "float32[?, ?, ?], as encoders have";
}

// Runs the token with the largest id, which a model with fewer embeddings refuses; then as many tokens as a text may
// have, which one with fewer positions does. Most have 512 of these.
std::string TextModel::trial_problem() {
  const std::size_t ids = std::max<std::size_t>(tokenizer_->ids(), 1);
  const auto scores = run_ids({{static_cast<std::int64_t>(ids - 1)}}, {{0}});
  if (!scores)
    return "it does not take the last of the tokenizer's " + std::to_string(ids) + " ids: " + scores.error().message;
  width_ = scores->front().size();
  const std::size_t most = std::min<std::size_t>(tokens_max_, 512);
  const auto last = static_cast<std::int64_t>(ids - 1);
  const auto longest = run_ids({std::vector<std::int64_t>(most, last)}, {std::vector<std::int64_t>(most, 0)});
  if (!longest)
    return "it does not take " + std::to_string(most) + " tokens, as tokens_max allows: " + longest.error().message;
  return width_ > 0 ? "" : "its output is empty";
}

Result<std::vector<std::vector<float>>> TextModel::run(std::span<const ModelInput* const> inputs) const {
  Rows ids(inputs.size());
  Rows types(inputs.size());
  for (std::size_t row = 0; row < inputs.size(); ++row) {
    const auto encoding = tokenizer_->encode(inputs[row]->text, tokens_max_);
    if (!encoding) return encoding.error();
    ids[row].assign(encoding->ids.begin(), encoding->ids.end());
    types[row].assign(encoding->type_ids.begin(), encoding->type_ids.end());
    if (!ids[row].empty()) continue;
    ids[row] = {tokenizer_->pad_id()};  // a text of which nothing is left; no tensor may be empty
    types[row] = {0};
  }
  return run_ids(ids, types);
}

Result<std::vector<std::vector<float>>> TextModel::run_ids(const Rows& ids, const Rows& types) const {
  const std::size_t rows = ids.size();
  std::size_t longest = 0;
  for (const auto& row : ids) longest = std::max(longest, row.size());
  std::vector<std::int64_t> tokens(rows * longest, tokenizer_->pad_id());
  std::vector<std::int64_t> mask(rows * longest, 0);
  std::vector<std::int64_t> kinds(rows * longest, 0);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto at = static_cast<std::ptrdiff_t>(row * longest);
    std::ranges::copy(ids[row], tokens.begin() + at);
    std::ranges::copy(types[row], kinds.begin() + at);
    std::fill_n(mask.begin() + at, ids[row].size(), 1);
  }
  std::vector<TensorIn> in;
  for (const TensorSpec& input : session_->inputs()) {
    const auto& values = input.name == "input_ids" ? tokens : input.name == "attention_mask" ? mask : kinds;
    in.push_back(
        {std::span<const std::int64_t>(values), {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(longest)}});
  }
  const auto came = session_->run(in);
  if (!came) return came.error();
  const TensorOut& output = (*came)[output_];
  const std::size_t each = output.values.size() / rows;
  if (output.values.size() != each * rows || output.shape.size() != session_->outputs()[output_].shape.size())
    return Error{ErrorCode::invalid_config, "its output has another shape than it declares"};
  std::vector<std::vector<float>> out;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::span<const float> values(output.values.data() + row * each, each);
    out.push_back(output.shape.size() == 3 ? pooled(values, each / longest, ids[row].size(), pooling_)
                                           : std::vector<float>(values.begin(), values.end()));
    if (encodes_) normalise(out.back());
  }
  return out;
}

}  // namespace triage::onnx
