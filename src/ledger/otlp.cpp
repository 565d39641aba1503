#include "ledger/otlp.hpp"

#include "base/span_id.hpp"
#include "ledger/otlp_json.hpp"

#include <algorithm>

namespace triage::ledger {
namespace {

using otlp::Json;

constexpr int internal_kind = 1;
constexpr int server_kind = 2;
constexpr int client_kind = 3;
constexpr std::size_t wrapper_spans = 1'000'000;  // their ids' numbers begin behind those of attempts

std::string_view text_or(const Text& text, std::string_view otherwise = "") {
  return text.value_or(otherwise);
}

Json attempt_attributes(const StoredAttempt& attempt, const otlp::Call& call) {
  Json out = call.attributes();
  const Stored<Usage>& tokens = attempt.get<&AttemptRecord::tokens>();
  otlp::add(out, "gen_ai.usage.input_tokens", tokens.get<&Usage::input>());
  otlp::add(out, "gen_ai.usage.output_tokens", tokens.get<&Usage::output>());
  otlp::add(out, "gen_ai.usage.cache_read.input_tokens", tokens.get<&Usage::input_cached>());
  otlp::add(out, "gen_ai.usage.cache_creation.input_tokens", tokens.get<&Usage::cache_write>());
  otlp::add(out, "gen_ai.usage.reasoning.output_tokens", tokens.get<&Usage::reasoning>());
  if (const auto ttft = attempt.get<&AttemptRecord::ttft_ms>())
    otlp::add(out, "gen_ai.response.time_to_first_chunk", Real(*ttft / 1000));
  otlp::add(out, "http.response.status_code", attempt.get<&AttemptRecord::status>());
  otlp::add(out, "triage.purpose", attempt.get<&AttemptRecord::purpose>());
  otlp::add(out, "triage.cause", attempt.get<&AttemptRecord::cause>());
  otlp::add(out, "triage.end", attempt.get<&AttemptRecord::end>());
  otlp::add(out, "triage.deployment", attempt.get<&AttemptRecord::deployment>());
  otlp::add(out, "triage.tier", attempt.get<&AttemptRecord::tier>());
  otlp::add(out, "triage.provider_key", attempt.get<&AttemptRecord::provider_key>());
  otlp::add(out, "triage.verdict", attempt.get<&AttemptRecord::verdict>());
  if (const auto cost = attempt.get<&AttemptRecord::cost_nano_usd>())
    otlp::add(out, "triage.cost_usd", Real(static_cast<double>(*cost) / 1e9));
  return out;
}

// What each router said, as events at the beginning: when it said so is not recorded.
Json router_events(const Text& chain, const std::string& when) {
  Json out = Json::array();
  const Json said = Json::parse(text_or(chain, "[]"), nullptr, false);
  if (!said.is_array()) return out;
  for (const Json& each : said) {
    if (!each.is_object()) continue;
    Json attributes = Json::array();
    for (const char* member : {"router", "tier", "reason", "model"})
      if (const auto found = each.find(member); found != each.end() && found->is_string())
        otlp::add(attributes, std::string("triage.router.") + member, Text(found->get_ref<const std::string&>()));
    for (const char* member : {"score", "threshold"})
      if (const auto found = each.find(member); found != each.end() && found->is_number())
        otlp::add(attributes, std::string("triage.router.") + member, Real(found->get<double>()));
    out.push_back({{"timeUnixNano", when}, {"name", "triage.router"}, {"attributes", std::move(attributes)}});
  }
  return out;
}

// The spans of one request.
class Spans {
 public:
  Spans(const StoredRecord& record, const OtlpProviders& providers)
      : record_(record),
        providers_(providers),
        id_(text_or(record.get<&LedgerRecord::id>())),
        trace_(text_or(record.get<&LedgerRecord::trace_id>())),
        began_ms_(record.get<&LedgerRecord::time_unix_ms>().value_or(0)) {}

