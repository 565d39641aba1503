// One entry a line, with its comments above it.
#include "import/imported.hpp"
#include "json/json.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <cmath>

namespace triage::imports {

std::string yaml_text(std::string_view text) {
  static constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@+";
  const bool plain = !text.empty() && text.find_first_not_of(safe) == std::string_view::npos && text.front() != '-' &&
                     text.front() != '@' && text != "null" && text != "Null" && text != "NULL";
  std::string out;
  if (plain)
    out = text;
  else
    append_json_string(out, text);
  return out;
}

std::string yaml_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + item;
  return out + "]";
}

std::string yaml_texts(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(yaml_text(text));
  return yaml_list(items);
}

std::string yaml_map(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) out += (out.size() > 1 ? ", " : "") + yaml_text(name) + ": " + value;
  return out + "}";
}

std::string yaml_seconds(double seconds) {
  constexpr double longest = 3650.0 * 24 * 3600;
  const double bounded = std::clamp(seconds, 0.001, longest);
  return format_duration(milliseconds(std::llround(bounded * 1000)));
}

namespace {

void append_notes(std::string& out, const Notes& notes, std::string_view indent) {
  for (std::string note : notes) {
    for (char& c : note)
      if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
    out.append(indent).append(note.empty() ? "#" : "# ").append(note).append("\n");
  }
}

void append_entry(std::string& out, std::string_view name, const std::string& value, const Notes& notes) {
  append_notes(out, notes, "  ");
  out += "  " + yaml_text(name) + ": " + value + "\n";
}

std::string members_of(const ImportedTier& tier) {
  std::vector<std::string> items;
  for (const ImportedMember& member : tier.members) {
    const std::string name = yaml_text(member.deployment);
    items.push_back(member.weight == 1 || tier.members.size() == 1
                        ? name
                        : "{deployment: " + name + ", weight: " + std::to_string(member.weight) + "}");
  }
  return yaml_list(items);
}

std::string match_of(const ImportedRoute& route) {
  Members match;
  if (!route.models.empty()) match.emplace_back("models", yaml_texts(route.models));
  match.insert(match.end(), route.match.begin(), route.match.end());
  return yaml_map(match);
}

bool is_short(const ImportedRoute& route) {
  return route.tiers.size() == 1 && route.rules.empty() && route.notes->empty() && route.tiers[0].members.size() == 1;
}

void append_routers(std::string& out, const ImportedRoute& route) {
  if (route.rules.empty() && route.start.empty()) return;
  out += "    routers:\n";
  if (route.tiers_by_name) out += "      - header\n";
  if (!route.rules.empty()) out += "      - heuristic:\n          rules:\n";
  for (const ImportedRule& rule : route.rules) {
    append_notes(out, *rule.notes, "            ");
    out += "            - {name: " + yaml_text(rule.name) + ", when: " + rule.when + ", tier: " + yaml_text(rule.tier) +
           "}\n";
  }
  if (!route.start.empty()) out += "      - fixed: {tier: " + yaml_text(route.start) + "}\n";
}

void append_route(std::string& out, const ImportedRoute& route) {
  Members rest;
  if (!route.timeouts.empty()) rest.emplace_back("timeouts", yaml_map(route.timeouts));
  if (!route.retry.empty()) rest.emplace_back("retry", yaml_map(route.retry));
  if (is_short(route)) {
    Members all{{"match", match_of(route)}, {"tiers", yaml_map({{route.tiers[0].name, members_of(route.tiers[0])}})}};
    all.insert(all.end(), rest.begin(), rest.end());
    out += "  " + yaml_text(route.name) + ": " + yaml_map(all) + "\n";
    return;
  }
  append_notes(out, *route.notes, "  ");
  out += "  " + yaml_text(route.name) + ":\n    match: " + match_of(route) + "\n    tiers:\n";
  for (const ImportedTier& tier : route.tiers) out += "      " + yaml_text(tier.name) + ": " + members_of(tier) + "\n";
  append_routers(out, route);
  for (const auto& [name, value] : rest) out += "    " + name + ": " + value + "\n";
}

void append_keys(std::string& out, const std::vector<ImportedKey>& keys) {
  if (keys.empty()) return;
  out += "\nkeys:\n";
  for (const ImportedKey& key : keys) {
    append_notes(out, *key.notes, "  ");
    out += "  - " + yaml_map({{"name", yaml_text(key.name)}, {"sha256", yaml_text(key.sha256)}}) + "\n";
  }
}

void append_models(std::string& out, const ImportedConfig& config) {
  out += "\nproviders:\n";
  for (const ImportedProvider& provider : config.providers)
    append_entry(out, provider.name, yaml_map(provider.settings), *provider.notes);
  out += "\ndeployments:\n";
  for (const ImportedDeployment& deployment : config.deployments) {
    Members members{{"provider", yaml_text(deployment.provider)}, {"model", yaml_text(deployment.model)}};
    members.insert(members.end(), deployment.settings.begin(), deployment.settings.end());
    append_entry(out, deployment.name, yaml_map(members), *deployment.notes);
  }
}

}  // namespace

std::string write_config(const ImportedConfig& config) {
  std::string out = "# Imported from " + config.file + " by `triage import " + config.format +
                    "`. Whatever has no counterpart here is named in a comment.\n";
  append_notes(out, *config.notes, "");
  if (!config.sections.empty()) out += "\n";
  for (const auto& [name, value] : config.sections) out += name + ": " + value + "\n";
  append_keys(out, config.keys);
  append_models(out, config);
  if (!config.tiers.empty()) out += "\ntiers: " + yaml_texts(config.tiers) + "\n";
  if (!config.specialists.empty()) out += "specialists: " + yaml_texts(config.specialists) + "\n";
  if (!config.routes.empty()) out += "\nroutes:\n";
  for (const ImportedRoute& route : config.routes) append_route(out, route);
  return out;
}

}  // namespace triage::imports
