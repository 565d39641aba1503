// What a client of OpenAI's API reads. Providers of the same dialect are relayed: their events are forwarded unchanged.
// A whole answer becomes a stream for a client that asked for one, if the provider sent none:
//
//   {"object":"chat.completion","choices":[{"message":{...},"finish_reason":"stop"}],"usage":{...}}
//   -> data: {"object":"chat.completion.chunk","choices":[{"delta":{...},"finish_reason":null}]}
//      data: {..., "choices":[{"delta":{},"finish_reason":"stop"}]}
//      data: {..., "choices":[],"usage":{...}}          if the client asked for it
#include "blocks/spelling.hpp"
#include "clients/clients.hpp"
#include "clients/translated.hpp"
#include "openai/answer_reader.hpp"
#include "openai/block_reader.hpp"
#include "openai/chunk_writer.hpp"
#include "openai/error_body.hpp"
#include "openai/request_body.hpp"

#include <nlohmann/json.hpp>

#include <ctime>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

std::string event_of(const Json& data) {
  return "data: " + data.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
}

// Clients expect texts where some servers put an object of arguments, or a list of parts.
void put_texts(Json& delta) {
  if (const auto content = delta.find("content"); content != delta.end() && content->is_array()) {
    std::string text;
    for (const Json& part : *content)
      if (part.is_object() && part.contains("text") && part["text"].is_string())
        text += part["text"].get<std::string>();
    *content = std::move(text);
  }
  const auto dump_arguments = [](Json& function) {
    if (!function.is_object() || !function.contains("arguments") || !function["arguments"].is_object()) return;
    function["arguments"] = function["arguments"].dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  if (delta.contains("function_call")) dump_arguments(delta["function_call"]);
  if (!delta.contains("tool_calls") || !delta["tool_calls"].is_array()) return;
  std::size_t index = 0;
  for (Json& call : delta["tool_calls"]) {
    if (!call.is_object()) continue;
    call["index"] = index++;
    if (call.contains("function")) dump_arguments(call["function"]);
  }
}

// The {index, delta or text, finish_reason} of a whole answer's choice. In a stream, tool calls have an index.
Json chunk_choice(Json choice) {
  if (const auto message = choice.find("message"); message != choice.end()) {
    Json delta = std::move(*message);
    choice.erase("message");
    if (delta.is_object()) put_texts(delta);
    choice["delta"] = std::move(delta);
  }
  choice["finish_reason"] = nullptr;
  return choice;
}

Json last_choice(const Json& choice) {
  Json out{{"index", choice.value("index", Json(0))}};
  if (choice.contains("text"))
    out["text"] = "";
  else
    out["delta"] = Json::object();
  out["finish_reason"] = choice.value("finish_reason", Json("stop"));
  return out;
}

/// A translated stream, read as if its provider had written it: so all that works on chat completions works on it.
class TranslatedStream final : public AnswerDecoder {
 public:
  TranslatedStream(std::unique_ptr<BlockReader> answer, bool include_usage)
      : answer_(std::move(answer)), writer_(std::time(nullptr), include_usage) {}

  void feed(std::string_view bytes) override { answer_->feed(bytes); }
  void end() override { answer_->end(); }
  [[nodiscard]] bool ended() const noexcept override { return answer_->ended(); }

  Result<const AnswerEvent*> next() override {
    for (;;) {
      const auto block = answer_->next();
      if (!block) return block.error();
      if (*block == nullptr) return nullptr;
      if (write(**block)) return &event_;
    }
  }

 private:
  // Whether there is anything to tell of it, to the client or to the record.
  bool write(const BlockEvent& block) {
    event_.clear();
    std::string& text = event_.mended;
    text = before;
    if (writer_.put(block, text)) {
      make_utf8(text);
      const std::size_t json = text.size() - before.size();
      text += behind;
      event_.verbatim = pad(text);
      read_answer(event_.verbatim.substr(before.size(), json), AnswerForm::chunk, event_);
    } else if (block.usage) {
      event_.has_choices = event_.only_usage = true;
    } else {
      return false;
    }
    if (block.usage) event_.usage = block.usage;
    event_.service_tier = block.service_tier;
    return true;
  }

  static constexpr std::string_view before = "data: ";
  static constexpr std::string_view behind = "\n\n";
  std::unique_ptr<BlockReader> answer_;
  openai::ChunkWriter writer_;
  AnswerEvent event_;
};

class OpenaiClient final : public ClientApi {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "openai"; }

  [[nodiscard]] Result<ApiRequest> parse(Api api, const RequestHead& /*head*/, std::string_view body,
                                         std::uint32_t depth_max) const override {
    return parse_request_body(api, body, depth_max);
  }

  [[nodiscard]] Result<BlockRequest> blocks(const ApiRequest& request) const override {
    return openai::read_blocks(request);
  }

  [[nodiscard]] std::unique_ptr<AnswerDecoder> translated(std::unique_ptr<BlockReader> answer,
                                                          const ApiRequest& request) const override {
    return std::make_unique<TranslatedStream>(std::move(answer), request.include_usage);
  }

  void translate_whole(BlockAnswer answer, const ApiRequest& /*request*/, AnswerEvent& out) const override {
    std::string& text = out.mended = openai::write_completion(answer.events, std::time(nullptr));
    make_utf8(text);
    out.verbatim = pad(text);
    read_answer(out.verbatim, AnswerForm::whole, out);
    for (const BlockEvent& event : answer.events)
      if (event.usage) out.usage = event.usage, out.service_tier = event.service_tier;
  }

  void add_event(const AnswerEvent& event, std::string& out) const override { out.append(event.verbatim); }

  [[nodiscard]] std::string_view stream_end() const noexcept override { return "data: [DONE]\n\n"; }

  [[nodiscard]] std::string as_stream(const ApiRequest& request, std::string_view body) const override {
    Json answer = Json::parse(body, nullptr, false);
    if (!answer.is_object() || !answer.contains("choices") || !answer["choices"].is_array()) return {};
    const Json choices = std::move(answer["choices"]);
    const Json usage = answer.value("usage", Json());
    answer.erase("usage");
    if (request.api == Api::chat) answer["object"] = "chat.completion.chunk";
    Json first = Json::array();
    Json last = Json::array();
    for (const Json& choice : choices) {
      if (!choice.is_object()) return {};
      first.push_back(chunk_choice(choice));
      last.push_back(last_choice(choice));
    }
    answer["choices"] = std::move(first);
    std::string out = event_of(answer);
    answer["choices"] = std::move(last);
    out += event_of(answer);
    if (!request.include_usage || usage.is_null()) return out;
    answer["choices"] = Json::array();
    answer["usage"] = usage;
    return out += event_of(answer);
  }

  [[nodiscard]] std::string error_body(const Error& error) const override { return triage::error_body(error); }

  [[nodiscard]] std::string reply_body(int /*status*/, std::string body) const override { return body; }

  [[nodiscard]] std::string error_event(std::string_view body) const override {
    std::string out = "data: ";
    append_spelled(out, body);
    return out += "\n\n";
  }
};

}  // namespace

const ClientApi& openai_client() noexcept {
  static const OpenaiClient client;
  return client;
}

}  // namespace triage
