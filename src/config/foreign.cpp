#include "config/foreign.hpp"

#include <algorithm>
#include <array>

namespace triage::config {
namespace {

struct Mark {
  std::string_view key;
  std::string_view other;  ///< must be there, too; empty: `key` is enough
  ForeignFormat format;
};
constexpr ForeignFormat tensorzero{"TensorZero", "tensorzero"};
constexpr std::array<Mark, 8> marks{{
    {"model_list", "", {"LiteLLM", "litellm"}},
    {"litellm_settings", "", {"LiteLLM", "litellm"}},
    {"strategy", "targets", {"Portkey", "portkey"}},
    {"virtual_key", "", {"Portkey", "portkey"}},
    {"vllm_endpoints", "", {"vLLM semantic router", "vllm-sr"}},
    {"model_config", "", {"vLLM semantic router", "vllm-sr"}},
    {"binds", "", {"agentgateway", "agentgateway"}},
    {"config_store", "providers", {"Bifrost", "bifrost"}},
}};

bool has(const Node& root, std::string_view key) {
  return std::ranges::any_of(root.members, [key](const Member& member) { return member.key == key; });
}

}  // namespace

ForeignFormat foreign_format(const Node& root) {
  for (const Mark& mark : marks)
    if (has(root, mark.key) && (mark.other.empty() || has(root, mark.other))) return mark.format;
  return {};
}

// A table's head at the beginning of a line: [gateway], [functions.x], [models.x.providers.y].
ForeignFormat foreign_format(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    for (const std::string_view head : {"[gateway", "[models.", "[functions.", "[metrics.", "[tools."})
      if (line.starts_with(head)) return tensorzero;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

std::string import_hint(const ForeignFormat& format) {
  return "triage import " + std::string(format.import) + " FILE writes one for Triage that does the same";
}

}  // namespace triage::config
