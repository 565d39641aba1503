// The `plain` dialect: OpenAI's, for servers that know no stream_options.
#include "providers/plain.hpp"
#include "providers/openai.hpp"

namespace triage {
namespace {

class PlainDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "plain"; }
  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point now,
                                           Additions without) const override {
    return openai_dialect().encode(request, client, deployment, provider, now, without | bit(Addition::stream_options));
  }
  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    return openai_dialect().pass_through(client, provider);
  }
  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override {
    return openai_dialect().is_stream(head);
  }
  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& request,
                                                       std::size_t event_bytes_max) const override {
    return openai_dialect().decoder(request, event_bytes_max);
  }
  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    return openai_dialect().decode_whole(content_type, body, out);
  }
  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    return openai_dialect().classify(status, body);
  }
  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return openai_dialect().refused(status, body, added);
  }
};

}  // namespace

const Dialect& plain_dialect() noexcept {
  static const PlainDialect dialect;
  return dialect;
}

}  // namespace triage
