#include "ledger/entry.hpp"

#include "ledger/projection.hpp"

namespace triage::ledger {

Entry::Is Entry::read(const Line& line) {
  seq_ = line.seq;
  kind_ = kind_in(line.json);
  Is is = Is::unknown;
  Kinds::each([&]<class T> {
    if (kind_ != kind_of<T>) return;
    is = reader_.read_as(line.json, std::get<Stored<T>>(stored_)) ? Is::known : Is::unreadable;
  });
  return is;
}

const Entry* Batch::next() {
  while (true) {
    if (lines_ > 0 && left_ > 0) take();
    if (!more_ || left_ == 0) return nullptr;
    --left_;
    ++lines_;
    const Entry::Is is = entry_.read(line_);
    if (is == Entry::Is::known) return &entry_;
    if (is == Entry::Is::unknown) ++unknown_;
  }
}

}  // namespace triage::ledger
