#include "providers/responses.hpp"

#include "providers/fields.hpp"
#include "providers/openai.hpp"
#include "providers/translated_call.hpp"
#include "responses/answer_reader.hpp"
#include "responses/request_writer.hpp"

// POST {base_url}/responses[?query]

namespace triage {
namespace {

class ResponsesDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "responses"; }
  [[nodiscard]] WireForm form(const Deployment& /*deployment*/) const noexcept override { return WireForm::responses; }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point /*now*/,
                                           Additions /*without*/) const override {
    EncodedCall result;
    if (request.form == WireForm::responses && request.original != nullptr) {
      result.call.target = target_of(provider, path, client.query);
      openai::add_call_fields(result, client, provider, Forwarded::spliced);
      add_original(result, request, deployment.model);
      return Result<EncodedCall>(std::move(result));
    }
    const auto blocks = blocks_for(request, WireForm::responses, provider);
    if (!blocks) return blocks.error();
    auto written = responses::write_request(**blocks, deployment);
    if (!written) return written.error();
    result.call.target = target_of(provider, path, "");
    openai::add_call_fields(result, client, provider, Forwarded::translated);
    result.call.body.push_back(result.own(std::move(written->body)));
    result.dropped = std::move(written->dropped);
    return Result<EncodedCall>(std::move(result));
  }

  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    return openai_dialect().pass_through(client, provider);
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override { return openai::is_stream(head); }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& request,
                                                       std::size_t event_bytes_max) const override {
    return responses::make_decoder(request, event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return responses::decode_whole(body, out);
  }

  [[nodiscard]] std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const override {
    return responses::make_block_reader(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                BlockAnswer& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return responses::read_whole(body, out);
  }

  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    return openai::classify(status, body);
  }

  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return openai::refused(status, body, added);
  }

 private:
  static constexpr std::string_view path = "/responses";
};

}  // namespace

const Dialect& responses_dialect() noexcept {
  static const ResponsesDialect dialect;
  return dialect;
}

}  // namespace triage
