// triage replay --diff: what a change of configuration would have cost, and how good it would have been.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/ledger_folder.hpp"
#include "app/replay_run.hpp"
#include "app/terminal.hpp"
#include "base/unix_time.hpp"
#include "config/load.hpp"
#include "ledger/folder.hpp"
#include "ledger/logged_request.hpp"
#include "offline/replay_report.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

constexpr std::int64_t month_ms = 30LL * 24 * 3600 * 1000;

// "0.002", or "95%" of OLD's.
std::optional<offline::ReplayBound> bound_of(const Arguments& arguments, const char* name) {
  if (!arguments.has(name)) return std::nullopt;
  offline::ReplayBound out{arguments.value(name)};
  std::string text = out.written;
  out.relative = text.ends_with('%');
  if (out.relative) text.pop_back();
  while (text.ends_with(' ')) text.pop_back();
  const auto value = parse_number(text);
  if (!value || *value < 0)
    throw UsageError("--" + std::string(name) + " '" + out.written +
                     "': give a number, or a share of OLD's with %, as in 95%");
  out.value = out.relative ? *value / 100 : *value;
  return out;
}

std::string folder_of(const Arguments& arguments, const Loaded& before, const Loaded& after) {
  std::string folder = arguments.value("ledger");
  if (folder.empty()) {
    const auto& spec = before.spec.ledger ? before.spec : after.spec;
    if (!spec.ledger) throw UsageError("--ledger DIR is missing: neither configuration has a 'ledger'");
    folder = spec.ledger->dir;
  }
  if (!ledger::is_ledger(folder)) throw std::runtime_error("'" + folder + "' is not a ledger");
  return folder;
}

// Of several routes the only one that has requests in the ledger.
std::string route_of(const Arguments& arguments, const Loaded& before, const Loaded& after,
                     const ReplayOptions& options) {
  std::vector<std::string> both;
  for (const RouteSpec& route : before.spec.routes)
    if (std::ranges::find(after.spec.routes, route.name, &RouteSpec::name) != after.spec.routes.end())
      both.push_back(route.name);
  if (arguments.has("route")) {
    if (std::ranges::find(both, arguments.value("route")) != both.end()) return arguments.value("route");
    throw UsageError("--route: OLD and NEW have no route '" + arguments.value("route") + "' in common");
  }
  if (both.size() == 1) return both.front();
  std::map<std::string, std::size_t> requests;
  ledger::read_logged(
      options.folder, "", options.since_unix_ms,
      [&](const ledger::LoggedRequest& logged) {
        if (std::ranges::find(both, logged.route) != both.end()) ++requests[logged.route];
      },
      [](const ledger::LoggedQuality&) {});
  if (requests.size() == 1) return requests.begin()->first;
  std::string known;
  for (const auto& [name, count] : requests) known += (known.empty() ? ": " : ", ") + name;
  throw UsageError(
      "--route is missing: OLD and NEW have " + std::to_string(both.size()) + " routes in common" +
      (known.empty() ? ", none of which has requests in the ledger" : ", with requests in the ledger" + known));
}

void choose_quality(const Arguments& arguments, offline::ReplayFound& found) {
  const std::string wanted = arguments.value("signal");
  if (!arguments.has("signal")) {
    if (!found.quality.empty()) found.main = main_quality(found.quality);
    return;
  }
  const auto named = std::ranges::find(found.quality, wanted, &offline::ReplayMeasure::source);
  if (named == found.quality.end()) {
    std::string known;
    for (const auto& each : found.quality) known += (known.empty() ? "" : ", ") + each.source;
    throw UsageError("--signal '" + wanted + "': the ledger has " + (known.empty() ? "no quality at all" : known));
  }
  found.main = static_cast<std::size_t>(named - found.quality.begin());
}

bool kept(const std::optional<offline::GateResult>& gate) {
  return !gate || gate->kept == offline::Kept::yes;
}

// Values what was replayed and prints it. Returns the exit code.
int tell(const Arguments& arguments, const ReplayOptions& options, Replay replayed) {
  offline::ReplayFound found;
  found.route = options.route;
  found.before = arguments.words()[0];
  found.after = arguments.words()[1];
  found.ledger = options.folder;
  found.requests = replayed.requests;
  found.same = replayed.same;
  found.undecided = replayed.undecided;
  found.moves = std::move(replayed.moves);
  found.first_unix_ms = replayed.first_unix_ms;
  found.last_unix_ms = replayed.last_unix_ms;
  found.notes = std::move(replayed.notes);
  found.cost = offline::replay_cost(replayed.rows);
  found.quality = offline::replay_quality(replayed.rows);
  choose_quality(arguments, found);
  if (const auto max_cost = bound_of(arguments, "max-cost")) found.cost_gate = gate_max_cost(found.cost, *max_cost);
  offline::ReplayMeasure nothing;
  nothing.source = "signals";
  if (const auto min_quality = bound_of(arguments, "min-quality"))
    found.quality_gate = gate_min_quality(found.quality.empty() ? nothing : found.quality[found.main], *min_quality);
  if (arguments.has("json"))
    std::printf("%s\n", replay_json(found).dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  else
    std::fputs(replay_text(found).c_str(), stdout);
  return kept(found.cost_gate) && kept(found.quality_gate) ? exit_done : exit_no;
}

int replay_diff(const Arguments& arguments) {
  for (const char* bound : {"max-cost", "min-quality"}) bound_of(arguments, bound);  // before the work begins
  const Loaded before = load_file(arguments.words()[0]);
  const Loaded after = load_file(arguments.words()[1]);
  if (!usable(before) || !usable(after)) return exit_no;
  ReplayOptions options;
  options.folder = folder_of(arguments, before, after);
  options.since_unix_ms = since_unix_ms(arguments, now_unix_ms() - month_ms);
  options.route = route_of(arguments, before, after, options);
  auto said = std::chrono::steady_clock::now();
  options.progress = [&said](std::size_t done) {
    const auto now = std::chrono::steady_clock::now();
    if (now - said < std::chrono::seconds(1)) return;
    said = now;
    std::fprintf(stderr, "%zu requests replayed\n", done);
  };
  return tell(arguments, options, replay(before, after, options));
}

}  // namespace

Command replay_command() {
  Option diff{"diff", "", "compares NEW with OLD"};
  diff.required = true;
  return {
      .name = "replay",
      .summary = "say what a change of configuration would have cost",
      .about =
          "Says what a change of configuration would have cost, and how good it would have been, on your own "
          "requests: puts each request of the ledger to OLD and NEW, and reads cost and quality where what they "
          "would do was done.",
      .operands = {{"OLD"}, {"NEW"}},
      .options = {diff,
                  {"ledger", "DIR", "the ledger; OLD's if not given"},
                  {"route", "NAME",
                   "may be left out if OLD and NEW have one route in common, or the ledger has requests of one"},
                  since_option("requests of that time or later; 30d if not given"),
                  {"signal", "S",
                   "the quality that counts: grades, feedback, pairs or signals; the first of which enough is known"},
                  {"max-cost", "X", "NEW must surely cost at most X USD a request, or X% of what OLD costs"},
                  {"min-quality", "Q", "NEW must surely be at least Q good, 0 to 1, or Q% as good as OLD"},
                  json_option()},
      .examples = {{"triage replay --diff triage.yaml new.yaml", "what would it have cost?"},
                   {"triage replay --diff triage.yaml new.yaml --max-cost 95% --min-quality 98%",
                    "in CI: cheaper, and as good"}},
      .exits = "0 done, 1 a bound is violated or cannot be told from these logs, or a configuration is bad.",
      .run = replay_diff};
}

}  // namespace triage
