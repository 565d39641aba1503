#pragma once
// A request's record as OpenTelemetry has it, in the JSON of OTLP/HTTP: spans, and histograms of calls, by the
// semantic conventions for generative AI. Pure. docs/opentelemetry.md lists what is sent.
//
//   triage /v1/chat/completions       SERVER, the request; an event for what each router said
//     router                          INTERNAL, if a router asked a model
//       chat mini                     CLIENT, an attempt
//     chat large                      CLIENT
//     verifier                        INTERNAL, each of a cascade's questions
//       chat mini                     CLIENT

#include "ledger/stored_record.hpp"
#include "triage/spec.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triage::ledger {

/// Who sends it.
struct OtlpService {
  std::string name;
  std::string version;
};

/// A provider as spans name it.
struct OtlpProvider {
  std::string name;  ///< gen_ai.provider.name
  std::string host;
  std::uint16_t port = 0;
};
/// By the names of the configuration.
using OtlpProviders = std::map<std::string, OtlpProvider, std::less<>>;

OtlpProviders otlp_providers(const std::vector<Provider>& providers);

/// The spans of a request, with commas between them; empty: it is in no trace, or in one that is not to be kept.
std::string spans_of(const StoredRecord& record, const OtlpProviders& providers);

/// The body of an export: what `service` is, and `spans` as above, joined by commas.
std::string traces_body(const OtlpService& service, std::string_view spans);

/// Adds up the calls to providers. A series for each operation, provider, model and error; beyond a bound they share
/// one. Counts are since the start (cumulative).
class OtlpMetrics {
 public:
  static constexpr std::size_t series_max = 2'000;

  explicit OtlpMetrics(std::int64_t start_unix_ms) : start_unix_ms_(start_unix_ms) {}
  void add(const StoredRecord& record, const OtlpProviders& providers);
  [[nodiscard]] bool empty() const noexcept { return series_.empty(); }
  /// The body of an export.
  [[nodiscard]] std::string body(const OtlpService& service, std::int64_t now_unix_ms) const;

 private:
  struct Histogram {
    std::vector<std::uint64_t> counts;
    std::uint64_t count = 0;
    double sum = 0;
  };
  void observe(std::size_t metric, std::string attributes, double value);

  const std::int64_t start_unix_ms_;
  std::map<std::pair<std::size_t, std::string>, Histogram> series_;  // by metric and attributes, in JSON
};

}  // namespace triage::ledger
