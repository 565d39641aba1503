#include "simulate/spec.hpp"

#include "base/decimal.hpp"
#include "options/nearest.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <set>

// models:
//   NAME: {latency, ttft, tokens_per_second, failure, refusal, quality, ...}
// A fault inside is thrown with its position and becomes the Result in the public functions: this runs only at
// start-up.

namespace triage {

namespace {

struct SpecFault {
  std::optional<YAML::Mark> mark;  // none: the message says where
  std::string message;
  std::string fix;
};

[[noreturn]] void fault(const YAML::Node& node, std::string message, std::string fix) {
  const YAML::Mark mark = node.Mark();
  throw SpecFault{mark.is_null() ? YAML::Mark() : mark, std::move(message), std::move(fix)};
}

// Throws unless `node` is a map with no other keys than these, each once.
void expect_keys(const YAML::Node& node, const std::string& what, std::initializer_list<std::string_view> known) {
  if (!node.IsMap()) fault(node, what + " must be a map", "write `key: value` lines below it");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      const auto nearest = std::min_element(known.begin(), known.end(), [&](std::string_view a, std::string_view b) {
        return options::edit_distance(key, a) < options::edit_distance(key, b);
      });
      fault(entry.first, "unknown key `" + key + "` in " + what, "did you mean `" + std::string(*nearest) + "`?");
    }
    if (!seen.insert(key).second)
      fault(entry.first, "key `" + key + "` is written twice in " + what, "keep one of them");
  }
}

double number(const YAML::Node& node, const std::string& key, double least, double most) {
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most)) {
    const auto shown = [](double bound) {
      std::string digits = std::to_string(bound);
      digits.erase(digits.find_last_not_of('0') + 1);
      if (digits.back() == '.') digits.pop_back();
      return digits;
    };
    fault(node, "`" + key + "` is `" + text + "`", "give a number from " + shown(least) + " to " + shown(most));
  }
  return value;
}

std::uint32_t whole(const YAML::Node& node, const std::string& key, double least, double most) {
  const double value = number(node, key, least, most);
  if (value != std::floor(value)) fault(node, "`" + key + "` is `" + node.Scalar() + "`", "give a whole number");
  return static_cast<std::uint32_t>(value);
}

bool yes_or_no(const YAML::Node& node, const std::string& key) {
  bool value = false;
  if (!YAML::convert<bool>::decode(node, value))
    fault(node, "`" + key + "` is not a boolean", "write `true` or `false`");
  return value;
}

std::chrono::microseconds duration(const YAML::Node& node, const std::string& key) {
  constexpr std::array<std::pair<std::string_view, double>, 5> units{
      {{"us", 1.0}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}}};
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error == std::errc() && value >= 0) {
    if (value == 0 && unit.empty()) return std::chrono::microseconds(0);
    for (const auto& [name, us] : units)
      if (unit == name && value * us <= 3600e6) return std::chrono::microseconds(static_cast<std::int64_t>(value * us));
  }
  fault(node, "`" + key + "` is `" + text + "`", "give a duration up to 1h with its unit, as `250ms` or `1.5s`");
}

DelaySpec delay(const YAML::Node& node, const std::string& key) {
  DelaySpec spec;
  if (!node.IsMap()) {
    spec.p50 = spec.p99 = duration(node, key);
    return spec;
  }
  expect_keys(node, "`" + key + "`", {"p50", "p99"});
  if (!node["p50"] || !node["p99"])
    fault(node, "`" + key + "` needs both p50 and p99", "write {p50: 40ms, p99: 200ms}, or one duration");
  spec.p50 = duration(node["p50"], key + ".p50");
  spec.p99 = duration(node["p99"], key + ".p99");
  if (spec.p99 < spec.p50) fault(node["p99"], "`" + key + ".p99` is shorter than p50", "make it at least as long");
  return spec;
}

