// What a client of Gemini's API reads: the objects of a stream as server-sent events where it asks for `alt=sse`, else
// as one JSON array. Which model it asks, and whether for a stream, is in the path:
//
//   POST /v1beta/models/MODEL:generateContent, :streamGenerateContent, :countTokens         or with /v1
//
// Google's SDK for Python takes any line of a stream that begins otherwise than with "data: " for JSON, so what fills a
// silence is an empty line, and it finds an error only where that is the first member.
#include "base/percent.hpp"
#include "blocks/spelling.hpp"
#include "clients/clients.hpp"
#include "clients/translated.hpp"
#include "gemini/answer_reader.hpp"
#include "gemini/answer_writer.hpp"
#include "gemini/request_reader.hpp"
#include "json/json.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t model_bytes_max = 512;

class Writer final : public AnswerWriter {
 public:
  explicit Writer(gemini::Framing framing) : writer_(framing) {}
  void put(const BlockEvent& event, std::string& out) override { writer_.put(event, out); }
  void end(std::string& out) override { writer_.end(out); }
  std::string failure(std::string_view error_body) override {
    std::string out;
    writer_.fail(error_body, out);
    return out;
  }

 private:
  gemini::ResponseWriter writer_;
};

// Whether the query asks for server-sent events.
bool asks_for_events(std::string_view query) noexcept {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (part == "alt=sse") return true;
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return false;
}

bool is_array(const ApiRequest& request) noexcept {
  return request.original != nullptr && request.original->array;
}

gemini::Framing framing_of(const ApiRequest& request) noexcept {
  return is_array(request) ? gemini::Framing::array : gemini::Framing::events;
}

// The model's name, or an error that names it.
Result<std::string> model_in(const ModelPath& path) {
  std::string model = percent_decoded(path.model);
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (model.empty() || model.size() > model_bytes_max || std::ranges::any_of(model, control) ||
      find_invalid_utf8(model))
    return Error{ErrorCode::invalid_value, "the path must name a model: /v1beta/models/MODEL:generateContent", "model"};
  return model;
}

// The objects of a body, an answer or the array of a stream's, as those of a stream.
std::string framed(std::string_view body, gemini::Framing framing) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  if (framing == gemini::Framing::array) return body[first] == '[' ? std::string(body) : "[" + std::string(body) + "]";
  std::string out;
  const auto add = [&](std::string_view object) {
    std::string line(object);  // a line break is white space, or there is no JSON
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    out.append("data: ").append(line).append("\r\n\r\n");
  };
  JsonReader in(body);
  if (in.kind() != JsonReader::Kind::array) {
    add(body);
    return out;
  }
  each_element(in, [&] {
    const std::size_t begin = in.value_offset();
    in.skip();
    add(body.substr(begin, in.offset() - begin));
  });
  return in.finish() ? out : std::string();
}

class GeminiClient final : public ClientApi {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "gemini"; }

  [[nodiscard]] Result<ApiRequest> parse(Api /*api*/, const RequestHead& head, std::string_view body,
                                         std::uint32_t depth_max) const override {
    const auto path = model_path(head.path);
    if (!path) return Error{ErrorCode::not_found, "the path must be /v1beta/models/MODEL:generateContent"};
    auto model = model_in(*path);
    if (!model) return model.error();
    auto read = gemini::read_request(body, depth_max);
    if (!read) return read.error();
    const bool stream = path->method == "streamGenerateContent";
    read->blocks.stream = stream;
    return translated_request(WireForm::gemini, body, *model, read->model_value, std::move(read->blocks), depth_max,
                              stream && !asks_for_events(head.query));
  }

  [[nodiscard]] Result<BlockRequest> blocks(const ApiRequest& request) const override {
    auto read = gemini::read_request(request.original->body, JsonReader::depth_limit);
    if (!read) return read.error();
    read->blocks.stream = request.stream;
    return Result<BlockRequest>(std::move(read->blocks));
  }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> translated(std::unique_ptr<BlockReader> answer,
                                                          const ApiRequest& request) const override {
    return translated_stream(std::move(answer), std::make_unique<Writer>(framing_of(request)));
  }

  void translate_whole(BlockAnswer answer, const ApiRequest& /*request*/, AnswerEvent& out) const override {
    std::string written = gemini::write_response(answer.events);
    fill_translated(std::move(answer), std::move(written), out);
  }

  void add_event(const AnswerEvent& event, std::string& out) const override { out.append(event.verbatim); }

  [[nodiscard]] std::string_view stream_end() const noexcept override { return {}; }

  [[nodiscard]] std::string_view keep_alive() const noexcept override { return "\r\n"; }

  [[nodiscard]] std::string_view stream_type(const ApiRequest& request) const noexcept override {
    return is_array(request) ? "application/json; charset=utf-8" : ClientApi::stream_type(request);
  }

  [[nodiscard]] std::string as_stream(const ApiRequest& request, std::string_view body) const override {
    std::string text(body);
    return framed(pad(text), framing_of(request));
  }

  [[nodiscard]] std::string error_body(const Error& error) const override {
    return gemini::write_error(traits(error.code).status, error.message);
  }

  [[nodiscard]] std::string reply_body(int status, std::string body) const override {
    return gemini::own_error(status, std::move(body));
  }

  [[nodiscard]] std::string error_event(std::string_view body) const override {
    std::string out = "data: ";
    append_spelled(out, body);
    return out += "\r\n\r\n";
  }
};

}  // namespace

const ClientApi& gemini_client() noexcept {
  static const GeminiClient client;
  return client;
}

}  // namespace triage
