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

std::string_view AnswerMarker::own(std::string text) {
  return padded(std::move(text), owned_);
}

void AnswerMarker::put(const BlockEvent& event, std::vector<BlockEvent>& out) {
  switch (event.kind) {
    case Kind::block_begin: return open(event, out);
    case Kind::signature: signature_ += event.text.raw; return;
    case Kind::block_end: return close(event, out);
    case Kind::delta:
      if (event.block == BlockKind::call) add_signature(event, out);
      if (event.block == BlockKind::call || event.block == BlockKind::thought) text_ += event.text.raw;
      break;
    case Kind::finish:
      if (marking_.keep && !key_.empty() && turn_.says()) marking_.keep(key_.value(), std::move(turn_));
      break;
    default: break;
  }
  out.push_back(event);
}

void AnswerMarker::open(const BlockEvent& event, std::vector<BlockEvent>& out) {
  text_.clear();
  signature_.clear();
  out.push_back(event);
  if (event.block == BlockKind::redacted) {
    text_ = event.text.raw;
    out.back().text = {own(marked(event.text.text(), marking_.origin)), false};
  } else if (event.block == BlockKind::call) {
    kept_.clear();
    id_ = {padded(std::string(event.id.raw), kept_), event.id.escaped};
    name_ = {padded(std::string(event.name.raw), kept_), event.name.escaped};
    turn_.signatures.emplace_back();
  }
}

// A call's comes in front of its arguments where the provider gives it there, for some clients read it only there.
void AnswerMarker::add_signature(const BlockEvent& of, std::vector<BlockEvent>& out) {
  if (signature_.empty()) return;
  BlockEvent& event = out.emplace_back();
  event.kind = Kind::signature;
  event.block = of.block;
  event.index = of.index;
  const JsonString spelled{own(signature_), signature_.find('\\') != std::string::npos};
  event.text = {own(marked(spelled.text(), marking_.origin)), false};
  if (of.block == BlockKind::call) turn_.signatures.back() += std::exchange(signature_, {});
}

void AnswerMarker::close(const BlockEvent& event, std::vector<BlockEvent>& out) {
  add_signature(event, out);
  if (event.block == BlockKind::thought && signature_.empty() && marking_.unsigned_thoughts) {
    BlockEvent& mark = out.emplace_back();
    mark.kind = Kind::signature;
    mark.block = event.block;
    mark.index = event.index;
    mark.text = {own(marked("", marking_.origin)), false};
  }
  keep_block(event);
  out.push_back(event);
}

void AnswerMarker::keep_block(const BlockEvent& event) {
  if (event.block == BlockKind::call) {
    const std::string_view spelled = own(text_);
    key_.add_call(id_, name_, JsonString{spelled, spelled.find('\\') != std::string_view::npos}.text());
  } else if (event.block == BlockKind::redacted || (event.block == BlockKind::thought && !signature_.empty())) {
    turn_.thoughts.push_back({event.block, text_, signature_});
  }
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
