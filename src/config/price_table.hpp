#pragma once
// Prices by model name, from the built-in table or from a file.

#include "config/sources.hpp"
#include "options/origins.hpp"
#include "triage/spec.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::config {

using namespace options;

struct ListedModel {
  std::string name;      ///< the provider's name for the model, or PROVIDER/NAME
  std::string provider;  ///< whose price it is
  Price price;
  std::optional<std::int64_t> context_window;
  std::optional<std::int64_t> max_output = {};
  std::optional<Thinking> thinking = {};
  std::optional<bool> sampling = {};
  std::vector<std::string> capabilities;
};

struct PriceProvider {
  std::string name;
  std::string source = {};              ///< the page that the prices are on
  std::vector<std::string> hosts = {};  ///< where its models are asked, by whatever name the configuration calls it
};

/// The content of a file like config/prices.yaml.
struct PriceTable {
  std::string date;  ///< YYYY-MM-DD; empty: unknown
  std::vector<PriceProvider> providers;
  std::vector<ListedModel> models;
};

/// A price table with look-up. Immutable, and safe to share between threads.
class PriceBook {
 public:
  PriceBook() = default;
  PriceBook(std::string name, PriceTable table);
  /// A table whose models are lines, each of which is read when somebody asks for it: `table` has their names only, and
  /// `lines[i]` is that of `table.models[i]`, and outlives the book.
  PriceBook(std::string name, PriceTable table, std::vector<std::string_view> lines);

  /// The entry for a deployment's model at `provider`; nullptr: none, or several that differ. These are tried in order,
  /// first with the full model name, then without a date at its end (-2024-07-18, -20241022):
  ///   1. the entry `PROVIDER/name`
  ///   2. the entry of exactly that name
  ///   3. the entry of that name without a vendor's prefix (azure/gpt-4o: gpt-4o)
  ///   4. the entry that has such a prefix before that name (gemini-2.5-pro: gemini/gemini-2.5-pro)
  [[nodiscard]] const ListedModel* find(std::string_view model, std::string_view provider) const;
  /// The same for a provider of the configuration: by its own name, else by its host or its dialect.
  [[nodiscard]] const ListedModel* find(std::string_view model, const Provider& provider) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& date() const noexcept { return table_->date; }
  [[nodiscard]] const PriceTable& table() const;  ///< reads what is not read yet

 private:
  struct Lines;
  [[nodiscard]] const ListedModel& model(std::size_t index) const;
  [[nodiscard]] const ListedModel* find_exactly(std::string_view name) const;
  using Sellers = std::vector<std::string_view>;
  [[nodiscard]] const ListedModel* find_named(std::string_view name, const Sellers& sellers) const;
  [[nodiscard]] const ListedModel* find_dated(std::string_view model, const Sellers& sellers) const;

  std::string name_;
  std::shared_ptr<PriceTable> table_ = std::make_shared<PriceTable>();
  std::shared_ptr<Lines> lines_;  // nullptr: all is read
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_bare_name_;
};

/// The text of config/prices.yaml at build time.
std::string_view builtin_price_yaml() noexcept;

/// One line of config/prices.yaml below `models:`.
ListedModel read_price_line(std::string_view line);

/// The built-in table.
const PriceBook& builtin_prices();

/// Reads `text`: YAML, or LiteLLM's JSON if `name` ends in .json. Mistakes are reported for the file `name`.
PriceTable read_price_table(std::string_view text, const std::string& name, Report& report);

/// Reads the file that `prices.file` names, relative to the file that names it. nullopt: it names none, or the file
/// cannot be read, which is reported.
std::optional<PriceBook> read_price_file(const std::string& file, Sources& sources, const Origins& origins,
                                         Report& report);

/// `table` in the format of config/prices.yaml.
std::string price_table_yaml(const PriceTable& table);

/// Fills in what the deployments leave out, and spec.price_version.
void apply_prices(ConfigSpec& spec, const Origins& origins, const PriceBook& book);

}  // namespace triage::config
