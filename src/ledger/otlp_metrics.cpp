// Histograms with the buckets that the conventions advise:
//
//   gen_ai.client.token.usage          {token}, by gen_ai.token.type
//   gen_ai.client.operation.duration   s, by error.type, too
//   gen_ai.client.operation.time_to_first_chunk   s, of streams
#include "ledger/otlp_json.hpp"

#include <algorithm>

namespace triage::ledger {
namespace {

using otlp::Json;

struct Instrument {
  std::string_view name;
  std::string_view unit;
  std::string_view description;
  std::vector<double> bounds;
};

const std::array<Instrument, 3>& instruments() {
  static const std::array<Instrument, 3> all{{
      {"gen_ai.client.token.usage",
       "{token}",
       "Tokens of calls to providers.",
       {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}},
      {"gen_ai.client.operation.duration",
       "s",
       "How long calls to providers take.",
       {0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}},
      {"gen_ai.client.operation.time_to_first_chunk",
       "s",
       "How long a stream takes to begin.",
       {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0}},
  }};
  return all;
}
enum : std::size_t { tokens, duration, first_chunk };

}  // namespace

void OtlpMetrics::observe(std::size_t metric, std::string attributes, double value) {
  if (series_.size() >= series_max && !series_.contains({metric, attributes})) attributes = "[]";
  const std::vector<double>& bounds = instruments().at(metric).bounds;
  Histogram& to = series_[{metric, std::move(attributes)}];
  if (to.counts.empty()) to.counts.resize(bounds.size() + 1);
  const auto bucket = std::ranges::lower_bound(bounds, value) - bounds.begin();  // bounds are inclusive above
  ++to.counts[static_cast<std::size_t>(bucket)];
  ++to.count;
  to.sum += value;
}

void OtlpMetrics::add(const StoredRecord& record, const OtlpProviders& providers) {
  for (const StoredAttempt& attempt : record.get<&LedgerRecord::attempts>().rows) {
    otlp::Call call = otlp::call_of(record, attempt, providers);
    if (!attempt.get<&AttemptRecord::deployment>()) call.model.clear();  // what a client named may be anything
    const std::string with_error = otlp::dumped(call.attributes());
    if (const auto took = attempt.get<&AttemptRecord::latency_ms>()) observe(duration, with_error, *took / 1000);
    call.error = {};
    const auto ttft = attempt.get<&AttemptRecord::ttft_ms>();
    if (ttft && record.get<&LedgerRecord::streamed>() == true)
      observe(first_chunk, otlp::dumped(call.attributes()), *ttft / 1000);
    const Stored<Usage>& used = attempt.get<&AttemptRecord::tokens>();
    const auto count = [&](std::string_view type, const Integer& number) {
      if (number.value_or(0) <= 0) return;
      Json attributes = call.attributes();
      otlp::add(attributes, "gen_ai.token.type", Text(type));
      observe(tokens, otlp::dumped(attributes), static_cast<double>(*number));
    };
    count("input", used.get<&Usage::input>());
    count("output", used.get<&Usage::output>());
  }
}

std::string OtlpMetrics::body(const OtlpService& service, std::int64_t now_unix_ms) const {
  std::array<Json, 3> points{Json::array(), Json::array(), Json::array()};
  for (const auto& [key, histogram] : series_) {
    Json counts = Json::array();
    for (const std::uint64_t count : histogram.counts) counts.push_back(std::to_string(count));
    points.at(key.first).push_back({{"attributes", Json::parse(key.second)},
                                    {"startTimeUnixNano", otlp::nanoseconds(start_unix_ms_)},
                                    {"timeUnixNano", otlp::nanoseconds(now_unix_ms)},
                                    {"count", std::to_string(histogram.count)},
                                    {"sum", histogram.sum},
                                    {"bucketCounts", std::move(counts)},
                                    {"explicitBounds", instruments().at(key.first).bounds}});
  }
  constexpr int cumulative = 2;
  Json metrics = Json::array();
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].empty()) continue;
    const Instrument& instrument = instruments()[i];
    metrics.push_back({{"name", instrument.name},
                       {"unit", instrument.unit},
                       {"description", instrument.description},
                       {"histogram", {{"aggregationTemporality", cumulative}, {"dataPoints", std::move(points[i])}}}});
  }
  return R"({"resourceMetrics":[{"resource":)" + otlp::resource(service) + R"(,"scopeMetrics":[{"scope":)" +
         otlp::scope(service) + R"(,"metrics":)" + otlp::dumped(metrics) + "}]}]}";
}

}  // namespace triage::ledger
