#include "providers/openai.hpp"

#include "json/json.hpp"
#include "providers/fields.hpp"
#include "providers/responses.hpp"

#include <algorithm>
#include <array>

// POST {base_url}/chat/completions[?query]
//
//   client:    {"model":"auto", ... ,"stream":true}
//   pieces:    {  |"stream_options":{"include_usage":true},|  "model":  |"gpt-4o"|  , ... ,"stream":true}
//              \________________________________ views, in order, nothing copied ______________________/

namespace triage {
namespace {

constexpr std::string_view usage_member = R"("include_usage":true)";
constexpr std::string_view usage_member_first = R"("include_usage":true,)";
constexpr std::string_view usage_options = R"({"include_usage":true})";
constexpr std::string_view usage_options_member = R"("stream_options":{"include_usage":true},)";

/// Replaces a span of the body by `text`; an empty span inserts.
struct Edit {
  Span span;
  std::string_view text;
};

/// The edit that makes the provider report usage at the end of a stream.
Edit ask_for_usage(const ApiRequest& request) {
  if (request.stream_options.empty()) return {{request.object_begin, request.object_begin}, usage_options_member};
  if (!request.include_usage_value.empty()) return {request.include_usage_value, "true"};
  if (request.body[request.stream_options.begin] != '{') return {request.stream_options, usage_options};
  const std::size_t inside = request.stream_options.begin + 1;
  const bool empty_object = request.body.find_first_not_of(" \t\r\n", inside) == request.stream_options.end - 1;
  return {{inside, inside}, empty_object ? usage_member : usage_member_first};
}

std::string_view api_path(Api api) noexcept {
  switch (api) {
    case Api::chat: return "/chat/completions";
    case Api::completions: return "/completions";
    case Api::embeddings: return "/embeddings";
  }
  return "";
}

constexpr std::string_view own_host = "api.openai.com";
constexpr std::string_view azure_host = ".openai.azure.com";

// Of a request in another dialect: OpenAI's own API calls the answer's limit max_completion_tokens, and only models
// that are said to think are asked to.
bool thinks(const BlockRequest& blocks) noexcept {
  return blocks.effort != Effort::unset || blocks.thinking_tokens;
}

Effort effort_of(const BlockRequest& blocks) noexcept {
  constexpr std::int64_t low_most = 2048;
  constexpr std::int64_t medium_most = 12'288;
  if (blocks.effort != Effort::unset || !blocks.thinking_tokens) return blocks.effort;
  return *blocks.thinking_tokens <= low_most      ? Effort::low
         : *blocks.thinking_tokens <= medium_most ? Effort::medium
                                                  : Effort::high;
}

std::size_t add_translated_edits(const ApiRequest& request, const Deployment& deployment, const Provider& provider,
                                 std::array<Edit, 4>& edits, std::size_t count) {
  const OriginalRequest& original = *request.original;
  if (!original.max_tokens.empty() && provider.base_url.host == own_host)
    edits[count++] = {original.max_tokens, R"("max_completion_tokens")"};
  const BlockRequest& blocks = **request.blocks;
  if (thinks(blocks) && deployment.thinking == Thinking::adaptive)
    edits[count++] = {{request.object_begin, request.object_begin}, openai::effort_member(effort_of(blocks))};
  return count;
}

std::optional<Error> note_losses(const ApiRequest& request, const Deployment& deployment, const Provider& provider,
                                 EncodedCall& call) {
  if (request.original == nullptr || request.blocks == nullptr || !*request.blocks)
    return Error{ErrorCode::untranslatable, "the request cannot be translated"};
  const BlockRequest& blocks = **request.blocks;
  if (const RequestFields refused = refused_fields(blocks.fields, WireForm::openai); refused != 0)
    return Error{ErrorCode::untranslatable, "provider '" + provider.name + "' cannot be told all of this request",
                 names_of_fields(refused).front()};
  call.dropped = names_of_fields(dropped_fields(blocks.fields, WireForm::openai));
  if (thinks(blocks) && deployment.thinking != Thinking::adaptive) call.dropped.emplace_back("thinking");
  call.dropped.insert(call.dropped.end(), blocks.unknown.begin(), blocks.unknown.end());
  return std::nullopt;
}

class OpenaiDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "openai"; }
  [[nodiscard]] WireForm form(const Deployment& /*deployment*/) const noexcept override { return WireForm::openai; }

