// next(result): the result, if one was awaited, becomes the verdict of its leaf, which is kept. Then the tree is walked
// again from its root: leaves with a verdict answer at once, so the walk returns to where it stopped, and goes on to
// the first leaf that needs a question.
#include "verify/verification.hpp"

#include "options/type.hpp"
#include "verify/agreement.hpp"
#include "verify/weighted.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace triage::verify {
namespace {

struct Node {
  enum class Kind : std::uint8_t { leaf, all, any, weighted, band };
  Kind kind = Kind::leaf;
  std::unique_ptr<Verifier> verifier;  // only of a leaf
  std::size_t leaf = 0;                // the leaf's index
  std::vector<Node> children;   // of a band: the verifier whose score it is, then the one that decides inside the band
  std::vector<double> weights;  // of weighted, one per child
  double from = 0;              // the lower bound of a band; `at_least` of weighted
  double to = 0;
};

class Walk final : public Verification {
 public:
  // `not_for_client`: bytes at the end of the answer's text.
  Walk(const Node& root, std::size_t leaves, const Answered& answered, std::size_t not_for_client)
      : root_(root), answered_(answered), verdicts_(leaves) {
    if (not_for_client == 0) return;
    for_client_ = answered.answer;
    for_client_->text.resize(answered.answer.text.size() - not_for_client);
  }

  std::variant<Question, Verdict> next(const QuestionResult& result) override {
    if (asked_ != nullptr) {
      const Verifier& verifier = *asked_->verifier;
      if (!std::exchange(followed_up_, true))
        if (auto question = verifier.follow_up(seen_by(verifier), result)) return std::move(*question);
      verdicts_[asked_->leaf] = verifier.verdict(seen_by(verifier), result);
      asked_ = nullptr;
    }
    followed_up_ = false;
    std::optional<Verdict> done = visit(root_);
    if (done) return std::move(*done);
    return std::move(question_);
  }

 private:
  // The verifier that asked for something at the answer's end sees it; the others judge what the client gets.
  [[nodiscard]] Answered seen_by(const Verifier& verifier) const {
    if (!for_client_ || verifier.not_for_client(answered_.answer) > 0) return answered_;
    return {answered_.request, *for_client_, answered_.whole};
  }

  // nullopt: asked_ and question_ say what must be asked.
  std::optional<Verdict> visit(const Node& node) {
    switch (node.kind) {
      case Node::Kind::leaf: return leaf(node);
      case Node::Kind::all: return until(node, false);
      case Node::Kind::any: return until(node, true);
      case Node::Kind::weighted: return weighted(node);
      case Node::Kind::band: return band(node);
    }
    return Verdict();
  }

  std::optional<Verdict> leaf(const Node& node) {
    std::optional<Verdict>& verdict = verdicts_[node.leaf];
    if (verdict) return verdict;
    std::optional<Question> question = node.verifier->question(seen_by(*node.verifier));
    if (question) {
      asked_ = &node;
      question_ = std::move(*question);
      return std::nullopt;
    }
    verdict = node.verifier->verdict(seen_by(*node.verifier), {});
    return verdict;
  }

  // All children, up to the first whose verdict is `decisive`.
  std::optional<Verdict> until(const Node& node, bool decisive) {
    Verdict out;
    out.accept = !decisive;
    for (const Node& child : node.children) {
      std::optional<Verdict> verdict = visit(child);
      if (!verdict || verdict->accept == decisive) return verdict;
      if (verdict->score)
        out.score = !out.score ? *verdict->score
                    : decisive ? std::max(*out.score, *verdict->score)
                               : std::min(*out.score, *verdict->score);
      if (!verdict->reason.empty()) out.reason.append(out.reason.empty() ? "" : "; ").append(verdict->reason);
    }
    return out;
  }

