// {base_url}/v1beta1/projects/P/locations/L/publishers/google/models/M:generateContent     or streamGenerateContent
// {base_url}/v1/projects/P/locations/L/publishers/anthropic/models/M:rawPredict            or streamRawPredict; the
//     model is not in the body, and "anthropic_version" is
// {base_url}/v1/projects/P/locations/L/endpoints/openapi/chat/completions                  the model is PUBLISHER/M
//
// Access tokens are added by the upstream; an API key is sent as x-goog-api-key. Without a project, an API key asks
// {base_url}/v1beta1/publishers/google/models/M:... (express mode).
#include "providers/vertex.hpp"

#include "base/percent.hpp"
#include "json/json.hpp"
#include "providers/anthropic.hpp"
#include "providers/fields.hpp"
#include "providers/gemini.hpp"
#include "providers/openai.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

constexpr std::string_view google = "google";
constexpr std::string_view anthropic_name = "anthropic";
constexpr std::string_view anthropic_version = R"("anthropic_version":"vertex-2023-10-16")";
constexpr std::string_view count_tokens_model = "count-tokens";

// {base path}/VERSION/projects/P/locations/L
std::string place_of(const Provider& provider, std::string_view version) {
  std::string out = provider.base_url.path;
  if (!out.ends_with("/v1") && !out.ends_with("/v1beta1")) out.append("/").append(version);
  if (provider.project.empty()) return out;
  out.append("/projects/").append(percent_encoded(provider.project));
  return out.append("/locations/").append(percent_encoded(provider.location));
}

std::string model_target(const Provider& provider, const vertex::Model& model, std::string_view method) {
  const bool own = model.publisher == google;
  std::string out = place_of(provider, own ? "v1beta1" : "v1");
  out.append("/publishers/").append(percent_encoded(model.publisher));
  return out.append("/models/").append(percent_encoded(model.name, "@")).append(":").append(method);
}

// What is behind the '?', with it.
std::string_view query_of(std::string_view target) noexcept {
  return target.substr(std::min(target.find('?'), target.size()));
}

// The key under Google's name; what only OpenAI and Anthropic themselves read is left out.
void adapt_fields(EncodedCall& call, const Provider& provider) {
  std::erase_if(call.call.fields, [](const Field& field) {
    return field.name == "Authorization" || field.name == "x-api-key" || field.name == "x-goog-api-key" ||
           field.name == "OpenAI-Project" || field.name == "OpenAI-Organization";
  });
  if (!provider.api_key.empty()) call.call.fields.push_back({"x-goog-api-key", provider.api_key.reveal()});
}

// The member `model` of a body as the version that Vertex wants in its place. The name ends in front of the colon.
void replace_model(const ApiRequest& request, std::vector<std::string_view>& body) {
  const OriginalRequest& original = *request.original;
  const std::string_view text = original.body;
  const std::size_t end = text.rfind('"', text.rfind(':', original.model_value.begin));
  const std::size_t begin = text.rfind('"', end - 1);
  body = {text.substr(0, begin), anthropic_version, text.substr(original.model_value.end)};
}

class VertexDialect final : public Dialect {
 public:
  VertexDialect(const Dialect& plain, WireForm form) : plain_(plain), form_(form) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "vertex"; }
  [[nodiscard]] WireForm form(const Deployment& /*deployment*/) const noexcept override { return form_; }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point now,
                                           Additions without) const override {
    auto call = plain_.encode(request, client, deployment, provider, now, without);
    if (!call) return call;
    adapt_fields(*call, provider);
    call->call.target = target_for(request, call->call.target, deployment, provider);
    if (form_ == WireForm::anthropic) adapt_body(request, deployment, *call);
    return call;
  }

  // Counting has paths of its own; all others are Vertex' already.
  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    EncodedCall call = plain_.pass_through(client, provider);
    adapt_fields(call, provider);
    if (client.path == count_tokens_path) {
      call.call.target = model_target(provider, {anthropic_name, count_tokens_model}, "rawPredict");
      return call;
    }
    constexpr std::string_view models = "/models/";
    const std::size_t at = client.path.find(models);
    const std::size_t colon = client.path.rfind(':');
    const bool of_a_model =
        at != std::string_view::npos && colon != std::string_view::npos && colon > at + models.size();
    if (!of_a_model || form_ != WireForm::gemini) return call;
    const std::string_view model = client.path.substr(at + models.size(), colon - at - models.size());
    std::string target = model_target(provider, {google, model}, client.path.substr(colon + 1));
    call.call.target = target.append(query_of(call.call.target));
    return call;
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override { return plain_.is_stream(head); }
  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& request,
                                                       std::size_t event_bytes_max) const override {
    return plain_.decoder(request, event_bytes_max);
  }
  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    return plain_.decode_whole(content_type, body, out);
  }
  [[nodiscard]] std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const override {
    return plain_.block_reader(event_bytes_max);
  }
  [[nodiscard]] std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                BlockAnswer& out) const override {
    return plain_.read_whole(content_type, body, out);
  }
  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    return plain_.classify(status, body);
  }
  // Google's own words, whoever's model it is.
  [[nodiscard]] std::optional<std::chrono::seconds> retry_after(std::string_view body) const noexcept override {
    return gemini::retry_after(body);
  }
  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return plain_.refused(status, body, added);
  }

 private:
  [[nodiscard]] std::string target_for(const ApiRequest& request, std::string_view plain, const Deployment& deployment,
                                       const Provider& provider) const {
    const vertex::Model model = vertex::model_of(deployment);
    switch (form_) {
      case WireForm::gemini:
        return model_target(provider, model, request.stream ? "streamGenerateContent" : "generateContent")
            .append(query_of(plain));
      case WireForm::anthropic:
        return model_target(provider, model, request.stream ? "streamRawPredict" : "rawPredict");
      default: return place_of(provider, "v1") + "/endpoints/openapi/chat/completions";
    }
  }

  static void adapt_body(const ApiRequest& request, const Deployment& deployment, EncodedCall& call) {
    std::vector<std::string_view>& body = call.call.body;
    if (request.form == WireForm::anthropic && request.original != nullptr) return replace_model(request, body);
    std::string model = R"({"model":)";  // as anthropic::write_request() begins
    append_json_string(model, deployment.model);
    const std::string_view rest = body.front().substr(model.size());
    body = {"{", anthropic_version, rest};
  }

  const Dialect& plain_;
  const WireForm form_;
};

}  // namespace

vertex::Model vertex::model_of(const Deployment& deployment) noexcept {
  const std::string_view model = deployment.model;
  const std::size_t slash = model.find('/');
  Model out{deployment.publisher, model};
  if (slash != std::string_view::npos && (out.publisher.empty() || out.publisher == model.substr(0, slash)))
    out = {model.substr(0, slash), model.substr(slash + 1)};
  if (out.publisher.empty()) out.publisher = google;
  return out;
}

const Dialect& vertex_dialect() noexcept {
  static const VertexDialect dialect(gemini_dialect(), WireForm::gemini);
  return dialect;
}

const Dialect& vertex_dialect(const Deployment& deployment) noexcept {
  static const VertexDialect of_anthropic(anthropic_dialect(), WireForm::anthropic);
  static const VertexDialect of_others(openai_dialect(), WireForm::openai);
  const std::string_view publisher = vertex::model_of(deployment).publisher;
  return publisher == google ? vertex_dialect() : publisher == anthropic_name ? of_anthropic : of_others;
}

}  // namespace triage
