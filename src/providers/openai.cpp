#include "providers/openai.hpp"

#include "blocks/block_request.hpp"
#include "json/json.hpp"
#include "openai/chat_writer.hpp"
#include "openai/own_quirks.hpp"
#include "providers/fields.hpp"
#include "providers/responses.hpp"
#include "providers/translated_call.hpp"

#include <algorithm>
#include <array>

// POST {base_url}/chat/completions[?query]
//
//   client:    {"model":"auto", ... ,"stream":true}
//   pieces:    {  |"stream_options":{"include_usage":true},|  "model":  |"gpt-4o"|  , ... ,"stream":true}
//              \________________________________ views, in order, nothing copied ______________________/
//
// Where the server or the model takes other words than its dialect says, these are further edits (own_quirks.hpp).

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

// A request of another dialect, written anew in the model's words.
std::optional<Error> add_translated(const ApiRequest& request, const Deployment& deployment, const Provider& provider,
                                    Additions without, EncodedCall& call) {
  const auto blocks = blocks_for(request, WireForm::openai, provider);
  if (!blocks) return blocks.error();
  if (auto error = unpaired(**blocks)) return error;
  const bool usage = request.stream && (without & bit(Addition::stream_options)) == 0;
  if (usage && !request.include_usage) call.added = bit(Addition::stream_options);
  openai::WrittenChat chat = openai::write_chat_for(**blocks, deployment, usage);
  call.call.body.push_back(call.own(std::move(chat.body)));
  RequestFields dropped = dropped_fields((*blocks)->fields, WireForm::openai);
  if (deployment.quirks.sent_thoughts.value_or(SentThoughts::no) != SentThoughts::no)
    dropped &= ~bit(RequestField::thoughts);
  call.dropped = names_of_fields(dropped);
  call.dropped.insert(call.dropped.end(), chat.dropped.begin(), chat.dropped.end());
  call.dropped.insert(call.dropped.end(), (*blocks)->unknown.begin(), (*blocks)->unknown.end());
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

    if (translated) {
      if (auto error = add_translated(request, deployment, provider, without, result)) return *std::move(error);
      return Result<EncodedCall>(std::move(result));
    }

    std::vector<Edit> edits;
    if (request.model != deployment.model) {
      std::string quoted;
      append_json_string(quoted, deployment.model);
      edits.push_back({request.model_value, result.own(std::move(quoted))});
    }
    if (request.stream && request.api != Api::embeddings && !request.include_usage &&
        (without & bit(Addition::stream_options)) == 0) {
      edits.push_back(ask_for_usage(request));
      result.added = bit(Addition::stream_options);
    }
    if (request.api == Api::chat) {
      openai::OwnQuirks quirks = openai::own_quirks(request, deployment);
      for (openai::QuirkEdit& edit : quirks.edits) edits.push_back({edit.span, result.own(std::move(edit.text))});
      result.dropped = std::move(quirks.dropped);
    }
    std::ranges::stable_sort(edits, {}, [](const Edit& edit) { return edit.span.begin; });

    std::vector<std::string_view>& body = result.call.body;
    body.reserve(2 * edits.size() + 1);
    std::size_t at = 0;
    for (const Edit& edit : edits) {
      if (edit.span.begin < at) continue;  // of a member that is left out
      body.push_back(request.body.substr(at, edit.span.begin - at));
      body.push_back(edit.text);
      at = edit.span.end;
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
