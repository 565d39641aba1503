#include "clients/translated.hpp"

#include "blocks/answer_event.hpp"
#include "json/json.hpp"
#include "openai/chat_writer.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"

namespace triage {
namespace {

std::string_view finish(std::string& written) {
  make_utf8(written);
  return pad(written);
}

class TranslatedStream final : public AnswerDecoder {
 public:
  TranslatedStream(std::unique_ptr<BlockReader> answer, std::unique_ptr<AnswerWriter> writer)
      : answer_(std::move(answer)), writer_(std::move(writer)) {}

  void feed(std::string_view bytes) override { answer_->feed(bytes); }
  void end() override {
    answer_->end();
    body_ended_ = true;
  }
  [[nodiscard]] bool ended() const noexcept override { return answer_->ended() && told_; }

  std::string failure(std::string_view error_body) override { return writer_->failure(error_body); }

  Result<const AnswerEvent*> next() override {
    for (;;) {
      const auto block = answer_->next();
      if (!block) return block.error();
      if (*block == nullptr) return last();
      event_.clear();
      add_to_event(**block, event_);
      writer_->put(**block, event_.mended);
      event_.verbatim = finish(event_.mended);
      if (!event_.verbatim.empty() || event_.has_choices || event_.usage) return &event_;
    }
  }

 private:
  // What waited for a usage that did not come.
  const AnswerEvent* last() {
    if (told_ || !(answer_->ended() || body_ended_)) return nullptr;
    told_ = true;
    event_.clear();
    writer_->end(event_.mended);
    event_.verbatim = finish(event_.mended);
    return event_.verbatim.empty() ? nullptr : &event_;
  }

  std::unique_ptr<BlockReader> answer_;
  std::unique_ptr<AnswerWriter> writer_;
  AnswerEvent event_;
  bool body_ended_ = false;
  bool told_ = false;
};

}  // namespace

void make_utf8(std::string& written) {
  if (find_invalid_utf8(written)) written = valid_utf8(written);
}

std::string_view pad(std::string& text) {
  const std::size_t size = text.size();
  text.append(body_padding, '\0');
  return std::string_view(text).substr(0, size);
}

Result<ApiRequest> translated_request(WireForm form, std::string_view body, std::string_view model, Span model_value,
                                      BlockRequest blocks, std::uint32_t depth_max, bool array) {
  auto original = std::make_shared<OriginalRequest>();
  original->body = body;
  original->model_value = model_value;
  original->array = array;
  original->chat = openai::write_chat(blocks, model);
  const std::string_view view = pad(original->chat);
  auto request = parse_request_body(Api::chat, view, depth_max + depth_added);
  if (!request) return request.error();
  request->form = form;
  request->original = std::move(original);
  request->blocks = std::make_shared<const Result<BlockRequest>>(std::move(blocks));
  return request;
}

std::unique_ptr<AnswerDecoder> translated_stream(std::unique_ptr<BlockReader> answer,
                                                 std::unique_ptr<AnswerWriter> writer) {
  return std::make_unique<TranslatedStream>(std::move(answer), std::move(writer));
}

std::string stream_of(const BlockAnswer& answer, AnswerWriter& writer) {
  std::string out;
  for (const BlockEvent& event : answer.events) writer.put(event, out);
  writer.end(out);
  make_utf8(out);
  return out;
}

void fill_translated(BlockAnswer answer, std::string written, AnswerEvent& out) {
  out.mended = std::move(written);
  out.verbatim = out.json = finish(out.mended);
  for (const BlockEvent& event : answer.events) add_to_event(event, out);
  out.owned = std::move(answer.owned);
}

ReportedError reported_in(std::string openai_body) {
  ReportedError out;
  JsonReader in(pad(openai_body));
  each_member(in, [&](const JsonString& name) {
    if (!name.is("error")) return void(in.skip());
    each_member(in, [&](const JsonString& inner) {
      JsonString text;
      const bool wanted = inner.is("type") || inner.is("message");
      if (!wanted || in.kind() != JsonReader::Kind::string || !in.string(text))
        in.skip();
      else
        (inner.is("type") ? out.type : out.message) = text.text();
    });
  });
  return out;
}

}  // namespace triage
