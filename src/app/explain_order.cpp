#include "app/explain_order.hpp"

#include "app/arguments.hpp"
#include "app/explained.hpp"
#include "base/text.hpp"
#include "clients/clients.hpp"
#include "pipeline/authenticate.hpp"
#include "triage/exchange.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::int64_t output_default = 500;

// A request as if read from a socket. Views point into it and into the order.
struct Asked {
  std::string body;  // with body_padding bytes of padding
  std::size_t body_size = 0;
  RequestHead head;
  ApiRequest request;
};

void read_head(const ExplainOrder& order, Asked& out) {
  const std::string_view target = order.path;
  if (!target.starts_with("/v1/")) throw UsageError("--path: the API begins at /v1/");
  if (target.starts_with("/v1/models")) throw UsageError("--path: the gateway itself answers /v1/models");
  const std::size_t mark = std::min(target.find('?'), target.size());
  out.head.method = "POST";
  out.head.target = target;
  out.head.path = target.substr(0, mark);
  out.head.query = target.substr(std::min(mark + 1, target.size()));
  for (const std::string_view text : order.headers) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) throw UsageError("--header '" + std::string(text) + "': write 'name: value'");
    const Field field{text.substr(0, colon), trimmed(text.substr(colon + 1))};
    const bool blank = field.name.empty() || field.name.find(' ') != std::string_view::npos;
    if (blank) throw UsageError("--header '" + std::string(text) + "': that is no header name");
    out.head.fields.push_back(field);
  }
}

Result<void> read_body(const ExplainOrder& order, std::uint64_t limit, Asked& out) {
  out.body = order.body;
  out.body_size = out.body.size();
  out.body.append(body_padding, '\0');
  if (out.body_size > limit)
    return Error{ErrorCode::body_too_large,
                 "the request's body is larger than " + std::to_string(limit) + " bytes (limits.body)"};
  return {};
}

// Null: no particular client.
Result<const KeySpec*> key_of(const ExplainOrder& order, const Snapshot& snapshot, const Asked& asked) {
  const auto& keys = snapshot.spec.keys;
  if (order.key) {
    const auto found = std::ranges::find(keys, *order.key, &KeySpec::name);
    if (found == keys.end()) throw UsageError("--key: the configuration has no key '" + *order.key + "'");
    return &*found;
  }
  if (find_field(asked.head.fields, "authorization")) return authenticate(snapshot, asked.head);
  return nullptr;
}

Usage assumed_usage(const ExplainOrder& order, const RoutingInput& input, std::optional<Api> api,
                    std::string_view& from) {
  Usage out;
  from = "none";
  if (!api) return out;
  const ChatView& view = input.view();
  out.input = view.tokens_all();
  if (api == Api::embeddings) return out;
  std::int64_t each = output_default;
  from = "assumed";
  if (order.output_tokens) {
    each = *order.output_tokens;
    from = "--output-tokens";
  } else if (view.max_tokens) {
    each = std::clamp<std::int64_t>(*view.max_tokens, 0, 1'000'000'000);
    from = "max_tokens";
  }
  out.output = each * std::clamp<std::int64_t>(view.choices, 1, 1000);
  return out;
}

ExplainedOrder answer(const Explained& explained, bool json) {
  return {json ? explained_json(explained) : explained_text(explained), explained.found.refusal.has_value()};
}

}  // namespace

ExplainedOrder explain_order(const Snapshot& snapshot, const ExplainOrder& order, bool json) {
  Asked asked;
  read_head(order, asked);
  const auto api = api_at(asked.head.path);
  const auto key = key_of(order, snapshot, asked);
  const auto refused = [&](const Error& error, const KeySpec* who) {
    const RoutingInput input(asked.request, asked.head, who);
    Explained explained{snapshot, input, std::nullopt, {}, "none"};
    explained.found.refusal = error;
    return answer(explained, json);
  };
  if (!key) return refused(key.error(), nullptr);
  if (api) {
    if (const auto read = read_body(order, snapshot.spec.limits.body.bytes, asked); !read)
      return refused(read.error(), *key);
    const ClientApi& client = client_at(asked.head);
    const auto request = client.parse(*api, asked.head, std::string_view(asked.body).substr(0, asked.body_size),
                                      snapshot.spec.limits.body_depth);
    if (!request) return refused(request.error(), *key);
    asked.request = *request;
  }
  const RoutingInput input(asked.request, asked.head, *key);
  Explained explained{snapshot, input, api, {}, {}, *key == nullptr && !snapshot.spec.keys.empty()};
  if (api) explained.signs = signs_of(input);
  explained.assumed = assumed_usage(order, input, api, explained.output_from);
  explained.found = explain(snapshot, input, api, explained.assumed, order.answer);
  return answer(explained, json);
}

}  // namespace triage
