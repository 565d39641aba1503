#include "ledger/labels.hpp"

#include "ledger/entry.hpp"
#include "ledger/json_members.hpp"
#include "ledger/source.hpp"
#include "ledger/stored_pair.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr double usd_per_nano = 1e-9;
constexpr std::size_t block = 256 * 1024;

// How good one answer was, as somebody said later.
struct Said {
  double score = 0;
  bool graded = false;  // by a grader, not by the app
};

std::optional<double> score_of(const Stored<FeedbackEvent>& said) {
  if (const Real score = said.get<&FeedbackEvent::score>()) return *score;
  if (const Flag done = said.get<&FeedbackEvent::task_completed>()) return *done ? 1.0 : 0.0;
  const Text thumb = said.get<&FeedbackEvent::thumb>();
  if (thumb && (*thumb == "up" || *thumb == "down")) return *thumb == "up" ? 1.0 : 0.0;
  return std::nullopt;
}

std::string text_of(const Text& text) {
  return std::string(text.value_or(""));
}

class Export {
 public:
  Export(const LabelOptions& options, const std::function<bool(std::string_view)>& write)
      : options_(options), write_(write), lowest_(options.lowest_tier) {}

  Labels run() {
    each_entry([this](const auto& stored) { learn(stored); });
    out_.damaged = 0;  // counted again below
    each_entry([this](const auto& stored) { label(stored); });
    flush();
    return out_;
  }

 private:
  template <class Visit>
  void each_entry(Visit visit) {
    Source source(options_.folder);
    Entry entry;
    for (Line line; out_.written && source.next(line);)
      if (entry.read(line) == Entry::Is::known) entry.visit(visit);
    out_.damaged += source.counts().damaged;
    out_.beside_gateway = source.beside_gateway();
  }

  void learn(const Stored<FeedbackEvent>& said) {
    const auto score = score_of(said);
    const std::string id = text_of(said.get<&FeedbackEvent::id>());
    if (!options_.partial || !score || said_[id].graded) return;
    said_[id] = {*score, false};
  }
  void learn(const Stored<GradeEvent>& grade) {
    const Real score = grade.get<&GradeEvent::score>();
    if (options_.partial && score) said_[text_of(grade.get<&GradeEvent::id>())] = {*score, true};
  }
  void learn(const StoredRecord& record) {
    if (const auto pair = read_pair(record.get<&LedgerRecord::pair>()))
      lowest_.try_emplace(text_of(record.get<&LedgerRecord::route>()), pair->cheap.tier);
  }
  void learn(const Stored<ExperimentEvent>& /*unused*/) {}

  void label(const StoredRecord& record);
  void label(const Stored<FeedbackEvent>& /*unused*/) {}
  void label(const Stored<GradeEvent>& /*unused*/) {}
  void label(const Stored<ExperimentEvent>& /*unused*/) {}
  bool label_pair(const StoredRecord& record, Json& row);
  bool label_one(const StoredRecord& record, Json& row);
  void finish(const StoredRecord& record, Json& row);
  void flush() {
    if (out_.written && !text_.empty()) out_.written = write_(text_);
    text_.clear();
  }

  const LabelOptions& options_;
  const std::function<bool(std::string_view)>& write_;
  std::map<std::string, std::string> lowest_;
  std::unordered_map<std::string, Said> said_;
  std::string text_;
  Labels out_;
};

// False: it has no outcomes.
bool Export::label_pair(const StoredRecord& record, Json& row) {
  const auto pair = read_pair(record.get<&LedgerRecord::pair>());
  if (!pair || !pair->cheap.score || !pair->strong.score) {
    ++out_.without_outcome;
    return false;
  }
  row["weak"] = *pair->cheap.score;
  row["strong"] = *pair->strong.score;
  row["source"] = pair->kind;
  const auto add = [&row](const StoredHalf& half, const char* response, const char* cost) {
    if (!half.answer.empty()) row[response] = half.answer;
    if (half.cost_usd) row[cost] = *half.cost_usd;
  };
  add(pair->cheap, "weak_response", "cost_weak");
  add(pair->strong, "strong_response", "cost_strong");
  return true;
}

bool Export::label_one(const StoredRecord& record, Json& row) {
  const auto said = said_.find(text_of(record.get<&LedgerRecord::id>()));
  const auto lowest = lowest_.find(text_of(record.get<&LedgerRecord::route>()));
  if (said == said_.end() || lowest == lowest_.end()) return false;
  const bool weak = text_of(record.get<&LedgerRecord::tier>()) == lowest->second;
  row["weak"] = weak ? Json(said->second.score) : Json();
  row["strong"] = weak ? Json() : Json(said->second.score);
  row["source"] = said->second.graded ? "grade" : "feedback";
  if (const Text answer = record.get<&LedgerRecord::answer>(); answer && !answer->empty())
    row[weak ? "weak_response" : "strong_response"] = std::string(*answer);
  if (const Integer cost = record.get<&LedgerRecord::cost_nano_usd>())
    row[weak ? "cost_weak" : "cost_strong"] = static_cast<double>(*cost) * usd_per_nano;
  return true;
}

void Export::label(const StoredRecord& record) {
  const std::string route = text_of(record.get<&LedgerRecord::route>());
  if (!options_.route.empty() && route != options_.route) return;
  if (record.get<&LedgerRecord::time_unix_ms>().value_or(0) < options_.since_unix_ms) return;
  Json row{{"id", text_of(record.get<&LedgerRecord::id>())}, {"route", route}, {"prompt", nullptr}};
  const bool paired = record.get<&LedgerRecord::pair>().has_value();
  if (paired ? !label_pair(record, row) : !(options_.partial && label_one(record, row))) return;
  const Text content = record.get<&LedgerRecord::content>();
  const Text prompt = record.get<&LedgerRecord::prompt>();
  if (!content || (*content != "full" && *content != "redacted") || !prompt || prompt->empty()) {
    ++out_.without_prompt;
  } else if (!is_json(*prompt)) {
    ++out_.cut;
  } else {
    row["prompt"] = Json::parse(*prompt, nullptr, false);
    if (!paired) ++out_.partial;
    finish(record, row);
  }
}

void Export::finish(const StoredRecord& record, Json& row) {
  const Text written = record.get<&LedgerRecord::chain>();
  const Json chain = Json::parse(written.value_or("[]"), nullptr, false);
  for (const Json& router : chain) {
    if (!router.is_object() || !router.contains("score") || !router["score"].is_number()) continue;
    row["score"] = router["score"];
    row["router"] = router.value("router", Json());
    break;
  }
  if (const Text task = record.get<&LedgerRecord::task_class>(); task && !task->empty())
    row["group"] = std::string(*task);
  ++out_.rows;
  text_ += row.dump(-1, ' ', false, Json::error_handler_t::replace);
  text_ += '\n';
  if (text_.size() >= block) flush();
}

}  // namespace

Labels export_labels(const LabelOptions& options, const std::function<bool(std::string_view)>& write) {
  return Export(options, write).run();
}

}  // namespace triage::ledger