FailureSpec failure(const YAML::Node& node) {
  FailureSpec spec;
  if (!node.IsMap()) {
    spec.rate = number(node, "failure", 0, 1);
    return spec;
  }
  expect_keys(node, "`failure`", {"rate", "status", "retry_after"});
  if (!node["rate"]) fault(node, "`failure` has no `rate`", "write {rate: 0.01, status: 503}");
  spec.rate = number(node["rate"], "failure.rate", 0, 1);
  if (const auto status = node["status"]) spec.status = static_cast<int>(whole(status, "failure.status", 400, 599));
  if (const auto after = node["retry_after"])
    spec.retry_after = std::chrono::ceil<std::chrono::seconds>(duration(after, "failure.retry_after"));
  return spec;
}

std::array<double, 3> quality(const YAML::Node& node) {
  std::array<double, 3> chances{};
  if (!node.IsMap()) {
    chances.fill(number(node, "quality", 0, 1));
    return chances;
  }
  expect_keys(node, "`quality`", {"easy", "medium", "hard"});
  constexpr std::array<const char*, 3> names{"easy", "medium", "hard"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto chance = node[names[i]];
    if (!chance)
      fault(node, std::string("`quality` has no `") + names[i] + "`", "give easy, medium and hard, each 0..1");
    chances[i] = number(chance, std::string("quality.") + names[i], 0, 1);
  }
  return chances;
}

template <class Money>
std::optional<Money> money(const YAML::Node& price, const char* key, int places) {
  const YAML::Node node = price[key];
  if (!node) return std::nullopt;
  const std::string text = node.IsScalar() ? node.Scalar() : std::string();
  const auto amount = parse_decimal(text, places);
  if (!amount || !amount->exact || amount->units < 0)
    fault(node, std::string("`price.") + key + "` is `" + text + "`",
          "give a decimal number of USD with at most " + std::to_string(places) + " places");
  return Money{amount->units};
}

Price price(const YAML::Node& node) {
  expect_keys(node, "`price`", {"input", "output", "input_cached", "reasoning", "request"});
  Price out;
  out.input = money<Rate>(node, "input", 9);
  out.output = money<Rate>(node, "output", 9);
  out.input_cached = money<Rate>(node, "input_cached", 9);
  out.reasoning = money<Rate>(node, "reasoning", 9);
  out.request = money<Charge>(node, "request", 15);
  if (!out.input || !out.output)
    fault(node, "`price` needs both input and output", "write {input: 0.15, output: 0.60}, in USD per million tokens");
  return out;
}

