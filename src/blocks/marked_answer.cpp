#include "blocks/marked_answer.hpp"

#include "json/json.hpp"
#include "triage/body_padding.hpp"

namespace triage {
namespace {

using Kind = BlockEvent::Kind;

// `text` with its padding, in `list`.
std::string_view padded(std::string text, std::forward_list<std::string>& list) {
  const std::size_t size = text.size();
  text.append(body_padding, '\0');
  return std::string_view(list.emplace_front(std::move(text))).substr(0, size);
}

class MarkedReader final : public BlockReader {
 public:
  MarkedReader(std::unique_ptr<BlockReader> reader, Marking marking)
      : reader_(std::move(reader)), marker_(std::move(marking)) {}

  void feed(std::string_view bytes) override { reader_->feed(bytes); }
  void end() override { reader_->end(); }
  [[nodiscard]] bool ended() const noexcept override { return reader_->ended() && at_ == queue_.size(); }

  Result<const BlockEvent*> next() override {
    while (at_ == queue_.size()) {
      queue_.clear();
      at_ = 0;
      marker_.take_owned();
      const auto event = reader_->next();
      if (!event || *event == nullptr) return event;
      marker_.put(**event, queue_);
    }
    return &queue_[at_++];
  }

 private:
  std::unique_ptr<BlockReader> reader_;
  AnswerMarker marker_;
  std::vector<BlockEvent> queue_;  // what became of the reader's last event
  std::size_t at_ = 0;
};

}  // namespace

void TurnCollector::put(const BlockEvent& event) {
  switch (event.kind) {
    case Kind::block_begin: open(event); break;
    case Kind::delta:
      if (event.block == BlockKind::call || event.block == BlockKind::thought) text_ += event.text.raw;
      break;
    case Kind::signature: signature_ += event.text.raw; break;
    case Kind::block_end: close(event); break;
    case Kind::finish:
      if (keep_ && !key_.empty() && turn_.says()) keep_(key_.value(), std::move(turn_));
      keep_ = nullptr;
      break;
    default: break;
  }
}

void TurnCollector::open(const BlockEvent& event) {
  text_.clear();
  signature_.clear();
  if (event.block == BlockKind::redacted) text_ = event.text.raw;
  if (event.block != BlockKind::call) return;
  custom_ = event.custom;
  owned_.clear();
  id_ = {padded(std::string(event.id.raw), owned_), event.id.escaped};
  name_ = {padded(std::string(event.name.raw), owned_), event.name.escaped};
}

void TurnCollector::close(const BlockEvent& event) {
  if (event.block == BlockKind::call) {
    const std::string_view spelled = padded(custom_ ? std::string() : std::move(text_), owned_);
    key_.add_call(id_, name_, JsonString{spelled, spelled.find('\\') != std::string_view::npos}.text());
    turn_.signatures.push_back(signature_);
  } else if (event.block == BlockKind::redacted || (event.block == BlockKind::thought && !signature_.empty())) {
    turn_.thoughts.push_back({event.block, text_, signature_});
  }
}

void AnswerMarker::put(const BlockEvent& event, std::vector<BlockEvent>& out) {
  collector_.put(event);
  switch (event.kind) {
    case Kind::block_begin: return open(event, out);
    case Kind::signature: signature_ += event.text.raw; return;
    case Kind::block_end: return close(event, out);
    case Kind::delta:
      if (waits_ && event.text.raw.empty()) return;
      if (std::exchange(waits_, false)) {
        BlockEvent begin = event;
        begin.kind = Kind::block_begin;
        begin.text = {};
        add(begin, out);
      }
      // A call's comes in front of its arguments where the provider gives it there, for some clients read it only
      // there.
      if (event.block == BlockKind::call) add_signature(event, out);
      break;
    case Kind::citation:
      add(event, out);
      out.back().native = own_mark("");
      return;
    default: break;
  }
  add(event, out);
}

void AnswerMarker::add(const BlockEvent& event, std::vector<BlockEvent>& out) const {
  out.push_back(event);
  const bool of_a_block = event.kind != Kind::begin && event.kind != Kind::finish && event.kind != Kind::usage;
  if (of_a_block) out.back().index -= left_out_;
}

void AnswerMarker::open(const BlockEvent& event, std::vector<BlockEvent>& out) {
  signature_.clear();
  signed_ = false;
  waits_ = thoughts_only_ && event.block == BlockKind::text;
  if (waits_) return;
  add(event, out);
  if (event.block == BlockKind::redacted) out.back().text = own_mark(event.text.text());
}

JsonString AnswerMarker::own_mark(std::string_view text) {
  return {padded(marked(text, origin_), owned_), false};
}

void AnswerMarker::add_signature(const BlockEvent& of, std::vector<BlockEvent>& out) {
  if (signature_.empty() || (thoughts_only_ && of.block != BlockKind::thought)) return;
  const std::string_view spelled = padded(std::exchange(signature_, {}), owned_);
  BlockEvent event;
  event.kind = Kind::signature;
  event.block = of.block;
  event.index = of.index;
  event.text = own_mark(JsonString{spelled, spelled.find('\\') != std::string_view::npos}.text());
  add(event, out);
  signed_ = true;
}

void AnswerMarker::close(const BlockEvent& event, std::vector<BlockEvent>& out) {
  if (std::exchange(waits_, false)) {
    ++left_out_;
    return;
  }
  add_signature(event, out);
  if (event.block == BlockKind::thought && !signed_ && unsigned_thoughts_) {
    BlockEvent mark;
    mark.kind = Kind::signature;
    mark.block = event.block;
    mark.index = event.index;
    mark.text = own_mark("");
    add(mark, out);
  }
  add(event, out);
}

std::unique_ptr<BlockReader> marked_reader(std::unique_ptr<BlockReader> reader, Marking marking) {
  return std::make_unique<MarkedReader>(std::move(reader), std::move(marking));
}

void mark(BlockAnswer& answer, Marking marking) {
  AnswerMarker marker(std::move(marking));
  std::vector<BlockEvent> events;
  events.reserve(answer.events.size());
  for (const BlockEvent& event : answer.events) marker.put(event, events);
  answer.events = std::move(events);
  answer.owned.splice_after(answer.owned.before_begin(), marker.take_owned());
}

}  // namespace triage
