#include "ledger/logged_request.hpp"

#include "json/json.hpp"
#include "ledger/entry.hpp"
#include "ledger/json_members.hpp"
#include "ledger/signal_values.hpp"
#include "ledger/source.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::json;

std::string text(const Text& stored) {
  return std::string(stored.value_or(""));
}

void take_text(JsonReader& in, std::string& out) {
  JsonString string;
  if (in.kind() != JsonReader::Kind::string)
    in.skip();
  else if (in.string(string))
    out = string.text();
}

void take_number(JsonReader& in, std::optional<double>& out) {
  std::string_view spelled;
  double value = 0;
  if (in.kind() != JsonReader::Kind::number)
    in.skip();
  else if (in.number(spelled) &&
           std::from_chars(spelled.data(), spelled.data() + spelled.size(), value).ec == std::errc())
    out = value;
}

std::vector<LoggedOpinion> chain_of(const Text& stored) {
  std::vector<LoggedOpinion> out;
  if (!stored) return out;
  JsonReader in(*stored);
  each_element(in, [&] {
    LoggedOpinion said;
    const bool is = each_member(in, [&](const JsonString& name) {
      if (name.is("router")) return take_text(in, said.router);
      if (name.is("tier")) return take_text(in, said.tier);
      if (name.is("reason")) return take_text(in, said.reason);
      if (name.is("model")) return take_text(in, said.model);
      if (name.is("score")) return take_number(in, said.score);
      if (name.is("threshold")) return take_number(in, said.threshold);
      in.skip();
    });
    if (is) out.push_back(std::move(said));
  });
  if (!in.finish()) out.clear();
  return out;
}

std::optional<LoggedExperiment> experiment_of(const Text& stored) {
  if (!stored) return std::nullopt;
  const Json json = Json::parse(*stored, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  LoggedExperiment out{text_member(json, "name"), text_member(json, "version"), text_member(json, "arm"),
                       text_member(json, "unit")};
  const auto share = number_member(json, "share");
  if (!share || out.name.empty() || (out.arm != "control" && out.arm != "treatment")) return std::nullopt;
  out.share = *share;
  return out;
}

LoggedAttempt attempt_of(const StoredAttempt& stored) {
  LoggedAttempt out;
  out.purpose = text(stored.get<&AttemptRecord::purpose>());
  out.deployment = text(stored.get<&AttemptRecord::deployment>());
  out.tier = text(stored.get<&AttemptRecord::tier>());
  const auto& tokens = stored.get<&AttemptRecord::tokens>();
  out.tokens.input = tokens.get<&Usage::input>().value_or(0);
  out.tokens.input_cached = tokens.get<&Usage::input_cached>().value_or(0);
  out.tokens.cache_write = tokens.get<&Usage::cache_write>().value_or(0);
  out.tokens.output = tokens.get<&Usage::output>().value_or(0);
  out.tokens.reasoning = tokens.get<&Usage::reasoning>().value_or(0);
  out.tokens.input_audio = tokens.get<&Usage::input_audio>().value_or(0);
  out.tokens.output_audio = tokens.get<&Usage::output_audio>().value_or(0);
  out.tokens.cache_write_1h = tokens.get<&Usage::cache_write_1h>().value_or(0);
  out.tokens.citations = tokens.get<&Usage::citations>().value_or(0);
  out.own_price = !stored.get<&AttemptRecord::cost_source>() && !stored.get<&AttemptRecord::searches>() &&
                  !stored.get<&AttemptRecord::service_tier>() && !stored.get<&AttemptRecord::service_tier_asked>();
  out.cost_nano_usd = stored.get<&AttemptRecord::cost_nano_usd>();
  return out;
}

void read_attempts(const StoredRecord& record, LoggedRequest& out) {
  for (const StoredAttempt& stored : record.get<&LedgerRecord::attempts>().rows)
    out.attempts.push_back(attempt_of(stored));
  out.escalated = escalated(record);
}

void read_prompt(const StoredRecord& record, LoggedRequest& out) {
  const Text content = record.get<&LedgerRecord::content>();
  const Text prompt = record.get<&LedgerRecord::prompt>();
  if (!content || !prompt || (*content != "full" && *content != "redacted") || !is_json(*prompt)) return;
  out.prompt = *prompt;
  out.redacted = *content == "redacted";
}

class Reading {
 public:
  Reading(const std::string& route, std::int64_t since_unix_ms, const std::function<void(LoggedRequest&&)>& request,
          const std::function<void(LoggedQuality&&)>& quality)
      : route_(route), since_unix_ms_(since_unix_ms), request_(request), quality_(quality) {}

  void operator()(const StoredRecord& record) {
    if (!route_.empty() && record.get<&LedgerRecord::route>().value_or("") != route_) return;
    if (record.get<&LedgerRecord::time_unix_ms>().value_or(0) < since_unix_ms_) return;
    LoggedRequest request = logged_request(record);
    read_prompt(record, request);
    request_(std::move(request));
  }
  void operator()(const Stored<FeedbackEvent>& said) {
    using enum LoggedQuality::Source;
    LoggedQuality out{
        text(said.get<&FeedbackEvent::id>()), text(said.get<&FeedbackEvent::route>()), feedback, "", 0, std::nullopt};
    const SignalValues values = values_of(said);
    if (const auto value = values[QualitySignal::feedback]) {
      out.value = *value;
      quality_(LoggedQuality(out));
    }
    if (const auto value = values[QualitySignal::task_completed]) {
      out.source = task;
      out.value = *value;
      quality_(std::move(out));
    }
  }
  void operator()(const Stored<GradeEvent>& grade) {
    if (const Real score = grade.get<&GradeEvent::score>())
      quality_({text(grade.get<&GradeEvent::id>()), text(grade.get<&GradeEvent::route>()), LoggedQuality::Source::grade,
                text(grade.get<&GradeEvent::grader>()), *score, grade.get<&GradeEvent::cost_nano_usd>()});
  }
  template <class T>
  void operator()(const Stored<T>& /*unused*/) {}

 private:
  const std::string& route_;
  std::int64_t since_unix_ms_;
  const std::function<void(LoggedRequest&&)>& request_;
  const std::function<void(LoggedQuality&&)>& quality_;
};

}  // namespace

