// Writes a table for people to read and edit: one line per model.
#include "config/price_table.hpp"

#include "json/json.hpp"
#include "options/values.hpp"

namespace triage::config {
namespace {

/// A YAML scalar. JSON strings are valid YAML, too.
std::string scalar(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789._-/@+") == std::string::npos;
  if (plain && text != "null" && text != "Null" && text != "NULL") return text;
  std::string out;
  append_json_string(out, text);
  return out;
}

/// The inside of {a: b, c: d}.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) {}
  void add(std::string_view name, std::string_view value) {
    out_.append(first_ ? "" : ", ").append(name).append(": ").append(value);
    first_ = false;
  }
  void add(std::string_view name, const std::optional<Rate>& rate) {
    if (rate) add(name, format_rate(*rate));
  }
  void add(std::string_view name, const std::optional<Charge>& charge) {
    if (charge) add(name, format_charge(*charge));
  }
  void add(const Rates& rates) {
    add("input", rates.input);
    add("output", rates.output);
    add("input_cached", rates.input_cached);
    add("cache_write", rates.cache_write);
    add("cache_write_1h", rates.cache_write_1h);
    add("reasoning", rates.reasoning);
    add("input_audio", rates.input_audio);
    add("output_audio", rates.output_audio);
    add("citations", rates.citations);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

template <class T, class Write>
std::string list_of(const std::vector<T>& items, Write write) {
  std::string out = "[";
  for (const T& item : items) {
    if (&item != &items.front()) out += ", ";
    write(out, item);
  }
  return out + "]";
}

void append_step(std::string& out, const PriceStep& step) {
  out += "{";
  Members members(out);
  members.add("above", std::to_string(step.above));
  members.add(step);
  out += "}";
}

std::string steps_of(const std::vector<PriceStep>& steps) {
  return list_of(steps, append_step);
}

std::string charges_of(const SearchCharges& charges) {
  std::string out = "{";
  Members members(out);
  members.add("low", charges.low);
  members.add("medium", charges.medium);
  members.add("high", charges.high);
  return out + "}";
}

std::string tiers_of(const std::vector<ServiceTierPrice>& tiers) {
  std::string out = "{";
  Members of_all(out);
  for (const ServiceTierPrice& tier : tiers) {
    std::string price = "{";
    Members members(price);
    members.add(tier);
    if (!tier.steps.empty()) members.add("steps", steps_of(tier.steps));
    of_all.add(scalar(tier.name), price + "}");
  }
  return out + "}";
}

void append_model(std::string& out, const ListedModel& model) {
  out += "  " + scalar(model.name) + ": {";
  Members members(out);
  if (!model.provider.empty()) members.add("provider", scalar(model.provider));
  members.add(model.price);
  if (!model.price.steps.empty()) members.add("steps", steps_of(model.price.steps));
  if (!model.price.service_tiers.empty()) members.add("service_tiers", tiers_of(model.price.service_tiers));
  if (model.price.search != SearchCharges()) members.add("search", charges_of(model.price.search));
  members.add("image", model.price.image);
  members.add("request", model.price.request);
  if (model.context_window) members.add("context_window", std::to_string(*model.context_window));
  if (model.max_output) members.add("max_output", std::to_string(*model.max_output));
  if (model.thinking) members.add("thinking", word(*model.thinking));
  if (model.sampling) members.add("sampling", *model.sampling ? "true" : "false");
  const auto append = [](std::string& to, const std::string& text) { to += scalar(text); };
  if (!model.capabilities.empty()) members.add("capabilities", list_of(model.capabilities, append));
  out += "}\n";
}

}  // namespace

std::string price_table_yaml(const PriceTable& table) {
  std::string out = "date: " + table.date + "\nproviders:\n";
  for (const PriceProvider& provider : table.providers) {
    out += "  " + scalar(provider.name) + ": {";
    Members members(out);
    if (!provider.source.empty()) members.add("source", scalar(provider.source));
    const auto append = [](std::string& to, const std::string& host) { to += scalar(host); };
    if (!provider.hosts.empty()) members.add("hosts", list_of(provider.hosts, append));
    out += "}\n";
  }
  out += "models:\n";
  for (const ListedModel& model : table.models) append_model(out, model);
  return out;
}

}  // namespace triage::config
