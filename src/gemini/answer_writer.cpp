// {"candidates":[{"content":{"parts":[PART, ...],"role":"model"},"finishReason":"STOP","index":0}],
//  "usageMetadata":{...},"modelVersion":"...","responseId":"..."}
//
// Every object has a part, the last one an empty text: Google's SDK takes an answer without one for broken. A redacted
// thought is a part with a signature and no text.
#include "gemini/answer_writer.hpp"

#include "answer/usage.hpp"
#include "blocks/block_request.hpp"
#include "blocks/spelling.hpp"
#include "gemini/finish_words.hpp"
#include "gemini/logprobs.hpp"
#include "gemini/usage.hpp"
#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <array>
#include <utility>

namespace triage::gemini {
namespace {

using Kind = BlockEvent::Kind;

struct StatusWord {
  int status;
  std::string_view word;
};
// google/rpc/code.proto, "HTTP Mapping".
constexpr std::array<StatusWord, 10> status_words{{{400, "INVALID_ARGUMENT"},
                                                   {401, "UNAUTHENTICATED"},
                                                   {403, "PERMISSION_DENIED"},
                                                   {404, "NOT_FOUND"},
                                                   {409, "ABORTED"},
                                                   {429, "RESOURCE_EXHAUSTED"},
                                                   {501, "UNIMPLEMENTED"},
                                                   {503, "UNAVAILABLE"},
                                                   {504, "DEADLINE_EXCEEDED"},
                                                   {529, "UNAVAILABLE"}}};

void append_quoted(std::string& out, std::string_view raw) {
  out += '"';
  append_spelled(out, raw);
  out += '"';
}

void append_signature(std::string& out, std::string_view signature) {
  if (!signature.empty()) append_quoted(out += R"(,"thoughtSignature":)", signature);
}

std::string text_part(BlockKind kind, std::string_view raw, std::string_view signature) {
  std::string out = R"({"text":)";
  append_quoted(out, raw);
  if (kind == BlockKind::thought) out += R"(,"thought":true)";
  append_signature(out, signature);
  return out += '}';
}

std::string redacted_part(std::string_view data) {
  std::string out = R"({"thought":true)";
  append_signature(out, data);
  return out += '}';
}

// "id":"...","name":"f"
std::string call_head(const BlockEvent& event) {
  std::string out;
  if (!event.id.raw.empty()) {
    append_quoted(out += R"("id":)", event.id.raw);
    out += ',';
  }
  append_quoted(out += R"("name":)", event.name.raw);
  return out;
}

// `arguments` is what the model wrote, and becomes an object whatever that is.
std::string call_part(std::string_view head, std::string arguments, std::string_view signature) {
  std::string out = R"({"functionCall":{)";
  out.append(head).append(R"(,"args":)");
  const std::size_t size = arguments.size();
  arguments.append(body_padding, '\0');
  const std::string_view text = std::string_view(arguments).substr(0, size);
  if (text.empty()) {
    out += "{}";
  } else if (is_json_object(text) && !find_invalid_utf8(text)) {
    append_spelled(out, text);
  } else {
    append_json_string(out += R"({"arguments":)", text);
    out += '}';
  }
  out += '}';
  append_signature(out, signature);
  return out += '}';
}

// "finishReason":"STOP","finishMessage":"..."
std::string finish_members(const BlockEvent& event) {
  std::string out = R"("finishReason":")";
  out.append(finish_word(event.reason)).append("\"");
  if (!event.why.raw.empty()) append_quoted(out += R"(,"finishMessage":)", event.why.raw);
  return out;
}

// ,"modelVersion":"...","responseId":"..."
std::string identity_members(const BlockEvent& begin) {
  std::string out;
  if (!begin.name.raw.empty()) append_quoted(out += R"(,"modelVersion":)", begin.name.raw);
  if (!begin.id.raw.empty()) append_quoted(out += R"(,"responseId":)", begin.id.raw);
  return out;
}

// The byte at which this character of `text` begins.
std::size_t byte_of(std::string_view text, std::int64_t character) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && character-- == 0) break;
  return at;
}

