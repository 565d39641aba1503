#include "gemini/partial_args.hpp"

#include "blocks/member_values.hpp"
#include "gemini/spelling.hpp"

#include <algorithm>
#include <charconv>

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;

constexpr std::size_t steps_max = 64;
constexpr std::size_t members_max = 1024;  // of one object, which are looked for one by one

std::string spelled(std::string_view text) {
  std::string out;
  append_json_escaped(out, text);
  return out;
}

}  // namespace

// $.name, $['name'], $[0] (RFC 9535)
bool PartialArgs::read_path(std::string_view path, std::vector<Step>& out) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  while (!path.empty() && out.size() < steps_max) {
    Step step;
    if (path.front() == '.') {
      const std::size_t end = std::min(path.find_first_of(".[", 1), path.size());
      step.name = spelled(path.substr(1, end - 1));
      if (end == 1) return false;
      path.remove_prefix(end);
    } else {
      const std::string_view quote = path.substr(1, 1);
      const bool named = quote == "'" || quote == "\"";
      const std::size_t end = named ? path.find(std::string(quote) + "]", 2) : path.find(']');
      if (path.front() != '[' || end == std::string_view::npos) return false;
      step.is_index = !named;
      if (named) {
        step.name = spelled(path.substr(2, end - 2));
      } else {
        const auto [last, error] = std::from_chars(path.data() + 1, path.data() + end, step.index);
        if (error != std::errc() || last != path.data() + end) return false;
      }
      path.remove_prefix(end + (named ? 2 : 1));
    }
    out.push_back(std::move(step));
  }
  return path.empty() && !out.empty() && !out.front().is_index;
}

// Null: a value of another kind is there, or a list would have a gap.
PartialArgs::Node* PartialArgs::at(const std::vector<Step>& path) {
  Node* node = &root_;
  for (const Step& step : path) {
    if (node->inner.empty() && node != &root_) {
      if (!node->value.empty() || node->is_text) return nullptr;
      node->is_list = step.is_index;
    }
    if (node->is_list != step.is_index) return nullptr;
    std::size_t place = step.index;
    if (!step.is_index)
      place = static_cast<std::size_t>(std::ranges::find(node->inner, step.name, &Node::name) - node->inner.begin());
    if (place > node->inner.size() || (!step.is_index && place == members_max)) return nullptr;
    if (place == node->inner.size()) node->inner.emplace_back().name = step.name;
    node = &node->inner[place];
  }
  return node->inner.empty() ? node : nullptr;
}

bool PartialArgs::add_piece(JsonReader& in) {
  std::vector<Step> path;
  std::string value;
  bool is_text = false;
  bool followed = false;
  each_member(in, [&](const JsonString& name) {
    const std::size_t begin = in.value_offset();
    std::string_view number;
    bool flag = false;
    if (is_called(name, "jsonPath")) {
      followed = read_path(string_of(in).text(), path);
    } else if (is_called(name, "stringValue") && in.kind() == Kind::string) {
      value = string_of(in).raw;
      is_text = true;
    } else if (is_called(name, "numberValue") && in.kind() == Kind::number && in.number(number)) {
      value = number;
    } else if (is_called(name, "boolValue") && in.kind() == Kind::boolean && in.boolean(flag)) {
      value = flag ? "true" : "false";
    } else {
      if (is_called(name, "nullValue")) value = "null";
      if (in.offset() <= begin) in.skip();
    }
  });
  Node* const node = followed ? at(path) : nullptr;
  if (node == nullptr || in.failed()) return false;
  if (is_text && node->is_text)
    node->value += value;
  else
    node->value = std::move(value);
  node->is_text = is_text;
  return true;
}

bool PartialArgs::add(JsonReader& in) {
  bool all = true;
  each_element(in, [&] { all = add_piece(in) && all; });
  return all;
}

void PartialArgs::append(const Node& node, std::string& out) {
  if (node.is_text || node.inner.empty()) {
    if (node.is_text)
      out.append("\"").append(node.value).append("\"");
    else
      out += node.value.empty() ? "null" : node.value;
    return;
  }
  const std::size_t before = out.size();
  for (const Node& inner : node.inner) {
    out += out.size() == before ? (node.is_list ? '[' : '{') : ',';
    if (!node.is_list) out.append("\"").append(inner.name).append("\":");
    append(inner, out);
  }
  out += node.is_list ? ']' : '}';
}

std::string PartialArgs::text() const {
  std::string out;
  if (empty()) return "{}";
  append(root_, out);
  return out;
}

}  // namespace triage::gemini
