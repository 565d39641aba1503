// The YAML's shape as JSON: scalars as they would be written, secrets as ***.
#include "config/schema.hpp"
#include "config/tree.hpp"

#include <nlohmann/json.hpp>

namespace triage::config {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Tree& tree) {
  if (tree.shape == Tree::Shape::bare) return Json::parse(tree.text, nullptr, false);
  if (tree.shape == Tree::Shape::hidden) return "***";
  if (tree.scalar()) return tree.text;
  Json out = tree.shape == Tree::Shape::list ? Json::array() : Json::object();
  for (const Tree& item : tree.inside) {
    if (tree.shape == Tree::Shape::list)
      out.push_back(json_of(item));
    else
      out[item.name] = json_of(item);
  }
  return out;
}

}  // namespace
}  // namespace triage::config

namespace triage {

std::string config_dump(const ConfigSpec& spec) {
  return config::json_of(config::tree_of(spec)).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace triage
