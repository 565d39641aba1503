// What a client of Anthropic's Messages API reads. An answer in another dialect is written as its events:
//
//   message_start, then content_block_start, _delta and _stop for each block, message_delta, message_stop
//
// Behind the last block message_delta waits for the usage, which providers tell behind why the answer ended.
#include "anthropic/answer_reader.hpp"
#include "anthropic/answer_writer.hpp"
#include "anthropic/request_reader.hpp"
#include "blocks/spelling.hpp"
#include "clients/clients.hpp"
#include "clients/translated.hpp"
#include "json/json.hpp"
#include "triage/chat_view.hpp"

namespace triage {
namespace {

class Writer final : public AnswerWriter {
 public:
  explicit Writer(const ApiRequest& request, std::string_view model = {})
      : writer_(ChatView(request).tokens_all(), model) {}
  void put(const BlockEvent& event, std::string& out) override { writer_.put(event, out); }
  void end(std::string& out) override { writer_.end(out); }

 private:
  anthropic::MessageWriter writer_;
};

// {"type":"error","error":{"type":"...","message":"..."}}
std::string error_of(std::string_view type, std::string_view message) {
  std::string out = R"({"type":"error","error":{"type":)";
  append_json_string(out, type);
  out += R"(,"message":)";
  append_json_string(out, message);
  return out += "}}";
}

class AnthropicClient final : public ClientApi {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "anthropic"; }

  [[nodiscard]] Result<ApiRequest> parse(Api /*api*/, const RequestHead& /*head*/, std::string_view body,
                                         std::uint32_t depth_max) const override {
    auto read = anthropic::read_request(body, depth_max);
    if (!read) return read.error();
    return translated_request(WireForm::anthropic, body, read->model, read->model_value, std::move(read->blocks),
                              depth_max);
  }

  [[nodiscard]] Result<BlockRequest> blocks(const ApiRequest& request) const override {
    auto read = anthropic::read_request(request.original->body, JsonReader::depth_limit);
    if (!read) return read.error();
    return Result<BlockRequest>(std::move(read->blocks));
  }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> translated(std::unique_ptr<BlockReader> answer,
                                                          const ApiRequest& request) const override {
    return translated_stream(std::move(answer), std::make_unique<Writer>(request, request.model));
  }

  void translate_whole(BlockAnswer answer, const ApiRequest& request, AnswerEvent& out) const override {
    std::string written = anthropic::write_message(answer.events, request.model);
    fill_translated(std::move(answer), std::move(written), out);
  }

  void add_event(const AnswerEvent& event, std::string& out) const override { out.append(event.verbatim); }

  [[nodiscard]] std::string_view stream_end() const noexcept override { return anthropic::message_stop; }

  [[nodiscard]] std::string_view keep_alive() const noexcept override {
    return "event: ping\ndata: {\"type\": \"ping\"}\n\n";
  }

  [[nodiscard]] std::string as_stream(const ApiRequest& request, std::string_view body) const override {
    std::string text(body);
    BlockAnswer answer;
    if (anthropic::read_whole(pad(text), answer)) return {};
    Writer writer(request);
    return stream_of(answer, writer);
  }

  [[nodiscard]] std::string error_body(const Error& error) const override {
    return error_of(anthropic::error_type(traits(error.code).status), error.message);
  }

  [[nodiscard]] std::string reply_body(int status, std::string body) const override {
    const ReportedError error = reported_in(std::move(body));
    const bool known = anthropic::is_error_type(error.type);
    return error_of(known ? std::string_view(error.type) : anthropic::error_type(status), error.message);
  }

  [[nodiscard]] std::string error_event(std::string_view body) const override {
    std::string out = "event: error\ndata: ";
    append_spelled(out, body);
    return out += "\n\n";
  }
};

}  // namespace

const ClientApi& anthropic_client() noexcept {
  static const AnthropicClient client;
  return client;
}

}  // namespace triage
