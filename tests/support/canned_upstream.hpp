#pragma once
// An Upstream without a network: it gives the answers that a test has put in, and keeps what it was sent.

#include "triage/body_padding.hpp"
#include "triage/exchange.hpp"
#include "triage/upstream.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace triage::test {

/// One answer: a head and a body in pieces, or an error before the head, or one in the middle of the body.
struct Canned {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields{{"content-type", "application/json"}};
  std::vector<std::string> pieces;
  bool length_declared = true;
  std::optional<Error> refused{};      ///< instead of everything
  std::optional<Error> broken{};       ///< after the pieces, instead of the end
  std::chrono::milliseconds after{0};  ///< it takes so long, of the clock
  bool throws_at_once = false;         ///< an exception instead of everything
  bool throws_at_end = false;          ///< after the pieces
};

class CannedUpstream final : public Upstream {
 public:
  struct Sent {
    std::string provider;
    std::string method;
    std::string target;
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;

    [[nodiscard]] std::string field(std::string_view name) const {
      for (const auto& [key, value] : fields)
        if (iequals(key, name)) return value;
      return "";
    }
  };

  std::deque<Canned> answers;
  std::map<std::string, Canned> by_provider;                 ///< of these providers, always
  std::function<std::optional<Canned>(const Sent&)> script;  ///< asked first, if there is one
  std::vector<Sent> sent;

  Async<Result<std::unique_ptr<Reply>>> send(const Provider& provider, const HttpCall& call, const CallTimeouts&,
                                             Cancellation& gone) override {
    Sent record;
    record.provider = provider.name;
    record.method = call.method;
    record.target = call.target;
    for (const std::string_view piece : call.body) record.body += piece;
    for (const Field& field : call.fields) record.fields.emplace_back(field.name, field.value);
    if (call.body_source != nullptr) {
      for (;;) {
        const auto piece = co_await call.body_source->read_body_some();
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        record.body += *piece;
      }
    }
    sent.push_back(std::move(record));
    Canned answer;
    std::optional<Canned> scripted;
    if (script) scripted = script(sent.back());
    if (scripted) {
      answer = std::move(*scripted);
    } else if (const auto always = by_provider.find(provider.name); always != by_provider.end()) {
      answer = always->second;
    } else if (answers.empty()) {
      answer.pieces = {R"({"choices":[{"message":{"content":"canned"}}]})"};
    } else {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    co_return co_await begin(std::move(answer), gone);
  }

 private:
  static Async<Result<std::unique_ptr<Reply>>> begin(Canned answer, Cancellation& gone) {
    if (answer.after.count() > 0) std::this_thread::sleep_for(answer.after);
    if (answer.throws_at_once) throw std::runtime_error("the way out is broken");
    if (answer.refused) co_return *answer.refused;
    std::unique_ptr<Reply> reply = std::make_unique<CannedReply>(std::move(answer), gone);
    co_return reply;
  }

  class CannedReply final : public Reply {
   public:
    CannedReply(Canned answer, Cancellation& gone) : answer_(std::move(answer)), gone_(gone) {
      head_.status = answer_.status;
      for (const auto& [name, value] : answer_.fields) head_.fields.push_back({name, value});
      for (std::string& piece : answer_.pieces) {
        size_ += piece.size();
        piece.append(body_padding, '"');
      }
    }
    [[nodiscard]] const ResponseHead& head() const noexcept override { return head_; }
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override {
      return answer_.length_declared ? std::optional<std::uint64_t>(size_) : std::nullopt;
    }
    Async<Result<std::string_view>> next() override {
      if (gone_.fired()) co_return Error{ErrorCode::client_gone, "gone"};
      if (at_ < answer_.pieces.size()) {
        const std::string& piece = answer_.pieces[at_++];
        co_return std::string_view(piece).substr(0, piece.size() - body_padding);
      }
      if (answer_.throws_at_end) throw std::runtime_error("the way back is broken");
      if (answer_.broken) co_return *answer_.broken;
      co_return std::string_view();
    }

   private:
    Canned answer_;
    Cancellation& gone_;
    ResponseHead head_;
    std::uint64_t size_ = 0;
    std::size_t at_ = 0;
  };
};

}  // namespace triage::test