  std::string all() {
    add_request();
    const auto& attempts = record_.get<&LedgerRecord::attempts>().rows;
    add_router(attempts);
    for (std::size_t i = 0; i < attempts.size(); ++i) add_attempt(attempts[i], i + 1);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string at(double ms) const { return otlp::nanoseconds(began_ms_, ms); }

  void put(std::size_t number, const std::string& parent, std::string name, int kind, double begin, double end,
           Json attributes, Json rest) {
    Json span{{"traceId", trace_}, {"spanId", span_id(id_, number)}};
    if (!parent.empty()) span["parentSpanId"] = parent;
    span["name"] = std::move(name);
    span["kind"] = kind;
    span["startTimeUnixNano"] = at(begin);
    span["endTimeUnixNano"] = at(std::max(begin, end));
    span["attributes"] = std::move(attributes);
    span.update(rest);
    if (!out_.empty()) out_ += ',';
    out_ += otlp::dumped(span);
  }

  void add_request() {
    const Text path = record_.get<&LedgerRecord::path>();
    const Text outcome = record_.get<&LedgerRecord::outcome>();
    Json attributes = Json::array();
    otlp::add(attributes, "url.path", path);
    otlp::add(attributes, "http.response.status_code", record_.get<&LedgerRecord::status>());
    otlp::add(attributes, "error.type", record_.get<&LedgerRecord::error>());
    otlp::add(attributes, "triage.request_id", Text(id_));
    otlp::add(attributes, "triage.key", record_.get<&LedgerRecord::key>());
    otlp::add(attributes, "triage.route", record_.get<&LedgerRecord::route>());
    otlp::add(attributes, "triage.tier", record_.get<&LedgerRecord::tier>());
    otlp::add(attributes, "triage.model_requested", record_.get<&LedgerRecord::model_requested>());
    otlp::add(attributes, "triage.outcome", outcome);
    otlp::add(attributes, "triage.finish_reason", record_.get<&LedgerRecord::finish_reason>());
    otlp::add(attributes, "triage.shadow_of", record_.get<&LedgerRecord::shadow_of>());
    if (const auto cost = record_.get<&LedgerRecord::cost_nano_usd>())
      otlp::add(attributes, "triage.cost_usd", Real(static_cast<double>(*cost) / 1e9));
    const bool failed = outcome == "gateway_error" || outcome == "upstream_error";
    Json rest{{"status", otlp::status(failed, text_or(record_.get<&LedgerRecord::error>()))}};
    if (Json events = router_events(record_.get<&LedgerRecord::chain>(), at(0)); !events.empty())
      rest["events"] = std::move(events);
    const std::string_view operation = otlp::operation_at(text_or(path));
    const bool fixed = operation != otlp::passed_on && text_or(path).find(':') == std::string_view::npos;
    put(0, std::string(text_or(record_.get<&LedgerRecord::trace_parent>())),
        "triage " + std::string(fixed ? text_or(path) : operation), server_kind, 0,
        record_.get<&LedgerRecord::latency_ms>().value_or(0), std::move(attributes), std::move(rest));
  }

  static double begin_of(const StoredAttempt& attempt) { return attempt.get<&AttemptRecord::start_ms>().value_or(0); }
  static double end_of(const StoredAttempt& attempt) {
    return begin_of(attempt) + attempt.get<&AttemptRecord::latency_ms>().value_or(0);
  }
  static bool is_for(const StoredAttempt& attempt, std::string_view purpose) {
    return attempt.get<&AttemptRecord::purpose>() == purpose;
  }
  static bool routes(const StoredAttempt& attempt) { return is_for(attempt, "route") || is_for(attempt, "embed"); }

  // One span around all questions of routers.
  void add_router(const std::vector<StoredAttempt>& attempts) {
    double begin = 0;
    double end = 0;
    bool any = false;
    for (const StoredAttempt& attempt : attempts) {
      if (!routes(attempt)) continue;
      begin = any ? std::min(begin, begin_of(attempt)) : begin_of(attempt);
      end = std::max(end, end_of(attempt));
      any = true;
    }
    if (any) put(wrapper_spans, span_id(id_, 0), "router", internal_kind, begin, end, Json::array(), Json::object());
  }

  void add_attempt(const StoredAttempt& attempt, std::size_t number) {
    std::size_t parent = routes(attempt) ? wrapper_spans : 0;
    if (is_for(attempt, "verify")) {
      parent = wrapper_spans + number;
      put(parent, span_id(id_, 0), "verifier", internal_kind, begin_of(attempt), end_of(attempt), Json::array(),
          Json::object());
    }
    const otlp::Call call = otlp::call_of(record_, attempt, providers_);
    const Text end = attempt.get<&AttemptRecord::end>();
    const bool failed = end == "failed" || end == "truncated";
    put(number, span_id(id_, parent), call.name(), client_kind, begin_of(attempt), end_of(attempt),
        attempt_attributes(attempt, call),
        Json{{"status", otlp::status(failed, text_or(attempt.get<&AttemptRecord::error>()))}});
  }

  const StoredRecord& record_;
  const OtlpProviders& providers_;
  const std::string_view id_;
  const std::string_view trace_;
  const std::int64_t began_ms_;
  std::string out_;
};

}  // namespace

std::string spans_of(const StoredRecord& record, const OtlpProviders& providers) {
  if (!record.get<&LedgerRecord::trace_id>() || record.get<&LedgerRecord::trace_sampled>() != true) return {};
  return Spans(record, providers).all();
}

std::string traces_body(const OtlpService& service, std::string_view spans) {
  std::string out = R"({"resourceSpans":[{"resource":)" + otlp::resource(service) + R"(,"scopeSpans":[{"scope":)" +
                    otlp::scope(service) + R"(,"spans":[)";
  return out.append(spans).append("]}]}]}");
}

}  // namespace triage::ledger
