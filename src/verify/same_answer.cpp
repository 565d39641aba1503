#include "verify/same_answer.hpp"

#include "verify/answer_chars.hpp"
#include "verify/answer_text.hpp"
#include "verify/contrast.hpp"
#include "verify/final_answer.hpp"
#include "verify/loose_json.hpp"
#include "verify/plain_spelling.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace triage::verify {
namespace {

using nlohmann::json;

constexpr std::size_t compared_max = 256 * 1024;  // of a text, counted from its end
constexpr int depth_max = 64;                     // levels of JSON, more than an answer has

constexpr std::string_view hollow = " \t\r\n[](){}\"'`";  // "[]" alone says nothing

Sameness same_if(bool same) {
  return same ? Sameness::same : Sameness::different;
}

// An answer as parsed for comparison.
struct Read {
  FinalAnswer final;
  std::optional<json> object;
  bool from_json = false;
};

bool explains(std::string_view name) {
  const std::string small = to_lower(name);
  for (const std::string_view part :
       {"reason", "explan", "rational", "thought", "thinking", "analysis", "justif", "steps", "why"})
    if (small.find(part) != std::string::npos) return true;
  return false;
}

const json* answer_in(const json& object) {
  for (const char* name : {"answer", "final_answer"})
    if (const auto found = object.find(name); found != object.end()) return &*found;
  return nullptr;
}

// A double would lose its last digits.
bool beyond_doubles(const json& value) {
  return value.is_number_float() && std::abs(value.get<double>()) >= 1e15;
}

FinalAnswer read_scalar(const json& value, const Asked& asked) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    FinalAnswer out = final_answer(text, asked);
    if (out.value.kind == AnswerValue::Kind::none && !gives_no_answer(text)) out.value = read_value(text);
    return out;
  }
  if (value.is_null() || beyond_doubles(value)) return {};
  return {read_value(value.dump(-1, ' ', false, json::error_handler_t::replace)), {}};
}

Sameness compare_finals(const FinalAnswer& a, const FinalAnswer& b, const Asked& asked) {
  const Sameness out = compare(a.value, b.value, asked);
  if (out == Sameness::same || compare(a.shorter, b.value, asked) == Sameness::same ||
      compare(a.value, b.shorter, asked) == Sameness::same)
    return Sameness::same;
  const bool numbers = a.shorter.kind == AnswerValue::Kind::number && b.shorter.kind == AnswerValue::Kind::number;
  return numbers ? compare(a.shorter, b.shorter, asked) : out;
}

Sameness same_json(const json& a, const json& b, const Asked& asked, int depth);

Sameness same_objects(const json& a, const json& b, const Asked& asked, int depth) {
  const json* one = answer_in(a);
  const json* other = answer_in(b);
  if ((one == nullptr) != (other == nullptr)) return Sameness::unclear;
  if (one != nullptr) return same_json(*one, *other, asked, depth - 1);
  Sameness out = Sameness::same;
  bool compared = a.empty() && b.empty();
  for (auto member = b.begin(); member != b.end(); ++member)
    if (!a.contains(member.key()) && !explains(member.key())) return Sameness::different;
  for (auto member = a.begin(); member != a.end(); ++member) {
    if (explains(member.key())) continue;
    const auto found = b.find(member.key());
    if (found == b.end()) return Sameness::different;
    compared = true;
    const Sameness same = same_json(*member, *found, asked, depth - 1);
    if (same == Sameness::different) return same;
    if (same == Sameness::unclear) out = same;
  }
  return compared ? out : Sameness::unclear;
}

Sameness same_json(const json& a, const json& b, const Asked& asked, int depth) {
  if (depth == 0) return Sameness::unclear;
  if (a.is_object() && b.is_object()) return same_objects(a, b, asked, depth);
  if (a.is_array() && b.is_array()) {
    if (a.size() != b.size()) return Sameness::different;
    Sameness out = Sameness::same;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const Sameness item = same_json(a[i], b[i], asked, depth - 1);
      if (item == Sameness::different) return item;
      if (item == Sameness::unclear) out = item;
    }
    return out;
  }
  if (a.is_object() || b.is_object()) return Sameness::unclear;
  if (a == b && !a.is_null() && !beyond_doubles(a) &&
      !(a.is_string() && gives_no_answer(a.get_ref<const std::string&>())))
    return Sameness::same;
  return compare_finals(read_scalar(a, asked), read_scalar(b, asked), asked);
}

