#include "json/json.hpp"
#include "openai/error_body.hpp"
#include "openai/output_estimate.hpp"
#include "providers/openai.hpp"

#include <algorithm>

// data: {"choices":[{"index":0,"delta":{"content":"He"},"finish_reason":null}]}      forward
// data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}                  forward; choice 0 is finished
// data: {"choices":[],"usage":{...}}                           drop, unless the client asked for it; keep the usage
// data: {"error":{"message":"..."}}                                                  upstream_error
// data: [DONE]                                                                       done
// Some send usage in a chunk with choices (Mistral, DeepSeek, Cerebras), in x_groq, or in every chunk (Perplexity): the
// last one counts. Perplexity repeats all of the text so far in `message` beside `delta`: not read. Azure's first chunk
// has no choices and no usage: it goes on.

namespace triage::openai {
namespace {

constexpr std::size_t choices_max = 1024;
constexpr std::string_view white = " \t\r\n";

class OpenaiStream final : public StreamDecoder {
 public:
  explicit OpenaiStream(bool usage_wanted) : usage_wanted_(usage_wanted) {}

  Result<Act> on_event(std::string_view data) override {
    const std::size_t first = data.find_first_not_of(white);
    if (first == std::string_view::npos) return Act::drop;
    if (data.substr(first, 6) == "[DONE]" && data.find_first_not_of(white, first + 6) == std::string_view::npos)
      return Act::done;

    Event event;
    JsonReader in(data);
    read_event(in, event);
    if (!in.finish() || find_invalid_utf8(data)) return bad("is no valid JSON object");
    if (event.reports_error) {
      failed_ = true;
      return reported(data);
    }
    if (event.bad_index) return bad("has a choice whose index is not in 0.." + std::to_string(choices_max - 1));
    if (event.usage) usage_ = event.usage;
    const bool only_usage = event.usage_member && event.choices_empty;
    return only_usage && !usage_wanted_ ? Act::drop : Act::forward;
  }

  [[nodiscard]] bool complete() const noexcept override { return !failed_ && seen_ > 0 && finished_ == seen_; }

  [[nodiscard]] const std::optional<Usage>& usage() const noexcept override { return usage_; }

  [[nodiscard]] std::int64_t output_estimate() const noexcept override { return estimate_.tokens(); }

  [[nodiscard]] std::string_view finish_reason() const noexcept override { return finish_reason_; }

 private:
  enum class Choice : std::uint8_t { unseen, open, finished };

  struct Event {
    std::optional<Usage> usage;
    bool usage_member = false;   // at the top
    bool choices_empty = false;  // [] or null
    bool reports_error = false;
    bool bad_index = false;
  };

  static Error bad(const std::string& what) {
    return Error{ErrorCode::upstream_bad_response, "an event of the provider's stream " + what};
  }

  static Error reported(std::string_view data) {
    const std::string message = reported_message(data);
    return Error{ErrorCode::upstream_error,
                 "the provider reports an error in its stream" + (message.empty() ? message : ": " + message)};
  }

  void read_event(JsonReader& in, Event& event) {
    if (!in.enter_object()) return;
    JsonString name;
    while (in.next_name(name)) {
      if (name.is("choices")) {
        read_choices(in, event);
      } else if (name.is("usage")) {
        if (auto usage = read_usage(in)) {
          event.usage = usage;
          event.usage_member = true;
        }
      } else if (name.is("x_groq")) {
        each_member(in, [&](const JsonString& member) {
          if (member.is("usage") && !event.usage)
            event.usage = read_usage(in);
          else
            in.skip();
        });
      } else if (name.is("error")) {
        read_error(in, event);
      } else if (name.is("object") && in.kind() == JsonReader::Kind::string) {
        JsonString text;
        in.string(text);
        event.reports_error = event.reports_error || text.raw == "error";
      } else {
        in.skip();
      }
    }
  }

  /// An object or a text is an error; null, "" and false say that there is none.
  static void read_error(JsonReader& in, Event& event) {
    JsonString text;
    if (in.kind() == JsonReader::Kind::object)
      event.reports_error = true;
    else if (in.kind() == JsonReader::Kind::string && in.string(text)) {
      event.reports_error = event.reports_error || !text.raw.empty();
      return;
    }
    in.skip();
  }

  void read_choices(JsonReader& in, Event& event) {
    event.choices_empty = in.kind() == JsonReader::Kind::null || in.kind() == JsonReader::Kind::array;
    each_element(in, [&] {
      event.choices_empty = false;
      if (in.kind() == JsonReader::Kind::object)
        read_choice(in, event);
      else
        in.skip();
    });
  }

  void read_choice(JsonReader& in, Event& event) {
    std::size_t index = 0;
    bool finished = false;
    in.enter_object();
    JsonString text;
    while (in.next_name(text)) {
      if (text.is("index") && in.kind() == JsonReader::Kind::number) {
        std::string_view digits;
        in.number(digits);
        index = small_number(digits);
      } else if (text.is("finish_reason") && in.kind() == JsonReader::Kind::string) {
        in.string(text);
        finished = !text.raw.empty() && text.raw != "null";  // as some spell "not yet"
        if (finished) finish_reason_ = text.raw.substr(0, finish_reason_max);
      } else if (text.is("delta") || text.is("text")) {
        add_output(in, static_cast<std::uint32_t>(std::min(index, choices_max)), estimate_);
      } else {
        in.skip();
      }
    }
    if (in.failed()) return;
    if (index >= choices_max) {
      event.bad_index = true;
      return;
    }
    note(index, finished);
  }

  static std::size_t small_number(std::string_view digits) noexcept {
    std::size_t number = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return choices_max;
      number = std::min(number * 10 + static_cast<std::size_t>(c - '0'), choices_max);
    }
    return number;
  }

  void note(std::size_t index, bool finished) {
    if (index >= choices_.size()) choices_.resize(index + 1, Choice::unseen);
    Choice& choice = choices_[index];
    if (choice == Choice::unseen) {
      choice = Choice::open;
      ++seen_;
    }
    if (finished && choice == Choice::open) {
      choice = Choice::finished;
      ++finished_;
    }
  }

  bool usage_wanted_;
  std::vector<Choice> choices_;  // by index
  std::size_t seen_ = 0;
  std::size_t finished_ = 0;
  bool failed_ = false;
  std::optional<Usage> usage_;
  std::string finish_reason_;
  OutputEstimate estimate_;
};

}  // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const ApiRequest& request) {
  return std::make_unique<OpenaiStream>(request.include_usage);
}

}  // namespace triage::openai
