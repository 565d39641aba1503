#include "providers/anthropic.hpp"

#include "anthropic/answer_reader.hpp"
#include "anthropic/request_writer.hpp"
#include "providers/fields.hpp"
#include "providers/openai.hpp"
#include "providers/translated_call.hpp"

#include <array>

// POST {base_url}/v1/messages with x-api-key and anthropic-version. The base URL may end with /v1 or not: Anthropic's
// SDKs leave it out, OpenAI's have it.

namespace triage {
namespace {

constexpr std::string_view version = "2023-06-01";

// The API's path below the base URL.
std::string api_path(const Provider& provider, std::string_view path) {
  const bool versioned = provider.base_url.path.ends_with("/v1");
  return (versioned ? "" : "/v1") + std::string(path);
}

void add_anthropic_fields(EncodedCall& call, const RequestHead& client, const Provider& provider, Forwarded forwarded) {
  const bool said = forwarded != Forwarded::translated && find_field(client.fields, "anthropic-version").has_value();
  const std::array<Field, 2> own{
      {{"x-api-key", provider.api_key.reveal()}, {"anthropic-version", said ? std::string_view() : version}}};
  add_fields(call, client, provider, forwarded, own);
}

class AnthropicDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "anthropic"; }
  [[nodiscard]] WireForm form(const Deployment& /*deployment*/) const noexcept override { return WireForm::anthropic; }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point /*now*/,
                                           Additions /*without*/) const override {
    if (request.form == WireForm::anthropic && request.original != nullptr)
      return passed(request, client, deployment, provider);
    const auto blocks = blocks_for(request, WireForm::anthropic, provider);
    if (!blocks) return blocks.error();
    auto written = anthropic::write_request(**blocks, deployment);
    if (!written) return written.error();
    EncodedCall result;
    result.call.target = target_of(provider, api_path(provider, "/messages"), "");
    add_anthropic_fields(result, client, provider, Forwarded::translated);
    result.call.body.push_back(result.own(std::move(written->body)));
    result.dropped = std::move(written->dropped);
    return Result<EncodedCall>(std::move(result));
  }

  // The client's bytes with another model.
  static EncodedCall passed(const ApiRequest& request, const RequestHead& client, const Deployment& deployment,
                            const Provider& provider) {
    EncodedCall result;
    result.call.target = target_of(provider, api_path(provider, "/messages"), client.query);
    add_anthropic_fields(result, client, provider, Forwarded::spliced);
    add_original(result, request, deployment.model);
    return result;
  }

  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    std::string_view path = client.path;
    if (path == "/v1" || path.starts_with("/v1/")) path.remove_prefix(3);
    EncodedCall result;
    result.call.method = client.method;
    result.call.target = target_of(provider, api_path(provider, path), client.query);
    result.call.body_length = client.content_length;
    result.call.replayable = !client.has_body();
    add_anthropic_fields(result, client, provider, Forwarded::unread);
    return result;
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override { return openai::is_stream(head); }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& /*request*/,
                                                       std::size_t event_bytes_max) const override {
    return anthropic::make_decoder(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return anthropic::decode_whole(body, out);
  }

  [[nodiscard]] std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const override {
    return anthropic::make_block_reader(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                BlockAnswer& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return anthropic::read_whole(body, out);
  }

  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    return openai::classify(status, body);
  }

  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return openai::refused(status, body, added);
  }
};

}  // namespace

const Dialect& anthropic_dialect() noexcept {
  static const AnthropicDialect dialect;
  return dialect;
}

}  // namespace triage
