// What the assistant has done with tools since the last user turn. A result is taken for a failure by how it begins:
//
//   {"error": ...}, {"is_error": true}, {"success": false}, {"exit_code": 1}    JSON that says so itself
//   Error: ..., Traceback (most recent call last): ..., command failed          or the usual words
//   Exit code: 1                                                                or a code other than 0
#include "base/ascii.hpp"
#include "json/json.hpp"
#include "triage/chat_view.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

constexpr std::size_t read_max = 512;

constexpr std::array<std::string_view, 14> failing_starts{"error",
                                                          "fatal",
                                                          "traceback (most recent call last)",
                                                          "exception",
                                                          "failed",
                                                          "failure",
                                                          "unhandled",
                                                          "panic:",
                                                          "command failed",
                                                          "permission denied",
                                                          "command not found",
                                                          "no such file or directory",
                                                          "<error>",
                                                          "tool execution failed"};
constexpr std::array<std::string_view, 4> code_words{"exit code", "exit status", "exited with code", "return code"};

// Consumes the value. Whether it says more than "none": true, a number other than 0, a text or container that is not
// empty.
bool says_something(JsonReader& in) {
  switch (in.kind()) {
    case Kind::boolean: {
      bool value = false;
      return in.boolean(value) && value;
    }
    case Kind::number: {
      std::string_view spelled;
      return in.number(spelled) && spelled.find_first_not_of("-0.") != std::string_view::npos;
    }
    case Kind::string: {
      JsonString value;
      return in.string(value) && !value.text().empty();
    }
    case Kind::null: in.null(); return false;
    default: {
      const std::size_t begin = in.value_offset();
      in.skip_unchecked();
      return in.offset() - begin > 2;
    }
  }
}

bool is_one_of(const JsonString& name, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&name](const char* each) { return name.is(each); });
}

// Whether a JSON object says by a member of its own that something failed.
bool json_fails(const std::string& text) {
  std::string padded = text;
  const std::size_t size = padded.size();
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, size));
  bool failed = false;
  each_member(in, [&](const JsonString& name) {
    const bool says = is_one_of(name, {"error", "is_error", "isError", "exit_code", "exitCode", "returncode"});
    const bool denies = is_one_of(name, {"success", "ok"});
    if (!says && !denies) return void(in.skip_unchecked());
    const bool is_flag = in.kind() == Kind::boolean;
    const bool value = says_something(in);
    failed = failed || (says && value) || (denies && is_flag && !value);
  });
  return failed && !in.failed();
}

bool names_a_code(std::string_view text) {
  for (const std::string_view word : code_words) {
    const std::size_t found = text.find(word);
    if (found == std::string_view::npos) continue;
    const std::size_t digit = text.find_first_not_of(": =", found + word.size());
    if (digit != std::string_view::npos && (text[digit] == '-' || (is_digit(text[digit]) && text[digit] != '0')))
      return true;
  }
  return false;
}

bool reports_failure(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  text.remove_prefix(begin);
  if (text.front() == '{') return json_fails(std::string(text));
  std::string start(text.substr(0, read_max));
  for (char& c : start) c = to_lower(c);
  return names_a_code(start) ||
         std::ranges::any_of(failing_starts, [&](std::string_view word) { return start.starts_with(word); });
}

// Adds the names in a message's `tool_calls`, or in its older `function_call`.
void add_called(std::string_view json, std::vector<std::string>& out) {
  JsonReader in(json);
  const auto read_call = [&](auto&& self) -> void {
    each_member(in, [&](const JsonString& name) {
      if (name.is("function") || name.is("custom")) return self(self);
      JsonString value;
      if (name.is("name") && in.kind() == Kind::string && in.string(value))
        out.emplace_back(value.text());
      else
        in.skip_unchecked();
    });
  };
  if (in.kind() == Kind::array)
    each_element(in, [&] { read_call(read_call); });
  else
    read_call(read_call);
}

}  // namespace

void ChatView::read_tool_work(ToolWork& out) const {
  if (request_ == nullptr) return;
  const auto& messages = request_->messages;
  auto from = messages.end();
  while (from != messages.begin() && std::prev(from)->role != Role::user) --from;
  for (auto message = from; message != messages.end(); ++message) {
    if (!message->calls.empty()) add_called(request_->at(message->calls), out.called);
    if (message->role != Role::tool) continue;
    bool failed = false;
    each_text(*message, [&failed](std::string_view text) {
      failed = reports_failure(text);
      return false;
    });
    if (failed) ++out.failed;
  }
}

}  // namespace triage