const LoggedAttempt* LoggedRequest::first_answer() const noexcept {
  for (const LoggedAttempt& attempt : attempts)
    if (attempt.purpose == "answer") return &attempt;
  return nullptr;
}

LoggedRequest logged_request(const StoredRecord& record) {
  LoggedRequest out;
  out.id = text(record.get<&LedgerRecord::id>());
  out.time_unix_ms = record.get<&LedgerRecord::time_unix_ms>().value_or(0);
  out.key = text(record.get<&LedgerRecord::key>());
  out.route = text(record.get<&LedgerRecord::route>());
  out.config_version = text(record.get<&LedgerRecord::config_version>());
  out.model_requested = text(record.get<&LedgerRecord::model_requested>());
  out.path = text(record.get<&LedgerRecord::path>());
  out.chain = chain_of(record.get<&LedgerRecord::chain>());
  out.tier = text(record.get<&LedgerRecord::tier>());
  out.outcome = text(record.get<&LedgerRecord::outcome>());
  out.cost_nano_usd = record.get<&LedgerRecord::cost_nano_usd>();
  out.streamed = record.get<&LedgerRecord::streamed>().value_or(false);
  const auto& signals = record.get<&LedgerRecord::signals>().members;
  out.refusal = signals.get<&Signals::refusal>();
  out.truncated = signals.get<&Signals::truncated>();
  out.schema_failure = signals.get<&Signals::schema_failure>();
  out.experiment = experiment_of(record.get<&LedgerRecord::experiment>());
  out.pair = read_pair(record.get<&LedgerRecord::pair>());
  out.shadow_of = text(record.get<&LedgerRecord::shadow_of>());
  read_attempts(record, out);
  return out;
}

LoggedRead read_logged(const std::string& folder, const std::string& route, std::int64_t since_unix_ms,
                       const std::function<void(LoggedRequest&&)>& request,
                       const std::function<void(LoggedQuality&&)>& quality) {
  Reading reading(route, since_unix_ms, request, quality);
  Source source(folder);
  Entry entry;
  for (Line line; source.next(line);)
    if (entry.read(line) == Entry::Is::known) entry.visit(reading);
  return {source.counts().damaged, source.beside_gateway()};
}

}  // namespace triage::ledger
