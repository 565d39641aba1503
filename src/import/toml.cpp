#include "import/toml.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace triage::imports {
namespace {

using Entry = std::pair<const toml::key*, const toml::node*>;

/// As in the file: toml++ sorts them by name.
std::vector<Entry> in_order(const toml::table& table) {
  std::vector<Entry> out;
  for (const auto& [key, value] : table) out.emplace_back(&key, &value);
  const auto place = [](const Entry& entry) {
    const auto& begin = entry.first->source().begin;
    return std::pair(begin.line, begin.column);
  };
  std::ranges::stable_sort(out, {}, place);
  return out;
}

Foreign from_toml(const toml::node& node) {
  Foreign out;
  if (const toml::table* const table = node.as_table()) {
    out.kind = Foreign::Kind::map;
    for (const auto& [key, value] : in_order(*table)) {
      out.items.push_back(from_toml(*value));
      out.items.back().key = std::string(key->str());
    }
  } else if (const toml::array* const array = node.as_array()) {
    out.kind = Foreign::Kind::list;
    for (const toml::node& value : *array) out.items.push_back(from_toml(value));
  } else {
    out.kind = Foreign::Kind::scalar;
    if (const auto* const text = node.as_string()) {
      out.text = text->get();
    } else {
      std::ostringstream spelled;
      node.visit([&](const auto& value) {
        if constexpr (toml::is_value<decltype(value)>) spelled << value;
      });
      out.text = std::move(spelled).str();
    }
  }
  return out;
}

}  // namespace

Result<Foreign> parse_toml(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, name);
    return from_toml(table);
  } catch (const toml::parse_error& failure) {
    const auto& begin = failure.source().begin;
    return Error{ErrorCode::invalid_value, name + ":" + std::to_string(begin.line) + ":" +
                                               std::to_string(begin.column) + ": " +
                                               std::string(failure.description())};
  }
}

}  // namespace triage::imports
