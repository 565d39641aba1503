#include "app/spotcheck.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t problems_max = 20;
constexpr std::string_view formula_marks = "=+-@\t\r";

// A spreadsheet takes a text that begins like a formula for one.
std::string cell(const std::string& text) {
  std::string out = "\"";
  if (!text.empty() && formula_marks.find(text.front()) != std::string_view::npos) out += '\'';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out += '"';
}

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::string csv_text(const std::vector<SpotcheckRow>& rows) {
  std::string out = "id,route,prompt,answer,grade,comment\n";
  for (const SpotcheckRow& row : rows) {
    for (const std::string& text : {row.id, row.route, row.prompt, row.answer}) out.append(cell(text)).append(",");
    out.append(row.grade ? number(*row.grade) : "").append(",").append(row.comment.empty() ? "" : cell(row.comment));
    out += '\n';
  }
  return out;
}

// One record of CSV (RFC 4180), which may have line breaks in quotes. False: the text has ended.
bool next_record(std::string_view& text, char separator, std::vector<std::string>& cells, std::size_t& line) {
  cells.clear();
  if (text.empty()) return false;
  std::string one;
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
      one += '"';
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == separator || c == '\n')) {
      cells.push_back(std::move(one));
      one.clear();
      if (c == '\n') break;
    } else if (quoted || c != '\r') {
      one += c;
    }
  }
  if (at >= text.size()) cells.push_back(std::move(one));
  text.remove_prefix(std::min(text.size(), at + 1));
  return true;
}

// Empty: no grade. nullopt: it is none.
std::optional<std::optional<double>> read_grade(std::string_view text) {
  text = trimmed(text);
  std::string word(text);
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  using Read = std::optional<std::optional<double>>;
  if (word.empty()) return Read(std::in_place, std::nullopt);
  if (word == "good") return Read(std::in_place, 1.0);
  if (word == "bad") return Read(std::in_place, 0.0);
  std::ranges::replace(word, ',', '.');  // as some spreadsheets write it
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !(value >= 0 && value <= 1)) return std::nullopt;
  return Read(std::in_place, value);
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  SpotcheckFile run() {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    trimmed(text_).starts_with('{') ? read_lines() : read_csv();
    return std::move(out_);
  }

 private:
  void problem(std::size_t line, const std::string& what) {
    if (out_.problems.size() < problems_max)
      out_.problems.push_back(std::string(name_) + ":" + std::to_string(line) + ": " + what);
  }

  void add(std::size_t line, std::string id, std::string_view grade, std::string comment) {
    const auto value = read_grade(grade);
    if (!value) return problem(line, "'grade' is no grade; write a number from 0 to 1, good, bad, or nothing");
    if (id.empty()) return problem(line, "there is no 'id'; leave the ids as they are");
    SpotcheckRow row;
    row.id = std::move(id);
    row.grade = *value;
    row.comment = std::move(comment);
    out_.rows.push_back(std::move(row));
  }

  void read_lines() {
    for (std::size_t line = 1; !text_.empty(); ++line) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      const std::string_view one = trimmed(text_.substr(0, end));
      text_.remove_prefix(std::min(text_.size(), end + 1));
      if (one.empty()) continue;
      const Json row = Json::parse(one, nullptr, false);
      if (!row.is_object()) {
        problem(line, "it is no JSON object; write one object a line");
        continue;
      }
      const Json grade = row.value("grade", Json());
      const std::string spelled = grade.is_string() ? grade.get<std::string>() : grade.is_null() ? "" : grade.dump();
      add(line, text_in(row, "id"), spelled, text_in(row, "comment"));
    }
  }

  static std::string text_in(const Json& row, const char* name) {
    const auto found = row.find(name);
    return found != row.end() && found->is_string() ? found->get<std::string>() : "";
  }

  void read_csv() {
    std::vector<std::string> cells;
    std::size_t line = 1;
    const std::string_view first = text_.substr(0, text_.find('\n'));
    const char separator = first.find(',') == std::string_view::npos ? ';' : ',';  // as some spreadsheets write it
    if (!next_record(text_, separator, cells, line)) return;
    const auto column = [&cells](std::string_view name) {
      const auto found = std::ranges::find(cells, name, [](const std::string& cell) { return trimmed(cell); });
      return static_cast<std::size_t>(found - cells.begin());
    };
    const std::size_t id = column("id");
    const std::size_t grade = column("grade");
    const std::size_t comment = column("comment");
    if (id == cells.size() || grade == cells.size())
      return problem(1, "the first line has no 'id' and 'grade'; leave it as it was drawn");
    for (std::size_t at = line; next_record(text_, separator, cells, line); at = line) {
      if (cells.size() == 1 && trimmed(cells[0]).empty()) continue;
      const auto of = [&cells](std::size_t index) { return index < cells.size() ? cells[index] : std::string(); };
      add(at, of(id), of(grade), of(comment));
    }
  }

  std::string_view text_;
  const std::string_view name_;
  SpotcheckFile out_;
};

}  // namespace