  // Many servers have the Responses API as well; OpenAI's and Azure's surely do.
  [[nodiscard]] SecondDialect second(const Provider& provider) const noexcept override {
    if (provider.responses) return *provider.responses ? SecondDialect{&responses_dialect(), true} : SecondDialect{};
    const std::string& host = provider.base_url.host;
    return {&responses_dialect(), host == own_host || host.ends_with(azure_host)};
  }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point /*now*/,
                                           Additions without) const override {
    EncodedCall result;
    const bool translated = request.form != WireForm::openai;
    result.call.target =
        target_of(provider, api_path(request.api), translated ? std::string_view() : std::string_view(client.query));
    openai::add_call_fields(result, client, provider, translated ? Forwarded::translated : Forwarded::spliced);

    std::array<Edit, 4> edits;
    std::size_t count = 0;
    if (request.model != deployment.model) {
      std::string quoted;
      append_json_string(quoted, deployment.model);
      edits[count++] = {request.model_value, result.own(std::move(quoted))};
    }
    if (request.stream && request.api != Api::embeddings && !request.include_usage &&
        (without & bit(Addition::stream_options)) == 0) {
      edits[count++] = ask_for_usage(request);
      result.added = bit(Addition::stream_options);
    }
    if (translated) {
      if (auto error = note_losses(request, deployment, provider, result)) return *std::move(error);
      count = add_translated_edits(request, deployment, provider, edits, count);
    }
    std::sort(edits.begin(), edits.begin() + count,
              [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });

    std::vector<std::string_view>& body = result.call.body;
    body.reserve(2 * count + 1);
    std::size_t at = 0;
    for (std::size_t i = 0; i < count; ++i) {
      body.push_back(request.body.substr(at, edits[i].span.begin - at));
      body.push_back(edits[i].text);
      at = edits[i].span.end;
    }
    body.push_back(request.body.substr(at));
    return Result<EncodedCall>(std::move(result));
  }

  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    std::string_view path = client.path;
    if (path == "/v1" || path.starts_with("/v1/")) path.remove_prefix(3);
    EncodedCall result;
    result.call.method = client.method;
    result.call.target = target_of(provider, path, client.query);
    if (result.call.target.empty() || result.call.target.front() == '?')
      result.call.target.insert(result.call.target.begin(), '/');
    result.call.body_length = client.content_length;
    result.call.replayable = !client.has_body();
    openai::add_call_fields(result, client, provider, Forwarded::unread);
    return result;
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override { return openai::is_stream(head); }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& /*request*/,
                                                       std::size_t event_bytes_max) const override {
    return openai::make_decoder(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    return openai::decode_whole(content_type, body, out);
  }

  [[nodiscard]] std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const override {
    return openai::make_block_reader(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                BlockAnswer& out) const override {
    return openai::read_whole(content_type, body, out);
  }

  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    return openai::classify(status, body);
  }

  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return openai::refused(status, body, added);
  }
};

}  // namespace

void openai::add_call_fields(EncodedCall& call, const RequestHead& client, const Provider& provider,
                             Forwarded forwarded) {
  std::string_view bearer;
  if (!provider.api_key.empty()) bearer = call.own("Bearer " + provider.api_key.reveal());
  const std::array<Field, 3> own{{{"Authorization", bearer},
                                  {"OpenAI-Organization", provider.organization},
                                  {"OpenAI-Project", provider.project}}};
  add_fields(call, client, provider, forwarded, own);
}

bool openai::is_stream(const ResponseHead& head) noexcept {
  const auto type = find_field(head.fields, "content-type");
  constexpr std::string_view wanted = "text/event-stream";
  return type && type->size() >= wanted.size() && iequals(type->substr(0, wanted.size()), wanted);
}

const Dialect& openai_dialect() noexcept {
  static const OpenaiDialect dialect;
  return dialect;
}

}  // namespace triage
