#include "blocks/own_body.hpp"

#include "json/json.hpp"
#include "triage/request.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

// What an unsigned thought has in Anthropic's API, where each must have a signature.
constexpr std::string_view no_signature[] = {R"("signature":"")", R"("signature": "")"};

bool may_be_unsigned(std::string_view body) noexcept {
  return std::ranges::any_of(no_signature, [body](std::string_view text) {
    return memmem(body.data(), body.size(), text.data(), text.size()) != nullptr;
  });
}

// Whether a call may be in it.
bool may_call(std::string_view body) noexcept {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"functionCall", "function_call"},
      [body](auto text) { return memmem(body.data(), body.size(), text.data(), text.size()) != nullptr; });
}

struct Edit {
  Span span;
  std::string text;
};

// One member or element: what it is, and whether it stays.
struct Item {
  Span span;
  bool stays = true;
};

bool is_one_of(const JsonString& name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view each) { return name.is(each); });
}

class Cutter {
 public:
  Cutter(std::string_view body, const Origin& origin, std::string_view unsigned_calls)
      : body_(body), in_(body), origin_(origin), unsigned_calls_(unsigned_calls) {}

  std::optional<OwnBody> cut() {
    const bool stays = value();
    if (!stays || in_.failed() || edits_.empty()) return std::nullopt;
    std::ranges::sort(edits_, {}, [](const Edit& edit) { return edit.span.begin; });
    OwnBody out{{}, dropped_};
    std::size_t at = 0;
    for (const Edit& edit : edits_) {
      out.text.append(body_.substr(at, edit.span.begin - at)).append(edit.text);
      at = edit.span.end;
    }
    out.text.append(body_.substr(at));
    return out;
  }

 private:
  // These consume a value; false: it goes.
  bool value() {
    switch (in_.kind()) {
      case Kind::object: return object();
      case Kind::array: return array();
      case Kind::string: return string();
      default: in_.skip(); return true;
    }
  }

  bool string() {
    const std::size_t begin = in_.value_offset();
    JsonString text;
    if (!in_.string(text) || !std::exchange(opaque_, false)) return true;
    std::string said = text.text();
    said.erase(0, said.find('#') + 1);  // Responses: what the mark is of
    const auto mark = unmarked(said);
    signed_ = !said.empty();
    if (!mark) return true;
    if (mark->origin != origin_) {
      dropped_ = true;
      return false;
    }
    std::string quoted;
    append_json_string(quoted, mark->text);
    edits_.push_back({{begin, in_.offset()}, std::move(quoted)});
    return true;
  }

  bool array() {
    std::vector<Item> items;
    in_.enter_array();
    while (in_.next_element()) {
      const std::size_t begin = in_.value_offset();
      const bool stays = value();
      items.push_back({{begin, in_.offset()}, stays});
    }
    return remove(items);
  }

  // What an object says that decides whether it stays.
  struct Seen {
    std::vector<Item> items;
    std::optional<std::size_t> signature;  // the item that is Gemini's, and goes
    Span signature_value;
    std::optional<std::size_t> reasoning;
    bool thought = false;
    bool of_thoughts = false;  // by its type it is one of Anthropic's thoughts
    bool thinks = false;
    bool has_signature = false;
    std::optional<std::size_t> call;  // the item
    bool signs = false;               // it has a signature of Gemini's
    bool empty = false;               // its content went, or its reason to be there
    bool thoughts = false;            // thinking_blocks went
  };

