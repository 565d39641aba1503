#include "judge/reply.hpp"

#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <charconv>
#include <cstdlib>

namespace triage::judge {
namespace {

using Kind = JsonReader::Kind;

constexpr int best = 10;

struct Value {
  Kind kind = Kind::invalid;
  std::string text;  // unescaped, or as spelled
};

struct Members {
  Value nonce;
  Value reason;
  Value grade;
};

bool read_value(JsonReader& in, Value& out) {
  out.kind = in.kind();
  JsonString word;
  std::string_view number;
  switch (out.kind) {
    case Kind::string:
      if (!in.string(word)) return false;
      out.text = word.text();
      return true;
    case Kind::number:
      if (!in.number(number)) return false;
      out.text = number;
      return true;
    case Kind::null: return in.null();
    default: return false;
  }
}

// The members of a reply that is exactly {"nonce", "reason", GRADE} in any order, with the right nonce.
std::optional<Members> read(const Completion& reply, std::string_view nonce, std::string_view grade) {
  if (nonce.empty() || !reply.refusal.empty() || !reply.tool_calls.empty()) return std::nullopt;
  std::string padded = reply.text;
  padded.append(body_padding, '\0');
  JsonNames known;
  JsonReader in(std::string_view(padded).substr(0, reply.text.size()), 1, &known);
  if (in.kind() != Kind::object || !in.enter_object()) return std::nullopt;
  Members out;
  JsonString name;
  while (in.next_name(name)) {
    Value* const value = name.is("nonce")    ? &out.nonce
                         : name.is("reason") ? &out.reason
                         : name.is(grade)    ? &out.grade
                                             : nullptr;
    if (value == nullptr || !read_value(in, *value)) return std::nullopt;
  }
  if (!in.finish() || out.nonce.kind != Kind::string || out.nonce.text != nonce || out.reason.kind != Kind::string ||
      out.grade.kind == Kind::invalid)
    return std::nullopt;
  return out;
}

}  // namespace

std::optional<PointReply> read_point(const Completion& reply, std::string_view nonce) {
  auto found = read(reply, nonce, "score");
  if (!found) return std::nullopt;
  PointReply out{std::nullopt, std::move(found->reason.text)};
  const std::string& spelled = found->grade.text;
  if (found->grade.kind == Kind::null) return out;
  if (found->grade.kind != Kind::number) return std::nullopt;
  int score = -1;
  const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), score);
  if (error != std::errc() || end != spelled.data() + spelled.size() || score < 0 || score > best) return std::nullopt;
  out.score = static_cast<double>(score) / best;
  return out;
}

std::optional<PairReply> read_pair(const Completion& reply, std::string_view nonce) {
  auto found = read(reply, nonce, "better");
  if (!found || found->grade.kind != Kind::string) return std::nullopt;
  const auto better = from_word<Better>(found->grade.text);
  if (!better) return std::nullopt;
  return PairReply{*better, std::move(found->reason.text)};
}

}  // namespace triage::judge
