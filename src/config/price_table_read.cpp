// date: 2026-11-22
// providers: {openai: {source: "https://..."}}
// models:
//   gpt-4o: {provider: openai, input: 2.5, output: 10, ..., context_window: 128000, capabilities: [tools, ...]}
#include "config/check.hpp"
#include "config/describe_price_table.hpp"
#include "config/litellm.hpp"
#include "config/reader.hpp"

namespace triage::config {
namespace {

constexpr std::size_t price_bytes_max = 16 * 1024 * 1024;

PriceTable read_yaml(std::string_view text, const std::string& name, Report& report) {
  PriceTable table;
  Sources sources(report);
  Origins origins;
  const NodePtr root = parse_yaml(text, report.add_file(name), report);
  if (!root) return table;
  Reader(report, sources, origins).read(*root, table);
  for (const ListedModel& model : table.models) {
    const Path path{"models", model.name};
    check_price(model.price, path, origins, report);
    if (origins.intact_inside(path) && (!model.price.input || !model.price.output))
      report.warning(origins.place(path), to_string(path) + ": without 'input' and 'output' no cost is known",
                     "add both; what costs nothing is 0");
  }
  return table;
}

PriceTable read_litellm(std::string_view text, const std::string& name, Report& report) {
  auto imported = import_litellm(text);
  if (imported) return std::move(imported->table);
  report.error({report.add_file(name), 1, 1}, imported.error().message,
               "it must be as LiteLLM's model_prices_and_context_window.json is; YAML needs a name in .yaml");
  return {};
}

}  // namespace

PriceTable read_price_table(std::string_view text, const std::string& name, Report& report) {
  return name.ends_with(".json") ? read_litellm(text, name, report) : read_yaml(text, name, report);
}

std::optional<PriceBook> read_price_file(const std::string& file, Sources& sources, const Origins& origins,
                                         Report& report) {
  const Path path{"prices", "file"};
  if (file.empty() || !origins.intact(path)) return std::nullopt;
  const Place place = origins.place(path);
  const std::string name = beside(report.files().at(place.file), file);
  std::string reason;
  const auto text = sources.read_part(name, price_bytes_max, reason);
  if (!text) {
    report.error(place, "cannot read '" + name + "': " + reason, "it is relative to the folder of this file");
    return std::nullopt;
  }
  return PriceBook(name, read_price_table(*text, name, report));
}

const PriceBook& builtin_prices() {
  static const PriceBook book = [] {
    Report report;
    return PriceBook("built in", read_price_table(builtin_price_yaml(), "config/prices.yaml", report));
  }();
  return book;
}

}  // namespace triage::config
