// prompt: the request's own bytes, from the first to the last of the value of `messages`, `prompt` or `input`
// answer: the text; without one the refusal; then each call of a tool on a line of its own, "name arguments"
//
//   hashed    HMAC-SHA-256 of all of it, in hexadecimal
//   redacted  string by string, so that escapes do not hide what is searched for; then cut
//   full      cut
#include "pipeline/outcome/content.hpp"

#include "base/sha256.hpp"
#include "json/json.hpp"
#include "text/utf8.hpp"

namespace triage {
namespace {

constexpr std::string_view cut_mark = "\xe2\x80\xa6[cut]";
constexpr std::size_t margin = 4096;  // beyond what is kept, so that what begins at its end is seen as a whole

std::string text_of(const Completion& answer) {
  std::string out = answer.text.empty() ? answer.refusal : answer.text;
  for (const ToolCall& call : answer.tool_calls) {
    if (!out.empty()) out += '\n';
    out += call.name + ' ' + call.arguments;
  }
  return out;
}

// For a JSON string whose opening quote is at `begin`: the index of the closing one, or the end if it was cut off.
std::size_t closing_quote(std::string_view json, std::size_t begin) noexcept {
  for (std::size_t at = begin + 1; at < json.size(); ++at) {
    if (json[at] == '"') return at;
    if (json[at] == '\\') ++at;
  }
  return json.size();
}

}  // namespace

ContentPolicy::ContentPolicy(const RecordSpec& spec, const LimitsSpec& limits)
    : spec_(spec), limits_(limits), redactor_(spec.patterns) {}

std::size_t ContentPolicy::enough() const noexcept {
  return spec_.content == RecordContent::hashed ? limits_.reply.bytes : spec_.text_max.bytes + margin;
}

// Cuts the text. What was redacted near an artificial end may have been only part of what it looked like.
std::string ContentPolicy::cut(std::string text, bool whole) const {
  const std::size_t safe = whole ? text.size() : text.size() - std::min(text.size(), margin / 2);
  if (whole && text.size() <= spec_.text_max.bytes) return text;
  text.resize(utf8_prefix(text, std::min<std::size_t>(safe, spec_.text_max.bytes)).size());
  text += cut_mark;
  return text;
}

std::string ContentPolicy::kept(std::string_view text) const {
  if (text.empty()) return "";
  if (spec_.content == RecordContent::hashed) return hex(hmac_sha256(spec_.key.reveal(), text));
  const bool whole = text.size() <= enough();
  if (!whole) text = utf8_prefix(text, enough());
  return cut(spec_.content == RecordContent::redacted ? redactor_.redacted(text) : std::string(text), whole);
}

std::string ContentPolicy::kept_json(std::string_view json) const {
  if (spec_.content != RecordContent::redacted) return kept(json);
  const bool whole = json.size() <= enough();
  if (!whole) json = utf8_prefix(json, enough());
  return cut(redacted_json(json), whole);
}

std::string ContentPolicy::redacted_json(std::string_view json) const {
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    const std::size_t quote = std::min(json.find('"', at), json.size());
    out += json.substr(at, quote - at);
    if (quote == json.size()) break;
    const std::size_t end = closing_quote(json, quote);
    // A last string that was cut may end inside an escape.
    std::string_view raw = json.substr(quote + 1, std::min(end, json.size()) - quote - 1);
    if (end == json.size()) raw = raw.substr(0, raw.find_last_not_of("\\u0123456789abcdefABCDEF") + 1);
    append_json_string(out, redactor_.redacted(JsonString{raw, true}.text()));
    at = end + 1;
  }
  return out;
}

ContentPolicy::Texts ContentPolicy::texts(const ApiRequest& request, const Completion& answer) const {
  return {std::string(word(spec_.content)), kept_json(request.at(request.texts)), this->answer(answer)};
}

std::string ContentPolicy::answer(const Completion& answer) const {
  return kept(text_of(answer));
}

}  // namespace triage
