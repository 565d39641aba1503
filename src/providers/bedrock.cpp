// POST {base_url}/model/{id}/converse[-stream], with an API key as a bearer token or signed with AWS's keys. The id may
// be an ARN, with colons and slashes, and is one segment of the path.
#include "providers/bedrock.hpp"

#include "base/percent.hpp"
#include "base/sha256.hpp"
#include "bedrock/answer_reader.hpp"
#include "bedrock/request_writer.hpp"
#include "bedrock/sigv4.hpp"
#include "providers/base_url.hpp"
#include "providers/fields.hpp"
#include "providers/openai.hpp"
#include "providers/translated_call.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

using std::chrono::system_clock;

constexpr std::string_view service = "bedrock";

bedrock::ConverseWords words_of(const Quirks& quirks) {
  using Words = bedrock::ConverseWords;
  Words out;
  if (quirks.effort) {
    switch (*quirks.effort) {
      case EffortWord::reasoning_effort: out.effort = Words::Effort::reasoning_effort; break;
      case EffortWord::reasoning_config: out.effort = Words::Effort::reasoning_config; break;
      case EffortWord::nova: out.effort = Words::Effort::nova; break;
      default: out.effort = Words::Effort::no;
    }
  }
  if (quirks.top_k) {
    switch (*quirks.top_k) {
      case TopKWord::no: out.top_k = Words::TopK::no; break;
      case TopKWord::top_k: out.top_k = Words::TopK::top_k; break;
      case TopKWord::k: out.top_k = Words::TopK::k; break;
      case TopKWord::nova: out.top_k = Words::TopK::nova;
    }
  }
  if (quirks.tool_choices)
    out.named_choice = std::ranges::find(*quirks.tool_choices, ChoiceWord::named) != quirks.tool_choices->end();
  out.cache_points = quirks.cache_points.value_or(true);
  out.failed_results = quirks.failed_results.value_or(true);
  out.reply_to_results = quirks.reply_to_results.value_or(false);
  return out;
}

// Signs the call, which is complete, with the keys of `provider`: what it sends besides the fields that proxies may
// change.
void sign(EncodedCall& call, const Provider& provider, system_clock::time_point now) {
  using namespace bedrock;
  HttpCall& http = call.call;
  const std::string_view date = call.own(amz_date(now));
  const std::string hash = hex(sha256(http.body.front()));
  const std::string host = host_field(provider.base_url);
  RequestToSign request{http.method, http.target, "", {{"Host", host}, {"X-Amz-Date", date}}, hash};
  const std::string& token = provider.session_token.reveal();
  if (!token.empty()) request.fields.push_back({"X-Amz-Security-Token", token});
  const AwsKeys keys{provider.access_key_id.reveal(), provider.secret_access_key.reveal(), token};
  const std::string_view signature = call.own(authorization(keys, {region_of(provider), service, now}, request));
  http.fields.insert(http.fields.end(), request.fields.begin() + 1, request.fields.end());
  http.fields.push_back({"Authorization", signature});
}

class BedrockDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "bedrock"; }
  [[nodiscard]] WireForm form(const Deployment& /*deployment*/) const noexcept override { return WireForm::bedrock; }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           system_clock::time_point now, Additions /*without*/) const override {
    const auto blocks = blocks_for(request, WireForm::bedrock, provider);
    if (!blocks) return blocks.error();
    auto written = bedrock::write_request(**blocks, deployment, words_of(deployment.quirks));
    if (!written) return written.error();
    EncodedCall result;
    const std::string path =
        "/model/" + percent_encoded(deployment.model) + (request.stream ? "/converse-stream" : "/converse");
    result.call.target = target_of(provider, path, "");
    add_own_fields(result, client, provider, Forwarded::translated);
    result.call.body.push_back(result.own(std::move(written->body)));
    result.dropped = std::move(written->dropped);
    if (provider.api_key.empty() && !provider.access_key_id.empty()) sign(result, provider, now);
    return Result<EncodedCall>(std::move(result));
  }

  static void add_own_fields(EncodedCall& call, const RequestHead& client, const Provider& provider,
                             Forwarded forwarded) {
    std::string_view bearer;
    if (!provider.api_key.empty()) bearer = call.own("Bearer " + provider.api_key.reveal());
    const std::array<Field, 1> own{{{"Authorization", bearer}}};
    add_fields(call, client, provider, forwarded, own);
  }

  // Only an API key lets a call through whose body is not read: a signature covers the body.
  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    std::string_view path = client.path;
    if (path.starts_with("/v1/")) path.remove_prefix(3);
    EncodedCall result;
    result.call.method = client.method;
    result.call.target = target_of(provider, path, client.query);
    result.call.body_length = client.content_length;
    result.call.replayable = !client.has_body();
    add_own_fields(result, client, provider, Forwarded::unread);
    return result;
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override {
    constexpr std::string_view wanted = "application/vnd.amazon.eventstream";
    const auto type = find_field(head.fields, "content-type");
    return type && type->size() >= wanted.size() && iequals(type->substr(0, wanted.size()), wanted);
  }

  // No client speaks this form, so that no answer is passed on.
  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& /*request*/,
                                                       std::size_t event_bytes_max) const override {
    return openai::make_decoder(event_bytes_max);
  }
  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    return openai::decode_whole(content_type, body, out);
  }

  [[nodiscard]] std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const override {
    return bedrock::make_block_reader(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                BlockAnswer& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return bedrock::read_whole(body, out);
  }

  // A model's id that is wrong is no fault of the request.
  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    constexpr std::string_view of_the_model[] = {"model identifier is invalid", "on-demand throughput",
                                                 "end of its life", "doesn't support the model"};
    const auto says = [body](std::string_view words) { return body.find(words) != std::string_view::npos; };
    if (status == 400 && std::ranges::any_of(of_the_model, says)) return Remedy::elsewhere;
    return openai::classify(status, body);
  }

  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return openai::refused(status, body, added);
  }
};

}  // namespace

const Dialect& bedrock_dialect() noexcept {
  static const BedrockDialect dialect;
  return dialect;
}

}  // namespace triage