Sameness same_json_in(std::string_view a, std::string_view b, const Asked& asked) {
  const std::optional<JsonIn> one = json_in(a);
  const std::optional<JsonIn> other = one ? json_in(b) : std::nullopt;
  return other ? same_json(one->value, other->value, asked, depth_max) : Sameness::unclear;
}

// JSON counts if it is marked as the answer, or nothing beside it might say something else.
Read read_answer(std::string_view text, const Asked& asked) {
  std::optional<JsonIn> in = json_in(text);
  if (in && in->value.is_object()) {
    const json* answer = answer_in(in->value);
    if (answer != nullptr && !answer->is_object()) return {read_scalar(*answer, asked), std::nullopt, true};
    if (answer != nullptr) return {{}, *answer, true};
    if (in->alone) return {{}, std::move(in->value), true};
  }
  if (in && in->value.is_array() && in->alone) return {read_scalar(in->value, asked), std::nullopt, true};
  if (const std::string_view member = answer_member_in(text); !member.empty())
    return {final_answer(member, asked), std::nullopt, true};
  return {final_answer(text, asked), std::nullopt, false};
}

Sameness same_words(std::string_view a, std::string_view b, const Asked& asked) {
  if (a == b) return Sameness::same;
  const AnswerValue one = read_value(a);
  const AnswerValue other = read_value(b);
  if (one.kind != AnswerValue::Kind::none && other.kind != AnswerValue::Kind::none) return compare(one, other, asked);
  const std::string plain = to_lower(plain_spelling(a));
  const std::string plain_other = to_lower(plain_spelling(b));
  return plain.empty() || plain_other.empty() ? Sameness::unclear : same_if(plain == plain_other);
}

Sameness same_by_itself(std::string_view a, std::string_view b, const Asked& asked) {
  const Read one = read_answer(a, asked);
  const Read other = read_answer(b, asked);
  if (one.object && other.object) return same_json(*one.object, *other.object, asked, depth_max);
  if (one.object || other.object) return Sameness::unclear;
  const std::string_view marked = trimmed(marked_answer(a));
  if (a == b && !one.from_json && (marked.empty() || !gives_no_answer(marked))) return Sameness::same;
  return compare_finals(one.final, other.final, asked);
}

Sameness same_numbers(std::string_view a, std::string_view b, const Asked& asked) {
  return compare(final_number(a), final_number(b), asked);
}

Sameness same_choices(std::string_view a, std::string_view b) {
  const std::optional<char> one = final_choice(a);
  const std::optional<char> other = final_choice(b);
  return one && other ? same_if(*one == *other) : Sameness::unclear;
}

bool same_calls(const Completion& a, const Completion& b) {
  const auto arguments = [](const ToolCall& call) {
    return trimmed(call.arguments).empty() ? std::string_view("{}") : std::string_view(call.arguments);
  };
  return std::equal(a.tool_calls.begin(), a.tool_calls.end(), b.tool_calls.begin(), b.tool_calls.end(),
                    [&](const ToolCall& x, const ToolCall& y) {
                      if (x.name != y.name) return false;
                      if (x.arguments == y.arguments) return true;
                      const std::optional<json> one = read_loose_json(arguments(x));
                      const std::optional<json> other = read_loose_json(arguments(y));
                      return one && other && *one == *other;
                    });
}

}  // namespace

Sameness same_answer(const Completion& a, const Completion& b, CompareAs compare, std::string_view question) {
  if (!a.tool_calls.empty() || !b.tool_calls.empty()) return same_if(same_calls(a, b));
  if (a.media || b.media) return Sameness::unclear;
  const auto said = [](const Completion& answer) {
    const std::string_view text = trimmed(AnswerText::behind_thoughts(answer.text));
    return text.substr(text.size() - std::min(text.size(), compared_max));
  };
  const std::string_view one = said(a);
  const std::string_view other = said(b);
  for (const std::string_view text : {one, other})
    if (gives_no_answer(text) || text.find_first_not_of(hollow) == std::string_view::npos) return Sameness::unclear;
  const Asked asked = read_asked(question);
  if (compare == CompareAs::number) return same_numbers(one, other, asked);
  if (compare == CompareAs::choice) return same_choices(one, other);
  if (compare == CompareAs::json) return same_json_in(one, other, asked);
  if (compare == CompareAs::text) return same_words(one, other, asked);
  return same_by_itself(one, other, asked);
}

}  // namespace triage::verify
