#include "ledger/source.hpp"

#include "ledger/folder.hpp"
#include "ledger/intake.hpp"
#include "ledger/spool.hpp"
#include "triage/body_padding.hpp"

namespace triage::ledger {
namespace {

std::string spool_lines(const std::string& folder) {
  std::string lines;
  const auto spool = Spool::open_to_read(folder);
  if (!spool) return lines;
  Ring& ring = (*spool)->ring();
  for (auto frame = ring.frame(ring.tail()); frame; frame = ring.frame(frame->end))
    append_line(lines, *frame, frame->seq);
  return lines;
}

}  // namespace

// The spool is read first: what is written to the journal meanwhile is then found in both, and used once.
Source::Source(const std::string& folder, Position from, std::uint64_t after_seq, Spooled spooled)
    : beside_gateway_(spooled == Spooled::if_idle && FolderLock::is_taken(folder)),
      journal_(folder, from, after_seq),
      spool_(beside_gateway_ ? std::string() : spool_lines(folder)) {
  spool_.reserve(spool_.size() + body_padding);
  if (!beside_gateway_) aside_ = Spool::aside_to_read(folder);
}

bool Source::next(Line& out) {
  if (journal_.next(out, !beside_gateway_)) return true;
  last_seq_ = std::max(last_seq_, journal_.last_seq());
  LineScanner scanner(std::string_view(spool_).substr(at_), true);
  while (scanner.next(out)) {
    if (out.seq <= last_seq_) continue;
    at_ += scanner.offset();
    if (last_seq_ > 0) missing_ += out.seq - last_seq_ - 1;
    last_seq_ = out.seq;
    ++from_spool_;
    return true;
  }
  at_ = spool_.size();
  return next_aside(out);
}

// The mappings in aside_ are private: what is released there is released only for this reader.
bool Source::next_aside(Line& out) {
  if (!std::exchange(at_aside_, true))
    for (const auto& aside : aside_) Intake::settle(aside->ring(), last_seq_);
  while (!aside_.empty()) {
    Ring& ring = aside_.front()->ring();
    const auto frame = ring.frame(ring.tail());
    if (!frame) {
      aside_.erase(aside_.begin());
      continue;
    }
    line_.clear();
    append_line(line_, *frame, ++last_seq_);
    line_.reserve(line_.size() + body_padding);
    ring.release(frame->end, frame->seq);
    ++from_spool_;
    out = {std::string_view(line_).substr(0, line_.size() - 1), last_seq_};
    return true;
  }
  return false;
}

}  // namespace triage::ledger
