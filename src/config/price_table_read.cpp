// date: 2026-11-22
// providers: {openai: {source: "https://..."}}
// models:
//   gpt-4o: {provider: openai, input: 2.5, output: 10, ..., context_window: 128000, capabilities: [tools, ...]}
#include "config/check.hpp"
#include "config/describe_price_table.hpp"
#include "config/litellm.hpp"
#include "config/reader.hpp"

#include <algorithm>

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
  const auto read = sources.read_named(file, origins.place(path), price_bytes_max);
  if (!read) return std::nullopt;
  return PriceBook(read->name, read_price_table(read->text, read->name, report));
}

ListedModel read_price_line(std::string_view line) {
  Report report;
  PriceTable table = read_yaml("date: 2000-01-01\nmodels:\n" + std::string(line), "config/prices.yaml", report);
  return table.models.empty() ? ListedModel() : std::move(table.models.front());
}

namespace {

/// `  gpt-4o: {...}` or `  "a:b": {...}`; empty: a line without a model.
std::string_view name_in(std::string_view line) {
  if (!line.starts_with("  ") || line.size() < 4) return {};
  const bool quoted = line[2] == '"';
  const std::string_view rest = line.substr(quoted ? 3 : 2);
  const std::size_t end = rest.find(quoted ? "\": {" : ": {");
  return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

/// The table is large, and of its models a configuration has a few.
PriceBook read_by_lines(std::string_view text) {
  static constexpr std::string_view models = "\nmodels:\n";
  const std::size_t begin = std::min(text.find(models), text.size());
  Report report;
  PriceTable table = read_yaml(std::string(text.substr(0, begin)) + "\nmodels: {}\n", "config/prices.yaml", report);
  std::vector<std::string_view> lines;
  for (std::string_view rest = text.substr(std::min(begin + models.size(), text.size())); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::string_view name = name_in(line);
    if (name.empty()) continue;
    table.models.emplace_back().name = name;
    lines.push_back(line);
  }
  return PriceBook("built in", std::move(table), std::move(lines));
}

}  // namespace

const PriceBook& builtin_prices() {
  static const PriceBook book = read_by_lines(builtin_price_yaml());
  return book;
}

}  // namespace triage::config
