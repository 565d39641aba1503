// {"type":"response.created","response":{"id":"resp_1","model":"m",...}}
// {"type":"response.output_item.added","output_index":0,"item":{"type":"message"|"reasoning"|"function_call"|
//     "custom_tool_call", ...}}
// {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hel"}     or refusal.delta,
//     reasoning_summary_text.delta, reasoning_text.delta, function_call_arguments.delta, custom_tool_call_input.delta
// {"type":"response.output_text.annotation.added","output_index":0,"content_index":0,"annotation":{...}}
// {"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Hello"}     or likewise
// {"type":"response.output_item.done","output_index":0,"item":{...}}
// {"type":"response.completed"|"response.incomplete"|"response.failed","response":{"output":[...],"usage":{...},...}}
//
// What deltas say is said again at the end of each part, of each item and of the response: it is read there only if it
// was not before, as some servers leave out the deltas, or all but the last event. A whole answer is such a response.
// Items of the provider's own tools are counted for the bill: what they say is in the texts that follow them.
#include "responses/answer_reader.hpp"

#include "responses/answer_members.hpp"
#include "responses/opaque.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <array>

namespace triage::responses {
namespace {

using Step = BlockEvent::Kind;

// Places in an item that are no part of a message.
constexpr std::int64_t arguments_part = -1;
constexpr std::int64_t summary_part = -2;
constexpr std::int64_t reasoning_part = -3;

// Items of tools that the provider runs and bills (OpenAI, "Pricing", built-in tools).
constexpr std::array<std::string_view, 3> billed{"file_search_call", "code_interpreter_call", "image_generation_call"};

JsonString part_separator() {
  static const std::string text = "\\n\\n" + std::string(body_padding, '\0');
  return {std::string_view(text).substr(0, 4), true};
}

Error bad(std::string what) {
  return {ErrorCode::upstream_bad_response, std::move(what)};
}

}  // namespace

// Reads one JSON object of a stream, or a whole answer.
class AnswerEventReader {
 public:
  AnswerEventReader(std::string_view json, AnswerEvents& state, std::vector<BlockEvent>& out)
      : json_(json), state_(state), out_(out) {}

  std::optional<Error> read_event() {
    auto members = read_answer_members(json_);
    if (!members) return bad("an event of the provider's stream is no valid JSON object");
    m_ = std::move(*members);
    const std::string_view type = m_.type.raw;
    if (type == "error" || type == "response.failed" || (type.empty() && !m_.error.empty()))
      return reported_error(json_, m_);
    if (type == "response.created" || type == "response.in_progress") begin();
    if (type.starts_with("response.output_item.")) return read_item_event(type.ends_with(".done"));
    if (type == "response.completed" || type == "response.incomplete" || type == "response.done") return read_end();
    if (type == "response.output_text.annotation.added") return add_annotation(), std::nullopt;
    return read_piece(type);
  }

  std::optional<Error> read_answer(bool finished) {
    auto members = read_answer_members(json_);
    if (!members) return bad("the provider's answer is no valid JSON object");
    m_ = std::move(*members);
    if (!m_.error.empty() || m_.status.is("failed") || m_.status.is("cancelled")) return reported_error(json_, m_);
    const bool made = !m_.status.is("queued") && !m_.status.is("in_progress");
    if ((finished && !made) || (m_.output.empty() && m_.id.raw.empty()))
      return bad("the provider's answer is no finished response: it has no output");
    return read_end();
  }

  [[nodiscard]] std::forward_list<std::string> take_owned() { return std::move(state_.owned_); }

 private:
  BlockEvent& add(Step step) {
    BlockEvent& event = out_.emplace_back();
    event.kind = step;
    event.block = state_.kind_;
    event.index = state_.blocks_ == 0 ? 0 : state_.blocks_ - 1;
    event.refuses = state_.refuses_;
    event.custom = state_.custom_ && state_.kind_ == BlockKind::call;
    return event;
  }

  void begin() {
    if (std::exchange(state_.begun_, true)) return;
    BlockEvent& event = add(Step::begin);
    event.id = m_.id;
    event.name = m_.model;
  }

  void open(BlockKind kind, AnswerEvents::Place at, bool refuses = false) {
    begin();
    close();
    state_.open_ = true;
    state_.kind_ = kind;
    state_.at_ = at;
    state_.refuses_ = refuses;
    state_.refused_ = state_.refused_ || refuses;
    state_.items_.push_back(at.item);
    ++state_.blocks_;
    add(Step::block_begin);
  }

  void close() {
    state_.refuses_ = false;
    if (std::exchange(state_.open_, false)) add(Step::block_end);
  }