std::uint32_t answer_tokens(const YAML::Node& node) {
  if (!node.IsMap()) return whole(node, "answer_tokens", 1, 100'000);
  expect_keys(node, "`answer_tokens`", {"mean"});
  if (!node["mean"]) fault(node, "`answer_tokens` has no `mean`", "write {mean: 60}, or one number");
  return whole(node["mean"], "answer_tokens.mean", 1, 100'000);
}

void collect_replay(const YAML::Node& node, const std::string& file, const std::string& model, ReplayAnswers& answers) {
  if (!node.IsScalar() || node.Scalar().empty()) fault(node, "`replay` is not a path", "name one JSONL file");
  const auto path = std::filesystem::path(file).parent_path() / node.Scalar();
  if (auto added = add_replay(path.string(), model, answers); added.has_error()) {
    // The message already says which line of which file.
    throw SpecFault{std::nullopt, added.error().message, {}};
  }
}

ModelSpec parse_model(const std::string& name, const YAML::Node& node, const YAML::Node& shared_replay,
                      const std::string& file) {
  ModelSpec model;
  model.name = name;
  auto answers = std::make_shared<ReplayAnswers>();
  if (!node.IsNull()) {
    expect_keys(
        node, "model `" + name + "`",
        {"kind", "latency", "ttft", "tokens_per_second", "failure", "refusal", "logprobs", "quality", "context_window",
         "answer_tokens", "cached_share", "reasoning_tokens", "dimensions", "price", "replay"});
    if (const auto kind = node["kind"]) {
      const std::string text = kind.IsScalar() ? kind.Scalar() : std::string();
      if (text != "chat" && text != "embedding") fault(kind, "`kind` is `" + text + "`", "write `chat` or `embedding`");
      if (text == "embedding") model.kind = ModelKind::embedding;
    }
    if (const auto value = node["latency"]) model.latency = delay(value, "latency");
    if (const auto value = node["ttft"]) model.ttft = delay(value, "ttft");
    if (const auto value = node["tokens_per_second"])
      model.tokens_per_second = number(value, "tokens_per_second", 0, 1e6);
    if (const auto value = node["failure"]) model.failure = failure(value);
    if (const auto value = node["refusal"]) model.refusal = number(value, "refusal", 0, 1);
    if (const auto value = node["logprobs"]) model.logprobs = yes_or_no(value, "logprobs");
    if (const auto value = node["quality"]) model.quality = quality(value);
    if (const auto value = node["context_window"]) model.context_window = whole(value, "context_window", 1, 10'000'000);
    if (const auto value = node["answer_tokens"]) model.answer_tokens = answer_tokens(value);
    if (const auto value = node["cached_share"]) model.cached_share = number(value, "cached_share", 0, 1);
    if (const auto value = node["reasoning_tokens"])
      model.reasoning_tokens = whole(value, "reasoning_tokens", 0, 100'000);
    if (const auto value = node["price"]) model.price = price(value);
    if (const auto value = node["dimensions"]) model.dimensions = whole(value, "dimensions", 1, 4096);
    if (const auto value = node["replay"]) collect_replay(value, file, name, *answers);
  }
  if (shared_replay) collect_replay(shared_replay, file, name, *answers);
  if (!answers->empty()) model.replay = std::move(answers);
  return model;
}

SimulateSpec parse_root(const YAML::Node& root, const std::string& file) {
  if (!root.IsMap()) fault(root, "the file is not a map", "begin with `models:`");
  expect_keys(root, "the simulation", {"api_key", "coalesce", "replay", "models"});
  SimulateSpec spec;
  if (const auto key = root["api_key"]) {
    if (!key.IsScalar() || key.Scalar().empty())
      fault(key, "`api_key` is not a text", "write one key, or leave it out");
    spec.api_key = key.Scalar();
  }
  if (const auto value = root["coalesce"]) spec.coalesce = yes_or_no(value, "coalesce");
  const YAML::Node models = root["models"];
  if (!models || !models.IsMap() || models.size() == 0)
    fault(models ? models : root, "`models` must name at least one model", "write `models: {sim-small: {}}`");
  std::set<std::string> names;
  const YAML::Node shared_replay = root["replay"];
  for (const auto& entry : models) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    if (name.empty()) fault(entry.first, "a model has no name", "write a name before the colon");
    if (!names.insert(name).second) fault(entry.first, "model `" + name + "` is written twice", "keep one of them");
    spec.models.push_back(parse_model(name, entry.second, shared_replay, file));
  }
  return spec;
}

Error located(std::string_view name, const std::optional<YAML::Mark>& mark, const std::string& message,
              const std::string& fix) {
  std::string text;
  if (mark) {
    text.append(name).append(":").append(std::to_string(mark->line + 1)).append(":");
    text.append(std::to_string(mark->column + 1)).append(": error: ");
  }
  text.append(message);
  if (!fix.empty()) text.append("\n  fix: ").append(fix);
  return Error{ErrorCode::invalid_value, std::move(text)};
}

}  // namespace

Result<SimulateSpec> parse_simulation(std::string_view yaml, std::string_view name) {
  try {
    return parse_root(YAML::Load(std::string(yaml)), std::string(name));
  } catch (const SpecFault& fault) {
    return located(name, fault.mark, fault.message, fault.fix);
  } catch (const YAML::Exception& error) {
    return located(name, error.mark.is_null() ? YAML::Mark() : error.mark, error.msg, "make it valid YAML 1.2");
  }
}

Result<SimulateSpec> load_simulation(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Error{ErrorCode::invalid_value,
                 path + ":1:1: error: cannot read the file\n  fix: check the path and its permissions"};
  }
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse_simulation(text, path);
}

}  // namespace triage
