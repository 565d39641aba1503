// With `api_version` a date:  {resource}/openai/deployments/{model}/chat/completions?api-version=2024-10-21
// without, or with a word:    {resource}/openai/v1/chat/completions[?api-version=preview]
// with a base URL that ends in /models (Azure AI Foundry's older API): {base_url}/chat/completions?api-version=...
//
// The base URL is the resource's, with /openai or /openai/v1 or without. The key is sent as `api-key`; an access token
// of Microsoft Entra is added by the upstream.
#include "providers/azure.hpp"

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "providers/fields.hpp"
#include "providers/openai.hpp"
#include "providers/responses.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

// The paths that name a model; all others are the resource's.
constexpr std::array<std::string_view, 7> of_a_model{"/chat/completions",     "/completions",        "/embeddings",
                                                     "/audio/transcriptions", "/audio/translations", "/audio/speech",
                                                     "/images/generations"};

bool is_of_a_model(std::string_view path) noexcept {
  return std::ranges::find(of_a_model, path) != of_a_model.end();
}

// The dated form of /realtime calls the model a deployment.
std::string realtime_query(std::string_view query) {
  constexpr std::string_view model = "model=";
  std::size_t at = query.starts_with(model) ? 0 : query.find("&model=");
  if (at == std::string_view::npos) return std::string(query);
  at += query[at] == '&' ? 1 : 0;
  return std::string(query.substr(0, at)) + "deployment=" + std::string(query.substr(at + model.size()));
}

std::string with_query(std::string target, std::string_view version, std::string_view query) {
  char mark = '?';
  if (!version.empty()) {
    target.append("?api-version=").append(version);
    mark = '&';
  }
  if (!query.empty()) (target += mark).append(query);
  return target;
}

// Leaves out the chunks that only tell what Azure's filters found: they have no choice, or one without a delta, which
// clients of OpenAI's API do not know.
class FilteredStream final : public AnswerDecoder {
 public:
  explicit FilteredStream(std::unique_ptr<AnswerDecoder> plain) : plain_(std::move(plain)) {}

  void feed(std::string_view bytes) override { plain_->feed(bytes); }
  void end() override { plain_->end(); }
  [[nodiscard]] bool ended() const noexcept override { return plain_->ended(); }
  std::string failure(std::string_view error_body) override { return plain_->failure(error_body); }

  Result<const AnswerEvent*> next() override {
    for (;;) {
      const auto event = plain_->next();
      if (!event || *event == nullptr || !is_of_a_filter(**event)) return event;
    }
  }

 private:
  static bool is_of_a_filter(const AnswerEvent& event) noexcept {
    if (!event.has_choices || event.usage || event.ends || event.reports_error) return false;
    const auto says = [](const AnswerChoice& choice) { return choice.says || !choice.finish_reason.empty(); };
    return std::ranges::none_of(event.choices, says) &&
           (event.choices.empty() || event.json.find("\"delta\"") == std::string_view::npos);
  }

  std::unique_ptr<AnswerDecoder> plain_;
};

class AzureDialect final : public Dialect {
 public:
  /// `second`: see Dialect::second(); null: this is it.
  AzureDialect(const Dialect& plain, const Dialect* second) : plain_(plain), second_(second) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "azure"; }
  [[nodiscard]] WireForm form(const Deployment& deployment) const noexcept override { return plain_.form(deployment); }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point now,
                                           Additions without) const override {
    auto call = plain_.encode(request, client, deployment, provider, now, without);
    if (call) adapt(*call, provider, deployment.model);
    return call;
  }

  [[nodiscard]] SecondDialect second(const Provider& provider) const noexcept override {
    return {provider.responses.value_or(true) ? second_ : nullptr, provider.responses.has_value()};
  }

  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    EncodedCall call = plain_.pass_through(client, provider);
    adapt(call, provider, "");
    return call;
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override { return plain_.is_stream(head); }
  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& request,
                                                       std::size_t event_bytes_max) const override {
    auto plain = plain_.decoder(request, event_bytes_max);
    if (request.form != WireForm::openai || request.api != Api::chat) return plain;
    return std::make_unique<FilteredStream>(std::move(plain));
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
  [[nodiscard]] std::optional<std::chrono::seconds> retry_after(std::string_view body) const noexcept override {
    return plain_.retry_after(body);
  }
  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return plain_.refused(status, body, added);
  }

 private:
  // OpenAI's call at Azure's address, with Azure's name for the key.
  static void adapt(EncodedCall& call, const Provider& provider, std::string_view model) {
    std::string_view target = call.call.target;
    target.remove_prefix(provider.base_url.path.size());
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view query = mark < target.size() ? target.substr(mark + 1) : "";
    call.call.target = azure::target_of(provider, target.substr(0, mark), query, model);
    for (Field& field : call.call.fields)
      if (field.name == "Authorization" && !provider.api_key.empty()) field = {"api-key", provider.api_key.reveal()};
  }

  const Dialect& plain_;
  const Dialect* second_;
};

}  // namespace

std::string azure::target_of(const Provider& provider, std::string_view path, std::string_view query,
                             std::string_view model) {
  std::string base = provider.base_url.path;
  const std::string& version = provider.api_version;
  if (base.ends_with("/models")) return with_query(base.append(path), version, query);
  const bool dated = !version.empty() && is_digit(version.front());
  if (base.ends_with("/v1")) base.resize(base.size() - 3);
  if (!base.ends_with("/openai")) base += "/openai";
  if (!dated) return with_query(base.append("/v1").append(path), version, query);
  if (path == "/realtime") return with_query(base.append(path), version, realtime_query(query));
  if (!model.empty() && is_of_a_model(path)) base.append("/deployments/").append(percent_encoded(model));
  return with_query(base.append(path), version, query);
}

const Dialect& azure_dialect() noexcept {
  static const AzureDialect responses(responses_dialect(), nullptr);
  static const AzureDialect dialect(openai_dialect(), &responses);
  return dialect;
}

}  // namespace triage
