#pragma once
// All records in a ledger's directory, for readers only: the journal's lines, then, if no gateway writes there, what it
// left in the spool, then what others left in spools aside, under the numbers that they will get. Changes nothing.

#include "ledger/journal_reader.hpp"
#include "ledger/spool.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace triage::ledger {

class Source {
 public:
  /// `if_idle`: only if no gateway writes to the directory. `read`: this process has the directory, and nobody writes.
  enum class Spooled : std::uint8_t { if_idle, read };

  /// Reads from `from` on the lines with sequence numbers above `after_seq`.
  explicit Source(const std::string& folder, Position from = {}, std::uint64_t after_seq = 0,
                  Spooled spooled = Spooled::if_idle);

  /// The next line, valid until the next call. False: there are no more.
  bool next(Line& out);

  /// Whether a gateway writes to the directory, so that its last records are in the spool and not among these.
  [[nodiscard]] bool beside_gateway() const noexcept { return beside_gateway_; }
  [[nodiscard]] std::uint64_t from_spool() const noexcept { return from_spool_; }
  [[nodiscard]] Skipped counts() const noexcept { return journal_.counts(); }
  [[nodiscard]] std::uint64_t missing() const noexcept { return journal_.missing() + missing_; }
  [[nodiscard]] Position position() const noexcept { return journal_.position(); }

 private:
  bool next_aside(Line& out);

  bool beside_gateway_;
  JournalReader journal_;
  std::string spool_;  // its lines
  std::size_t at_ = 0;
  std::vector<std::unique_ptr<Spool>> aside_;
  bool at_aside_ = false;
  std::string line_;  // of a spool aside
  std::uint64_t from_spool_ = 0;
  std::uint64_t missing_ = 0;
  std::uint64_t last_seq_ = 0;
};

}  // namespace triage::ledger
