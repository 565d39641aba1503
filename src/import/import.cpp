// file -> Foreign -> a reader -> ImportedConfig -> YAML. What the reader left unread becomes comments in between.
#include "import/import.hpp"

#include "import/draft.hpp"
#include "import/open_models.hpp"
#include "import/readers.hpp"

#include <algorithm>
#include <array>

namespace triage::imports {
namespace {

struct Format {
  std::string_view name;
  Syntax syntax;
  void (*read)(const Item& root, Draft& draft);
  std::vector<Reason> (*reasons)();
};

constexpr std::array<Format, 6> formats{{{"litellm", Syntax::yaml, read_litellm, litellm_reasons},
                                         {"portkey", Syntax::json, read_portkey, portkey_reasons},
                                         {"tensorzero", Syntax::toml, read_tensorzero, tensorzero_reasons},
                                         {"vllm-sr", Syntax::yaml, read_vllm_sr, vllm_sr_reasons},
                                         {"bifrost", Syntax::json, read_bifrost, bifrost_reasons},
                                         {"agentgateway", Syntax::yaml, read_agentgateway, agentgateway_reasons}}};

/// The notes that the writer writes.
std::set<const Notes*> shown_notes(const ImportedConfig& config) {
  std::set<const Notes*> out{config.notes.get()};
  for (const ImportedKey& key : config.keys) out.insert(key.notes.get());
  for (const ImportedProvider& provider : config.providers) out.insert(provider.notes.get());
  for (const ImportedDeployment& deployment : config.deployments) out.insert(deployment.notes.get());
  for (const ImportedRoute& route : config.routes) {
    out.insert(route.notes.get());
    for (const ImportedRule& rule : route.rules) out.insert(rule.notes.get());
  }
  return out;
}

}  // namespace

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> out;
  for (const Format& format : formats) out.push_back(format.name);
  return out;
}

Result<Imported> import_config(std::string_view format, std::string_view text, const std::string& name) {
  const auto found = std::ranges::find(formats, format, &Format::name);
  if (found == formats.end())
    return Error{ErrorCode::invalid_value, "no format is called '" + std::string(format) + "'"};
  auto root = parse_foreign(text, name, found->syntax);
  if (!root) return root.error();
  Draft draft{std::string(format), name.substr(name.find_last_of('/') + 1)};
  found->read(Item(&*root), draft);
  if (draft.config.deployments.empty()) add_unnamed_provider(draft, "the file names no model that Triage can ask");
  draft.finish();
  tell_unused(*root, found->reasons(), draft.config.notes, shown_notes(draft.config));
  Imported out{write_config(draft.config), std::move(draft.config.variables), {}};
  for (const auto& [variable, example] : out.variables)
    if (example == a_file) out.files.push_back(variable);
  return out;
}

}  // namespace triage::imports
