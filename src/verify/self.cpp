// `self`: the model is told to end with a line "Confidence: 0.9"; the client does not see that line.
//
//   ...and so it is Paris.\n\nConfidence: 95%\n
//                         |<- not for the client ->|
//
// The line is searched for in the last 400 bytes, and the last match counts. A built-in pattern must match up to the
// answer's end. A configured one decides that itself, and whatever follows its match is cut with it.
#include "verify/self.hpp"

#include "options/type_of.hpp"
#include "text/regex.hpp"
#include "verify/answer_chars.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace triage {

void describe(options::Describer& v, SelfSpec& s) {
  v.field({.name = "instruction",
           .text = "what the model is told, besides the request: to end its answer with how sure it is",
           .shown_default = "a built-in text"},
          s.instruction);
  v.field({.name = "pattern",
           .text = "RE2 expression for it, with one group: 0..1, or a percentage",
           .shown_default = "fits the built-in text",
           .check = check_regex},
          s.pattern);
  v.field({.name = "at_least", .text = "confidence from which an answer is accepted", .most = 1}, s.at_least);
}

namespace verify {
namespace {

constexpr std::string_view built_in_instruction =
    "After your answer, add one final line in exactly this form: \"Confidence: N\", where N is a number from 0 to 1 "
    "that "
    "says how likely your answer is to be correct and complete. Be honest: a low number costs you nothing, but a high "
    "number on a wrong answer does. Do not mention this line anywhere else.";

// Models like to decorate: "**Confidence:** 95%.", "Confidence (0-1): ~0.9 (very sure)", and some add a sentence.
constexpr const char* built_in_pattern =
    R"re((?i)[*_`("\[]*(?:(?:my|overall|final|mein|meine|ma|mi|niveau de|nivel de|nível de|livello di)\s+)?)re"
    R"re((?:confidence|confiance|confianza|confiança|fiducia|konfidenz|zuversicht|sicherheit|zekerheid|pewność|)re"
    R"re(уверенность|güven|置信度|信心|確信度|自信度|신뢰도))re"
    R"re((?:\s+(?:level|score|rating|value))?[*_`]*(?:\s*\([^()\n]{0,40}\))?[*_`]*[\s\x{a0}\x{202f}]*)re"
    R"re((?:[:=：]|is|ist|est|es|è|é|为|是|は)\s*[*_`]*\s*[*_`]*(?:[~≈]|about|around|approximately)?\s*)re"
    R"re(((?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)\s*(?:[%％]|percent|(?:/|out of)\s*[0-9]+)?)[*_`)"\]]*)re"
    R"re((?:\s*\([^()\n]{0,80}\))?[*_`.)"\]。]*(?:(?:[.;,]|\s+[-–—])\s*[^\n0-9]{0,120}|\s*\n\s*[^\n0-9]{1,120})?\s*$)re";

// The number alone, in a line of its own.
constexpr const char* bare_pattern =
    R"re(\n[*_`(\[ \t]*(0?[.,][0-9]+|1[.,]0+|[0-9]+(?:[.,][0-9]+)?\s*/\s*100?)[*_`.)\]]*\s*$)re";

constexpr std::size_t looked_at = 400;

std::string_view tail_of(const std::string& text) {
  return std::string_view(text).substr(text.size() - std::min(text.size(), looked_at));
}

// Parses "0.9", "0,9", "90", "90 %", "9/10", "9 out of 10". Up to 1 it is a share unless it says percent.
std::optional<double> confidence_of(std::string_view text) {
  std::string spelled(text);
  std::replace(spelled.begin(), spelled.end(), ',', '.');
  char* end = nullptr;
  double value = std::strtod(spelled.c_str(), &end);
  if (end == spelled.c_str()) return std::nullopt;
  const std::size_t over =
      std::max(spelled.find('/') + 1, spelled.find("of") == std::string::npos ? 0 : spelled.find("of") + 2);
  const bool percent = spelled.find_first_of("%p") != std::string::npos;
  if (over > 0)
    value /= std::strtod(spelled.c_str() + over, nullptr);
  else if (percent || value > 1)
    value /= 100;
  if (!(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

class Self final : public Verifier {
 public:
  explicit Self(const SelfSpec& spec)
      : spec_(spec),
        pattern_(spec.pattern.empty() ? std::string(built_in_pattern) : spec.pattern),
        bare_(spec.pattern.empty() ? bare_pattern : "") {}
  std::string_view kind() const noexcept override { return "self"; }

  void prepare(CallChanges& changes) const override {
    const std::string_view mine =
        spec_.instruction.empty() ? built_in_instruction : std::string_view(spec_.instruction);
    if (!changes.instruction.empty()) changes.instruction += "\n\n";
    changes.instruction += mine;
  }

  std::size_t not_for_client(const Completion& answer) const override {
    const std::string_view tail = tail_of(answer.text);
    const std::optional<Regex::Place> place = find(tail);
    if (!place) return 0;
    std::size_t begin = place->begin;
    while (begin > 0 && static_cast<unsigned char>(tail[begin - 1]) <= ' ') --begin;
    return tail.size() - begin;
  }

  Verdict verdict(const Answered& answered, const QuestionResult&) const override {
    if (!answered.whole) return {true, std::nullopt, "only a whole answer ends with its confidence"};
    // Models call tools without a word, so there is no end for the line.
    if (!answered.answer.tool_calls.empty()) return {true, std::nullopt, "a tool call has no confidence"};
    if (answered.answer.media) return {true, std::nullopt, "sound and pictures have no confidence"};
    const std::optional<Regex::Place> place = find(tail_of(answered.answer.text));
    const std::optional<double> score = place ? confidence_of(place->group) : std::nullopt;
    if (!score) return {false, std::nullopt, "no confidence given"};
    char reason[64];
    std::snprintf(reason, sizeof reason, "the model's own confidence is %.2f", *score);
    return {*score >= spec_.at_least, score, reason};
  }

 private:
  // A number alone in the last line counts unless the text before it announces it as something else: "x =\n0.5".
  [[nodiscard]] std::optional<Regex::Place> find(std::string_view tail) const {
    std::optional<Regex::Place> out = pattern_.last_in(tail);
    if (out || !spec_.pattern.empty()) return out;
    out = bare_.last_in(tail);
    if (!out || !confidence_of(out->group)) return std::nullopt;
    const std::string_view before = trimmed(tail.substr(0, out->begin), " \t\r\n*_");
    if (before.empty() || before.ends_with(':') || before.ends_with('=') || before.ends_with("\uff1a")) out.reset();
    return out;
  }

  const SelfSpec& spec_;
  Regex pattern_;
  Regex bare_;
};

}  // namespace

extern const VerifierKind self_verifier{
    .is = options::kind_of<SelfSpec>("self", "the model is asked how sure it is; the client does not see it"),
    .needs_the_end = true,
    .changes_the_call = true,
    .make = [](const std::any& options) -> std::unique_ptr<Verifier> {
      return std::make_unique<Self>(options::options_as<SelfSpec>(options));
    },
};

}  // namespace verify
}  // namespace triage
