#include "offline/explorer.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace triage::offline {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

// Of `count` places at most `most`, at equal distances, with the first and the last.
std::vector<std::size_t> thinned(std::size_t count, std::size_t most) {
  const std::size_t kept = std::min(count, most);
  std::vector<std::size_t> out(kept);
  for (std::size_t i = 0; i < kept; ++i) out[i] = kept > 1 ? i * (count - 1) / (kept - 1) : 0;
  return out;
}

// The beginning of a text, cut between characters.
std::string beginning(const std::string& text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && characters++ == explorer_text_max)
      return text.substr(0, i) + "...";
  return text;
}

Json curves_json(const Evaluation& found) {
  Json out = Json::array();
  for (const ScoredResult& each : found.scored) {
    Json points = Json::array();
    for (const std::size_t i : thinned(each.curve.size(), explorer_points_max))
      points.push_back({each.curve[i].share, each.curve[i].quality, each.curve[i].cost_usd});
    out.push_back({{"title", title_of(each)}, {"points", std::move(points)}});
  }
  return out;
}

// A mean that rows enter and leave, and the half-width of its 95 % interval (normal approximation, rows independent).
class Running {
 public:
  void add(double value, double times = 1) {
    n_ += times;
    sum_ += times * value;
    squares_ += times * value * value;
  }
  void replace(double old, double now) {
    add(old, -1);
    add(now);
  }
  [[nodiscard]] double half_width() const {
    constexpr double z = 1.96;
    if (n_ < 2) return 0;
    const double mean = sum_ / n_;
    return z * std::sqrt(std::max(0.0, squares_ / n_ - mean * mean) / (n_ - 1));
  }

 private:
  double n_ = 0, sum_ = 0, squares_ = 0;
};

// What each position of the slider does: threshold, share, quality, cost, easy rows that go up, hard ones that stay,
// and the half-widths of the intervals of quality and cost.
Json steps_json(const ScoredResult& main, std::span<const double> scores, const Outcomes& outcomes) {
  const bool cascade = main.role == Scored::Role::cascade;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::ranges::greater(), [&](std::size_t i) { return scores[i]; });
  std::size_t at = 0;
  std::size_t easy_up = 0;
  auto hard_down = static_cast<std::size_t>(
      std::ranges::count_if(order, [&](std::size_t i) { return outcomes.strong[i] > outcomes.weak[i]; }));
  const bool costs = outcomes.has_costs();
  Running quality;
  Running cost;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    quality.add(outcomes.weak[i]);
    if (costs) cost.add(outcomes.cost_weak_usd[i]);
  }
  Json out = Json::array();
  for (const std::size_t place : thinned(main.curve.size(), explorer_points_max)) {
    const CurvePoint& point = main.curve[place];
    for (; at < order.size() && scores[order[at]] >= point.threshold; ++at) {
      quality.replace(outcomes.weak[order[at]], outcomes.strong[order[at]]);
      if (costs)
        cost.replace(outcomes.cost_weak_usd[order[at]],
                     outcomes.cost_strong_usd[order[at]] + (cascade ? outcomes.cost_weak_usd[order[at]] : 0));
      if (outcomes.strong[order[at]] > outcomes.weak[order[at]])
        --hard_down;
      else
        ++easy_up;
    }
    out.push_back({number(point.threshold), point.share, point.quality, point.cost_usd, easy_up, hard_down,
                   quality.half_width(), cost.half_width()});
  }
  return out;
}

Json rows_json(std::span<const Row> rows, std::span<const double> scores) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::ranges::greater(), [&](std::size_t i) { return scores[i]; });
  Json out = Json::array();
  for (const std::size_t place : thinned(order.size(), explorer_rows_max)) {
    const Row& row = rows[order[place]];
    out.push_back({beginning(row.question), row.weak, row.strong, scores[order[place]], beginning(row.group)});
  }
  return out;
}

// For the inside of a script element: no character of markup is left.
std::string script_safe(const Json& json) {
  const std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else if (c == '&')
      out += "\\u0026";
    else
      out += c;
  }
  return out;
}

std::string html_safe(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

}  // namespace

Json explorer_json(const Subject& subject, const Evaluation& found, std::span<const Row> rows, const Outcomes& outcomes,
                   std::span<const Scored> scored) {
  Json page{{"route", subject.route},
            {"data", subject.data},
            {"rows", found.rows},
            {"costs", outcomes.has_costs()},
            {"verdict", verdict_words(subject, found)},
            {"at",
             {{"share", found.route.share.value},
              {"quality", found.route.quality.value},
              {"cost", number(found.route.cost_usd.value)}}},
            {"weak", {{"quality", found.weak.value}, {"cost", number(found.cost_weak_usd.value)}}},
            {"strong", {{"quality", found.strong.value}, {"cost", number(found.cost_strong_usd.value)}}},
            {"curves", curves_json(found)},
            {"threshold", number(subject.threshold)},
            {"main", nullptr},
            {"steps", Json::array()},
            {"questions", Json::array()}};
  if (subject.main != Subject::no_main) {
    const std::span<const double> scores = scored[subject.main].scores;
    page["main"] = subject.main;
    page["cascade"] = found.scored[subject.main].role == Scored::Role::cascade;  // a share is then of escalations
    page["easy"] = found.route.easy;
    page["hard"] = found.route.hard;
    page["steps"] = steps_json(found.scored[subject.main], scores, outcomes);
    page["questions"] = rows_json(rows, scores);
  }
  return page;
}

std::string explorer_page(const Subject& subject, const Evaluation& found, std::span<const Row> rows,
                          const Outcomes& outcomes, std::span<const Scored> scored) {
  constexpr std::string_view data_mark = "@DATA";
  constexpr std::string_view report_mark = "@REPORT";
  // The marks are looked for in the template only, never in what is put in their place.
  const std::string_view text = explorer_template();
  const std::size_t report = text.find(report_mark);
  const std::size_t data = text.find(data_mark, report);
  std::string out(text.substr(0, report));
  out += html_safe(evaluation_text(subject, found));
  out += text.substr(report + report_mark.size(), data - report - report_mark.size());
  out += script_safe(explorer_json(subject, found, rows, outcomes, scored));
  out += text.substr(data + data_mark.size());
  return out;
}

}  // namespace triage::offline
