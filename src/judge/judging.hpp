#pragma once
// The grading of one answer by a judge, question by question. Sans I/O.
//
//   pointwise   one question; if its reply cannot be read, once again
//   pairwise    two, one in each order, each of them likewise. A win or a tie counts 1, a loss 0. An answer that wins
//   in
//               one order only is a tie: the judge has a taste for places, not for answers
//
// Not enough data is a result of its own: no score, and why.

#include "judge/prompt.hpp"
#include "judge/reply.hpp"
#include "triage/question.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace triage::judge {

/// How a judging ended.
enum class Finding : std::uint8_t {
  graded,      ///< pointwise, with a score
  win,         ///< pairwise: it is better than the baseline's, in both orders
  tie,         ///< as good, in both orders
  order,       ///< another verdict in the other order: counts as a tie
  loss,        ///< the baseline's is better, in both orders
  not_enough,  ///< there was nothing to grade, or the judge cannot tell
  unreadable,  ///< the judge replied, twice, but not in the form asked for
  no_reply,    ///< the judge could not be asked, or did not answer in time
};

struct Judgement {
  Finding finding = Finding::no_reply;
  std::optional<double> score;  ///< 0..1; absent: not enough to tell
  std::string reason;           ///< quotes nothing of the texts
  std::string said;             ///< by the judge, which may quote them; empty: nothing
};

/// What the verdicts of the two orders come to: `given_first` about the answer and the baseline's, `given_second` about
/// the baseline's and the answer.
Judgement judgement_of(const PairReply& given_first, const PairReply& given_second);

/// Why an answer is graded without asking anybody; nullopt: a judge has to be asked.
std::optional<Judgement> without_asking(const Sample& sample);

class Judging {
 public:
  /// `spec` and `sample` must outlive this object, and so must `other`: the baseline's answer, which only a pairwise
  /// judge needs. `nonces` is called once for each question.
  Judging(const JudgeSpec& spec, const Sample& sample, const Completion* other, std::function<Nonces()> nonces);

  /// Takes nothing in the first call, then the result of the question that it returned.
  std::variant<Question, Judgement> next(const QuestionResult& result);

 private:
  std::variant<Question, Judgement> ask(bool again);
  std::optional<Judgement> read(const Completion& reply, bool& readable);

  const JudgeSpec& spec_;
  const Sample& sample_;
  const Completion* const other_;
  const std::function<Nonces()> new_nonces_;
  Nonces nonces_;
  std::optional<PairReply> given_first_;
  bool asked_ = false;
  bool again_ = false;
};

/// Random ones.
Nonces random_nonces();

}  // namespace triage::judge

namespace triage {
template <>
inline constexpr std::array<std::string_view, 8> words<judge::Finding>{
    "graded", "win", "tie", "order", "loss", "not_enough", "unreadable", "no_reply"};
}  // namespace triage
