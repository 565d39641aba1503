#include "verify/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace triage::verify {
namespace {

using nlohmann::json;

constexpr std::size_t points_max = 10'000;
constexpr double pool_least = 20;  // answers; or a fifth of them, if they are few
constexpr std::size_t file_max = 4U << 20;

double sigmoid(double z) {
  return z >= 0 ? 1 / (1 + std::exp(-z)) : std::exp(z) / (1 + std::exp(z));
}

bool all_numbers(std::span<const Graded> answers) {
  return std::all_of(answers.begin(), answers.end(), [](const Graded& each) { return std::isfinite(each.x); });
}

std::optional<std::string> read_points(const json& points, Calibration& out) {
  if (!points.is_array() || points.empty() || points.size() > points_max)
    return "`points` must be a list of 1 to " + std::to_string(points_max) + " pairs [x, p]";
  for (const json& each : points) {
    if (!each.is_array() || each.size() != 2 || !each[0].is_number() || !each[1].is_number())
      return "each of `points` must be a pair of numbers [x, p]";
    const CalibrationPoint point{each[0], each[1]};
    if (!(point.p >= 0 && point.p <= 1)) return "the second number of each of `points` must be from 0 to 1";
    if (!out.points.empty() && (point.x <= out.points.back().x || point.p < out.points.back().p))
      return "`points` must rise: x from each to the next, and p must not fall";
    out.points.push_back(point);
  }
  return std::nullopt;
}

std::optional<std::string> read_file(const std::string& file, Calibration& out) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return "calibration file " + file + " cannot be read";
  std::string text(file_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof())) return "calibration file " + file + " cannot be read";
  if (text.size() > file_max) return "calibration file " + file + " is above 4 MiB: none is that large";
  const std::optional<std::string> problem = read_calibration(text, out);
  if (problem) return "calibration file " + file + ": " + *problem;
  return std::nullopt;
}

}  // namespace

double Calibration::probability(double x) const {
  if (!isotonic) return sigmoid(a * x + b);
  if (points.empty()) return 0;
  const auto above = std::upper_bound(points.begin(), points.end(), x,
                                      [](double value, const CalibrationPoint& p) { return value < p.x; });
  if (above == points.begin()) return points.front().p;
  const CalibrationPoint& low = *(above - 1);
  if (above == points.end()) return low.p;
  return low.p + (above->p - low.p) * (x - low.x) / (above->x - low.x);
}

std::optional<std::string> read_calibration(std::string_view text, Calibration& out) {
  out = Calibration();
  const json file = json::parse(text, nullptr, false);
  if (!file.is_object()) return "it is no JSON object; `triage calibrate` writes one";
  if (!file.contains("v") || file["v"] != 1)
    return "`v` must be 1; write it anew with this version's `triage calibrate`";
  if (!file.contains("kind") || !file["kind"].is_string()) return "`kind` must be platt or isotonic";
  if (file["kind"] == "isotonic") {
    out.isotonic = true;
    if (!file.contains("points")) return "`points` is missing";
    return read_points(file["points"], out);
  }
  if (file["kind"] != "platt") return "`kind` must be platt or isotonic";
  for (const auto& [name, member] : {std::pair("a", &out.a), std::pair("b", &out.b)}) {
    if (!file.contains(name) || !file[name].is_number()) return "`" + std::string(name) + "` must be a number";
    *member = file[name];
  }
  return std::nullopt;
}

std::optional<std::string> check_calibration(const std::string& file) {
  Calibration out;
  return read_file(file, out);
}

Calibration load_calibration(const std::string& file) {
  Calibration out;
  const std::optional<std::string> problem = read_file(file, out);
  if (problem) throw std::runtime_error(*problem);
  return out;
}

std::string write_calibration(const Calibration& calibration) {
  json out = {{"v", 1}, {"kind", calibration.isotonic ? "isotonic" : "platt"}};
  if (calibration.isotonic) {
    out["points"] = json::array();
    for (const CalibrationPoint& each : calibration.points) out["points"].push_back({each.x, each.p});
  } else {
    out["a"] = calibration.a;
    out["b"] = calibration.b;
  }
  return out.dump() + "\n";
}

