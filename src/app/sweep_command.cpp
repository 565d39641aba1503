// triage sweep: thresholds, what they cost, and which one keeps a floor of quality.
#include "app/labelled.hpp"
#include "base/text.hpp"
#include "offline/sweep.hpp"
#include "offline/table.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

double share_of(const Arguments& arguments, const char* name, double otherwise) {
  if (!arguments.has(name)) return otherwise;
  const auto value = parse_number(arguments.value(name));
  if (!value || *value < 0.5 || *value > 0.999)
    throw UsageError("--" + std::string(name) + " '" + arguments.value(name) + "': give a number from 0.5 to 0.999");
  return *value;
}

int say_no(const std::string& why) {
  std::fprintf(stderr, "nothing is written: %s\n", why.c_str());
  return exit_no;
}

// Thresholds are lowest first: the lowest separates the weak tier from the rest.
int write(const Labelled& labelled, const offline::Sweep& sweep, const offline::Scored& scored,
          const std::vector<Threshold>& thresholds) {
  const offline::ThresholdEffect& certified = sweep.found.certified;
  if (thresholds.empty())
    return say_no(sweep.title + " has no 'thresholds' in the configuration" +
                  (scored.role == offline::Scored::Role::cascade
                       ? "; set 'accept_at' of the verifier to " + offline::fixed(1 - certified.threshold, 3)
                       : ""));
  if (certified.share >= 1) return say_no("no threshold is certified");
  const Threshold& lowest = thresholds.front();
  std::string value;
  append_number(value, std::min(1.0, std::round((certified.threshold + lowest.band) * 1e6) / 1e6));
  if (thresholds.size() > 1 && thresholds[1].value <= certified.threshold + lowest.band)
    return say_no(value + " is not below the threshold of tier " + quoted_name(thresholds[1].tier) +
                  ": raise that first");
  labelled.write(lowest, value);
  std::fprintf(stderr, "%s.%s is now %s\n", options::to_string(lowest.section).c_str(), lowest.tier.c_str(),
               value.c_str());
  return exit_done;
}

int sweep(const Arguments& arguments) {
  offline::Floor floor{share_of(arguments, "floor", 0.95), share_of(arguments, "confidence", 0.9)};
  Labelled labelled(arguments);
  if (!labelled.ok()) return exit_no;
  floor.seed = labelled.resampling().seed;
  const auto main = labelled.main_score();
  if (!main)
    throw UsageError(
        "nothing gives a score: neither a router of the chain, nor a verifier (on rows with "
        "'weak_response'), nor the rows ('score')");
  const offline::Scored& scored = labelled.run().scored[*main];
  const std::vector<Threshold> thresholds = labelled.thresholds(scored);
  offline::Subject subject = labelled.subject();
  subject.threshold = thresholds.empty() ? std::numeric_limits<double>::quiet_NaN() : thresholds.front().effective();
  const offline::Sweep found = offline::sweep(subject, labelled.run().outcomes, scored, floor);
  if (arguments.has("json"))
    std::printf("%s\n", offline::sweep_json(subject, found).dump(2).c_str());
  else
    std::fputs(offline::sweep_text(subject, found).c_str(), stdout);
  return arguments.has("write") ? write(labelled, found, scored, thresholds) : exit_done;
}

}  // namespace

Command sweep_command() {
  return {.name = "sweep",
          .summary = "choose a threshold, with a guarantee",
          .about =
              "Shows what each threshold of a router's score (or of the cascade's verifier) costs and how good the "
              "answers then are, and recommends the one that keeps a floor of quality with confidence.",
          .options = Labelled::options(
              {{"floor", "Q", "share of always-strong's quality to keep, 0.5 to 0.999; 0.95 if not given"},
               {"confidence", "C", "that it is kept for questions like these, 0.5 to 0.999; 0.9 if not given"},
               {"write", "", "writes the certified threshold into the configuration"},
               json_option()}),
          .examples = {{"triage sweep --data rows.jsonl --floor 0.97", "which threshold keeps 97 % of the quality?"},
                       {"triage sweep --data rows.jsonl --write", "put it into triage.yaml"}},
          .exits = "0 done, 1 the configuration or the rows are bad, or --write has nothing to write.",
          .run = sweep};
}

}  // namespace triage
