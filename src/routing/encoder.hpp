#pragma once
// What turns a prompt into a vector. To add one: its keys in EncoderSpec, its class, and its case in each function
// below.

#include "onnx/text_model.hpp"
#include "options/checking.hpp"
#include "options/type.hpp"
#include "triage/question.hpp"
#include "triage/spec.hpp"
#include "triage/units.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// A deployment, or a model in the gateway, or neither: then the words themselves are compared
/// (features/word_vector.hpp).
struct EncoderSpec {
  std::string deployment;
  PartFile model;
  PartFile tokenizer;
  bool lowercase = true;
  std::uint32_t tokens_max = 256;
  Pooling pooling = Pooling::mean;
  [[nodiscard]] bool is_words() const noexcept { return deployment.empty() && model.written.empty(); }
  milliseconds timeout{400};
  std::uint32_t cache = 10'000;  ///< prompts of which the nearest example is remembered; 0: none
};

void describe(options::Describer& v, EncoderSpec& s);

namespace routing {

/// Immutable and thread-safe.
class Encoder {
 public:
  virtual ~Encoder() = default;
  /// For people.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  /// The vectors of the inputs' texts, if they can be calculated here; empty: they are to be asked for. Blocks until
  /// done. Error: the model's.
  [[nodiscard]] virtual Result<std::vector<std::vector<float>>> encode(
      std::span<const ModelInput* const> inputs) const = 0;
  /// The same for one text; empty on errors, too.
  [[nodiscard]] std::vector<float> encode(std::string_view text) const;
  /// What is to be asked for the vector of `text`, which is not empty: a deployment, or a thread on which encode() is
  /// not in the way. nullopt: encode() is quick.
  [[nodiscard]] virtual std::optional<Question> question(std::string text) const = 0;
  /// The vector in the result, as the encoder gives it; empty: there is none.
  [[nodiscard]] virtual std::vector<float> vector_in(const QuestionResult& result) const = 0;
};

/// Reports what is wrong with an encoder's options at path `at`. `dimensions`: of the vectors that its own are compared
/// with; 0: there are none yet.
void check_encoder(const options::Checking& in, const options::Path& at, const EncoderSpec& spec,
                   std::size_t dimensions);

/// `spec` must have been checked and must outlive the encoder. Throws std::runtime_error if the model cannot be used.
std::unique_ptr<Encoder> make_encoder(const EncoderSpec& spec);

/// Vectors can be compared if this is the same for both: the deployment's model, or what the gateway's own is made of.
/// Empty: the deployment is unknown.
std::string vectors_of(const EncoderSpec& spec, const ConfigSpec& config);

}  // namespace routing
}  // namespace triage
