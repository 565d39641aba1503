#include "app/judge_calibration.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

namespace triage {
namespace {

using Group = std::vector<const JudgedAnswer*>;
using Json = nlohmann::ordered_json;

constexpr double good = 0.5;

// A range without labels is spoken for by the labels of the next one.
std::array<double, score_ranges> weights_of(const Group& group) {
  std::array<double, score_ranges> judged{};
  std::array<double, score_ranges> labelled{};
  for (const JudgedAnswer* answer : group) {
    ++judged[score_range(answer->judge)];
    if (answer->person) ++labelled[score_range(answer->judge)];
  }
  for (std::size_t i = 0; i + 1 < score_ranges; ++i)
    if (labelled[i] == 0) judged[i + 1] += std::exchange(judged[i], 0);
  for (std::size_t i = score_ranges - 1; i > 0; --i)
    if (labelled[i] == 0) judged[i - 1] += std::exchange(judged[i], 0);
  std::array<double, score_ranges> out{};
  for (std::size_t i = 0; i < score_ranges; ++i) out[i] = labelled[i] > 0 ? judged[i] / labelled[i] : 0;
  return out;
}

void compare(const Group& group, JudgeCalibration& out) {
  double same = 0;
  double judge_good = 0;
  double person_good = 0;
  for (const JudgedAnswer* answer : group) {
    out.judge_mean += answer->judge / static_cast<double>(group.size());
    if (!answer->person) continue;
    ++out.labelled;
    out.bias += answer->judge - *answer->person;
    judge_good += answer->judge >= good;
    person_good += *answer->person >= good;
    same += (answer->judge >= good) == (*answer->person >= good);
  }
  if (out.labelled == 0) return;
  const auto n = static_cast<double>(out.labelled);
  out.bias /= n;
  out.agreement = same / n;
  const double by_chance = (judge_good * person_good + (n - judge_good) * (n - person_good)) / (n * n);
  if (judge_good > 0 && judge_good < n && person_good > 0 && person_good < n)
    out.kappa = (out.agreement - by_chance) / (1 - by_chance);
}

// A range whose few labels show no mistake of the judge may hide one. So the interval also holds what would be found if
// each range had one mistake more (as "plus four" intervals of proportions do).
void allow_for_unseen(std::vector<statistics::Labelled> labelled, std::span<const double> judged, double confidence,
                      statistics::Corrected& found) {
  std::array<const statistics::Labelled*, score_ranges> seen{};
  for (const statistics::Labelled& label : labelled) seen[score_range(label.judge)] = &label;
  std::vector<statistics::Labelled> unseen;
  for (const statistics::Labelled* label : seen)
    if (label != nullptr) unseen.push_back({label->judge, label->judge >= good ? 0.0 : 1.0, label->weight});
  labelled.insert(labelled.end(), unseen.begin(), unseen.end());
  const auto more = statistics::corrected_mean(labelled, judged, confidence);
  if (!more) return;
  found.interval.low = std::min(found.interval.low, more->interval.low);
  found.interval.high = std::max(found.interval.high, more->interval.high);
}

JudgeCalibration calibration_of(const Group& group, double confidence) {
  JudgeCalibration out;
  out.route = group.front()->route;
  out.arm = group.front()->arm;
  out.judged = group.size();
  compare(group, out);
  const auto weights = weights_of(group);
  std::vector<statistics::Labelled> labelled;
  std::vector<double> judged;
  for (const JudgedAnswer* answer : group)
    if (answer->person)
      labelled.push_back({answer->judge, *answer->person, weights[score_range(answer->judge)]});
    else
      judged.push_back(answer->judge);
  out.of = statistics::corrected_mean(labelled, judged, confidence);
  if (out.of) allow_for_unseen(std::move(labelled), judged, confidence, *out.of);
  return out;
}

std::string format(const char* pattern, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(line, sizeof line, pattern, arguments);
  va_end(arguments);
  return line;
}

std::string too_few(const JudgeCalibration& found) {
  if (found.labelled == 0)
    return "    no person has graded any of them: what the judge's mean is worth is not known. Draw some with\n"
           "    `triage spotcheck draw`\n";
  if (found.labelled == found.judged) return "    people have graded all of them: their mean needs no judge\n";
  return format(
      "    %zu labels are too few to correct it (about %.0f of equal weight are needed): its mean is only the "
      "judge's word\n",
      found.labelled, statistics::labels_needed);
}

}  // namespace

std::size_t score_range(double score) noexcept {
  return score < 0.5 ? 0 : score < 0.9 ? 1 : 2;
}

std::vector<JudgeCalibration> calibrate_judge(const std::vector<JudgedAnswer>& answers, double confidence) {
  std::map<std::pair<std::string, std::string>, Group> groups;
  for (const JudgedAnswer& answer : answers) groups[{answer.route, answer.arm}].push_back(&answer);
  std::vector<JudgeCalibration> out;
  for (const auto& [name, group] : groups) out.push_back(calibration_of(group, confidence));
  return out;
}

std::string calibration_text(const std::vector<JudgeCalibration>& found, double confidence) {
  std::string out;
  for (const JudgeCalibration& each : found) {
    out += "route " + each.route + (each.arm.empty() ? "" : ", " + each.arm);
    out += format(": %zu answers judged, mean %.3f\n", each.judged, each.judge_mean);
    if (each.labelled > 0) {
      out += format("    people graded %zu of them: both say good or both say bad of %.0f %%", each.labelled,
                    100 * each.agreement);
      if (each.kappa) out += format(" (kappa %.2f)", *each.kappa);
      out += format(", the judge is %.3f %s\n", std::abs(each.bias), each.bias >= 0 ? "too kind" : "too harsh");
    }
    out += each.of ? format("    corrected mean %.3f, with %.0f %% confidence between %.3f and %.3f\n", each.of->mean,
                            100 * confidence, each.of->interval.low, each.of->interval.high)
                   : too_few(each);
  }
  return out;
}

std::string calibration_json(const std::vector<JudgeCalibration>& found, double confidence) {
  Json out{{"confidence", confidence}, {"groups", Json::array()}};
  for (const JudgeCalibration& each : found) {
    Json group{{"route", each.route},
               {"arm", each.arm.empty() ? Json() : Json(each.arm)},
               {"judged", each.judged},
               {"labelled", each.labelled},
               {"judge_mean", each.judge_mean},
               {"agreement", each.labelled > 0 ? Json(each.agreement) : Json()},
               {"kappa", each.kappa ? Json(*each.kappa) : Json()},
               {"bias", each.labelled > 0 ? Json(each.bias) : Json()},
               {"corrected", nullptr}};
    if (each.of)
      group["corrected"] = {{"mean", each.of->mean},          {"low", each.of->interval.low},
                            {"high", each.of->interval.high}, {"people_alone", each.of->people_alone},
                            {"trust", each.of->trust},        {"effective_labels", each.of->effective_labels}};
    out["groups"].push_back(std::move(group));
  }
  return out.dump(2) + "\n";
}

}  // namespace triage
