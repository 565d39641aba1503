// triage explain: runs a request from standard input through the routing code, up to the point where it would be sent.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/explain_order.hpp"
#include "app/trial.hpp"
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

}  // namespace

const char* const explain_help =
    "Usage: triage explain --config F [--path P] [--key NAME] [--header 'NAME: VALUE']... [--share S] [--json] < "
    "request.json\n\n"
    "Says what would become of a request, and why: which route, what each router says, which deployments would be\n"
    "asked in which order, what it would cost. Nothing is sent.\n\n"
    "  --path P            the path that is called (/v1/chat/completions)\n"
    "  --key NAME          the gateway key that calls, by its name; without, nothing is forbidden\n"
    "  --header 'N: V'     a header of the request, as often as needed\n"
    "  --share S           of the treatment of the route's experiment, 0 to 1 (0)\n"
    "  --output-tokens N   for the cost; else the request's max_tokens, else 500\n"
    "  --json              for programs\n\n"
    "Exit: 0 it would be sent, 1 it would be refused, or the configuration is bad.\n";

int explain_command(const Words& words) {
  const Arguments arguments(words, {"config", "path", "key", "header", "output-tokens", "share"}, {"json"});
  if (!arguments.words().empty()) throw UsageError("unexpected '" + arguments.words()[0] + "'");
  if (!arguments.has("config")) throw UsageError("--config is missing");
  Loaded loaded = load_file(arguments.value("config"));
  if (!loaded.ok()) {
    for (const Diagnostic& found : loaded.diagnostics)
      if (found.severity == Diagnostic::error) std::fprintf(stderr, "%s\n", to_string(found).c_str());
    return exit_no;
  }
  const double share = arguments.has("share") ? share_of(arguments.value("share")) : 0;
  Trial trial(std::move(loaded.spec), std::move(loaded.version));
  for (const RouteSpec& route : trial.snapshot().spec.routes)
    if (route.experiment) trial.live_state().rollout(route.experiment->name).share = share;
  ExplainOrder order = order_of(arguments);
  const std::string path = order.path.substr(0, order.path.find('?'));
  if (api_at(path)) order.body = read_input(trial.snapshot().spec.limits.body.bytes);
  const ExplainedOrder said = explain_order(trial.snapshot(), order, arguments.has("json"));
  std::fputs(said.text.c_str(), stdout);
  return said.refused ? exit_no : exit_done;
}

}  // namespace triage
