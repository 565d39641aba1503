// YAML by the configuration's own parser, JSON by nlohmann, TOML by toml++: one tree for all readers.
#include "config/yaml.hpp"
#include "import/foreign.hpp"
#include "import/toml.hpp"

#include <nlohmann/json.hpp>

namespace triage::imports {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t depth_max = 64;

void name_below(Foreign& value) {
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    Foreign& each = value.items[i];
    if (value.kind == Foreign::Kind::list)
      each.path = value.path + "[" + std::to_string(i) + "]";
    else
      each.path = value.path.empty() ? each.key : value.path + "." + each.key;
    name_below(each);
  }
}

Foreign from_yaml(const config::Node& node) {
  Foreign out;
  switch (node.kind) {
    case config::Node::Kind::null: break;
    case config::Node::Kind::scalar:
      out.kind = Foreign::Kind::scalar;
      out.text = node.text;
      break;
    case config::Node::Kind::list:
      out.kind = Foreign::Kind::list;
      for (const config::NodePtr& item : node.items) out.items.push_back(from_yaml(*item));
      break;
    case config::Node::Kind::map:
      out.kind = Foreign::Kind::map;
      for (const config::Member& member : node.members) {
        out.items.push_back(from_yaml(*member.value));
        out.items.back().key = member.key;
      }
  }
  return out;
}

Result<Foreign> parse_yaml(std::string_view text, const std::string& name) {
  config::Report report;
  const config::NodePtr root = config::parse_yaml(text, report.add_file(name), report);
  if (!root || report.has_errors()) {
    const auto problems = report.take();
    return Error{ErrorCode::invalid_value, problems.empty() ? "it is empty" : to_string(problems.front())};
  }
  return from_yaml(*root);
}

Result<Foreign> from_json(const Json& json, std::size_t depth) {
  if (depth > depth_max) return Error{ErrorCode::invalid_value, "it is nested too deeply"};
  Foreign out;
  if (json.is_null()) return out;
  if (!json.is_structured()) {
    out.kind = Foreign::Kind::scalar;
    out.text = json.is_string() ? json.get<std::string>() : json.dump();
    return out;
  }
  out.kind = json.is_array() ? Foreign::Kind::list : Foreign::Kind::map;
  for (const auto& member : json.items()) {
    auto value = from_json(member.value(), depth + 1);
    if (!value) return value.error();
    out.items.push_back(std::move(*value));
    if (json.is_object()) out.items.back().key = member.key();
  }
  return out;
}

Result<Foreign> parse_json(std::string_view text, const std::string& name) {
  try {
    return from_json(Json::parse(text, nullptr, true, true), 0);
  } catch (const Json::exception& failure) {
    return Error{ErrorCode::invalid_value, name + ": " + failure.what()};
  }
}

}  // namespace

Result<Foreign> parse_foreign(std::string_view text, const std::string& name, Syntax syntax) {
  auto out = syntax == Syntax::yaml   ? parse_yaml(text, name)
             : syntax == Syntax::json ? parse_json(text, name)
                                      : parse_toml(text, name);
  if (!out) return out;
  if (out->kind != Foreign::Kind::map) return Error{ErrorCode::invalid_value, name + ": it is no map of sections"};
  name_below(*out);
  return out;
}

}  // namespace triage::imports
