#pragma once
// What each asker asked last, to see that a question is asked again, which says little good of the first answer. Kept
// across reloads, bounded, thread-safe.

#include "base/lru.hpp"
#include "text/question_print.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace triage {

class Askers {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::minutes window{5};  ///< between an answer's end and the question asked again
  static constexpr std::uint8_t repeats_most = 3;   ///< within the window; who asks more often is a program

  struct Asked {
    std::string_view key;  ///< name of the gateway key; empty: none
    std::string_view route;
    std::string_view who;    ///< the session or user that the client names; empty: all that the key asks
    QuestionPrint question;  ///< not empty
    Time began;
    Time ended;
    bool answered = false;  ///< at least in part
  };
  struct Told {
    std::optional<bool> retry;  ///< absent: a program asks, which says nothing of the answers
    bool forgot = false;        ///< another asker, within the window
  };
  /// Whether that was asked before. Requests that run side by side are no retries of each other.
  Told ask(const Asked& asked);

  void set_most(std::size_t most) noexcept { most_.store(most, std::memory_order_relaxed); }

 private:
  static constexpr std::size_t shard_count = 16;
  static constexpr std::size_t questions_kept = 4;
  struct Question {
    QuestionPrint print;
    Time ended;
    std::uint8_t repeats = 0;
  };
  struct Asker {
    std::array<Question, questions_kept> questions;
    std::uint8_t oldest = 0;
    Time last;
  };
  struct Shard {
    std::mutex mutex;
    Lru<std::uint64_t, Asker> by_number;
  };

  std::array<Shard, shard_count> shards_;
  std::atomic<std::size_t> most_{16'384};
};

}  // namespace triage
