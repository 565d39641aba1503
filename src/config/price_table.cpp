// Looks up prices, and puts them into a spec. A model is never taken for one with a merely similar name: a wrong price
// is worse than none. Hosts that run other vendors' models (groq/..., together_ai/...) are not vendors: their prices
// are found only for a provider of that name.
#include "config/price_table.hpp"

#include "base/ascii.hpp"
#include "base/glob.hpp"
#include "base/sha256.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace triage::config {
namespace {

constexpr std::array<std::string_view, 16> vendors{"anthropic", "azure",   "cohere",  "dashscope", "deepseek", "gemini",
                                                   "google",    "minimax", "mistral", "mistralai", "moonshot", "openai",
                                                   "vertex_ai", "voyage",  "xai",     "zai"};

std::string_view without_vendor(std::string_view name) noexcept {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return name;
  return std::find(vendors.begin(), vendors.end(), name.substr(0, slash)) == vendors.end() ? name
                                                                                           : name.substr(slash + 1);
}

bool has_shape(std::string_view text, std::string_view shape) noexcept {
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), [](char c, char wanted) {
           return wanted == '0' ? is_digit(c) : c == wanted;
         });
}

/// gpt-4o-mini-2024-07-18, claude-haiku-4-5-20251001, claude-haiku-4-5@20251001
std::string_view without_date(std::string_view name) noexcept {
  for (const std::string_view shape : {"-0000-00-00", "-00000000", "@00000000"})
    if (name.size() > shape.size() && has_shape(name.substr(name.size() - shape.size()), shape))
      return name.substr(0, name.size() - shape.size());
  return name;
}

bool same_facts(const ListedModel& a, const ListedModel& b) {
  return a.price == b.price && a.context_window == b.context_window && a.max_output == b.max_output &&
         a.thinking == b.thinking && a.sampling == b.sampling && a.capabilities == b.capabilities;
}

template <class T>
void append(std::string& out, const std::optional<T>& amount) {
  out += '|';
  if (amount) out += std::to_string(amount->femto_usd);
}

void append(std::string& out, const Rates& rates) {
  for (const auto& rate : {rates.input, rates.output, rates.input_cached, rates.cache_write, rates.reasoning,
                           rates.input_audio, rates.output_audio})
    append(out, rate);
  // These came later; without them a price keeps the version that it had before.
  if (rates.cache_write_1h) append(out += "1h", rates.cache_write_1h);
  if (rates.citations) append(out += "citations", rates.citations);
}

void append(std::string& out, std::vector<PriceStep> steps) {
  std::ranges::sort(steps, {}, &PriceStep::above);
  for (const PriceStep& step : steps) {
    out += ">" + std::to_string(step.above);
    append(out, step);
  }
}

void append(std::string& out, const Price& price) {
  append(out, static_cast<const Rates&>(price));
  append(out, price.image);
  append(out, price.request);
  append(out, price.steps);
  for (const auto& charge : {price.search.low, price.search.medium, price.search.high})
    if (price.search != SearchCharges()) append(out, charge);
  std::vector<ServiceTierPrice> tiers = price.service_tiers;
  std::ranges::sort(tiers, {}, &ServiceTierPrice::name);
  for (const ServiceTierPrice& tier : tiers) {
    out += ";" + tier.name;
    append(out, static_cast<const Rates&>(tier));
    append(out, tier.steps);
  }
}

