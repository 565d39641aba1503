// triage experiment: asks the running gateway; where none runs, list and show read its ledger.
#include "app/arguments.hpp"
#include "app/ask_admin.hpp"
#include "app/commands.hpp"
#include "app/experiment_text.hpp"
#include "app/forecast_command.hpp"
#include "app/terminal.hpp"
#include "base/text.hpp"
#include "config/load.hpp"
#include "experiment/figures.hpp"
#include "experiment/read_line.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

ConfigSpec config_of(const Arguments& arguments) {
  Loaded loaded = load_file(arguments.value("config"));
  if (!usable(loaded, Told::all)) throw std::runtime_error("the configuration cannot be used");
  return std::move(loaded.spec);
}

// What the gateway would answer, from the ledger. The last decision is in force there, too.
AdminAnswer from_ledger(const ConfigSpec& config, const std::string& name) {
  if (!config.ledger) throw std::runtime_error("the configuration has no 'ledger', and no gateway runs");
  const experiment::Engine engine = experiment::read_experiments(config.ledger->dir);
  const auto version_of = [&config](const std::string& wanted) -> std::string {
    for (const RouteSpec& route : config.routes)
      if (route.experiment && route.experiment->name == wanted) return route.experiment->version;
    return "";
  };
  Json list = Json::array();
  for (const auto& [key, it] : engine.all()) {
    if (it.status() == experiment::Status::unknown || (!name.empty() && key != name)) continue;
    const bool configured = it.version() == version_of(key);
    if (!name.empty()) return {200, shown(it, it.clock_ms(), configured).dump()};
    list.push_back(listed(it, it.clock_ms(), configured));
  }
  if (!name.empty()) return {404, R"({"error":{"message":"the ledger knows no experiment ')" + name + R"('"}})"};
  Json out;
  out["experiments"] = std::move(list);
  return {200, out.dump()};
}

std::string admin_key() {
  const char* const key = std::getenv("TRIAGE_ADMIN_KEY");
  return key == nullptr ? "" : key;
}

// Prints the answer. Exit 1: the gateway refuses.
int print(const AdminAnswer& answer, bool as_json, std::string (*text)(const Json&)) {
  const Json json = Json::parse(answer.body, nullptr, false);
  if (answer.status == 200) {
    const std::string out = as_json ? json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : text(json);
    std::fputs(out.c_str(), stdout);
    return exit_done;
  }
  std::string message = "the admin address answered " + std::to_string(answer.status);
  if (json.is_object() && json.contains("error")) message = json["error"].value("message", message);
  if (answer.status != 401 && answer.status != 404 && answer.status != 409) throw std::runtime_error(message);
  if (answer.status == 401) message += " (the command takes it from the environment: TRIAGE_ADMIN_KEY)";
  std::fprintf(stderr, "triage experiment: %s\n", message.c_str());
  return exit_no;
}

int look(const ConfigSpec& config, const std::string& name, bool as_json) {
  const std::string path = "/admin/experiments" + (name.empty() ? "" : "/" + name);
  AdminAnswer answer;
  try {
    answer = ask_admin(config.admin.address, "GET", path);
  } catch (const NoGateway& none) {
    std::fprintf(stderr, "no gateway runs (%s): this is what its ledger says\n", none.what());
    answer = from_ledger(config, name);
  }
  return print(answer, as_json, name.empty() ? experiment_list_text : experiment_text);
}

int change(const ConfigSpec& config, const std::string& action, const std::string& name, const Arguments& arguments) {
  Json body;
  body["reason"] = arguments.value("reason");
  try {
    const AdminAnswer answer = ask_admin(config.admin.address, "POST", "/admin/experiments/" + name + "/" + action,
                                         body.dump(-1, ' ', false, Json::error_handler_t::replace), admin_key());
    return print(answer, arguments.has("json"), experiment_state_text);
  } catch (const NoGateway& none) {
    throw std::runtime_error(std::string("no gateway runs (") + none.what() + "): only a running one can " + action +
                             " an experiment");
  }
}

int list(const Arguments& arguments) {
  return look(config_of(arguments), "", arguments.has("json"));
}

int show(const Arguments& arguments) {
  return look(config_of(arguments), arguments.words()[0], arguments.has("json"));
}

template <const char* action>
int steer(const Arguments& arguments) {
  return change(config_of(arguments), action, arguments.words()[0], arguments);
}

int forecast(const Arguments& arguments) {
  return forecast_command(config_of(arguments), arguments.words()[0], arguments);
}

constexpr char start_action[] = "start";
constexpr char pause_action[] = "pause";
constexpr char promote_action[] = "promote";
constexpr char rollback_action[] = "rollback";

template <const char* action>
Command steering(const char* summary) {
  return {.name = action,
          .summary = summary,
          .operands = {{"NAME"}},
          .options = {config_option(), {"reason", "TEXT", "why, for those who read the ledger later"}, json_option()},
          .run = steer<action>};
}

}  // namespace

Command experiment_command() {
  return {
      .name = "experiment",
      .summary = "show, steer and forecast experiments",
      .about =
          "Asks the gateway that runs with this configuration, at its admin address; where none runs, list and show "
          "read its ledger. A decision is written into the ledger with who made it (the name of admin.key) and why. "
          "The admin key, if there is one, comes from the environment: TRIAGE_ADMIN_KEY. docs/experiments.md has "
          "the states.",
      .examples = {{"triage experiment list", "all experiments"},
                   {"triage experiment forecast cheaper-threshold --since 14d", "can it find anything?"},
                   {"triage experiment rollback cheaper-threshold --reason complaints", "end it"}},
      .exits = "0 done, 1 the state does not allow it, 3 could not run, such as a change where no gateway runs.",
      .commands = {
          {.name = "list",
           .summary = "all experiments, and how they stand",
           .options = {config_option(), json_option()},
           .run = list},
          {.name = "show",
           .summary = "one experiment: its stages, arms and guardrails",
           .operands = {{"NAME"}},
           .options = {config_option(), json_option()},
           .run = show},
          steering<start_action>("begin the first stage, or go on after a pause"),
          steering<pause_action>("give the treatment no requests for now"),
          steering<promote_action>("go to the next stage now"),
          steering<rollback_action>("end it: all requests get control"),
          {.name = "forecast",
           .summary = "say what it can detect, and how soon",
           .about = "Says, before a start, what the route's traffic as its ledger has it can detect, and how soon.",
           .operands = {{"NAME"}},
           .options =
               {config_option(),
                since_option("the traffic since then; 14d if not given"),
                {"units", "N",
                 "units a day; without it every request counts as one, unless an experiment has told them apart"},
                {"effect", "E", "how much worse a treatment would be, as a difference of means; 0.05 if not given"},
                json_option()},
           .run = forecast}}};
}

}  // namespace triage