// ,"groundingMetadata":{"groundingChunks":[...],"groundingSupports":[...]}; nothing if nothing is cited. Segments are
// in bytes of `text`.
std::string grounding_of(const std::vector<Citation>& citations, std::string_view text) {
  if (citations.empty()) return {};
  std::string pages;
  std::string supports;
  std::size_t index = 0;
  for (const Citation& each : citations) {
    pages += pages.empty() ? R"({"web":{"uri":)" : R"(,{"web":{"uri":)";
    append_quoted(pages, each.url);
    append_quoted(pages += R"(,"title":)", each.title);
    pages += "}}";
    supports.append(supports.empty() ? "" : ",").append(R"({"segment":{"startIndex":)");
    supports.append(std::to_string(byte_of(text, each.from))).append(R"(,"endIndex":)");
    supports.append(std::to_string(byte_of(text, each.to))).append(R"(},"groundingChunkIndices":[)");
    supports.append(std::to_string(index++)).append("]}");
  }
  return R"(,"groundingMetadata":{"groundingChunks":[)" + pages + R"(],"groundingSupports":[)" + supports + "]}";
}

// ,"logprobsResult":{...}
std::string logprobs_member(std::string_view list) {
  return list.empty() ? std::string() : R"(,"logprobsResult":)" + logprobs_result(list);
}

void add_usage(const BlockEvent& event, std::optional<UsageReport>& usage) {
  if (!event.usage) return;
  if (usage)
    merge(*event.usage, *usage);
  else
    usage = event.usage;
}

void append_response(std::string& out, std::string_view parts, std::string_view finish,
                     const std::optional<UsageReport>& usage, std::string_view behind, std::string_view more = {}) {
  out.append(R"({"candidates":[{"content":{"parts":[)").append(parts).append(R"(],"role":"model"})");
  if (!finish.empty()) out.append(",").append(finish);
  append_spelled(out, more);
  out += R"(,"index":0}])";
  if (usage) append_usage(out += R"(,"usageMetadata":)", *usage);
  out.append(behind) += '}';
}

constexpr std::string_view empty_part = R"({"text":""})";

// Collects what the blocks of a whole answer say.
class WholeResponse {
 public:
  void add(const BlockEvent& event) {
    add_usage(event, usage_);
    cited_.add(event);
    switch (event.kind) {
      case Kind::begin: behind_ = identity_members(event); break;
      case Kind::block_begin: open(event); break;
      case Kind::delta:
        event.block == BlockKind::call ? event.text.append_to(piece_) : void(piece_ += event.text.raw);
        if (event.block == BlockKind::text) event.text.append_to(text_);
        if (!event.logprobs.empty())
          logprobs_.append(logprobs_.empty() ? "" : ",").append(event.logprobs.substr(1, event.logprobs.size() - 2));
        break;
      case Kind::signature: signature_ += event.text.raw; break;
      case Kind::block_end: close(event); break;
      case Kind::finish: finish_ = finish_members(event); break;
      case Kind::usage:
      case Kind::citation: break;
    }
  }

  [[nodiscard]] std::string written() {
    std::string out;
    std::string more = grounding_of(cited_.take(), text_);
    if (!logprobs_.empty()) {
      std::string list = "[" + logprobs_ + "]";
      const std::size_t size = list.size();
      list.append(body_padding, '\0');
      more += logprobs_member(std::string_view(list).substr(0, size));
    }
    append_response(out, parts_.empty() ? empty_part : parts_, finish_, usage_, behind_, more);
    return out;
  }

 private:
  void open(const BlockEvent& event) {
    piece_ = event.block == BlockKind::redacted ? std::string(event.text.raw) : std::string();
    signature_.clear();
    if (event.block == BlockKind::call) call_ = call_head(event);
  }

  void close(const BlockEvent& event) {
    if (!parts_.empty()) parts_ += ',';
    switch (event.block) {
      case BlockKind::call: parts_ += call_part(call_, piece_, signature_); break;
      case BlockKind::redacted: parts_ += redacted_part(piece_); break;
      default: parts_ += text_part(event.block, piece_, signature_);
    }
  }

  std::string behind_;
  std::string parts_;
  std::string call_;
  std::string piece_;
  std::string signature_;
  std::string finish_;
  std::string text_;
  std::string logprobs_;
  CitedText cited_;
  std::optional<UsageReport> usage_;
};

}  // namespace

std::string_view status_word(int status) noexcept {
  for (const StatusWord& each : status_words)
    if (each.status == status) return each.word;
  return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
}

