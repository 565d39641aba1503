// triage explain: runs a request from standard input through the routing code, up to the point where it would be sent.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/explained.hpp"
#include "app/trial.hpp"
#include "base/text.hpp"
#include "clients/clients.hpp"
#include "config/load.hpp"
#include "options/values.hpp"
#include "pipeline/authenticate.hpp"
#include "triage/exchange.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

constexpr std::int64_t output_default = 500;

// A request as if read from a socket. Views point into it.
struct Asked {
  std::string path;
  std::vector<std::string> header_texts;
  std::string body;  // with body_padding bytes of padding
  std::size_t body_size = 0;
  RequestHead head;
  ApiRequest request;
};

void read_head(const Arguments& arguments, Asked& out) {
  out.path = arguments.has("path") ? arguments.value("path") : std::string(api_paths.front().path);
  if (!out.path.starts_with("/v1/")) throw UsageError("--path: the API begins at /v1/");
  if (out.path.starts_with("/v1/models")) throw UsageError("--path: the gateway itself answers /v1/models");
  const std::string_view target = out.path;
  const std::size_t mark = std::min(target.find('?'), target.size());
  out.head.method = "POST";
  out.head.target = target;
  out.head.path = target.substr(0, mark);
  out.head.query = target.substr(std::min(mark + 1, target.size()));
  out.header_texts = arguments.values("header");
  for (const std::string_view text : out.header_texts) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) throw UsageError("--header '" + std::string(text) + "': write 'name: value'");
    const Field field{text.substr(0, colon), trimmed(text.substr(colon + 1))};
    const bool blank = field.name.empty() || field.name.find(' ') != std::string_view::npos;
    if (blank) throw UsageError("--header '" + std::string(text) + "': that is no header name");
    out.head.fields.push_back(field);
  }
}

// Reading one byte more than the limit shows that there is more.
Result<void> read_body(std::uint64_t limit, Asked& out) {
  char piece[64 * 1024];
  while (out.body.size() <= limit) {
    const std::size_t got = std::fread(piece, 1, sizeof piece, stdin);
    if (got == 0) break;
    out.body.append(piece, got);
  }
  out.body_size = out.body.size();
  out.body.append(body_padding, '\0');
  if (out.body_size > limit)
    return Error{ErrorCode::body_too_large,
                 "the request's body is larger than " + std::to_string(limit) + " bytes (limits.body)"};
  return {};
}

// Null: no particular client.
Result<const KeySpec*> key_of(const Arguments& arguments, const Snapshot& snapshot, const Asked& asked) {
  const auto& keys = snapshot.spec.keys;
  if (arguments.has("key")) {
    const auto found = std::ranges::find(keys, arguments.value("key"), &KeySpec::name);
    if (found == keys.end()) throw UsageError("--key: the configuration has no key '" + arguments.value("key") + "'");
    return &*found;
  }
  if (find_field(asked.head.fields, "authorization")) return authenticate(snapshot, asked.head);
  return nullptr;
}

Usage assumed_usage(const Arguments& arguments, const RoutingInput& input, std::optional<Api> api,
                    std::string_view& from) {
  Usage out;
  from = "none";
  if (!api) return out;
  const ChatView& view = input.view();
  out.input = view.tokens_all();
  if (api == Api::embeddings) return out;
  std::int64_t each = output_default;
  from = "assumed";
  if (arguments.has("output-tokens")) {
    const auto given = parse_integer(arguments.value("output-tokens"));
    if (!given || *given > 1'000'000'000) throw UsageError("--output-tokens: give a number of tokens");
    each = static_cast<std::int64_t>(*given);
    from = "--output-tokens";
  } else if (view.max_tokens) {
    each = std::clamp<std::int64_t>(*view.max_tokens, 0, 1'000'000'000);
    from = "max_tokens";
  }
  out.output = each * std::clamp<std::int64_t>(view.choices, 1, 1000);
  return out;
}

double share_of(const std::string& text) {
  const auto share = parse_number(text);
  if (!share || *share < 0 || *share > 1) throw UsageError("--share: give a number from 0 to 1");
  return *share;
}

int answer(const Explained& explained, bool json) {
  std::fputs((json ? explained_json(explained) : explained_text(explained)).c_str(), stdout);
  return explained.found.refusal ? exit_no : exit_done;
}

int explain_request(const Arguments& arguments, const Snapshot& snapshot) {
  Asked asked;
  read_head(arguments, asked);
  const auto api = api_at(asked.head.path);
  const auto key = key_of(arguments, snapshot, asked);
  const bool json = arguments.has("json");
  const auto refused = [&](const Error& error, const KeySpec* who) {
    const RoutingInput input(asked.request, asked.head, who);
    Explained explained{snapshot, input, std::nullopt, {}, "none"};
    explained.found.refusal = error;
    return answer(explained, json);
  };
  if (!key) return refused(key.error(), nullptr);
  if (api) {
    if (const auto read = read_body(snapshot.spec.limits.body.bytes, asked); !read) return refused(read.error(), *key);
    const ClientApi& client = client_at(asked.head);
    const auto request = client.parse(*api, asked.head, std::string_view(asked.body).substr(0, asked.body_size),
                                      snapshot.spec.limits.body_depth);
    if (!request) return refused(request.error(), *key);
    asked.request = *request;
  }
  const RoutingInput input(asked.request, asked.head, *key);
  Explained explained{snapshot, input, api, {}, {}, *key == nullptr && !snapshot.spec.keys.empty()};
  if (api) explained.signs = signs_of(input);
  explained.assumed = assumed_usage(arguments, input, api, explained.output_from);
  explained.found = explain(snapshot, input, api, explained.assumed);
  return answer(explained, json);
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
  return explain_request(arguments, trial.snapshot());
}

}  // namespace triage
