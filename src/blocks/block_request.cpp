#include "blocks/block_request.hpp"

#include "base/ascii.hpp"
#include "base/sha256.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t quoted_bytes_max = 64;

using Ids = std::vector<std::string>;

Ids ids_of(const BlockTurn& turn, BlockKind kind) {
  Ids out;
  for (const Block& block : turn.blocks)
    if (block.kind == kind) out.push_back(block.id.text());
  return out;
}

Error mismatch(const std::string& id, std::string_view what) {
  return {ErrorCode::invalid_value, "the call '" + id.substr(0, quoted_bytes_max) + "' " + std::string(what),
          "messages"};
}

std::optional<std::string> first_missing(const Ids& wanted, const Ids& there) {
  for (const std::string& id : wanted)
    if (std::ranges::find(there, id) == there.end()) return id;
  return std::nullopt;
}

bool is_id(std::string_view text) noexcept {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-'; });
}

}  // namespace

std::string_view BlockRequest::own(std::string text) {
  const std::size_t size = text.size();
  text.append(body_padding, '\0');
  return std::string_view(owned.emplace_front(std::move(text))).substr(0, size);
}

std::optional<Error> unpaired(const BlockRequest& request) {
  // Gemini's API takes calls that no result follows, if there is none for any of a turn.
  const bool may_stay_open = (request.fields & bit(RequestField::open_calls)) != 0;
  Ids open;
  for (std::size_t at = 0; at < request.turns.size();) {
    const Role role = request.turns[at].role;
    Ids calls;
    Ids results;
    for (; at < request.turns.size() && request.turns[at].role == role; ++at) {
      for (std::string& id : ids_of(request.turns[at], BlockKind::call)) calls.push_back(std::move(id));
      for (std::string& id : ids_of(request.turns[at], BlockKind::result)) results.push_back(std::move(id));
    }
    if (auto id = first_missing(results, open))
      return mismatch(*id, "has a result, but there is no such call in the turn before; send both or neither");
    if (may_stay_open && results.empty()) open.clear();
    if (auto id = first_missing(open, results))
      return mismatch(*id, "has no result in the turn behind it; send both or neither");
    open = std::move(calls);
  }
  if (!open.empty() && !may_stay_open)
    return mismatch(open.front(), "has no result in the turn behind it; send both or neither");
  return std::nullopt;
}

std::string call_id(const JsonString& id, std::string_view prefix, std::size_t bytes_max) {
  std::string text = id.text();
  if (text.size() <= bytes_max && is_id(text)) return text;
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr std::size_t size = 24;
  const auto digest = sha256(text);
  text = prefix;
  for (std::size_t i = 0; i < size; ++i) text += letters[digest[i] % letters.size()];
  return text;
}

bool is_custom(const BlockRequest& request, std::string_view tool) {
  return std::ranges::any_of(request.tools, [&](const BlockTool& each) { return each.custom && each.name.is(tool); });
}

bool is_json_object(std::string_view text) {
  JsonReader in(text);
  return in.kind() == JsonReader::Kind::object && in.skip() && in.finish();
}

std::string_view arguments_object(const JsonString& text, BlockRequest& request) {
  std::string plain = text.text();
  if (plain.find_first_not_of(" \t\r\n") == std::string::npos) return "{}";
  const std::string_view owned = request.own(std::move(plain));
  if (is_json_object(owned) && !find_invalid_utf8(owned)) return owned;
  std::string wrapped = R"({"arguments":")";
  wrapped.append(text.raw).append("\"}");
  return request.own(std::move(wrapped));
}

void append_object_schema(std::string& out, std::string_view schema) {
  if (schema.empty()) {
    out += open_schema;
    return;
  }
  JsonReader in(schema);
  bool typed = false;
  bool any = false;
  each_member(in, [&](const JsonString& name) {
    typed = typed || name.is("type");
    any = true;
    in.skip_unchecked();
  });
  if (typed)
    out += schema;
  else
    out.append(R"({"type":"object")").append(any ? "," : "").append(schema.substr(1));
}

void note_dropped(const BlockRequest& request, WireForm form, std::vector<std::string>& dropped) {
  for (std::string& name : names_of_fields(dropped_fields(request.fields, form))) dropped.push_back(std::move(name));
  dropped.insert(dropped.end(), request.unknown.begin(), request.unknown.end());
  for (auto at = dropped.begin(); at != dropped.end();)
    at = std::find(dropped.begin(), at, *at) != at ? dropped.erase(at) : std::next(at);
}

}  // namespace triage
