// Written for people to read and edit: a line a model.
#include "config/price_table.hpp"

#include "config/values.hpp"
#include "wire/json.hpp"

namespace triage::config {
namespace {

/// A YAML scalar. JSON strings are YAML's, too.
std::string scalar(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789._-/@+") == std::string::npos;
  if (plain) return text;
  std::string out;
  append_json_string(out, text);
  return out;
}

void append_rates(std::string& out, const Rates& rates) {
  const auto add = [&](const char* name, const std::optional<Rate>& rate) {
    if (rate) out.append(", ").append(name).append(": ").append(format_rate(*rate));
  };
  add("input", rates.input);
  add("output", rates.output);
  add("input_cached", rates.input_cached);
  add("cache_write", rates.cache_write);
  add("reasoning", rates.reasoning);
  add("input_audio", rates.input_audio);
  add("output_audio", rates.output_audio);
}

void append_model(std::string& out, const ListedModel& model) {
  out += "  " + scalar(model.name) + ": {provider: " + scalar(model.provider);
  append_rates(out, model.price);
  if (!model.price.steps.empty()) {
    out += ", steps: [";
    for (const PriceStep& step : model.price.steps) {
      if (&step != &model.price.steps.front()) out += ", ";
      out += "{above: " + std::to_string(step.above);
      append_rates(out, step);
      out += "}";
    }
    out += "]";
  }
  if (model.price.image) out += ", image: " + format_charge(*model.price.image);
  if (model.price.request) out += ", request: " + format_charge(*model.price.request);
  if (model.context_window) out += ", context_window: " + std::to_string(*model.context_window);
  if (!model.capabilities.empty()) {
    out += ", capabilities: [";
    for (const std::string& capability : model.capabilities)
      out += (&capability == &model.capabilities.front() ? "" : ", ") + scalar(capability);
    out += "]";
  }
  out += "}\n";
}

}  // namespace

std::string price_table_yaml(const PriceTable& table) {
  std::string out = "date: " + table.date + "\nproviders:\n";
  for (const PriceProvider& provider : table.providers)
    out += "  " + scalar(provider.name) + ": {" +
           (provider.source.empty() ? "" : "source: " + scalar(provider.source)) + "}\n";
  out += "models:\n";
  for (const ListedModel& model : table.models) append_model(out, model);
  return out;
}

}  // namespace triage::config
