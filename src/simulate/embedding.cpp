#include "simulate/embedding.hpp"

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "json/json.hpp"
#include "simulate/chance.hpp"

#include <bit>
#include <cmath>

// {"object":"list","data":[{"object":"embedding","index":0,"embedding":[...] or "base64 of float32, little endian"}],
//  "model":"...","usage":{"prompt_tokens":1,"total_tokens":1}}

namespace triage::simulate {

static_assert(std::endian::native == std::endian::little);

namespace {

bool is_word(char c) noexcept {
  return is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80;
}

void add_word(std::vector<float>& vector, std::string_view word, std::uint64_t chance) {
  std::uint64_t state = mix(chance, word);
  for (std::uint64_t i = 0; i < 8; ++i) {
    state = draw(state, i + 1);
    vector[(state >> 1) % vector.size()] += (state & 1) != 0 ? 1.0F : -1.0F;
  }
}

}  // namespace

std::vector<float> embed(std::string_view text, std::size_t dimensions, std::uint64_t chance) {
  std::vector<float> vector(dimensions);
  std::string lowered;
  for (std::size_t at = 0; at < text.size();) {
    lowered.clear();
    for (; at < text.size() && is_word(text[at]); ++at) lowered += to_lower(text[at]);
    if (lowered.empty()) {
      ++at;
    } else {
      add_word(vector, lowered, chance);
    }
  }
  // Also gives a direction to an empty text, or to words that cancel each other out.
  std::uint64_t state = mix(chance, text);
  double sum = 0;
  for (float& value : vector) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    value += (static_cast<float>(state >> 40) * 0x1p-24F - 0.5F) * 0.02F;
    sum += static_cast<double>(value) * value;
  }
  if (sum == 0) vector[0] = 1;
  const auto scale = sum == 0 ? 1.0F : static_cast<float>(1.0 / std::sqrt(sum));
  for (float& value : vector) value *= scale;
  return vector;
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
}

std::string embedding_text(const EmbeddingQuestion& question, const ModelSpec& model, std::uint64_t seed) {
  const std::uint64_t chance = draw(mix(seed, std::string_view(model.name)), purpose::embedding);
  const std::size_t dimensions = question.dimensions.value_or(model.dimensions);
  std::string out = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < question.inputs.size(); ++i) {
    if (i > 0) out += ',';
    out += R"({"object":"embedding","index":)";
    append_number(out, i);
    out += R"(,"embedding":)";
    const std::vector<float> vector = embed(question.inputs[i], dimensions, chance);
    if (question.base64) {
      out += '"';
      append_base64(out, {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)});
      out += '"';
    } else {
      for (std::size_t k = 0; k < vector.size(); ++k) {
        out += k == 0 ? '[' : ',';
        append_number(out, vector[k]);
      }
      out += ']';
    }
    out += '}';
  }
  out += R"(],"model":)";
  append_json_string(out, question.model);
  out += R"(,"usage":{"prompt_tokens":)";
  append_number(out, question.prompt_tokens);
  out += R"(,"total_tokens":)";
  append_number(out, question.prompt_tokens);
  out += "}}";
  return out;
}

}  // namespace triage::simulate
