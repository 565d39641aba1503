#pragma once
// A transformer that reads a text, as exported to ONNX from Hugging Face's libraries:
//
//   input   input_ids, attention_mask  int64[N, L]; token_type_ids  int64[N, L]  optional
//   output  of a classifier: logits float32[N, C]
//           of an encoder:   sentence_embedding float32[N, D], else last_hidden_state float32[N, L, D], which is pooled
//
// Other names of outputs are taken if they leave no choice.

#include "onnx/session.hpp"
#include "tokenize/tokenizer.hpp"
#include "triage/part_file.hpp"
#include "triage/question.hpp"
#include "triage/words.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace triage {

/// How the vectors of an encoder's tokens become the text's.
enum class Pooling : std::uint8_t { mean, first };
template <>
inline constexpr std::array<std::string_view, 2> words<Pooling>{"mean", "first"};
template <>
inline constexpr std::string_view word_noun<Pooling> = "pooling";

}  // namespace triage

namespace triage::onnx {

struct TextModelSpec {
  PartFile model;
  PartFile tokenizer;              ///< tokenizer.json, or else BERT's vocab.txt
  bool lowercase = true;           ///< of a vocab.txt
  std::uint32_t tokens_max = 256;  ///< of a text, special tokens counted; the rest is not read
  bool encodes = false;            ///< gives a vector of length 1, else logits
  Pooling pooling = Pooling::mean;
};

/// What is wrong with a text model, and with which of its files.
struct TextModelProblem {
  bool tokenizer = false;  ///< with the tokenizer's, else with the model's
  std::string message;     ///< does not name the file
};

class TextModel final : public LocalModel {
 public:
  /// The same object for the same files and options, as long as one lives. Null if there is a `problem`.
  static std::shared_ptr<const TextModel> load(const TextModelSpec& spec, TextModelProblem& problem);

  /// Reads the inputs' texts. A text that cannot be tokenized is an error of the whole batch.
  [[nodiscard]] Result<std::vector<std::vector<float>>> run(std::span<const ModelInput* const> inputs) const override;
  [[nodiscard]] std::size_t batch_max() const noexcept override { return 16; }

  /// How many numbers it gives for a text.
  [[nodiscard]] std::size_t width() const noexcept { return width_; }

 private:
  TextModel(const TextModelSpec& spec, std::shared_ptr<const Session> session,
            std::shared_ptr<const tokenize::Tokenizer> tokenizer)
      : encodes_(spec.encodes),
        pooling_(spec.pooling),
        tokens_max_(spec.tokens_max),
        session_(std::move(session)),
        tokenizer_(std::move(tokenizer)) {}
  static std::shared_ptr<const TextModel> make(const TextModelSpec& spec, TextModelProblem& problem);
  [[nodiscard]] std::string input_problem() const;
  [[nodiscard]] std::string find_output();
  [[nodiscard]] std::string trial_problem();
  [[nodiscard]] Result<std::vector<std::vector<float>>> run_ids(
      const std::vector<std::vector<std::int64_t>>& ids, const std::vector<std::vector<std::int64_t>>& types) const;

  bool encodes_;
  Pooling pooling_;
  std::size_t tokens_max_;
  std::shared_ptr<const Session> session_;
  std::shared_ptr<const tokenize::Tokenizer> tokenizer_;
  std::size_t output_ = 0;
  std::size_t width_ = 0;
};

}  // namespace triage::onnx
