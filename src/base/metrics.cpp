#include "base/metrics.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string rendered(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"" + escaped(value) + '"';
  }
  return out;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

void sample(std::string& out, const std::string& name, const std::string& labels, const std::string& value) {
  out += name;
  if (!labels.empty()) out += '{' + labels + '}';
  out += ' ' + value + '\n';
}

void sample(std::string& out, const std::string& name, const std::string& labels, const Histogram::Totals& totals) {
  const std::string prefix = labels.empty() ? "" : labels + ',';
  std::int64_t cumulative = 0;
  for (std::size_t i = 0; i < totals.counts.size(); ++i) {
    cumulative += totals.counts[i];
    const std::string bound = i < Histogram::bounds.size() ? number(Histogram::bounds[i]) : "+Inf";
    sample(out, name + "_bucket", prefix + "le=\"" + bound + '"', std::to_string(cumulative));
  }
  sample(out, name + "_sum", labels, number(totals.sum_seconds));
  sample(out, name + "_count", labels, std::to_string(totals.count));
}

}  // namespace

std::size_t metrics_detail::stripe() noexcept {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed) % stripes;
  return mine;
}

std::int64_t Counter::value() const noexcept {
  std::int64_t sum = 0;
  for (const auto& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

void Histogram::observe(double seconds) noexcept {
  const auto bucket =
      static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin());
  Stripe& stripe = stripes_[metrics_detail::stripe()];
  stripe.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  stripe.sum_ns.fetch_add(static_cast<std::int64_t>(seconds * 1e9), std::memory_order_relaxed);
}

Histogram::Totals Histogram::totals() const noexcept {
  Totals totals;
  std::int64_t sum_ns = 0;
  for (const Stripe& stripe : stripes_) {
    for (std::size_t i = 0; i < totals.counts.size(); ++i)
      totals.counts[i] += stripe.counts[i].load(std::memory_order_relaxed);
    sum_ns += stripe.sum_ns.load(std::memory_order_relaxed);
  }
  for (const std::int64_t count : totals.counts) totals.count += count;
  totals.sum_seconds = static_cast<double>(sum_ns) * 1e-9;
  return totals;
}

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, std::string_view type) {
  Family& family = families_[std::string(name)];
  if (family.type.empty()) {
    family.help = help;
    family.type = type;
  }
  return family;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "counter").counters[rendered(labels)];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Counter& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "gauge").counters[rendered(labels)];
  if (!slot) slot = std::make_unique<Counter>();
  return *slot;
}

Ratio& Metrics::ratio(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "gauge").ratios[rendered(labels)];
  if (!slot) slot = std::make_unique<Ratio>();
  return *slot;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& slot = family(name, help, "histogram").histograms[rendered(labels)];
  if (!slot) slot = std::make_unique<Histogram>();
  return *slot;
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + ' ' + family.help + "\n# TYPE " + name + ' ' + family.type + '\n';
    for (const auto& [labels, counter] : family.counters) sample(out, name, labels, std::to_string(counter->value()));
    for (const auto& [labels, ratio] : family.ratios) sample(out, name, labels, number(ratio->value()));
    for (const auto& [labels, histogram] : family.histograms) sample(out, name, labels, histogram->totals());
  }
  return out;
}

}  // namespace triage
