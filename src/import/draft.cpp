#include "import/draft.hpp"

#include "base/ascii.hpp"
#include "base/sha256.hpp"
#include "config/price_table.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace triage::imports {
namespace {

constexpr std::size_t name_max = 100;

bool is_variable(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

std::string escaped(std::string text) {
  for (std::size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, "$");
  return text;
}

/// Without the slashes at its end, which a configuration's URLs have none of.
std::string trimmed(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

std::optional<std::string> variable_of(std::string_view text) {
  for (const std::string_view prefix : {"os.environ/", "env.", "env::", "$"}) {
    if (!text.starts_with(prefix)) continue;
    std::string_view name = text.substr(prefix.size());
    if (prefix == "$" && name.starts_with('{') && name.ends_with('}')) name = name.substr(1, name.size() - 2);
    if (is_variable(name)) return std::string(name);
  }
  return std::nullopt;
}

std::string name_from(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool fits =
        is_alphanumeric(c) || (!out.empty() && std::string_view("._-:/@+").find(c) != std::string_view::npos);
    if (fits)
      out += c;
    else if (!out.empty() && !out.ends_with('-'))
      out += '-';
  }
  if (out.size() > name_max) out.resize(name_max);
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "any" : out;
}

std::string variable_name(std::string_view text) {
  std::string out;
  for (const char c : text) out += is_lower(c) ? static_cast<char>(c & ~0x20) : is_alphanumeric(c) ? c : '_';
  return out.empty() || is_digit(out.front()) ? "_" + out : out;
}

Draft::Draft(std::string format, std::string file) {
  config.format = std::move(format);
  config.file = std::move(file);
}

std::string Draft::variable(std::string_view name, std::string_view example) {
  config.variables.emplace(name, example);
  return "${" + std::string(name) + "}";
}

std::string Draft::value(const Item& item) {
  const std::string text = item.text();
  const auto name = variable_of(text);
  return yaml_text(name ? variable(*name) : escaped(text));
}

std::string Draft::url(const Item& item, std::string_view more) {
  const std::string text = item.text();
  if (const auto name = variable_of(text)) {
    config.variables[*name] = "https://" + to_lower(*name) + ".invalid";
    return yaml_text("${" + *name + "}" + std::string(more));
  }
  std::string address = trimmed(escaped(text));
  if (address.find("://") == std::string::npos) address = "https://" + address;
  return yaml_text(address.ends_with(more) ? address : address + std::string(more));
}

std::string Draft::secret(const Item& item, std::string_view suggested, const NotesPtr& notes) {
  const std::string text = item.text();
  if (const auto name = variable_of(text)) return yaml_text(variable(*name));
  if (text.starts_with("path::")) return yaml_text("${file:" + text.substr(6) + "}");
  const std::pair<std::string, std::string> key(suggested, text);
  auto known = literals_.find(key);
  if (known == literals_.end()) {
    std::string name(suggested);
    for (int i = 2; config.variables.contains(name); ++i) name = std::string(suggested) + "_" + std::to_string(i);
    known = literals_.emplace(key, name).first;
  }
  const std::string& name = known->second;
  const std::string told = item.path() + ": the file holds the key itself; here it is the variable " + name;
  if (std::ranges::find(*notes, told) == notes->end()) notes->push_back(told);
  return yaml_text(variable(name));
}

void Draft::gateway_key(const Item& item, const std::string& name, std::string_view suggested) {
  ImportedKey key;
  key.name = name_from(name);
  const std::string text = item.text();
  if (text.empty()) return;
  if (const auto its = variable_of(text)) {
    const std::string hash = *its + "_SHA256";
    key.sha256 = variable(hash, std::string(64, '0').replace(60, 4, std::to_string(1000 + config.keys.size())));
    key.notes->push_back("a key is known by its hash: export " + hash + "=$(printf %s \"$" + *its +
                         "\" | sha256sum | cut -d' ' -f1)");
  } else {
    key.sha256 = hex(sha256(text));
    key.notes->push_back(item.path() + ": the hash of the key in the file, which has it in the clear" +
                         (suggested.empty() ? "" : " (" + std::string(suggested) + ")"));
  }
  config.keys.push_back(std::move(key));
}

std::string Draft::fresh(std::string_view wanted, std::set<std::string>& taken) const {
  const std::string base = name_from(wanted);
  std::string name = base;
  for (int i = 2; !taken.insert(name).second; ++i) name = base.substr(0, name_max - 4) + "-" + std::to_string(i);
  return name;
}

ImportedProvider& Draft::provider(std::string_view name, const Members& settings) {
  const auto same = std::ranges::find(config.providers, settings, &ImportedProvider::settings);
  if (same != config.providers.end()) return *same;
  ImportedProvider& out = config.providers.emplace_back();
  out.name = fresh(name, providers_);
  out.settings = settings;
  return out;
}

ImportedProvider& Draft::provider(const Vendor& vendor, const Item& key, const NotesPtr& notes, const Members& more) {
  Members settings{{"dialect", std::string(vendor.dialect)}};
  const auto has = [&](std::string_view name) {
    return std::ranges::find(more, name, &Members::value_type::first) != more.end();
  };
  if (!has("base_url") && !vendor.base_url.empty()) settings.emplace_back("base_url", yaml_text(vendor.base_url));
  settings.insert(settings.end(), more.begin(), more.end());
  if (key)
    settings.emplace_back("api_key", secret(key, vendor.variable.empty() ? "API_KEY" : vendor.variable, notes));
  else if (!vendor.variable.empty() && !has("base_url") && !vendor.base_url.starts_with("http://"))
    settings.emplace_back("api_key", yaml_text(variable(vendor.variable)));
  return provider(vendor.name, settings);
}

ImportedDeployment& Draft::deployment(const std::string& provider, const std::string& model, const Members& settings) {
  for (ImportedDeployment& each : config.deployments)
    if (each.provider == provider && each.model == model && each.settings == settings) return each;
  ImportedDeployment& out = config.deployments.emplace_back();
  out.name = fresh(provider + ":" + (model.starts_with("${") ? "any" : model), deployments_);
  out.provider = provider;
  out.model = model;
  out.settings = settings;
  return out;
}

ImportedDeployment& Draft::named_deployment(std::string_view name, const std::string& provider,
                                            const std::string& model) {
  ImportedDeployment& out = config.deployments.emplace_back();
  out.name = fresh(name, deployments_);
  out.provider = provider;
  out.model = model;
  return out;
}

ImportedRoute& Draft::route(std::string_view name) {
  ImportedRoute& out = config.routes.emplace_back();
  out.name = fresh(name, routes_);
  return out;
}

std::string Draft::tier(std::size_t index) {
  while (config.tiers.size() <= index)
    config.tiers.push_back(config.tiers.empty() ? "primary" : "fallback-" + std::to_string(config.tiers.size()));
  return config.tiers[index];
}

void Draft::finish() {
  // The first that matches is taken: those that take any model come last.
  std::stable_partition(config.routes.begin(), config.routes.end(), [](const ImportedRoute& route) {
    const bool any = std::ranges::any_of(route.models, [](const std::string& model) { return model.ends_with('*'); });
    return !any || !route.match.empty();
  });
  if (port_ == 0) return;
  const bool open = !config.keys.empty();
  const std::string address = (open ? "0.0.0.0:" : "127.0.0.1:") + std::to_string(port_);
  Members listen{{"address", yaml_text(address)}};
  listen.insert(listen.end(), listen_more.begin(), listen_more.end());
  config.sections.insert(config.sections.begin(), {"listen", yaml_map(listen)});
  if (!open)
    note(
        "without keys Triage listens on this machine only; `triage key new` makes one, and then listen.address can be "
        "0.0.0.0:" +
        std::to_string(port_));
}

std::string Draft::price(std::string_view listed_model, const Members& own) {
  const config::ListedModel* const listed = config::builtin_prices().find(listed_model, "");
  Members members;
  if (listed) {
    const Price& price = listed->price;
    for (const auto& [name, rate] : {std::pair<const char*, std::optional<Rate>>{"input", price.input},
                                     {"output", price.output},
                                     {"input_cached", price.input_cached},
                                     {"cache_write", price.cache_write},
                                     {"cache_write_1h", price.cache_write_1h}})
      if (rate) members.emplace_back(name, format_rate(*rate));
  }
  for (const auto& [name, value] : own) {
    const auto same = std::ranges::find(members, name, &Members::value_type::first);
    if (same == members.end())
      members.emplace_back(name, value);
    else
      same->second = value;
  }
  return members.empty() ? "" : yaml_map(members);
}

void add_member(ImportedTier& tier, const std::string& deployment, std::uint32_t weight) {
  const auto same = std::ranges::find(tier.members, deployment, &ImportedMember::deployment);
  if (same == tier.members.end())
    tier.members.push_back({deployment, weight});
  else
    same->weight += weight;
}

std::vector<std::uint32_t> whole_weights(const std::vector<double>& weights) {
  constexpr double most = 1'000'000;
  std::vector<std::uint32_t> out;
  double scale = 1;
  const auto whole = [&](double weight) { return std::abs(weight * scale - std::round(weight * scale)) < 1e-6; };
  while (scale < 1000 && !std::ranges::all_of(weights, whole)) scale *= 10;
  for (const double weight : weights)
    out.push_back(static_cast<std::uint32_t>(std::clamp(std::round(weight * scale), 0.0, most)));
  std::uint32_t divisor = 0;
  for (const std::uint32_t weight : out) divisor = std::gcd(divisor, weight);
  for (std::uint32_t& weight : out) weight /= std::max(divisor, 1U);
  return out;
}

}  // namespace triage::imports
