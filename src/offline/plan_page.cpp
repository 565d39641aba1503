// The page of `triage plan --html`: a chart of cost a day by accuracy, drawn here, and the text.
#include "offline/plan_report.hpp"
#include "offline/table.hpp"

#include <algorithm>
#include <optional>

namespace triage::offline {
namespace {

constexpr double left = 80;
constexpr double right = 780;
constexpr double top = 15;
constexpr double bottom = 300;
constexpr double least = 0.5;
constexpr double most = 0.99;
constexpr int steps = 98;

double x_of(double accuracy) {
  return left + (accuracy - least) / (most - least) * (right - left);
}

double y_of(double cost, double highest) {
  return bottom - cost / highest * (bottom - top);
}

std::string point_text(double x, double y) {
  return fixed(x, 1) + "," + fixed(y, 1) + " ";
}

std::string line(const Workload& work, PlanPattern pattern, double highest, const char* color) {
  std::string points;
  for (int i = 0; i <= steps; ++i) {
    const double accuracy = least + (most - least) * i / steps;
    if (const auto point = cheapest(work, pattern, accuracy))
      points += point_text(x_of(accuracy), y_of(point->cost_usd, highest));
  }
  return "<polyline fill=\"none\" stroke-width=\"2.5\" stroke=\"" + std::string(color) + "\" points=\"" + points +
         "\"/>\n";
}

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + fixed(x, 1) + "\" y=\"" + fixed(y, 1) + "\" text-anchor=\"" + anchor + "\">" + text +
         "</text>\n";
}

std::string rule(double x1, double y1, double x2, double y2, const char* style) {
  return "<line x1=\"" + fixed(x1, 1) + "\" y1=\"" + fixed(y1, 1) + "\" x2=\"" + fixed(x2, 1) + "\" y2=\"" +
         fixed(y2, 1) + "\" class=\"" + style + "\"/>\n";
}

std::string chart(const Workload& work) {
  double highest = work.cost_strong_usd * 1.1;
  for (int i = 0; i <= steps; ++i)
    for (const PlanPattern pattern : {PlanPattern::pre_route, PlanPattern::cascade})
      if (const auto point = cheapest(work, pattern, least + (most - least) * i / steps))
        highest = std::max(highest, point->cost_usd * 1.05);
  std::string out = "<svg viewBox=\"0 0 800 340\" role=\"img\" aria-label=\"Cost a day by accuracy\">\n";
  for (int i = 0; i <= 4; ++i) {
    const double cost = highest * i / 4;
    out += rule(left, y_of(cost, highest), right, y_of(cost, highest), "axis");
    out += label(left - 6, y_of(cost, highest) + 4, "end", usd(cost * work.requests_a_day));
  }
  for (const double accuracy : {0.5, 0.6, 0.7, 0.8, 0.9})
    out += label(x_of(accuracy), bottom + 20, "middle", fixed(accuracy, 1));
  out += rule(left, y_of(work.cost_strong_usd, highest), right, y_of(work.cost_strong_usd, highest), "strong");
  out += line(work, PlanPattern::pre_route, highest, "#c2410c") + line(work, PlanPattern::cascade, highest, "#2f7de1");
  if (const auto even = make_plan(work).break_even)
    if (*even > least && *even < most) out += rule(x_of(*even), top, x_of(*even), bottom, "even");
  return out + "</svg>\n";
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

}  // namespace

std::string plan_page(const PlanSubject& subject, const Workload& work) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Triage: plan</title>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<style>\n:root { color-scheme: light dark; }\nbody { margin: 0 auto; padding: 1.5rem; max-width: 60rem; "
         "font: 1rem/1.5 system-ui, sans-serif; }\nsvg { width: 100%; } svg text { font-size: 12px; fill: "
         "currentColor; }\n"
         ".axis { stroke: #8884; } .strong { stroke: currentColor; stroke-dasharray: 6 4; } .even { stroke: #2f7de1; "
         "stroke-dasharray: 2 4; }\npre { overflow: auto; }\n</style></head><body>\n"
         "<h1>Cost a day within the quality budget, by accuracy</h1>\n" +
         chart(work) +
         "<p><b style=\"color:#c2410c\">pre-route</b>, by the router's accuracy; <b "
         "style=\"color:#2f7de1\">cascade</b>, by "
         "the verifier's; dashed: always-strong; dotted: the verifier's accuracy from which on the cascade is as cheap "
         "as "
         "pre-routing with the router at hand.</p>\n<pre>" +
         escaped(plan_text(subject, work)) + "</pre>\n</body></html>\n";
}

}  // namespace triage::offline
