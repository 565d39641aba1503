#include "anthropic/put_back.hpp"

#include "json/json.hpp"

namespace triage::anthropic {
namespace {

void append_thoughts(std::string& out, const std::vector<KeptThought>& thoughts) {
  for (const KeptThought& each : thoughts) {
    if (each.kind == BlockKind::redacted)
      out.append(R"({"type":"redacted_thinking","data":")").append(each.text).append("\"},");
    else
      out.append(R"({"type":"thinking","thinking":")")
          .append(each.text)
          .append(R"(","signature":")")
          .append(each.signature)
          .append("\"},");
  }
}

class Inserter {
 public:
  Inserter(std::string_view body, const std::vector<MissingThoughts>& missing)
      : body_(body), in_(body), missing_(missing) {}

  std::string inserted() {
    each_member(in_, [this](const JsonString& name) {
      if (name.is("messages"))
        each_element(in_, [this] { message(); });
      else
        in_.skip_unchecked();
    });
    return out_.append(body_.substr(at_));
  }

 private:
  void message() {
    bool assistant = false;
    bool calls = false;
    std::size_t begin = 0;  // of the first block
    each_member(in_, [&](const JsonString& name) {
      JsonString text;
      if (name.is("role") && in_.kind() == JsonReader::Kind::string) {
        assistant = in_.string(text) && text.is("assistant");
      } else if (name.is("content") && in_.kind() == JsonReader::Kind::array) {
        begin = in_.value_offset() + 1;
        each_element(in_, [&] { calls = is_call() || calls; });
      } else {
        in_.skip_unchecked();
      }
    });
    if (!assistant || !calls) return;
    if (next_ < missing_.size() && missing_[next_].turn == turn_) {
      out_.append(body_.substr(at_, begin - at_));
      append_thoughts(out_, missing_[next_++].thoughts);
      at_ = begin;
    }
    ++turn_;
  }

  bool is_call() {
    bool out = false;
    each_member(in_, [&](const JsonString& name) {
      JsonString text;
      if (name.is("type") && in_.kind() == JsonReader::Kind::string)
        out = in_.string(text) && text.is("tool_use");
      else
        in_.skip_unchecked();
    });
    return out;
  }

  std::string_view body_;
  JsonReader in_;
  const std::vector<MissingThoughts>& missing_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t turn_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

std::string with_thoughts(std::string_view body, const std::vector<MissingThoughts>& missing) {
  return Inserter(body, missing).inserted();
}

std::string without_thinking(std::string_view body) {
  std::string out(body);
  JsonReader in(body);
  each_member(in, [&](const JsonString& name) {
    const std::size_t begin = in.value_offset();
    in.skip_unchecked();
    if (name.is("thinking")) out.replace(begin, in.offset() - begin, R"({"type":"disabled"})");
  });
  return out;
}

}  // namespace triage::anthropic
