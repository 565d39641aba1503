#include "app/labelled.hpp"

#include "app/edit_config.hpp"
#include "app/progress.hpp"
#include "app/terminal.hpp"
#include "app/trial.hpp"
#include "base/text.hpp"
#include "ledger/folder.hpp"
#include "ledger/labels.hpp"
#include "options/values.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

using offline::Scored;

constexpr std::size_t data_max = std::size_t{2} << 30;

std::uint64_t number_of(const Arguments& arguments, const char* name, std::uint64_t least, std::uint64_t most,
                        std::uint64_t otherwise) {
  if (!arguments.has(name)) return otherwise;
  const auto value = parse_integer(arguments.value(name));
  if (!value || *value < least || *value > most)
    throw UsageError("--" + std::string(name) + " '" + arguments.value(name) + "': give a number from " +
                     std::to_string(least) + " to " + std::to_string(most));
  return *value;
}

// All of a file, or of standard input for "-".
std::string read_all(const std::string& file) {
  if (file == "-") note_waiting("rows");
  std::FILE* const in = file == "-" ? stdin : std::fopen(file.c_str(), "rb");
  if (in == nullptr) throw std::runtime_error("cannot read '" + file + "'");
  std::string text;
  std::vector<char> piece(std::size_t{1} << 20);
  std::size_t got = 0;
  while (text.size() <= data_max && (got = std::fread(piece.data(), 1, piece.size(), in)) > 0)
    text.append(piece.data(), got);
  const bool failed = std::ferror(in) != 0;
  if (in != stdin) std::fclose(in);
  if (failed) throw std::runtime_error("cannot read '" + file + "': is it a file?");
  if (text.size() > data_max) throw std::runtime_error("'" + file + "' is larger than 2 GiB: give a sample of it");
  return text;
}

// The labelled questions of a ledger, in the same form.
std::string read_ledger(const std::string& folder, const std::string& route) {
  if (!ledger::is_ledger(folder)) throw std::runtime_error("'" + folder + "' is not a ledger");
  std::string text;
  ledger::LabelOptions options;
  options.folder = folder;
  options.route = route;
  const ledger::Labels done = ledger::export_labels(options, [&text](std::string_view lines) {
    text += lines;
    return text.size() <= data_max;
  });
  if (!done.written) throw std::runtime_error("the ledger has more than 2 GiB of labelled questions: export some");
  if (done.rows == 0)
    throw std::runtime_error("the ledger has no labelled questions of route " + quoted_name(route) +
                             "; `triage export --labels` says why");
  return text;
}

std::string name_of(const Scored& scored) {
  if (scored.role == Scored::Role::router) return scored.name;
  return scored.role == Scored::Role::cascade ? "cascade" : "rows";
}

}  // namespace

std::vector<Option> Labelled::options(const std::vector<Option>& more) {
  return joined_options(
      {config_option(),
       {"route", "NAME", "the route; may be left out if there is one"},
       {"data", "FILE",
        "JSON Lines, - for standard input: {\"prompt\", \"weak\", \"strong\"}, and if known \"weak_response\", "
        "\"group\", \"cost_weak\", \"cost_strong\", \"score\" (docs/choosing-thresholds.md)"},
       {"ledger", "DIR", "instead of --data: the scored pairs of the route in a ledger"},
       {"group", "NAME", "the member that holds the group; `group` if not given"},
       {"router", "KIND",
        "whose score thresholds are chosen for: a router of the chain, 'cascade' for the verifier's, or 'rows' for the "
        "rows' own; the first of these that there is if not given"},
       {"output-tokens", "N", "of an answer that the data lack, for its cost; 500 if not given"},
       {"seed", "N", "of everything that is drawn; 1 if not given"},
       {"resamples", "N", "for intervals; 1000 if not given"}},
      more);
}

