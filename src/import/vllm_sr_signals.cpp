#include "import/vllm_sr_signals.hpp"

#include "base/ascii.hpp"
#include "import/condition.hpp"

#include <algorithm>

namespace triage::imports {
namespace {

/// "16K" is 16,000 tokens.
std::optional<double> tokens_of(const Item& item) {
  std::string text = item.peek();
  if (text.empty()) return std::nullopt;
  double scale = 1;
  const char unit = to_lower(text.back());
  if (unit == 'k') scale = 1e3;
  if (unit == 'm') scale = 1e6;
  if (scale > 1) text.pop_back();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || *end != '\0') return std::nullopt;
  item.use();
  return number * scale;
}

}  // namespace

Signals::Signals(const Item& root, Draft& draft) : draft_(draft) {
  const Item signals = root["routing"]["signals"] ? root["routing"]["signals"] : root["signals"];
  std::vector<Item> keywords = signals["keywords"].items();
  for (const Item& rule : root["keyword_rules"].items()) keywords.push_back(rule);
  for (const Item& signal : keywords) {
    const std::string name = signal["name"].text();
    std::vector<std::string> words;
    for (const Item& word : signal["keywords"].items()) words.push_back(word.text());
    if (words.empty()) continue;
    if (!signal["case_sensitive"].is_true() && signal["case_sensitive"]) signal["case_sensitive"].use();
    const std::string op = to_lower(signal["operator"].text());
    const auto any = yaml_map({{"keywords", yaml_texts(words)}});
    std::vector<std::string> each;
    for (const std::string& word : words) each.push_back(yaml_map({{"keywords", yaml_texts({word})}}));
    conditions_["keyword:" + name] = op == "and" ? all_of(each) : op == "nor" || op == "not" ? not_of(any) : any;
    if (signal["case_sensitive"].is_true()) {
      signal["case_sensitive"].unuse();
      draft_.note("signal '" + name + "': keywords count in any case here");
    }
  }
  for (const Item& signal : signals["context"].items()) {
    const auto least = tokens_of(signal["min_tokens"]);
    const auto most = tokens_of(signal["max_tokens"]);
    std::vector<std::string> both;
    if (least && *least > 0) both.push_back(bounded("tokens_all", "gte", *least));
    if (most) both.push_back(bounded("tokens_all", "lte", *most));
    if (!both.empty()) conditions_["context:" + signal["name"].text()] = all_of(both);
  }
  read_domains(signals["domains"]);
}

/// Domains come from a classifier over MMLU's subjects; of two Triage has signs of its own.
void Signals::read_domains(const Item& domains) {
  for (const Item& signal : domains.items()) {
    std::vector<std::string> subjects = signal["mmlu_categories"].texts();
    signal["mmlu_categories"].unuse();
    if (subjects.empty()) subjects.push_back(signal["name"].peek());
    std::vector<std::string> any;
    for (const std::string& subject : subjects) {
      if (subject == "math") any.emplace_back("{math: true}");
      if (subject == "computer science" || subject == "computer_science") any.emplace_back("{code: true}");
    }
    if (any.empty() || any.size() != subjects.size()) continue;
    const std::string name = signal["name"].text();
    conditions_["domain:" + name] = any_of(any);
    signal["mmlu_categories"].use();
    draft_.note("domain '" + name + "' is what Triage itself sees of code and mathematics, instead of a classifier");
  }
}

std::optional<std::string> Signals::condition_of(const Item& rule, const NotesPtr& notes) const {
  const Item type = rule["type"];
  if (type) {
    const auto known = conditions_.find(type.peek() + ":" + rule["name"].peek());
    if (known != conditions_.end()) {
      rule["type"].use();
      rule["name"].use();
      return known->second;
    }
    return std::nullopt;
  }
  const std::string op = to_lower(rule["operator"].text());
  std::vector<std::string> parts;
  std::size_t missing = 0;
  const auto inner = rule["conditions"].items();
  for (const Item& each : inner) {
    if (auto part = condition_of(each, notes))
      parts.push_back(std::move(*part));
    else
      ++missing;
  }
  if (parts.empty() || (missing > 0 && op != "or")) return std::nullopt;
  if (missing > 0)
    notes->push_back("of this rule's alternatives " + std::to_string(missing) + " need signals that Triage has not");
  if (op == "not") return not_of(any_of(parts));
  return op == "or" ? any_of(parts) : all_of(parts);
}

}  // namespace triage::imports
