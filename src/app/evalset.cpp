#include "app/evalset.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t problems_max = 20;

std::string hash_of(const std::string& text) {
  char out[24];
  std::snprintf(out, sizeof out, "p_%016llx", static_cast<unsigned long long>(stable_hash64(text)));
  return out;
}

// What is wrong with a row; empty: nothing.
std::string problem_of(const Json& row) {
  if (!row.is_object()) return "it is no JSON object; write one object a line";
  const auto prompt = row.find("prompt");
  const bool asks = prompt != row.end() && (prompt->is_string() || (prompt->is_array() && !prompt->empty()));
  if (!asks) return "there is no 'prompt'; write a text, or the list `messages` of a chat request";
  const auto reference = row.find("reference");
  if (reference != row.end() && !reference->is_string() && !reference->is_null())
    return "'reference' is no text; write the right answer as one";
  return {};
}

}  // namespace

std::optional<std::string> EvalRow::reference() const {
  const auto found = json.find("reference");
  return found != json.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

EvalRows read_evalset(std::string_view text, std::string_view name) {
  EvalRows out;
  std::set<std::string> ids;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
    if (one.empty()) continue;
    EvalRow row;
    row.json = Json::parse(one, nullptr, false);
    if (const std::string problem = problem_of(row.json); !problem.empty()) {
      if (out.problems.size() < problems_max)
        out.problems.push_back(std::string(name) + ":" + std::to_string(line) + ": " + problem);
      continue;
    }
    const auto id = row.json.find("id");
    row.id = id != row.json.end() && id->is_string() ? id->get<std::string>() : hash_of(row.prompt().dump());
    if (ids.insert(row.id).second) out.rows.push_back(std::move(row));
  }
  return out;
}

std::string line_of(const EvalRow& row) {
  Json out{{"id", row.id}};
  out.update(row.json);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string request_body(const EvalRow& row, std::string_view model) {
  Json body{{"model", model}};
  body["messages"] =
      row.prompt().is_string() ? Json::array({{{"role", "user"}, {"content", row.prompt()}}}) : row.prompt();
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<EvalRow> drawn_rows(std::vector<EvalRow> rows, std::size_t count) {
  if (rows.size() <= count) return rows;
  std::vector<std::uint64_t> keys;
  for (const EvalRow& row : rows) keys.push_back(stable_hash64("evalset\n" + row.id));
  std::vector<std::uint64_t> sorted = keys;
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(count));
  const std::uint64_t bound = sorted[count];
  std::vector<EvalRow> out;
  for (std::size_t i = 0; i < rows.size() && out.size() < count; ++i)
    if (keys[i] < bound) out.push_back(std::move(rows[i]));
  return out;
}

Allowance::Allowance(double usd) : most_(std::llround(usd * 1e9)) {}

bool Allowance::take(std::int64_t estimate) {
  if (estimate > most_ - spent_ - set_aside_) return false;
  set_aside_ += estimate;
  return true;
}

void Allowance::settle(std::int64_t estimate, std::optional<std::int64_t> actual) {
  set_aside_ -= estimate;
  spent_ += actual.value_or(estimate);
}

}  // namespace triage