Labelled::Labelled(const Arguments& arguments) : router_(arguments.value("router")) {
  if (arguments.has("data") == arguments.has("ledger")) throw UsageError("give either --data FILE or --ledger DIR");
  resampling_.seed = number_of(arguments, "seed", 0, UINT64_MAX, resampling_.seed);
  resampling_.resamples = number_of(arguments, "resamples", 100, 100'000, resampling_.resamples);
  read_config(arguments);
  if (!trial_) return;
  read_data(arguments);
}

Labelled::~Labelled() = default;

void Labelled::read_config(const Arguments& arguments) {
  config_ = arguments.value("config");
  loaded_ = load_file(config_);
  if (!usable(loaded_)) return;
  trial_ = std::make_unique<Trial>(std::move(loaded_.spec), loaded_.version);
  const auto& routes = trial_->snapshot().routes;
  if (arguments.has("route"))
    route_ = route_named(trial_->snapshot(), arguments.value("route")).spec->name;
  else if (routes.size() == 1)
    route_ = routes.front().spec->name;
  else
    throw UsageError("--route is missing: the configuration has " + std::to_string(routes.size()) + " routes");
}

void Labelled::read_data(const Arguments& arguments) {
  const std::string group = arguments.has("group") ? arguments.value("group") : "group";
  RunOptions options;
  options.output_tokens = static_cast<std::int64_t>(number_of(arguments, "output-tokens", 0, 1'000'000, 500));
  const bool from_ledger = arguments.has("ledger");
  const std::string place = arguments.value(from_ledger ? "ledger" : "data");
  data_ = from_ledger ? "ledger " + place : place == "-" ? "standard input" : place;
  options.data = data_;
  std::string text = from_ledger ? read_ledger(place, route_) : read_all(place);
  const std::size_t size = text.size();
  text.append(body_padding, '\0');
  rows_ = offline::read_rows(std::string_view(text).substr(0, size), data_, group);
  const auto complain = [](const std::vector<std::string>& problems) {
    for (const std::string& problem : problems) std::fprintf(stderr, "%s\n", problem.c_str());
  };
  if (rows_.bad_rows > 0) {
    complain(rows_.problems);
    if (rows_.bad_rows > rows_.problems.size())
      std::fprintf(stderr, "... and %zu more bad rows\n", rows_.bad_rows - rows_.problems.size());
    return;
  }
  if (rows_.rows.size() < 2) throw std::runtime_error(data_ + " has fewer than two rows: nothing can be measured");
  Progress progress("rows routed", rows_.rows.size());
  options.progress = [&progress](std::size_t done) { progress.at(done); };
  run_ = run_route(trial_->snapshot(), route_named(trial_->snapshot(), route_), rows_, options);
  if (!run_.problems.empty()) return complain(run_.problems);
  if (std::ranges::all_of(rows_.rows, [](const offline::Row& row) { return row.score.has_value(); })) {
    Scored given{Scored::Role::given, "score", {}};
    for (const offline::Row& row : rows_.rows) given.scores.push_back(*row.score);
    run_.scored.push_back(std::move(given));
  }
  main_ = find_main();
  ok_ = true;
}

std::optional<std::size_t> Labelled::find_main() const {
  const auto& scored = run_.scored;
  if (router_.empty()) return scored.empty() ? std::nullopt : std::optional<std::size_t>(0);
  const auto found = std::ranges::find(scored, router_, name_of);
  if (found != scored.end()) return static_cast<std::size_t>(found - scored.begin());
  std::vector<std::string> names;
  for (const Scored& each : scored) names.push_back(name_of(each));
  throw UsageError("--router '" + router_ +
                   "': " + (names.empty() ? "nothing gives a score here" : "what gives scores here: " + joined(names)));
}

std::vector<Threshold> Labelled::thresholds(const Scored& scored) const {
  std::vector<Threshold> out;
  if (scored.role != Scored::Role::router) return out;
  const RouteSpec& route = *route_named(trial_->snapshot(), route_).spec;
  const auto number_at = [this](const options::Path& path) {
    const options::Origin* const origin = loaded_.origins.find(path);
    const auto value = origin != nullptr ? parse_number(origin->text) : Result<double>(Error{});
    return value ? std::optional(*value) : std::nullopt;
  };
  for (std::size_t i = 0; i < route.routers.size() && out.empty(); ++i) {
    const std::string& kind = route.routers[i].kind;
    if (kind != scored.name) continue;
    const options::Path router = options::Path{"routes", route.name, "routers"} / i / kind;
    const double band = number_at(router / "band").value_or(0);
    for (const auto& [tier, members] : route.tiers)
      if (const auto value = number_at(router / "thresholds" / tier))
        out.push_back({router / "thresholds", tier, *value, band});
  }
  std::ranges::sort(out, {}, &Threshold::value);
  return out;
}

void Labelled::write(const Threshold& threshold, const std::string& value) const {
  write_value(config_, loaded_, threshold.section, threshold.tier, value, threshold.tier);
}

offline::Subject Labelled::subject() const {
  offline::Subject out;
  out.route = route_;
  out.data = data_;
  out.weak_tier = run_.weak_tier;
  out.strong_tiers = run_.strong_tiers;
  out.notes = run_.notes;
  return out;
}

}  // namespace triage
