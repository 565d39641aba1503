#include "ledger/grades.hpp"

#include "ledger/entry.hpp"
#include "ledger/json_members.hpp"
#include "ledger/source.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::json;

std::string text_of(const Text& text) {
  return std::string(text.value_or(""));
}

std::string arm_of(const Text& experiment) {
  const auto read = read_experiment(experiment);
  return read ? read->arm : "";
}

class GradeReader {
 public:
  explicit GradeReader(std::int64_t since) : since_(since) {}

  void operator()(const Stored<GradeEvent>& grade) {
    const std::string grader = text_of(grade.get<&GradeEvent::grader>());
    const std::int64_t time = grade.get<&GradeEvent::time_unix_ms>().value_or(0);
    if (time < since_) return;
    const std::string id = text_of(grade.get<&GradeEvent::id>());
    const std::string route = text_of(grade.get<&GradeEvent::route>());
    const std::string version = text_of(grade.get<&GradeEvent::version>());
    const std::string arm = arm_of(grade.get<&GradeEvent::experiment>());
    const Real score = grade.get<&GradeEvent::score>();
    if (grader == "judge")
      out.judge[id] = {route, arm, version, score, time};
    else if (grader == "spotcheck" && score)
      out.labels[id] = {route, arm, *score, true, version, text_of(grade.get<&GradeEvent::reason>())};
  }
  void operator()(const Stored<FeedbackEvent>& said) {
    if (const Text corrected = said.get<&FeedbackEvent::corrected>(); corrected && !corrected->empty())
      out.corrected[text_of(said.get<&FeedbackEvent::id>())] = *corrected;
    const auto value = value_of_feedback(said.get<&FeedbackEvent::score>(), said.get<&FeedbackEvent::task_completed>(),
                                         said.get<&FeedbackEvent::thumb>());
    if (!value || said.get<&FeedbackEvent::time_unix_ms>().value_or(0) < since_) return;
    HumanLabel& label = out.labels[text_of(said.get<&FeedbackEvent::id>())];
    if (label.spotcheck) return;
    label.value = *value;
    label.route = text_of(said.get<&FeedbackEvent::route>());
    label.arm = arm_of(said.get<&FeedbackEvent::experiment>());
  }
  void operator()(const StoredRecord& /*unused*/) {}
  void operator()(const Stored<ExperimentEvent>& /*unused*/) {}

  Grades out;

 private:
  const std::int64_t since_;
};

std::optional<AnsweredRequest> answered(const StoredRecord& record, bool texts) {
  if (record.get<&LedgerRecord::shadow_of>()) return std::nullopt;
  if (record.get<&LedgerRecord::outcome>() != outcome_names[static_cast<std::size_t>(Outcome::ok)]) return std::nullopt;
  AnsweredRequest out;
  out.id = text_of(record.get<&LedgerRecord::id>());
  out.time_unix_ms = record.get<&LedgerRecord::time_unix_ms>().value_or(0);
  out.route = text_of(record.get<&LedgerRecord::route>());
  out.tier = text_of(record.get<&LedgerRecord::tier>());
  out.experiment = read_experiment(record.get<&LedgerRecord::experiment>());
  out.task_class = text_of(record.get<&LedgerRecord::task_class>());
  const Text content = record.get<&LedgerRecord::content>();
  if (!texts || !content || (*content != "full" && *content != "redacted")) return out;
  out.prompt = text_of(record.get<&LedgerRecord::prompt>());
  out.answer = text_of(record.get<&LedgerRecord::answer>());
  out.whole = is_json(out.prompt);
  return out;
}

}  // namespace

std::optional<double> value_of_feedback(std::optional<double> score, std::optional<bool> completed,
                                        std::optional<std::string_view> thumb) {
  if (thumb && (*thumb == "up" || *thumb == "down")) return *thumb == "up" ? 1.0 : 0.0;
  if (score) return *score >= 0 && *score <= 1 ? score : std::nullopt;
  if (completed) return *completed ? 1.0 : 0.0;
  return std::nullopt;
}

std::optional<StoredExperiment> read_experiment(std::optional<std::string_view> json) {
  if (!json) return std::nullopt;
  const Json read = Json::parse(*json, nullptr, false);
  if (!read.is_object()) return std::nullopt;
  const auto text = [&read](const char* name) {
    const auto found = read.find(name);
    return found != read.end() && found->is_string() ? found->get<std::string>() : "";
  };
  StoredExperiment out{text("name"), text("version"), text("arm"), text("unit"), 0};
  if (const auto share = read.find("share"); share != read.end() && share->is_number())
    out.share = share->get<double>();
  return out.name.empty() ? std::nullopt : std::optional(std::move(out));
}

Grades read_grades(const std::string& folder, std::int64_t since_unix_ms) {
  GradeReader reader(since_unix_ms);
  Source source(folder, first_position(folder, since_unix_ms));
  Entry entry;
  for (Line line; source.next(line);)
    if (kind_in(line.json) != kind_of<LedgerRecord> && entry.read(line) == Entry::Is::known) entry.visit(reader);
  reader.out.damaged = source.counts().damaged;
  reader.out.beside_gateway = source.beside_gateway();
  return std::move(reader.out);
}

std::uint64_t each_answered(const std::string& folder, std::int64_t since_unix_ms, bool texts,
                            const std::function<bool(const AnsweredRequest&)>& visit) {
  Source source(folder, first_position(folder, since_unix_ms));
  RecordReader reader;
  StoredRecord record;
  bool goes_on = true;
  for (Line line; goes_on && source.next(line);) {
    if (!reader.read(line.json, record)) continue;
    const auto request = answered(record, texts);
    if (request && request->time_unix_ms >= since_unix_ms) goes_on = visit(*request);
  }
  return source.counts().damaged;
}

}  // namespace triage::ledger
