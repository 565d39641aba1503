// {"max_tokens":9,"temperature":1,"messages":[{"role":"tool","tool_call_id":"toolu_1",...}]}
// {"max_completion_tokens":9     ,"messages":[{"role":"tool","tool_call_id":"Ab3dE6gHi",...}]}
#include "openai/own_quirks.hpp"

#include "blocks/effort.hpp"
#include "blocks/member_values.hpp"
#include "json/json.hpp"
#include "openai/message_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;

constexpr std::array<std::string_view, 4> sampling{"temperature", "top_p", "presence_penalty", "frequency_penalty"};

bool has(std::string_view body, std::string_view text) noexcept {
  return memmem(body.data(), body.size(), text.data(), text.size()) != nullptr;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

bool is_in(std::string_view name, const std::optional<std::vector<std::string>>& list) {
  return list && std::ranges::find(*list, name) != list->end();
}

class Editor {
 public:
  Editor(const ApiRequest& request, const Deployment& deployment)
      : request_(request), quirks_(deployment.quirks), samples_(deployment.sampling.value_or(true)) {}

  OwnQuirks edited() {
    if (changes_members()) edit_members();
    const bool of_messages = quirks_.call_ids == CallIds::nine || quirks_.later_system == LaterSystem::marked ||
                             quirks_.reply_to_results.value_or(false);
    for (std::size_t i = 0; of_messages && i < request_.messages.size(); ++i) edit_message(i);
    return std::move(out_);
  }

 private:
  struct Member {
    std::string name;
    Span name_span;  // with its quotes
    Span value;
  };

  // Whether there may be a member to change: bodies can be long.
  [[nodiscard]] bool changes_members() const {
    const std::string_view body = request_.body;
    return (quirks_.limit && has(body, other_limit())) || (quirks_.seed && *quirks_.seed != "seed") ||
           (quirks_.left_out && !quirks_.left_out->empty()) || !samples_ ||
           ((!quirks_.sampling_with_thinking.value_or(true) || quirks_.efforts) && has(body, "\"reasoning_effort\""));
  }

  [[nodiscard]] std::string_view other_limit() const noexcept {
    return quirks_.limit == LimitWord::max_tokens ? R"("max_completion_tokens")" : R"("max_tokens")";
  }

  void put(Span span, std::string text) { out_.edits.push_back({span, std::move(text)}); }

  void read_members() {
    JsonReader in(request_.body);
    each_member(in, [this, &in](const JsonString& name) {
      const auto begin = static_cast<std::size_t>(name.raw.data() - request_.body.data());
      const std::size_t at = in.value_offset();
      in.skip_unchecked();
      members_.push_back({name.text(), {begin - 1, begin + name.raw.size() + 1}, {at, in.offset()}});
    });
  }

  [[nodiscard]] const Member* member(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &Member::name);
    return found == members_.end() || request_.at(found->value) == "null" ? nullptr : &*found;
  }

  void edit_members() {
    read_members();
    const Member* const effort = member("reasoning_effort");
    const bool thinks = effort != nullptr && request_.at(effort->value) != R"("none")";
    const bool sampled = samples_ && (!thinks || quirks_.sampling_with_thinking.value_or(true));
    std::vector<bool> goes(members_.size());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const Member& each = members_[i];
      goes[i] =
          is_in(each.name, quirks_.left_out) || (!sampled && std::ranges::find(sampling, each.name) != sampling.end());
      if (goes[i] && request_.at(each.value) != "null") out_.dropped.push_back(each.name);
    }
    if (quirks_.limit) rename_limit(goes);
    const Member* const seed = member("seed");
    if (quirks_.seed && seed != nullptr && member(*quirks_.seed) == nullptr)
      put(seed->name_span, in_quotes(*quirks_.seed));
    if (quirks_.efforts && effort != nullptr) put_effort(*effort);
    cut(goes);
  }

  // Where both words are there, the one that is taken counts.
  void rename_limit(std::vector<bool>& goes) {
    const std::string_view wanted = word(*quirks_.limit);
    const std::string_view other = other_limit();
    const Member* const named = member(other.substr(1, other.size() - 2));
    if (named == nullptr) return;
    if (member(wanted) == nullptr)
      put(named->name_span, in_quotes(wanted));
    else
      goes[static_cast<std::size_t>(named - members_.data())] = true;
  }

  void put_effort(const Member& member) {
    JsonReader in(request_.body.substr(member.value.begin));
    const std::string said = string_of(in).text();
    const auto effort = from_word<Effort>(said);
    if (!effort || *effort == Effort::unset || is_in(said, quirks_.efforts)) return;
    const std::string_view nearest = nearest_effort(*effort, *quirks_.efforts);
    if (!nearest.empty()) put(member.value, in_quotes(nearest));
  }

  // Each with a comma: those in front of the first that stays with the comma behind them.
  void cut(const std::vector<bool>& goes) {
    bool behind = false;  // one that stays
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (!goes[i]) {
        behind = true;
      } else if (behind) {
        put({members_[i - 1].value.end, members_[i].value.end}, {});
      } else {
        const std::size_t end = i + 1 < members_.size() ? members_[i + 1].name_span.begin : members_[i].value.end;
        put({members_[i].name_span.begin, end}, {});
      }
    }
  }

  void edit_message(std::size_t index) {
    const ChatMessage& message = request_.messages[index];
    const Role before = index == 0 ? Role::system : request_.messages[index - 1].role;
    later_ = later_ || message.role != Role::system;
    if (quirks_.reply_to_results.value_or(false) && before == Role::tool && message.role == Role::user)
      put({message.value.begin, message.value.begin}, R"({"role":"assistant","content":"OK."},)");
    if (quirks_.later_system == LaterSystem::marked && later_ && message.role == Role::system) mark(message);
    if (quirks_.call_ids != CallIds::nine) return;
    if (message.role == Role::tool) replace_text(message.value, "tool_call_id");
    if (!message.calls.empty() && request_.body[message.calls.begin] == '[') {
      JsonReader in(request_.at(message.calls));
      each_element(in, [&] {
        const std::size_t begin = message.calls.begin + in.value_offset();
        in.skip_unchecked();
        replace_text({begin, message.calls.begin + in.offset()}, "id");
      });
    }
  }

  // The id in that member of an object.
  void replace_text(Span object, std::string_view name) {
    JsonReader in(request_.at(object));
    each_member(in, [&](const JsonString& member) {
      const std::size_t at = object.begin + in.value_offset();
      const bool wanted = member.is(name) && in.kind() == Kind::string;
      const JsonString id = string_of(in);
      if (!wanted) return;
      std::string nine = nine_of(id);
      if (nine != id.raw) put({at, object.begin + in.offset()}, in_quotes(nine));
    });
  }

  // The user's, in marks; a list of parts stays as it is, but for the role.
  void mark(const ChatMessage& message) {
    JsonReader in(request_.at(message.value));
    each_member(in, [&](const JsonString& name) {
      const std::size_t begin = message.value.begin + in.value_offset();
      const bool text = in.kind() == Kind::string;
      in.skip_unchecked();
      const std::size_t end = message.value.begin + in.offset();
      if (name.is("role")) put({begin, end}, R"("user")");
      if (!name.is("content") || !text) return;
      put({begin + 1, begin + 1}, R"(<system>\n)");
      put({end - 1, end - 1}, R"(\n</system>)");
    });
  }

  const ApiRequest& request_;
  const Quirks& quirks_;
  const bool samples_;
  std::vector<Member> members_;
  bool later_ = false;  // something else than a system message came
  OwnQuirks out_;
};

}  // namespace

OwnQuirks own_quirks(const ApiRequest& request, const Deployment& deployment) {
  return Editor(request, deployment).edited();
}

}  // namespace triage::openai
