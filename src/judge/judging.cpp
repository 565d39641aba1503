#include "judge/judging.hpp"

#include "base/ids.hpp"

#include <cmath>

namespace triage::judge {
namespace {

Judgement nothing(Finding finding, std::string reason, std::string said = {}) {
  return {finding, std::nullopt, std::move(reason), std::move(said)};
}

Judgement judgement_of(PointReply reply) {
  if (!reply.score) return nothing(Finding::not_enough, "the judge cannot tell", std::move(reply.reason));
  const auto of_ten = static_cast<int>(std::lround(*reply.score * 10));
  return {Finding::graded, reply.score, std::to_string(of_ten) + " of 10", std::move(reply.reason)};
}

}  // namespace

Judgement judgement_of(const PairReply& given_first, const PairReply& given_second) {
  std::string said = given_first.reason;
  if (!given_second.reason.empty()) said.append(said.empty() ? "" : " / ").append(given_second.reason);
  if (given_first.better == Better::unknown || given_second.better == Better::unknown)
    return nothing(Finding::not_enough, "the judge cannot tell", std::move(said));
  const bool wins = given_first.better == Better::first && given_second.better == Better::second;
  const bool loses = given_first.better == Better::second && given_second.better == Better::first;
  const bool ties = given_first.better == Better::tie && given_second.better == Better::tie;
  if (wins) return {Finding::win, 1, "win", std::move(said)};
  if (loses) return {Finding::loss, 0, "loss", std::move(said)};
  if (ties) return {Finding::tie, 1, "tie", std::move(said)};
  return {Finding::order, 1, "tie: the verdict changes with the order", std::move(said)};
}

std::optional<Judgement> without_asking(const Sample& sample) {
  const std::string_view why = not_enough(sample.answer);
  if (why.empty()) return std::nullopt;
  return nothing(Finding::not_enough, std::string(why));
}

Judging::Judging(const JudgeSpec& spec, const Sample& sample, const Completion* other, std::function<Nonces()> nonces)
    : spec_(spec), sample_(sample), other_(other), new_nonces_(std::move(nonces)) {}

std::variant<Question, Judgement> Judging::next(const QuestionResult& result) {
  if (!asked_) {
    if (auto known = without_asking(sample_)) return std::move(*known);
    if (spec_.mode == JudgeMode::pairwise) {
      if (other_ == nullptr) return nothing(Finding::no_reply, "the baseline has not answered");
      if (const auto why = not_enough(*other_); !why.empty())
        return nothing(Finding::not_enough, "the baseline's answer: " + std::string(why));
    }
    asked_ = true;
    return ask(false);
  }
  const Completion* const reply = completion_in(result);
  if (reply == nullptr) return nothing(Finding::no_reply, "the judge has not answered");
  bool readable = true;
  if (auto done = read(*reply, readable)) return std::move(*done);
  if (readable) return ask(false);
  if (!again_) return ask(true);
  return nothing(Finding::unreadable, "the judge's reply could not be read");
}

// Nothing: another question follows.
std::optional<Judgement> Judging::read(const Completion& reply, bool& readable) {
  if (spec_.mode == JudgeMode::pointwise) {
    auto said = read_point(reply, nonces_.reply);
    if (said) return judgement_of(std::move(*said));
  } else if (auto said = read_pair(reply, nonces_.reply)) {
    if (given_first_) return judge::judgement_of(*given_first_, *said);
    given_first_ = std::move(*said);
    return std::nullopt;
  }
  readable = false;
  return std::nullopt;
}

std::variant<Question, Judgement> Judging::ask(bool again) {
  again_ = again;
  nonces_ = new_nonces_();
  std::string body = spec_.mode == JudgeMode::pointwise
                         ? pointwise_body(spec_, sample_, nonces_, again)
                         : pairwise_body(spec_, sample_, *other_, given_first_.has_value(), nonces_, again);
  return Question(ChatQuestion{spec_.deployment, std::move(body), spec_.timeout});
}

Nonces random_nonces() {
  constexpr std::size_t characters = 22;  // 131 bits
  return {random_secret(characters), random_secret(characters)};
}

}  // namespace triage::judge
