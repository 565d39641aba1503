// date: 2026-11-30
// rows:
//   mistral: {source: "https://...", hosts: [api.mistral.ai], models: [...], call_ids: nine, ...}
#include "config/quirk_table.hpp"

#include "base/glob.hpp"
#include "config/check.hpp"
#include "config/describe.hpp"
#include "config/reader.hpp"
#include "options/type_of.hpp"
#include "providers/providers.hpp"

#include <algorithm>

template <>
inline constexpr bool triage::options::is_named<triage::config::QuirkRow> = true;

namespace triage::config {
namespace {

bool any_matches(const std::vector<std::string>& globs, std::string_view text) noexcept {
  return std::ranges::any_of(globs, [text](const std::string& glob) { return glob_matches(glob, text); });
}

template <class T>
void put(std::optional<T>& under, const std::optional<T>& over) {
  if (over) under = over;
}

const Provider* find_provider(const ConfigSpec& spec, std::string_view name) noexcept {
  const auto found = std::ranges::find(spec.providers, name, &Provider::name);
  return found == spec.providers.end() ? nullptr : &*found;
}

}  // namespace

void describe(Describer& v, QuirkRow& s) {
  v.field({.name = "source", .text = "the page that says it", .required = true}, s.source);
  v.field({.name = "hosts", .text = "globs over the provider's host, or host:port"}, s.hosts);
  v.field({.name = "providers", .text = "names of providers in the configuration"}, s.providers);
  v.field({.name = "dialects", .text = "dialects of providers"}, s.dialects);
  v.field({.name = "of", .text = "the row above whose servers it holds for"}, s.of);
  v.field({.name = "models", .text = "globs over the model's name"}, s.models);
  v.field({.name = "thinking", .text = "how it is asked to think"}, s.thinking);
  v.field({.name = "sampling", .text = "whether it takes temperature, top_p and top_k"}, s.sampling);
  v.field({.name = "publisher", .text = "whose models they are, on Vertex"}, s.publisher);
  triage::describe(v, s.quirks);
}

void describe(Describer& v, QuirkTable& s) {
  v.field({.name = "date", .text = "when this was so", .required = true, .check = check_date}, s.date);
  v.field({.name = "rows", .text = "who takes what", .required = true}, s.rows);
}

QuirkTable read_quirk_table(std::string_view text, const std::string& name, Report& report) {
  QuirkTable table;
  Sources sources(report);
  Origins origins;
  if (const NodePtr root = parse_yaml(text, report.add_file(name), report))
    Reader(report, sources, origins).read(*root, table);
  return table;
}

const QuirkTable& builtin_quirks() {
  static const QuirkTable table = [] {
    Report report;
    return read_quirk_table(builtin_quirk_yaml(), "config/quirks.yaml", report);
  }();
  return table;
}

std::vector<const QuirkRow*> rows_for(const QuirkTable& table, const Deployment& deployment, const Provider& provider) {
  const std::string& host = provider.base_url.host;
  const std::string host_and_port = host + ":" + std::to_string(provider.base_url.port);
  std::vector<const QuirkRow*> out;
  std::vector<std::string_view> servers;  // rows that hold for the server
  for (const QuirkRow& row : table.rows) {
    const bool named = !row.hosts.empty() || !row.providers.empty() || !row.dialects.empty();
    const bool is_its = row.name == provider.server || any_matches(row.hosts, host) ||
                        any_matches(row.hosts, host_and_port) || any_matches(row.providers, provider.name) ||
                        any_matches(row.dialects, provider.dialect);
    if (named && is_its) servers.push_back(row.name);
    const bool holds = !row.of.empty() ? std::ranges::find(servers, row.of) != servers.end() : !named || is_its;
    if (holds && (row.models.empty() || any_matches(row.models, deployment.model))) out.push_back(&row);
  }
  return out;
}

std::vector<std::string_view> server_names(const QuirkTable& table) {
  std::vector<std::string_view> out;
  for (const QuirkRow& row : table.rows)
    if (!row.hosts.empty() && find_dialect(row.name) == nullptr) out.push_back(row.name);
  return out;
}

std::vector<std::string_view> dialects_and_servers() {
  std::vector<std::string_view> out = dialect_names();
  for (const std::string_view name : server_names(builtin_quirks())) out.push_back(name);
  return out;
}

void overlay(Quirks& under, const Quirks& over) {
  put(under.limit, over.limit);
  put(under.call_ids, over.call_ids);
  put(under.seed, over.seed);
  put(under.left_out, over.left_out);
  put(under.reply_to_results, over.reply_to_results);
  put(under.later_system, over.later_system);
  put(under.sent_thoughts, over.sent_thoughts);
  put(under.effort, over.effort);
  put(under.efforts, over.efforts);
  put(under.reasoning_format, over.reasoning_format);
  put(under.tool_choices, over.tool_choices);
  put(under.unsigned_calls, over.unsigned_calls);
  put(under.sampling_with_thinking, over.sampling_with_thinking);
  put(under.top_k, over.top_k);
  put(under.cache_points, over.cache_points);
  put(under.failed_results, over.failed_results);
  put(under.prefill, over.prefill);
  put(under.image_urls, over.image_urls);
  put(under.json_schema, over.json_schema);
  put(under.json_object, over.json_object);
  put(under.stop, over.stop);
  put(under.retried, over.retried);
}

void apply_quirks(ConfigSpec& spec, const Origins& origins, const QuirkTable& table) {
  for (Provider& provider : spec.providers) {
    const auto servers = server_names(table);
    if (std::ranges::find(servers, provider.dialect) == servers.end()) continue;
    provider.server = std::exchange(provider.dialect, "openai");
  }
  for (Deployment& deployment : spec.deployments) {
    const Provider* const provider = find_provider(spec, deployment.provider);
    if (provider == nullptr) continue;  // reported elsewhere
    const Path path{"deployments", deployment.name};
    const bool thinking_said = origins.find(path / "thinking") != nullptr || deployment.thinking.has_value();
    const bool sampling_said = origins.find(path / "sampling") != nullptr || deployment.sampling.has_value();
    Quirks quirks;
    for (const QuirkRow* const row : rows_for(table, deployment, *provider)) {
      if (row->thinking && !thinking_said) deployment.thinking = row->thinking;
      if (!row->publisher.empty() && deployment.publisher.empty()) deployment.publisher = row->publisher;
      if (row->sampling && !sampling_said) deployment.sampling = row->sampling;
      overlay(quirks, row->quirks);
    }
    overlay(quirks, provider->quirks);
    overlay(quirks, deployment.quirks);
    deployment.quirks = std::move(quirks);
  }
}

}  // namespace triage::config
