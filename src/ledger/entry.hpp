#pragma once
// A decoded line of the journal: a request's record or an event.

#include "ledger/line.hpp"
#include "ledger/stored_record.hpp"

#include <cstdint>
#include <string_view>
#include <tuple>

namespace triage::ledger {

class Entry {
 public:
  enum class Is : std::uint8_t {
    known,
    unknown,    ///< of a kind that a newer version writes; kind() has its name
    unreadable  ///< not a JSON object, though its checksum is right
  };
  /// The line must be followed by body_padding readable bytes. Views are valid until the next call, and as long as the
  /// line.
  Is read(const Line& line);

  [[nodiscard]] std::uint64_t seq() const noexcept { return seq_; }
  [[nodiscard]] std::string_view kind() const noexcept { return kind_; }

  /// Calls visit(const Stored<T>&) with the T that was read. Only if its kind is known.
  template <class Visit>
  void visit(Visit&& visit) const {
    std::apply([&](const auto&... stored) { (visit_if_read(stored, visit), ...); }, stored_);
  }

 private:
  template <class T, class Visit>
  void visit_if_read(const Stored<T>& stored, Visit& visit) const {
    if (kind_ == kind_of<T>) visit(stored);
  }

  RecordReader reader_;
  std::uint64_t seq_ = 0;
  std::string_view kind_;
  Kinds::Tuple<Stored> stored_;
};

}  // namespace triage::ledger
