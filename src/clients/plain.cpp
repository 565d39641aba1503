// A client API like OpenAI's whose errors are a text.
#include "clients/clients.hpp"

namespace triage {
namespace {

class PlainClient final : public ClientApi {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "plain"; }
  [[nodiscard]] Result<ApiRequest> parse(Api api, std::string_view body, std::uint32_t depth_max) const override {
    return openai_client().parse(api, body, depth_max);
  }
  void add_event(const AnswerEvent& event, std::string& out) const override { openai_client().add_event(event, out); }
  [[nodiscard]] std::string_view stream_end() const noexcept override { return openai_client().stream_end(); }
  [[nodiscard]] std::string as_stream(const ApiRequest& request, std::string_view body) const override {
    return openai_client().as_stream(request, body);
  }
  [[nodiscard]] std::string error_body(const Error& error) const override { return error.message; }
  [[nodiscard]] std::string error_event(std::string_view error_body) const override {
    return "data: " + std::string(error_body) + "\n\n";
  }
};

}  // namespace

const ClientApi& plain_client() noexcept {
  static const PlainClient client;
  return client;
}

}  // namespace triage