/// Every price in force, as a text that is equal only for equal prices.
std::string canonical(const ConfigSpec& spec) {
  std::vector<std::string> lines;
  for (const Deployment& deployment : spec.deployments) {
    std::string& line = lines.emplace_back(deployment.name);
    append(line, deployment.price);
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace

struct PriceBook::Lines {
  std::mutex mutex;
  std::vector<std::string_view> unread;  // empty: it was read
};

PriceBook::PriceBook(std::string name, PriceTable table)
    : name_(std::move(name)), table_(std::make_shared<PriceTable>(std::move(table))) {
  for (std::size_t i = 0; i < table_->models.size(); ++i) {
    const std::string& model = table_->models[i].name;
    by_name_.emplace(model, i);
    const std::string_view bare = without_vendor(model);
    if (bare != model) by_bare_name_[std::string(bare)].push_back(i);
  }
}

PriceBook::PriceBook(std::string name, PriceTable table, std::vector<std::string_view> lines)
    : PriceBook(std::move(name), std::move(table)) {
  lines_ = std::make_shared<Lines>();
  lines_->unread = std::move(lines);
}

const ListedModel& PriceBook::model(std::size_t index) const {
  ListedModel& out = table_->models[index];
  if (!lines_) return out;
  const std::scoped_lock lock(lines_->mutex);
  std::string_view& line = lines_->unread[index];
  if (!line.empty()) out = read_price_line(std::exchange(line, {}));
  return out;
}

const PriceTable& PriceBook::table() const {
  for (std::size_t i = 0; i < table_->models.size(); ++i) static_cast<void>(model(i));
  return *table_;
}

const ListedModel* PriceBook::find_exactly(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &model(found->second);
}

const ListedModel* PriceBook::find_named(std::string_view name, const Sellers& sellers) const {
  for (const std::string_view seller : sellers)
    if (const ListedModel* own = find_exactly(std::string(seller) + "/" + std::string(name))) return own;
  if (const ListedModel* exact = find_exactly(name)) return exact;
  const std::string_view bare = without_vendor(name);
  if (const ListedModel* listed = find_exactly(bare)) return listed;
  const auto found = by_bare_name_.find(bare);
  if (found == by_bare_name_.end()) return nullptr;
  const ListedModel& first = model(found->second.front());
  const bool agree = std::all_of(found->second.begin(), found->second.end(),
                                 [&](std::size_t i) { return same_facts(model(i), first); });
  return agree ? &first : nullptr;
}

const ListedModel* PriceBook::find_dated(std::string_view model, const Sellers& sellers) const {
  if (const ListedModel* found = find_named(model, sellers)) return found;
  const std::string_view undated = without_date(model);
  return undated == model ? nullptr : find_named(undated, sellers);
}

const ListedModel* PriceBook::find(std::string_view model, std::string_view provider) const {
  return find_dated(model, {provider});
}

const ListedModel* PriceBook::find(std::string_view model, const Provider& provider) const {
  Sellers sellers{provider.name};
  for (const PriceProvider& seller : table_->providers)
    for (const std::string& host : seller.hosts)
      if (glob_matches(host, provider.base_url.host)) sellers.push_back(seller.name);
  // Vertex and Bedrock have no host of their own in every configuration, and LiteLLM calls the first vertex_ai.
  if (provider.dialect == "vertex") sellers.emplace_back("vertex_ai");
  if (provider.dialect == "azure" || provider.dialect == "bedrock") sellers.push_back(provider.dialect);
  return find_dated(model, sellers);
}

namespace {

// A table may be newer than this program.
std::vector<Capability> known_capabilities(const ListedModel& model) {
  std::vector<Capability> out;
  for (const std::string& name : model.capabilities)
    if (const auto known = from_word<Capability>(name)) out.push_back(*known);
  return out;
}

}  // namespace

void apply_prices(ConfigSpec& spec, const Origins& origins, const PriceBook& book) {
  for (Deployment& deployment : spec.deployments) {
    const Path path{"deployments", deployment.name};
    const auto provider = std::ranges::find(spec.providers, deployment.provider, &Provider::name);
    const ListedModel* const listed = provider == spec.providers.end()
                                          ? book.find(deployment.model, deployment.provider)
                                          : book.find(deployment.model, *provider);
    if (listed) deployment.price_key = listed->name;
    if (origins.find(path / "price")) {
      deployment.price_source = PriceSource::own;
    } else if (listed) {
      deployment.price = listed->price;
      deployment.price_source = PriceSource::table;
    }
    if (!listed) continue;
    if (!origins.find(path / "context_window")) deployment.context_window = listed->context_window;
    if (!origins.find(path / "max_output")) deployment.max_output = listed->max_output;
    if (!origins.find(path / "thinking")) deployment.thinking = listed->thinking;
    if (!origins.find(path / "sampling")) deployment.sampling = listed->sampling;
    if (!origins.find(path / "capabilities") && !listed->capabilities.empty())
      deployment.capabilities = known_capabilities(*listed);
  }
  spec.price_version.table = book.name();
  spec.price_version.date = book.date();
  spec.price_version.id =
      (book.date().empty() ? "undated" : book.date()) + "-" + format_hex(sha256(canonical(spec))).substr(0, 8);
}

}  // namespace triage::config