  [[nodiscard]] bool is_open(BlockKind kind, std::int64_t item) const {
    return state_.open_ && state_.kind_ == kind && state_.at_.item == item;
  }
  [[nodiscard]] bool was_opened(std::int64_t item) const {
    return std::ranges::find(state_.items_, item) != state_.items_.end();
  }
  [[nodiscard]] bool was_said(AnswerEvents::Place place) const {
    return std::ranges::find(state_.said_, place) != state_.said_.end();
  }
  void say(AnswerEvents::Place place, const JsonString& text) {
    if (!was_said(place)) state_.said_.push_back(place);
    add(Step::delta).text = text;
  }

  std::optional<Error> read_piece(std::string_view type) {
    const std::int64_t item = m_.output_index;
    const bool delta = type.ends_with(".delta");
    if (state_.ended_ || m_.text.raw.empty() || !(delta || type.ends_with(".done"))) return std::nullopt;
    if (type.starts_with("response.output_text.") || type.starts_with("response.refusal."))
      add_text({item, m_.part}, {m_.text, type.starts_with("response.refusal."), m_.logprobs, {}}, delta);
    else if (type.starts_with("response.reasoning_summary_text."))
      add_thought({item, summary_part}, m_.text, m_.part, delta);
    else if (type.starts_with("response.reasoning_text."))
      add_thought({item, reasoning_part}, m_.text, m_.part, delta);
    else if (type.starts_with("response.function_call_arguments.") ||
             type.starts_with("response.custom_tool_call_input."))
      return add_arguments(item, m_.text, delta);
    return std::nullopt;
  }

  void add_text(AnswerEvents::Place at, const OutputPart& part, bool delta) {
    if (part.text.raw.empty() || (!delta && was_said(at))) return;
    if (!is_open(BlockKind::text, at.item) || state_.at_ != at) open(BlockKind::text, at, part.refuses);
    say(at, part.text);
    if (part.logprobs != "[]") out_.back().logprobs = part.logprobs;
  }

  void add_annotation() {
    const AnswerEvents::Place at{m_.output_index, m_.part};
    JsonReader in(m_.annotation);
    if (!m_.annotation.empty()) cite(at, read_annotation(in));
    state_.cited_.push_back(at);
  }

  void cite(AnswerEvents::Place at, const Annotation& annotation) {
    if (annotation.url.raw.empty()) return;
    state_.cites_ = true;
    if (!is_open(BlockKind::text, at.item) || state_.at_ != at) return;
    BlockEvent& event = add(Step::citation);
    event.id = annotation.url;
    event.name = annotation.title;
    event.from = annotation.from;
    event.to = annotation.to;
  }

  // Either the summary is told or what the model thought, whichever speaks first.
  void add_thought(AnswerEvents::Place at, const JsonString& text, std::int64_t part, bool delta) {
    const std::int64_t other = at.part == summary_part ? reasoning_part : summary_part;
    if (text.raw.empty() || was_said({at.item, other})) return;
    const bool next_part = was_said(at) && state_.thought_part_ != part;
    if (!delta && was_said(at) && !next_part) return;
    if (!is_open(BlockKind::thought, at.item)) {
      if (was_opened(at.item)) return;  // it is over
      open(BlockKind::thought, {at.item, 0});
    }
    if (next_part) add(Step::delta).text = part_separator();
    state_.thought_part_ = part;
    say(at, text);
  }

  std::optional<Error> add_arguments(std::int64_t item, const JsonString& text, bool delta) {
    const AnswerEvents::Place at{item, arguments_part};
    if (text.raw.empty() || (!delta && was_said(at))) return std::nullopt;
    if (!is_open(BlockKind::call, item)) return bad("the provider's stream mixes the pieces of several tool calls");
    say(at, text);
    return std::nullopt;
  }

  std::optional<Error> read_item_event(bool done) {
    if (m_.item.empty() || state_.ended_) return std::nullopt;
    JsonReader in(m_.item);
    const OutputItem item = read_output_item(in, m_.item);
    if (done) return end_item(item, m_.output_index);
    close();
    forget(m_.output_index);
    begin_item(item, m_.output_index);
    return std::nullopt;
  }

  // Some servers give every item the index 0.
  void forget(std::int64_t item) {
    for (auto* places : {&state_.said_, &state_.cited_})
      std::erase_if(*places, [item](const AnswerEvents::Place& each) { return each.item == item; });
    std::erase(state_.items_, item);
  }

  void begin_item(const OutputItem& item, std::int64_t index) {
    if (item.type.is("reasoning")) open(BlockKind::thought, {index, 0});
    if (!is_call(item)) return;
    state_.custom_ = item.type.is("custom_tool_call");
    open(BlockKind::call, {index, arguments_part});
    state_.calls_ = true;
    out_.back().id = item.call_id.raw.empty() ? item.id : item.call_id;
    out_.back().name = item.name;
  }

  static bool is_call(const OutputItem& item) {
    return item.type.is("function_call") || item.type.is("custom_tool_call");
  }

