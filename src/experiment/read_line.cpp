#include "experiment/read_line.hpp"

#include "experiment/checkpoint.hpp"
#include "json/json.hpp"
#include "ledger/signal_values.hpp"
#include "ledger/source.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace triage::experiment {
namespace {

using ledger::Stored;

// A string of a record cannot contain these bytes, because its quotes are escaped.
constexpr std::string_view assigned = R"("experiment":{)";

bool read_unit(std::string_view text, std::uint64_t& unit) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unit, 16);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// Reads the `experiment` of a line. `json` lies within the line.
bool read_assignment(const ledger::Text& json, Sighting& out) {
  if (!json) return false;
  JsonReader in(*json);
  JsonString text;
  std::string_view number;
  bool unit = false;
  std::string arm;
  const auto string_of = [&](std::string& to) {
    if (in.kind() != JsonReader::Kind::string) return void(in.skip());
    if (in.string(text)) to = text.text();
  };
  each_member(in, [&](const JsonString& name) {
    if (name.is("name")) return string_of(out.name);
    if (name.is("version")) return string_of(out.version);
    if (name.is("arm")) return string_of(arm);
    if (name.is("unit")) {
      std::string hexadecimal;
      string_of(hexadecimal);
      unit = read_unit(hexadecimal, out.unit);
      return;
    }
    if (!name.is("share") || in.kind() != JsonReader::Kind::number) return void(in.skip());
    if (in.number(number)) std::from_chars(number.data(), number.data() + number.size(), out.share);
  });
  out.treated = arm == word(Arm::treatment);
  return !in.failed() && unit && !out.name.empty() && (out.treated || arm == word(Arm::control));
}

double nano_usd(std::int64_t cost) {
  return static_cast<double>(cost);
}

// False: it is no request. What the gateway or the client did wrong says nothing about an arm, and neither does a
// client that left: then only that the arm was assigned is known, and what it cost.
bool observe(const Stored<LedgerRecord>& record, Sighting& out) {
  if (record.get<&LedgerRecord::shadow_of>()) return false;
  const auto cost = record.get<&LedgerRecord::cost_nano_usd>();
  if (cost) out.cost_nano_usd = nano_usd(*cost);
  out.request = true;
  out.values = ledger::values_of(record).all();
  const auto failed = out[QualitySignal::error];
  if (!failed) return true;
  if (*failed == 0) out[QualitySignal::latency] = record.get<&LedgerRecord::latency_ms>();
  out[QualitySignal::cost] = out.cost_nano_usd;
  return true;
}

bool observe(const Stored<FeedbackEvent>& event, Sighting& out) {
  out.values = ledger::values_of(event).all();
  return true;
}

// Every grader, mechanical or not, is a judge to the guardrail, except people, whose grades are labels.
bool observe(const Stored<GradeEvent>& event, Sighting& out) {
  const auto score = event.get<&GradeEvent::score>();
  if (score && *score >= 0 && *score <= 1 && event.get<&GradeEvent::grader>() != "spotcheck")
    out[QualitySignal::judge] = *score;
  if (const auto cost = event.get<&GradeEvent::cost_nano_usd>()) out.cost_nano_usd = nano_usd(*cost);
  return true;
}

template <class T>
JournalLine read(const Stored<T>& stored) {
  Sighting out;
  if (!read_assignment(stored.template get<&T::experiment>(), out) || !observe(stored, out)) return {};
  return out;
}

std::string owned(const ledger::Text& text) {
  return std::string(text.value_or(""));
}

JournalLine read(const Stored<ExperimentEvent>& event) {
  Decision out;
  out.name = owned(event.get<&ExperimentEvent::name>());
  out.version = owned(event.get<&ExperimentEvent::version>());
  out.time_unix_ms = event.get<&ExperimentEvent::time_unix_ms>().value_or(0);
  out.route = owned(event.get<&ExperimentEvent::route>());
  out.action = owned(event.get<&ExperimentEvent::action>());
  out.actor = owned(event.get<&ExperimentEvent::actor>());
  out.stage = event.get<&ExperimentEvent::stage>().value_or(0);
  out.share = event.get<&ExperimentEvent::share>().value_or(0);
  out.reason = owned(event.get<&ExperimentEvent::reason>());
  out.figures = owned(event.get<&ExperimentEvent::figures>());
  const auto figures = nlohmann::json::parse(out.figures, nullptr, false);
  if (figures.is_object() && figures.contains("clock_ms") && figures["clock_ms"].is_number_integer())
    out.clock_ms = figures["clock_ms"];
  return out;
}

}  // namespace

JournalLine read_entry(const ledger::Entry& entry) {
  JournalLine out;
  entry.visit([&out](const auto& stored) { out = read(stored); });
  return out;
}

RouteLine read_for_route(const ledger::Entry& entry) {
  RouteLine out;
  entry.visit([&out]<class T>(const Stored<T>& stored) {
    if constexpr (!std::is_same_v<T, ExperimentEvent>) {
      if (!observe(stored, out.seen)) return;
      if (!read_assignment(stored.template get<&T::experiment>(), out.seen)) out.seen.name.clear();
      out.route = owned(stored.template get<&T::route>());
      out.time_unix_ms = stored.template get<&T::time_unix_ms>().value_or(0);
    }
  });
  return out;
}

Engine read_experiments(const std::string& folder) {
  Checkpoint from = read_checkpoint(folder);
  ledger::Source source(folder, from.reached.at, from.reached.seq);
  ledger::Entry entry;
  for (ledger::Line line; source.next(line);) {
    const bool decision = ledger::kind_in(line.json) == ledger::kind_of<ExperimentEvent>;
    if (!decision && line.json.find(assigned) == std::string_view::npos) continue;
    if (entry.read(line) == ledger::Entry::Is::known) from.engine.fold(read_entry(entry));
  }
  return std::move(from.engine);
}

}  // namespace triage::experiment
