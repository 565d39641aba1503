// {"role":"assistant","content":"He","reasoning_content":"Hm","refusal":null,
//  "tool_calls":[{"index":0,"id":"call_1","function":{"name":"f","arguments":"{\"a\""}}]}
//
// What counts: content (a text, or parts that have `text` or `thinking`: Mistral), reasoning_content or reasoning (one
// of the two: some servers send both), refusal, and of tool calls `name` and `arguments`. Words may be cut by the ends
// of pieces, so pieces are put together before they are counted.
#include "openai/output_estimate.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t counted_bytes = 512;       // at a time
constexpr std::int64_t tokens_a_tool_call = 12;  // the marks around it; fitted to recordings

/// Sources of one choice.
enum Source : std::uint32_t { content, reasoning, arguments, sources_count };

class OutputReader {
 public:
  OutputReader(JsonReader& in, std::uint32_t choice, OutputEstimate& estimate)
      : in_(in), first_source_(choice * sources_count), estimate_(estimate) {}

  void read() {
    if (in_.kind() != JsonReader::Kind::object) return read_text(content);
    bool reasoned = false;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("content") || name.is("refusal")) {
        read_text(content);
      } else if ((name.is("reasoning_content") || name.is("reasoning")) && !reasoned) {
        reasoned = in_.kind() == JsonReader::Kind::string;
        read_text(reasoning);
      } else if (name.is("tool_calls")) {
        read_tool_calls();
      } else if (name.is("function_call")) {
        read_function();
      } else {
        in_.skip();
      }
    });
  }

 private:
  /// A text, or a list of parts that hold texts.
  void read_text(Source source, int depth = 0) {
    if (in_.kind() == JsonReader::Kind::string) {
      JsonString piece;
      if (in_.string(piece)) estimate_.add(piece, first_source_ + source);
    } else if (depth < 3) {
      each_element(in_, [&] { read_part(source, depth); });
    } else {
      in_.skip();
    }
  }

  void read_part(Source source, int depth) {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("text"))
        read_text(source, depth + 1);
      else if (name.is("thinking"))
        read_text(reasoning, depth + 1);
      else
        in_.skip();
    });
  }

  void read_tool_calls() {
    each_element(in_, [this] {
      each_member(in_, [&](const JsonString& name) { name.is("function") ? read_function() : void(in_.skip()); });
    });
  }

  void read_function() {
    each_member(in_, [&](const JsonString& name) {
      const bool named = name.is("name") && in_.kind() == JsonReader::Kind::string;
      if (named) estimate_.add_tool_call();
      if (named || name.is("arguments"))
        read_text(arguments);
      else
        in_.skip();
    });
  }

  JsonReader& in_;
  std::uint32_t first_source_;
  OutputEstimate& estimate_;
};

}  // namespace

void OutputEstimate::add(const JsonString& piece, std::uint32_t source) {
  if (piece.raw.empty()) return;
  if (source != source_) {
    count_text(text_, shape_);
    text_.clear();
    source_ = source;
  }
  if (text_.capacity() < counted_bytes) text_.reserve(counted_bytes + 256);
  if (piece.escaped)
    piece.append_to(text_);
  else
    text_.append(piece.raw);
  if (text_.size() >= counted_bytes) count_some();
}

// Up to the last blank or line break, so that no word is cut; the whole if there is none.
void OutputEstimate::count_some() {
  const std::size_t white = text_.find_last_of(" \n");
  const std::size_t end = white == std::string::npos ? text_.size() : white + 1;
  count_text(std::string_view(text_).substr(0, end), shape_);
  text_.erase(0, end);
}

std::int64_t OutputEstimate::tokens() const noexcept {
  TextShape all = shape_;
  count_text(text_, all);
  return estimate_tokens(all) + tool_calls_ * tokens_a_tool_call;
}

void add_output(JsonReader& in, std::uint32_t choice, OutputEstimate& estimate) {
  OutputReader(in, choice, estimate).read();
}

}  // namespace triage