  bool object() {
    const std::size_t edits = edits_.size();
    Seen seen;
    in_.enter_object();
    JsonString name;
    while (in_.next_name(name)) member(name, seen);
    if (seen.signature && seen.thought) seen.empty = true;
    if (origin_.form == WireForm::anthropic && seen.of_thoughts && seen.thinks && !seen.has_signature)
      seen.empty = dropped_ = true;
    if (seen.empty) {
      edits_.resize(edits);
      return false;
    }
    if (seen.thoughts && seen.reasoning) seen.items[*seen.reasoning].stays = false;
    if (seen.signature && seen.call && !unsigned_calls_.empty()) {
      seen.items[*seen.signature].stays = true;
      std::string quoted;
      append_json_string(quoted, unsigned_calls_);
      edits_.push_back({seen.signature_value, std::move(quoted)});
    }
    // Gemini signs the first call of a turn.
    if (seen.call && std::exchange(first_call_, false) && !seen.signs && !unsigned_calls_.empty()) {
      std::string signature = R"("thoughtSignature":)";
      append_json_string(signature, unsigned_calls_);
      const std::size_t at = seen.items[*seen.call].span.begin;
      edits_.push_back({{at, at}, signature += ','});
    }
    return remove(seen.items);
  }

  void member(const JsonString& name, Seen& seen) {
    const auto begin = static_cast<std::size_t>(name.raw.data() - body_.data()) - 1;
    const std::size_t at = in_.value_offset();
    opaque_ =
        in_.kind() == Kind::string && is_one_of(name, {"signature", "data", "encrypted_content", "thoughtSignature",
                                                       "thought_signature", "encrypted_index"});
    signed_ = false;
    if (name.is("parts")) first_call_ = true;
    const bool stays = value();
    const Span span{at, in_.offset()};
    if (name.is("signature")) seen.has_signature = signed_;
    if (name.is("type") && body_.substr(span.begin, span.end - span.begin) == R"("thinking")") seen.of_thoughts = true;
    if (name.is("thinking")) seen.thinks = true;
    const std::size_t index = seen.items.size();
    seen.items.push_back({{begin, span.end}, stays});
    if (name.is("thought") && body_.substr(span.begin, span.end - span.begin) == "true") seen.thought = true;
    if (is_one_of(name, {"functionCall", "function_call"})) seen.call = index;
    if (is_one_of(name, {"thoughtSignature", "thought_signature"})) seen.signs = true;
    if (is_one_of(name, {"reasoning_content"})) seen.reasoning = index;
    if (stays) return;
    if (is_one_of(name, {"thoughtSignature", "thought_signature"})) {
      seen.signature = index;
      seen.signature_value = span;
    }
    if (name.is("thinking_blocks")) seen.thoughts = true;
    if (is_one_of(name, {"signature", "data", "encrypted_content", "content", "parts", "encrypted_index"}))
      seen.empty = true;
  }

  // Cuts those out that go, each with a comma. False: none stays.
  bool remove(const std::vector<Item>& items) {
    if (items.empty() || std::ranges::all_of(items, &Item::stays)) return true;
    if (std::ranges::none_of(items, &Item::stays)) return false;
    bool behind = false;  // one that stays
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i].stays)
        edits_.push_back({behind ? Span{items[i - 1].span.end, items[i].span.end}
                                 : Span{items[i].span.begin, items[i + 1].span.begin},
                          {}});
      behind = behind || items[i].stays;
    }
    return true;
  }

  std::string_view body_;
  JsonReader in_;
  const Origin& origin_;
  std::string_view unsigned_calls_;
  std::vector<Edit> edits_;
  bool opaque_ = false;      // the next string may be marked
  bool signed_ = false;      // the last one says anything
  bool first_call_ = false;  // the next call is the first of Gemini's parts
  bool dropped_ = false;
};

}  // namespace

std::optional<OwnBody> own_body(std::string_view body, const Origin& origin, std::string_view unsigned_calls) {
  const bool unsigned_thoughts = origin.form == WireForm::anthropic && may_be_unsigned(body);
  const bool calls = origin.form == WireForm::gemini && !unsigned_calls.empty() && may_call(body);
  if (!unsigned_thoughts && !calls && !holds_mark(body)) return std::nullopt;
  return Cutter(body, origin, unsigned_calls).cut();
}

}  // namespace triage