// Minimises  F(a, b) = sum of log(1 + exp(z)) - t z  with z = a x + b, which is convex. x is scaled to mean 0 and
// deviation 1 first, so that the Hessian is well conditioned; each step is halved until F falls.
std::optional<Calibration> fit_platt(std::span<const Graded> answers) {
  const auto count = static_cast<double>(answers.size());
  const auto right =
      static_cast<double>(std::count_if(answers.begin(), answers.end(), [](const Graded& each) { return each.right; }));
  if (right == 0 || right == count || !all_numbers(answers)) return std::nullopt;
  double mean = 0;
  for (const Graded& each : answers) mean += each.x / count;
  double variance = 0;
  for (const Graded& each : answers) variance += (each.x - mean) * (each.x - mean) / count;
  const double scale = variance > 0 ? std::sqrt(variance) : 1;
  const double high = (right + 1) / (right + 2);
  const double low = 1 / (count - right + 2);
  const auto target = [&](const Graded& each) { return each.right ? high : low; };
  const auto loss = [&](double a, double b) {
    double sum = 0;
    for (const Graded& each : answers) {
      const double z = a * (each.x - mean) / scale + b;
      sum += std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))) - target(each) * z;
    }
    return sum;
  };
  double a = 0;
  double b = std::log((right + 1) / (count - right + 1));
  double now = loss(a, b);
  for (int step = 0; step < 100; ++step) {
    double ga = 0, gb = 0, haa = 1e-10, hab = 0, hbb = 1e-10;
    for (const Graded& each : answers) {
      const double x = (each.x - mean) / scale;
      const double p = sigmoid(a * x + b);
      const double error = p - target(each);
      const double weight = p * (1 - p);
      ga += error * x;
      gb += error;
      haa += weight * x * x;
      hab += weight * x;
      hbb += weight;
    }
    if (std::abs(ga) + std::abs(gb) < 1e-8 * count) break;
    const double determinant = haa * hbb - hab * hab;
    const double da = -(hbb * ga - hab * gb) / determinant;
    const double db = -(haa * gb - hab * ga) / determinant;
    double part = 1;
    while (part > 1e-10 && loss(a + part * da, b + part * db) > now) part /= 2;
    if (part <= 1e-10) break;
    a += part * da;
    b += part * db;
    now = loss(a, b);
  }
  Calibration out;
  out.a = a / scale;
  out.b = b - a * mean / scale;
  return out;
}

namespace {

// Answers that are adjacent in the order of x.
struct Pool {
  double first, last, right, count;
  [[nodiscard]] double share() const { return right / count; }
  [[nodiscard]] double cautious() const { return (right + 1) / (count + 2); }
};

void join_last(std::vector<Pool>& pools) {
  const Pool last = pools.back();
  pools.pop_back();
  pools.back().last = last.last;
  pools.back().right += last.right;
  pools.back().count += last.count;
}

// Appends `next`, and then joins the last two pools while `join` says so.
template <class Join>
void add_pool(std::vector<Pool>& pools, const Pool& next, Join join) {
  pools.push_back(next);
  while (pools.size() > 1 && join(pools[pools.size() - 2], pools.back())) join_last(pools);
}

}  // namespace

// Equal x make one pool. Then a pool joins the one before it if that has at least its share of right answers; then one
// with few answers joins its neighbour; then pools that the caution put out of order are joined. Each pool becomes the
// points of its first and its last x.
std::optional<Calibration> fit_isotonic(std::span<const Graded> answers) {
  if (answers.empty() || !all_numbers(answers)) return std::nullopt;
  std::vector<Graded> sorted(answers.begin(), answers.end());
  std::sort(sorted.begin(), sorted.end(), [](const Graded& one, const Graded& other) { return one.x < other.x; });
  std::vector<Pool> ties;
  for (const Graded& each : sorted)
    add_pool(ties, {each.x, each.x, each.right ? 1.0 : 0.0, 1},
             [](const Pool& before, const Pool& last) { return before.first == last.first; });
  std::vector<Pool> rising;
  for (const Pool& each : ties)
    add_pool(rising, each, [](const Pool& before, const Pool& last) { return before.share() >= last.share(); });
  const double few = std::min(pool_least, static_cast<double>(answers.size()) / 5);
  std::vector<Pool> large;
  for (const Pool& each : rising)
    add_pool(large, each, [few](const Pool& before, const Pool&) { return before.count < few; });
  if (large.size() > 1 && large.back().count < few) join_last(large);
  std::vector<Pool> pools;
  for (const Pool& each : large)
    add_pool(pools, each, [](const Pool& before, const Pool& last) { return before.cautious() >= last.cautious(); });
  Calibration out;
  out.isotonic = true;
  for (const Pool& each : pools) {
    out.points.push_back({each.first, each.cautious()});
    if (each.last > each.first) out.points.push_back({each.last, each.cautious()});
  }
  return out;
}

CalibrationError calibration_error(const Calibration& calibration, std::span<const Graded> answers, int bins) {
  struct Bin {
    double sum = 0, right = 0, count = 0;
  };
  std::vector<Bin> all(static_cast<std::size_t>(std::max(bins, 1)));
  CalibrationError out;
  const auto count = static_cast<double>(answers.size());
  for (const Graded& each : answers) {
    const double p = calibration.probability(each.x);
    const double truth = each.right ? 1 : 0;
    Bin& bin = all[std::min(static_cast<std::size_t>(p * static_cast<double>(all.size())), all.size() - 1)];
    bin.sum += p;
    bin.right += truth;
    bin.count += 1;
    out.brier += (p - truth) * (p - truth) / count;
  }
  for (const Bin& each : all) out.expected += std::abs(each.sum - each.right) / std::max(count, 1.0);
  return out;
}

}  // namespace triage::verify
