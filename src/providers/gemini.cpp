#include "providers/gemini.hpp"

#include "gemini/answer_reader.hpp"
#include "gemini/request_writer.hpp"
#include "json/json.hpp"
#include "providers/fields.hpp"
#include "providers/openai.hpp"
#include "providers/translated_call.hpp"

#include <array>
#include <charconv>

// POST {base_url}/v1beta/models/MODEL:generateContent, or :streamGenerateContent?alt=sse, with x-goog-api-key. The base
// URL may end with a version or not: Google's SDKs leave it out. A call that is passed on keeps the client's version.

namespace triage {
namespace {

constexpr std::string_view generate = "generateContent";
constexpr std::string_view generate_stream = "streamGenerateContent";

bool is_versioned(std::string_view base) noexcept {
  return base.ends_with("/v1beta") || base.ends_with("/v1") || base.ends_with("/v1alpha");
}

// The API's path below the base URL. `version` is that of the client's path, or the newest.
std::string api_path(const Provider& provider, std::string_view version, std::string_view model,
                     std::string_view method) {
  std::string out = is_versioned(provider.base_url.path) ? "" : "/" + std::string(version);
  const bool whole = model.find('/') != std::string_view::npos;  // models/X, tunedModels/X
  return out.append(whole ? "/" : "/models/").append(model).append(":").append(method);
}

std::string_view version_of(std::string_view path) noexcept {
  return path.starts_with("/v1/") ? "v1" : "v1beta";
}

void add_gemini_fields(EncodedCall& call, const RequestHead& client, const Provider& provider, Forwarded forwarded) {
  const std::array<Field, 1> own{{{"x-goog-api-key", provider.api_key.reveal()}}};
  add_fields(call, client, provider, forwarded, own);
}

class GeminiDialect final : public Dialect {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "gemini"; }
  [[nodiscard]] WireForm form(const Deployment& /*deployment*/) const noexcept override { return WireForm::gemini; }

  [[nodiscard]] Result<EncodedCall> encode(const ApiRequest& request, const RequestHead& client,
                                           const Deployment& deployment, const Provider& provider,
                                           std::chrono::system_clock::time_point /*now*/,
                                           Additions /*without*/) const override {
    EncodedCall result;
    const std::string_view method = request.stream ? generate_stream : generate;
    if (request.form == WireForm::gemini && request.original != nullptr) {
      const std::string path = api_path(provider, version_of(client.path), deployment.model, method);
      result.call.target = target_of(provider, path, gemini::query_without_key(client.query));
      add_gemini_fields(result, client, provider, Forwarded::spliced);
      gemini::add_own_body(result, request, deployment.model);
      return Result<EncodedCall>(std::move(result));
    }
    const auto blocks = blocks_for(request, WireForm::gemini, provider);
    if (!blocks) return blocks.error();
    auto written = gemini::write_request(**blocks, deployment);
    if (!written) return written.error();
    const std::string path = api_path(provider, "v1beta", deployment.model, method);
    result.call.target = target_of(provider, path, request.stream ? "alt=sse" : "");
    add_gemini_fields(result, client, provider, Forwarded::translated);
    result.call.body.push_back(result.own(std::move(written->body)));
    result.dropped = std::move(written->dropped);
    return Result<EncodedCall>(std::move(result));
  }

  [[nodiscard]] EncodedCall pass_through(const RequestHead& client, const Provider& provider) const override {
    std::string_view path = client.path;
    for (const std::string_view version : {"/v1beta", "/v1"})
      if (is_versioned(provider.base_url.path) && path.starts_with(std::string(version) + "/")) {
        path.remove_prefix(version.size());
        break;
      }
    EncodedCall result;
    result.call.method = client.method;
    result.call.target = target_of(provider, path, gemini::query_without_key(client.query));
    result.call.body_length = client.content_length;
    result.call.replayable = !client.has_body();
    add_gemini_fields(result, client, provider, Forwarded::unread);
    return result;
  }

  [[nodiscard]] bool is_stream(const ResponseHead& head) const noexcept override { return openai::is_stream(head); }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> decoder(const ApiRequest& /*request*/,
                                                       std::size_t event_bytes_max) const override {
    return gemini::make_decoder(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> decode_whole(std::string_view content_type, std::string_view body,
                                                  AnswerEvent& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return gemini::decode_whole(body, out);
  }

  [[nodiscard]] std::unique_ptr<BlockReader> block_reader(std::size_t event_bytes_max) const override {
    return gemini::make_block_reader(event_bytes_max);
  }

  [[nodiscard]] std::optional<Error> read_whole(std::string_view content_type, std::string_view body,
                                                BlockAnswer& out) const override {
    if (auto defect = no_json(content_type, body)) return defect;
    return gemini::read_whole(body, out);
  }

  [[nodiscard]] Remedy classify(int status, std::string_view body) const noexcept override {
    return openai::classify(status, body);
  }

  [[nodiscard]] std::optional<std::chrono::seconds> retry_after(std::string_view body) const noexcept override {
    return gemini::retry_after(body);
  }

  [[nodiscard]] Additions refused(int status, std::string_view body, Additions added) const noexcept override {
    return openai::refused(status, body, added);
  }
};

}  // namespace

const Dialect& gemini_dialect() noexcept {
  static const GeminiDialect dialect;
  return dialect;
}

std::optional<std::chrono::seconds> gemini::retry_after(std::string_view body) noexcept {
  constexpr std::string_view name = "\"retryDelay\"";
  std::size_t at = body.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  at = body.find_first_not_of(" \t\r\n:\"", at + name.size());
  if (at == std::string_view::npos) return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(body.data() + at, body.data() + body.size(), seconds);
  constexpr double day = 86'400;
  if (error != std::errc() || end == body.data() + body.size() || *end != 's' || seconds < 0 || seconds > day)
    return std::nullopt;
  const auto whole = static_cast<std::int64_t>(seconds);
  return std::chrono::seconds(whole + (static_cast<double>(whole) < seconds ? 1 : 0));
}

std::string gemini::query_without_key(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (!part.starts_with("key=") && !part.empty()) out.append(out.empty() ? "" : "&").append(part);
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return out;
}

void gemini::add_own_body(EncodedCall& call, const ApiRequest& request, std::string_view model) {
  const OriginalRequest& original = *request.original;
  const Span span = original.model_value;
  std::vector<std::string_view>& body = call.call.body;
  if (span.empty()) {
    body.push_back(original.body);
    return;
  }
  std::string quoted;
  append_json_string(quoted,
                     model.find('/') == std::string_view::npos ? "models/" + std::string(model) : std::string(model));
  body.push_back(original.body.substr(0, span.begin));
  body.push_back(call.own(std::move(quoted)));
  body.push_back(original.body.substr(span.end));
}

}  // namespace triage
