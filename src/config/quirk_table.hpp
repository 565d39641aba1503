#pragma once
// What servers and families of models take otherwise than their dialect says: config/quirks.yaml.

#include "options/origins.hpp"
#include "triage/spec.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

using namespace options;

/// Holds for deployments whose provider and model it names.
struct QuirkRow {
  std::string name;
  std::string source;                  ///< the page that says it
  std::vector<std::string> hosts;      ///< globs over the provider's host, or host:port
  std::vector<std::string> providers;  ///< names of providers in the configuration
  std::vector<std::string> dialects;   ///< of providers, whatever their hosts
  std::string of;                      ///< the row above whose servers it holds for; empty: those that it names itself
  std::vector<std::string> models;     ///< globs over the model's name; empty: all
  std::optional<Thinking> thinking;
  std::optional<bool> sampling;
  std::string publisher;  ///< whose models they are, on Vertex
  Quirks quirks;
};

/// The content of config/quirks.yaml.
struct QuirkTable {
  std::string date;            ///< YYYY-MM-DD
  std::vector<QuirkRow> rows;  ///< of those that hold, the last one that says something counts
};

/// The text of config/quirks.yaml at build time.
std::string_view builtin_quirk_yaml() noexcept;
/// The built-in table.
const QuirkTable& builtin_quirks();
/// Reads `text`. Mistakes are reported for the file `name`.
QuirkTable read_quirk_table(std::string_view text, const std::string& name, Report& report);

/// The rows that hold, in their order.
std::vector<const QuirkRow*> rows_for(const QuirkTable& table, const Deployment& deployment, const Provider& provider);

/// Names of servers that may stand as a provider's `dialect`: it is then `openai` with the row's quirks.
std::vector<std::string_view> server_names(const QuirkTable& table);

/// All that may stand as a provider's `dialect`: dialect_names() and the built-in table's server_names().
std::vector<std::string_view> dialects_and_servers();

/// What `over` says in place of what `under` says.
void overlay(Quirks& under, const Quirks& over);

/// Gives every deployment the quirks of the rows that hold for it, under those of its provider, under its own. After
/// apply_prices(): what the price table says of thinking and sampling goes before the rows.
void apply_quirks(ConfigSpec& spec, const Origins& origins, const QuirkTable& table);

}  // namespace triage::config