std::string spotcheck_text(const std::vector<SpotcheckRow>& rows, bool csv) {
  if (csv) return csv_text(rows);
  std::string out;
  for (const SpotcheckRow& row : rows) {
    const Json line{{"id", row.id},
                    {"route", row.route},
                    {"prompt", row.prompt},
                    {"answer", row.answer},
                    {"grade", row.grade ? Json(*row.grade) : Json()},
                    {"comment", row.comment}};
    out.append(line.dump(-1, ' ', false, Json::error_handler_t::replace)).append("\n");
  }
  return out;
}

SpotcheckFile read_spotcheck(std::string_view text, std::string_view name) {
  return Reader(text, name).run();
}

std::vector<std::size_t> draw_strata(const std::vector<SpotcheckCandidate>& candidates, std::size_t count,
                                     std::string_view seed) {
  const auto key = [&](std::size_t index) {
    return stable_hash64("spotcheck\n" + std::string(seed) + "\n" + candidates[index].id);
  };
  std::map<std::string_view, std::vector<std::pair<std::uint64_t, std::size_t>>> strata;
  for (std::size_t i = 0; i < candidates.size(); ++i) strata[candidates[i].stratum].emplace_back(key(i), i);
  for (auto& [name, members] : strata) std::ranges::sort(members);
  std::vector<std::pair<std::uint64_t, std::size_t>> drawn;
  for (std::size_t turn = 0; drawn.size() < count; ++turn) {
    std::vector<std::pair<std::uint64_t, std::size_t>> round;
    for (const auto& [name, members] : strata)
      if (turn < members.size()) round.push_back(members[turn]);
    if (round.empty()) break;
    std::ranges::sort(round);  // the last, incomplete round favours nobody
    round.resize(std::min(round.size(), count - drawn.size()));
    drawn.insert(drawn.end(), round.begin(), round.end());
  }
  std::ranges::sort(drawn);
  std::vector<std::size_t> out;
  for (const auto& [hash, index] : drawn) out.push_back(index);
  return out;
}

std::string readable_prompt(const std::string& json) {
  const Json read = Json::parse(json, nullptr, false);
  if (read.is_string()) return read.get<std::string>();
  if (!read.is_array()) return json;
  std::string out;
  for (const Json& message : read) {
    if (!message.is_object()) continue;
    const Json content = message.value("content", Json());
    out.append(out.empty() ? "" : "\n\n");
    if (const Json role = message.value("role", Json()); role.is_string())
      out.append(role.get<std::string>()).append(": ");
    if (content.is_string()) out += content.get<std::string>();
    if (!content.is_array()) continue;
    for (const Json& part : content)
      if (part.is_object() && part.value("text", Json()).is_string()) out += part["text"].get<std::string>();
  }
  return out;
}

}  // namespace triage