  std::optional<Verdict> weighted(const Node& node) {
    double sum = 0;
    double weight = 0;
    double rest = 0;
    for (const double each : node.weights) rest += each;
    const double whole = rest;
    Verdict out;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const double least = whole > 0 ? sum / whole : 0;
      const double most = whole > 0 ? (sum + rest) / whole : 0;
      std::optional<Verdict> verdict = visit(node.children[i]);
      if (!verdict && least < node.from && most >= node.from) return std::nullopt;
      if (!verdict) {
        asked_ = nullptr;
        break;
      }
      sum += node.weights[i] * score_of(*verdict);
      weight += node.weights[i];
      rest -= node.weights[i];
      if (!verdict->reason.empty()) out.reason.append(out.reason.empty() ? "" : "; ").append(verdict->reason);
    }
    out.score = weight > 0 ? sum / weight : 0;
    out.accept = *out.score >= node.from;
    return out;
  }

  std::optional<Verdict> band(const Node& node) {
    std::optional<Verdict> first = visit(node.children[0]);
    if (!first) return first;
    const double score = score_of(*first);
    if (score >= node.from && score < node.to) return visit(node.children[1]);
    first->accept = score >= node.to;
    return first;
  }

  const Node& root_;
  const Answered answered_;
  std::optional<Completion> for_client_;          // unless that is the whole answer
  std::vector<std::optional<Verdict>> verdicts_;  // by leaf
  const Node* asked_ = nullptr;                   // the leaf that waits for a result
  bool followed_up_ = false;                      // it has had the result of its first question
  Question question_;
};

class Tree final : public VerifierTree {
 public:
  void prepare(CallChanges& changes) const override {
    for (const Verifier* each : leaves_) each->prepare(changes);
  }
  std::size_t not_for_client(const Completion& answer) const override {
    std::size_t out = 0;
    for (const Verifier* each : leaves_) out = std::max(out, each->not_for_client(answer));
    return std::min(out, answer.text.size());
  }
  std::unique_ptr<Verification> start(const Answered& answered) const override {
    return std::make_unique<Walk>(root_, leaves_.size(), answered, not_for_client(answered.answer));
  }

  /// False: a kind is unknown.
  bool build(const VerifierSpec& spec, const VerifierMaker& make) { return add(spec, make, root_); }

 private:
  bool add(const VerifierSpec& spec, const VerifierMaker& make, Node& node) {
    if (spec.kind == "all" || spec.kind == "any") {
      node.kind = spec.kind == "all" ? Node::Kind::all : Node::Kind::any;
      for (const VerifierSpec& child : options::options_as<std::vector<VerifierSpec>>(spec.options))
        if (!add(child, make, node.children.emplace_back())) return false;
      return true;
    }
    if (spec.kind == "weighted") {
      node.kind = Node::Kind::weighted;
      const auto& weighted = options::options_as<WeightedVerifierSpec>(spec.options);
      node.from = weighted.at_least;
      for (const WeightedPartSpec& part : weighted.of) {
        node.weights.push_back(part.weight);
        if (!add(part.verifier, make, node.children.emplace_back())) return false;
      }
      return true;
    }
    if (spec.kind != "agreement") return add_leaf(spec, make, node);
    const auto& unsure = options::options_as<AgreementSpec>(spec.options).unsure;
    if (!unsure) return add_leaf(spec, make, node);
    node.kind = Node::Kind::band;
    node.from = unsure->from;
    node.to = unsure->to;
    node.children.resize(2);
    return add(*unsure->of, make, node.children[0]) && add_leaf(spec, make, node.children[1]);
  }
  bool add_leaf(const VerifierSpec& spec, const VerifierMaker& make, Node& node) {
    node.verifier = make(spec);
    if (!node.verifier) return false;
    node.leaf = leaves_.size();
    leaves_.push_back(node.verifier.get());
    return true;
  }

  Node root_;
  std::vector<const Verifier*> leaves_;
};

}  // namespace

double score_of(const Verdict& verdict) noexcept {
  return verdict.score ? std::clamp(*verdict.score, 0.0, 1.0) : verdict.accept ? 1.0 : 0.0;
}

std::unique_ptr<VerifierTree> make_tree(const VerifierSpec& spec, const VerifierMaker& make) {
  auto tree = std::make_unique<Tree>();
  if (!tree->build(spec, make)) return nullptr;
  return tree;
}

}  // namespace triage::verify
