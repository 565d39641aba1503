// What a client of OpenAI's Responses API reads. An answer in another dialect is written as its events:
//
//   response.created, response.in_progress, then output_item.added, its parts and deltas, output_item.done for each
//   item, response.completed (or incomplete, or failed), which waits for the usage
//
// Nothing is kept here: what needs a provider's store goes to a provider of the same API, or is refused.
#include "blocks/spelling.hpp"
#include "clients/clients.hpp"
#include "clients/translated.hpp"
#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "responses/answer_reader.hpp"
#include "responses/answer_writer.hpp"
#include "responses/echo.hpp"
#include "responses/request_reader.hpp"

#include <ctime>

namespace triage {
namespace {

responses::Asked asked_of(const ApiRequest& request) {
  responses::Asked out;
  out.created = std::time(nullptr);
  out.echo = responses::echo_of(request.original->body);
  out.namespaces = responses::namespaces_of(request.original->body);
  append_json_escaped(out.model, request.model);
  return out;
}

int status_of(std::string_view error_type) noexcept {
  if (error_type == "rate_limit_error") return 429;
  return error_type == "invalid_request_error" ? 400 : 500;
}

class Writer final : public AnswerWriter {
 public:
  explicit Writer(const ApiRequest& request) : writer_(asked_of(request)) {}
  void put(const BlockEvent& event, std::string& out) override {
    begun_ = true;
    writer_.put(event, out);
  }
  void end(std::string& out) override { writer_.end(out); }

  std::string failure(std::string_view error_body) override {
    std::string out;
    const ReportedError error = reported_in(std::string(error_body));
    if (begun_) writer_.fail(status_of(error.type), error.message, out);
    return out;
  }

 private:
  responses::ResponseWriter writer_;
  bool begun_ = false;
};

class ResponsesClient final : public ClientApi {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "responses"; }

  [[nodiscard]] Result<ApiRequest> parse(Api /*api*/, const RequestHead& /*head*/, std::string_view body,
                                         std::uint32_t depth_max) const override {
    auto read = responses::read_request(body, depth_max);
    if (!read) return read.error();
    auto request = translated_request(WireForm::responses, body, read->model, read->model_value,
                                      std::move(read->blocks), depth_max);
    if (request && read->unreadable)
      request->blocks = std::make_shared<const Result<BlockRequest>>(*std::move(read->unreadable));
    return request;
  }

  [[nodiscard]] Result<BlockRequest> blocks(const ApiRequest& request) const override {
    auto read = responses::read_request(request.original->body, JsonReader::depth_limit);
    if (!read) return read.error();
    if (read->unreadable) return *std::move(read->unreadable);
    return Result<BlockRequest>(std::move(read->blocks));
  }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> translated(std::unique_ptr<BlockReader> answer,
                                                          const ApiRequest& request) const override {
    return translated_stream(std::move(answer), std::make_unique<Writer>(request));
  }

  void translate_whole(BlockAnswer answer, const ApiRequest& request, AnswerEvent& out) const override {
    std::string written = responses::write_response(answer.events, asked_of(request));
    fill_translated(std::move(answer), std::move(written), out);
  }

  void add_event(const AnswerEvent& event, std::string& out) const override { out.append(event.verbatim); }

  [[nodiscard]] std::string_view stream_end() const noexcept override { return ""; }

  [[nodiscard]] std::string as_stream(const ApiRequest& request, std::string_view body) const override {
    std::string text(body);
    BlockAnswer answer;
    if (responses::read_whole(pad(text), answer)) return {};
    Writer writer(request);
    return stream_of(answer, writer);
  }

  [[nodiscard]] std::string error_body(const Error& error) const override { return triage::error_body(error); }

  [[nodiscard]] std::string reply_body(int /*status*/, std::string body) const override { return body; }

  // {"type":"error","sequence_number":0,"code":"...","message":"...","param":null}
  [[nodiscard]] std::string error_event(std::string_view body) const override {
    const ReportedError error = reported_in(std::string(body));
    std::string out = R"(event: error
data: {"type":"error","sequence_number":0,"code":)";
    std::string members;
    append_json_string(members, error.type);
    append_json_string(members += R"(,"message":)", error.message);
    append_spelled(out, members);
    return out += ",\"param\":null}\n\n";
  }
};

}  // namespace

const ClientApi& responses_client() noexcept {
  static const ResponsesClient client;
  return client;
}

}  // namespace triage