  // What has not been said of an item before.
  std::optional<Error> end_item(const OutputItem& item, std::int64_t index) {
    const bool known = item.type.is("reasoning") || is_call(item);
    if (known && !was_opened(index)) begin_item(item, index);
    if (item.type.is("message"))
      add_parts(item.content, index);
    else if (item.type.is("reasoning"))
      end_thought(item, index);
    else if (!is_call(item))
      count(item);
    else if (auto error = add_arguments(index, item.arguments, false))
      return error;
    if (state_.open_ && state_.at_.item == index) close();
    return std::nullopt;
  }

  void add_parts(std::string_view content, std::int64_t index) {
    if (content.empty()) return;
    JsonReader in(content);
    std::int64_t part = 0;
    each_element(in, [&] {
      const AnswerEvents::Place at{index, part++};
      const OutputPart read = read_output_part(in, content);
      add_text(at, read, false);
      if (read.annotations.empty() || std::ranges::find(state_.cited_, at) != state_.cited_.end()) return;
      JsonReader annotations(read.annotations);
      each_element(annotations, [&] { cite(at, read_annotation(annotations)); });
    });
  }

  void end_thought(const OutputItem& item, std::int64_t index) {
    if (!is_open(BlockKind::thought, index)) return;
    add_thoughts(item.summary, {index, summary_part});
    add_thoughts(item.content, {index, reasoning_part});
    if (item.encrypted_content.raw.empty()) return;
    std::string& text = state_.owned_.emplace_front(join_signature(item.id.raw, item.encrypted_content.raw));
    const std::size_t size = text.size();
    text.append(body_padding, '\0');
    const bool escaped = item.id.escaped || item.encrypted_content.escaped;
    add(Step::signature).text = {std::string_view(text).substr(0, size), escaped};
  }

  void add_thoughts(std::string_view list, AnswerEvents::Place at) {
    if (list.empty() || was_said(at)) return;
    JsonReader in(list);
    std::int64_t part = 0;
    each_element(in, [&] { add_thought(at, read_output_part(in, list).text, part++, false); });
  }

  void count(const OutputItem& item) {
    if (item.type.is("web_search_call")) ++state_.searches_;
    if (std::ranges::any_of(billed, [&](std::string_view each) { return item.type.is(each); })) ++state_.billed_tools_;
  }

  std::optional<Error> read_end() {
    if (state_.ended_) return std::nullopt;
    begin();
    if (state_.items_.empty())
      if (auto error = read_output()) return error;
    close();
    state_.ended_ = true;
    BlockEvent& finish = add(Step::finish);
    finish.reason = reason();
    finish.native = m_.why.raw.empty() ? m_.status : m_.why;
    if (!m_.usage) return std::nullopt;
    m_.usage->searches = std::max(m_.usage->searches, state_.searches_);
    m_.usage->unpriced = std::max(m_.usage->unpriced, state_.billed_tools_);
    BlockEvent& usage = add(Step::usage);
    usage.usage = m_.usage;
    usage.service_tier = m_.service_tier;
    return std::nullopt;
  }

  std::optional<Error> read_output() {
    if (m_.output.empty()) return std::nullopt;
    state_.searches_ = state_.billed_tools_ = 0;
    JsonReader in(m_.output);
    std::int64_t index = 0;
    std::optional<Error> error;
    each_element(in, [&] {
      const OutputItem item = read_output_item(in, m_.output);
      if (!error) error = end_item(item, index++);
    });
    return error;
  }

  [[nodiscard]] FinishReason reason() const {
    if (m_.type.is("response.incomplete") || m_.status.is("incomplete")) {
      if (m_.why.is("max_output_tokens") || m_.why.raw.empty()) return FinishReason::length;
      return m_.why.is("content_filter") ? FinishReason::refusal : FinishReason::other;
    }
    if (state_.refused_) return FinishReason::refusal;
    return state_.calls_ ? FinishReason::calls : FinishReason::stop;
  }

  std::string_view json_;
  AnswerEvents& state_;
  std::vector<BlockEvent>& out_;
  AnswerMembers m_;
};

std::optional<Error> AnswerEvents::read(std::string_view json, std::vector<BlockEvent>& out) {
  owned_.clear();
  return AnswerEventReader(json, *this, out).read_event();
}

std::optional<Error> read_whole(std::string_view body, BlockAnswer& out) {
  AnswerEvents state;
  AnswerEventReader reader(body, state, out.events);
  auto error = reader.read_answer(true);
  out.owned = reader.take_owned();
  return error;
}

std::optional<Error> read_passed(std::string_view body, BlockAnswer& out, bool& cites) {
  AnswerEvents state;
  AnswerEventReader reader(body, state, out.events);
  auto error = reader.read_answer(false);
  out.owned = reader.take_owned();
  cites = state.cites();
  return error;
}

}  // namespace triage::responses
