// What a client of Anthropic's Messages API reads. An answer in another dialect is written as its events:
//
//   message_start, then content_block_start, _delta and _stop for each block, message_delta, message_stop
//
// Behind the last block message_delta waits for the usage, which providers tell behind why the answer ended.
#include "anthropic/answer_reader.hpp"
#include "anthropic/answer_writer.hpp"
#include "anthropic/request_reader.hpp"
#include "blocks/answer_event.hpp"
#include "clients/clients.hpp"
#include "json/json.hpp"
#include "openai/chat_writer.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"
#include "triage/chat_view.hpp"

namespace triage {
namespace {

constexpr std::uint32_t depth_added = 4;  // by writing a request as a chat completion

std::string_view pad(std::string& text) {
  const std::size_t size = text.size();
  text.append(body_padding, '\0');
  return std::string_view(text).substr(0, size);
}

class TranslatedMessages final : public AnswerDecoder {
 public:
  TranslatedMessages(std::unique_ptr<BlockReader> answer, std::int64_t input_tokens)
      : answer_(std::move(answer)), writer_(input_tokens) {}

  void feed(std::string_view bytes) override { answer_->feed(bytes); }
  void end() override {
    answer_->end();
    body_ended_ = true;
  }
  [[nodiscard]] bool ended() const noexcept override { return answer_->ended() && told_; }

  Result<const AnswerEvent*> next() override {
    for (;;) {
      const auto block = answer_->next();
      if (!block) return block.error();
      if (*block == nullptr) return last();
      event_.clear();
      add_to_event(**block, event_);
      writer_.put(**block, event_.mended);
      event_.verbatim = pad(event_.mended);
      if (!event_.verbatim.empty() || event_.has_choices || event_.usage) return &event_;
    }
  }

 private:
  // What waited for a usage that did not come.
  const AnswerEvent* last() {
    if (told_ || !(answer_->ended() || body_ended_)) return nullptr;
    told_ = true;
    event_.clear();
    writer_.end(event_.mended);
    event_.verbatim = pad(event_.mended);
    return event_.verbatim.empty() ? nullptr : &event_;
  }

  std::unique_ptr<BlockReader> answer_;
  anthropic::MessageWriter writer_;
  AnswerEvent event_;
  bool body_ended_ = false;
  bool told_ = false;
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

  [[nodiscard]] Result<ApiRequest> parse(Api /*api*/, std::string_view body, std::uint32_t depth_max) const override {
    auto read = anthropic::read_request(body, depth_max);
    if (!read) return read.error();
    auto original = std::make_shared<OriginalRequest>();
    original->body = body;
    original->model_value = read->model_value;
    openai::WrittenChat chat = openai::write_chat(read->blocks, read->model);
    original->chat = std::move(chat.body);
    original->max_tokens = chat.max_tokens;
    const std::string_view view = pad(original->chat);
    auto request = parse_request_body(Api::chat, view, depth_max + depth_added);
    if (!request) return request.error();
    request->form = WireForm::anthropic;
    request->original = std::move(original);
    request->blocks = std::make_shared<const Result<BlockRequest>>(std::move(read->blocks));
    return request;
  }

  [[nodiscard]] Result<BlockRequest> blocks(const ApiRequest& request) const override {
    auto read = anthropic::read_request(request.original->body, JsonReader::depth_limit);
    if (!read) return read.error();
    return Result<BlockRequest>(std::move(read->blocks));
  }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> translated(std::unique_ptr<BlockReader> answer,
                                                          const ApiRequest& request) const override {
    return std::make_unique<TranslatedMessages>(std::move(answer), ChatView(request).tokens_all());
  }

  void translate_whole(BlockAnswer answer, AnswerEvent& out) const override {
    out.mended = anthropic::write_message(answer.events);
    out.verbatim = out.json = pad(out.mended);
    for (const BlockEvent& event : answer.events) add_to_event(event, out);
    out.owned = std::move(answer.owned);
  }

  void add_event(const AnswerEvent& event, std::string& out) const override { out.append(event.verbatim); }

  [[nodiscard]] std::string_view stream_end() const noexcept override { return anthropic::message_stop; }

  [[nodiscard]] std::string as_stream(const ApiRequest& request, std::string_view body) const override {
    std::string text(body);
    BlockAnswer answer;
    if (anthropic::read_whole(pad(text), answer)) return {};
    anthropic::MessageWriter writer(ChatView(request).tokens_all());
    std::string out;
    for (const BlockEvent& event : answer.events) writer.put(event, out);
    writer.end(out);
    return out;
  }

  [[nodiscard]] std::string error_body(const Error& error) const override {
    return error_of(anthropic::error_type(traits(error.code).status), error.message);
  }

  [[nodiscard]] std::string reply_body(int status, std::string body) const override {
    const std::string_view json = pad(body);
    JsonReader in(json);
    std::string type;
    std::string message;
    each_member(in, [&](const JsonString& name) {
      if (!name.is("error")) return void(in.skip());
      each_member(in, [&](const JsonString& inner) {
        JsonString text;
        const bool wanted = inner.is("type") || inner.is("message");
        if (!wanted || in.kind() != JsonReader::Kind::string || !in.string(text))
          in.skip();
        else
          (inner.is("type") ? type : message) = text.text();
      });
    });
    return error_of(anthropic::is_error_type(type) ? type : anthropic::error_type(status), message);
  }

  [[nodiscard]] std::string error_event(std::string_view body) const override {
    return std::string("event: error\ndata: ").append(body).append("\n\n");
  }
};

}  // namespace

const ClientApi& anthropic_client() noexcept {
  static const AnthropicClient client;
  return client;
}

}  // namespace triage