std::string write_error(int status, std::string_view message) {
  std::string out = R"({"error":{"code":)" + std::to_string(status);
  append_json_string(out += R"(,"message":)", message);
  return out.append(R"(,"status":")").append(status_word(status)).append("\"}}");
}

std::string own_error(int status, std::string body) {
  const std::size_t size = body.size();
  body.append(body_padding, '\0');
  const std::string_view json = std::string_view(body).substr(0, size);
  JsonReader in(json);
  std::string message;
  std::string word(status_word(status));
  std::string_view details;
  const auto read = [&](const JsonString& name) {
    JsonString text;
    const bool wanted = name.is("message") || name.is("status");
    const std::size_t begin = in.value_offset();
    if (wanted && in.kind() == JsonReader::Kind::string && in.string(text))
      (name.is("message") ? message : word) = text.text();
    else
      in.skip();
    if (name.is("details")) details = json.substr(begin, in.offset() - begin);
  };
  each_member(in, [&](const JsonString& name) {
    if (name.is("error"))
      each_member(in, read);
    else
      in.skip();
  });
  std::string out = R"({"error":{"code":)" + std::to_string(status);
  append_json_string(out += R"(,"message":)", message);
  append_json_string(out += R"(,"status":)", word);
  if (!details.empty() && !in.failed()) out.append(R"(,"details":)").append(details);
  return out += "}}";
}

void ResponseWriter::put(const BlockEvent& event, std::string& out) {
  add_usage(event, usage_);
  cited_.add(event);
  switch (event.kind) {
    case Kind::begin: behind_ = identity_members(event); break;
    case Kind::block_begin: open_block(event, out); break;
    case Kind::delta:
      if (event.block == BlockKind::call)
        event.text.append_to(arguments_);
      else
        put_piece(event, out);
      break;
    case Kind::signature: signature_ += event.text.raw; break;
    case Kind::block_end: close_block(event, out); break;
    case Kind::finish: finish_ = finish_members(event); break;
    case Kind::usage: write_finish(out); break;
    case Kind::citation: break;
  }
}

void ResponseWriter::put_piece(const BlockEvent& event, std::string& out) {
  if (event.block == BlockKind::text) event.text.append_to(text_);
  write(text_part(event.block, event.text.raw, ""), out, logprobs_member(event.logprobs));
}

void ResponseWriter::open_block(const BlockEvent& event, std::string& out) {
  signature_.clear();
  arguments_.clear();
  if (event.block == BlockKind::call) call_ = call_head(event);
  if (event.block == BlockKind::redacted) write(redacted_part(event.text.raw), out);
}

void ResponseWriter::close_block(const BlockEvent& event, std::string& out) {
  if (event.block == BlockKind::call)
    write(call_part(call_, std::exchange(arguments_, {}), signature_), out);
  else if (!signature_.empty())
    write(text_part(event.block, "", signature_), out);
}

void ResponseWriter::write(std::string_view part, std::string& out, std::string_view more) {
  open_frame(out);
  append_response(out, part, {}, {}, behind_, more);
  close_frame(out);
}

void ResponseWriter::write_finish(std::string& out) {
  if (finish_.empty()) return;
  open_frame(out);
  append_response(out, empty_part, std::exchange(finish_, {}), usage_, behind_, grounding_of(cited_.take(), text_));
  close_frame(out);
}

void ResponseWriter::end(std::string& out) {
  write_finish(out);
  if (framing_ == Framing::events || std::exchange(closed_, true)) return;
  out.append(begun_ ? "]" : "[]");
}

void ResponseWriter::fail(std::string_view error, std::string& out) {
  open_frame(out);
  append_spelled(out, error);
  close_frame(out);
  if (framing_ == Framing::array && !std::exchange(closed_, true)) out += ']';
}

void ResponseWriter::open_frame(std::string& out) {
  const bool first = !std::exchange(begun_, true);
  if (framing_ == Framing::events)
    out += "data: ";
  else
    out += first ? "[" : ",\r\n";
}

void ResponseWriter::close_frame(std::string& out) const {
  if (framing_ == Framing::events) out += "\r\n\r\n";
}

std::string write_response(const std::vector<BlockEvent>& events) {
  WholeResponse response;
  for (const BlockEvent& event : events) response.add(event);
  return response.written();
}

}  // namespace triage::gemini
