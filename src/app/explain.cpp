// triage explain: runs a request from standard input through the routing code, up to the point where it would be sent.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/explain_order.hpp"
#include "app/offline_gateway.hpp"
#include "app/terminal.hpp"
#include "app/trial.hpp"
#include "base/decimal.hpp"
#include "config/load.hpp"
#include "options/values.hpp"
#include "triage/request.hpp"

#include <cstdio>

namespace triage {
namespace {

// One byte more than the limit shows that there is more.
std::string read_input(std::uint64_t limit) {
  std::string out;
  char piece[64 * 1024];
  while (out.size() <= limit) {
    const std::size_t got = std::fread(piece, 1, sizeof piece, stdin);
    if (got == 0) break;
    out.append(piece, got);
  }
  return out;
}

double share_of(const std::string& text) {
  const auto share = parse_number(text);
  if (!share || *share < 0 || *share > 1) throw UsageError("--share: give a number from 0 to 1");
  return *share;
}

ExplainOrder order_of(const Arguments& arguments) {
  ExplainOrder out;
  if (arguments.has("path")) out.path = arguments.value("path");
  out.headers = arguments.values("header");
  if (arguments.has("key")) out.key = arguments.value("key");
  if (arguments.has("output-tokens")) {
    const auto given = parse_integer(arguments.value("output-tokens"));
    if (!given || *given > 1'000'000'000) throw UsageError("--output-tokens: give a number of tokens");
    out.output_tokens = static_cast<std::int64_t>(*given);
  }
  return out;
}

// Puts a router's question to the deployment that it names.
QuestionResult ask_model(const Snapshot& snapshot, const Question& question) {
  OfflineGateway gateway(snapshot.spec, snapshot.version);
  OfflineReply reply;
  const auto work = [&](std::size_t) -> Async<void> { reply = co_await gateway.ask(question); };
  gateway.run(1, 1, work);
  if (!std::holds_alternative<ScoreQuestion>(question)) {
    const std::string cost = reply.cost_nano_usd ? "$" + format_decimal(*reply.cost_nano_usd, 9) : "of unknown cost";
    std::fprintf(stderr, "a router called a model: %s\n", cost.c_str());
  }
  return std::move(reply.result);
}

int explain_request(const Arguments& arguments) {
  Loaded loaded = load_file(arguments.value("config"));
  if (!usable(loaded)) return exit_no;
  const double share = arguments.has("share") ? share_of(arguments.value("share")) : 0;
  Trial trial(std::move(loaded.spec), std::move(loaded.version));
  for (const RouteSpec& route : trial.snapshot().spec.routes)
    if (route.experiment) trial.live_state().rollout(route.experiment->name).share = share;
  ExplainOrder order = order_of(arguments);
  if (arguments.has("ask"))
    order.answer = [&trial](const Question& question) { return ask_model(trial.snapshot(), question); };
  const std::string path = order.path.substr(0, order.path.find('?'));
  if (api_at(path)) {
    note_waiting("the request");
    order.body = read_input(trial.snapshot().spec.limits.body.bytes);
    if (order.body.empty())
      std::fputs("standard input is empty: give it the request, as in `triage explain < request.json`\n", stderr);
  }
  const ExplainedOrder said = explain_order(trial.snapshot(), order, arguments.has("json"));
  std::fputs(said.text.c_str(), stdout);
  return said.refused ? exit_no : exit_done;
}

}  // namespace

Command explain_command() {
  Option header{"header", "'NAME: VALUE'", "a header of the request, as often as needed"};
  header.repeats = true;
  return {.name = "explain",
          .summary = "say what would become of a request",
          .about =
              "Reads a request from standard input and says what would become of it, and why: which route, what "
              "each router says, which deployments would be asked in which order, what of the request would not "
              "reach them, what it would cost. The routers behind the one that decides say what they would have said. "
              "Nothing is sent, unless --ask is given.",
          .options = {config_option(),
                      {"path", "PATH", "the path that is called; /v1/chat/completions if not given"},
                      {"key", "NAME", "the gateway key that calls, by its name; without, nothing is forbidden"},
                      header,
                      {"share", "S", "of the treatment of the route's experiment, 0 to 1; 0 if not given"},
                      {"output-tokens", "N", "for the cost; else the request's max_tokens, else 500"},
                      {"ask", "", "call the models of routers that need one to decide, which costs what they charge"},
                      json_option()},
          .examples = {{"triage explain < request.json", "with triage.yaml of the current directory"},
                       {"triage explain --config triage.yaml --header 'x-triage-tier: large' < request.json",
                        "as a client that asks for a tier"}},
          .exits = "0 it would be sent, 1 it would be refused, or the configuration is bad.",
          .run = explain_request};
}

}  // namespace triage
