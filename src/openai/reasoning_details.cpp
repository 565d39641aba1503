#include "openai/reasoning_details.hpp"

#include "triage/body_padding.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;

constexpr std::string_view member = "\"reasoning_details\"";

bool is_joined(std::string_view name) noexcept {
  return name == "text" || name == "summary" || name == "data";
}

bool says_nothing(std::string_view value) noexcept {
  return value == "null" || value == "\"\"";
}

std::string_view value_of(const std::vector<std::pair<std::string, std::string>>& members, std::string_view name) {
  for (const auto& [each, value] : members)
    if (each == name) return value;
  return "";
}

// "He" + "llo" -> "Hello", as JSON strings.
std::string joined(const std::string& first, const std::string& second) {
  if (says_nothing(first) || first.front() != '"') return second;
  if (says_nothing(second) || second.front() != '"') return first;
  return first.substr(0, first.size() - 1) + second.substr(1);
}

}  // namespace

void ReasoningDetails::add(std::string_view event) {
  if (event.find(member) == std::string_view::npos) return;
  JsonReader in(event);
  each_member(in, [&](const JsonString& name) {
    if (!name.is("choices")) return void(in.skip());
    bool first = true;
    each_element(in, [&] { std::exchange(first, false) ? add_choice(in, event) : void(in.skip()); });
  });
}

void ReasoningDetails::add_choice(JsonReader& in, std::string_view event) {
  each_member(in, [&](const JsonString& name) {
    if (!name.is("delta") && !name.is("message")) return void(in.skip());
    each_member(in, [&](const JsonString& inner) {
      if (!inner.is("reasoning_details")) return void(in.skip());
      each_element(in, [&] {
        Detail piece;
        each_member(in, [&](const JsonString& of_detail) {
          const std::size_t begin = in.value_offset();
          in.skip();
          piece.members.emplace_back(of_detail.text(), event.substr(begin, in.offset() - begin));
        });
        if (!in.failed()) add_detail(std::move(piece));
      });
    });
  });
}

void ReasoningDetails::add_detail(Detail piece) {
  if (piece.members.empty()) return;
  const auto same = [&](const Detail& each, std::string_view name) {
    return value_of(each.members, name) == value_of(piece.members, name);
  };
  const auto found = std::ranges::find_if(details_, [&](const Detail& each) {
    return !value_of(piece.members, "index").empty() && same(each, "index") && same(each, "type");
  });
  if (found == details_.end()) return details_.push_back(std::move(piece));
  for (auto& [name, value] : piece.members) {
    const auto known = std::ranges::find(found->members, name, &std::pair<std::string, std::string>::first);
    if (known == found->members.end())
      found->members.emplace_back(std::move(name), std::move(value));
    else if (is_joined(name))
      known->second = joined(known->second, value);
    else if (!says_nothing(value))
      known->second = std::move(value);
  }
}

std::string ReasoningDetails::take() {
  std::string out = "[";
  for (const Detail& detail : std::exchange(details_, {})) {
    out += out.size() > 1 ? ",{" : "{";
    bool first = true;
    for (const auto& [name, value] : detail.members) {
      if (!std::exchange(first, false)) out += ',';
      append_json_string(out, name);
      out.append(":").append(value);
    }
    out += '}';
  }
  return out += ']';
}

std::string_view inside_list(std::string_view text) {
  std::string padded(text);
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, text.size()));
  if (text.empty() || text.front() != '[' || !in.skip() || !in.finish()) return {};
  return text.substr(1, text.find_last_of(']') - 1);
}

}  // namespace triage::openai
