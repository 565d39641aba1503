#include "pipeline/answer/hold.hpp"

#include "openai/request_body.hpp"
#include "support/padded.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

namespace triage::gateway_test {
namespace {

constexpr std::string_view small_limits = R"(
limits: {held: 1KiB, held_total: 1MiB}
providers:
  p: {base_url: "http://127.0.0.1:1/v1"}
deployments:
  cheap: {provider: p}
tiers: [small]
routes:
  chat: {match: {models: [auto]}, tiers: {small: [cheap]}}
)";

std::string word(const std::string& text) {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + text + "\"}}]}\n\n";
}
const std::string call =
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]})"
    "\n\n";

/// One answer and what holds it.
struct Holding {
  std::unique_ptr<Attempt> attempt;
  std::unique_ptr<Hold> hold;
  Held held = Held::failed;
};

/// First, so that what follows refers to its snapshot.
class SmallLimits : public GatewayTest {
 protected:
  SmallLimits() { use(std::string(small_limits)); }
};

class HoldTest : public SmallLimits {
 protected:
  HoldTest() { target_.deployment = &snapshot_->deployments.at("cheap"); }

  void run_all(Async<void> step) {
    asio::io_context io;
    asio::co_spawn(io, std::move(step), [](const std::exception_ptr& broken) { EXPECT_EQ(broken, nullptr); });
    io.run();
  }

  /// Of an answer that comes in these pieces.
  Holding hold(std::vector<std::string> pieces) {
    upstream_.answers.push_back(stream(std::move(pieces)));
    Holding out;
    const AttemptCall asked{request_, target_, AttemptCause::first, Purpose::answer, false, 1 << 20};
    out.attempt = std::make_unique<Attempt>(scope_, trail_, asked);
    out.hold = std::make_unique<Hold>(*snapshot_, *out.attempt, spec_, false, [this](const Completion& answer) {
      judged_ = answer.text;
      return verdict_;
    });
    run_all(settle(out));
    return out;
  }
  Async<void> settle(Holding& out) {
    co_await out.attempt->open(CallTimeouts(), false);
    co_await out.attempt->begin();
    if (!out.attempt->failure()) out.held = co_await out.hold->settle(gone_);
  }

  /// What is pulled out of one that is let through; "|" where it has to be waited for.
  std::string rest(Hold& hold) {
    std::string out;
    run_all(pull(hold, out));
    return out;
  }
  static Async<void> pull(Hold& hold, std::string& out) {
    for (;;) {
      for (;;) {
        const auto event = hold.next();
        EXPECT_TRUE(event);
        if (!event || *event == nullptr) break;
        out += (*event)->verbatim;
      }
      if (hold.ended()) break;
      out += '|';
      const auto waited = co_await hold.wait();
      EXPECT_TRUE(waited);
      if (!waited) break;
    }
  }

  static std::string text_of(const Holding& holding) { return holding.attempt->said().text; }
  [[nodiscard]] std::int64_t held_bytes() { return live_state_.held().held(); }

  const test::Padded body_{R"({"model":"auto","messages":[],"stream":true})"};
  const ApiRequest request_ = *parse_request_body(Api::chat, body_.view(), 64);
  const ChatView view_{request_};
  RequestHead head_;
  Cancellation gone_;
  const ClientSide client_{head_, "req_1", {}, Trail::Clock::now() + std::chrono::seconds(60), nullptr, gone_};
  const Services services_{upstream_, loop_.deadlines, loop_.io.get_executor()};
  const Scope scope_{*snapshot_, snapshot_->direct, request_, view_, client_, services_};
  Trail trail_{Trail::Clock::now()};
  Target target_;
  HoldSpec spec_;
  std::optional<Verdict> verdict_{Verdict{true, std::nullopt, ""}};
  std::string judged_;
};

TEST_F(HoldTest, InFullTheWholeIsHeld) {
  {
    const Holding holding = hold({word("a"), word("b"), word("c") + done});
    EXPECT_EQ(holding.held, Held::whole);
    EXPECT_EQ(text_of(holding), "abc");
    EXPECT_EQ(holding.hold->bytes(), word("a") + word("b") + word("c"));
    EXPECT_EQ(held_bytes(), static_cast<std::int64_t>(3 * word("a").size()));
  }
  EXPECT_EQ(held_bytes(), 0);
}

TEST_F(HoldTest, AWindowEndsWithItsTokens) {
  spec_.mode = HoldMode::window;
  spec_.tokens = 3;
  const Holding holding = hold({word("one "), word("two three four "), word("five"), done});
  EXPECT_EQ(holding.held, Held::through);
  EXPECT_EQ(judged_, "one two three four ");
  EXPECT_EQ(rest(*holding.hold), word("one ") + word("two three four ") + "|" + word("five") + "|");
  EXPECT_EQ(held_bytes(), 0);
}

TEST_F(HoldTest, ABeginningThatIsRefusedEndsTheAttempt) {
  spec_.mode = HoldMode::window;
  spec_.tokens = 2;
  verdict_ = Verdict{false, std::nullopt, "a refusal"};
  const Holding holding = hold({word("I am sorry to say "), word("more")});
  EXPECT_EQ(holding.held, Held::refused);
  EXPECT_EQ(holding.attempt->failure()->error.message, "a refusal");
  EXPECT_EQ(trail_[0].record.end, AttemptEnd::rejected);
}

TEST_F(HoldTest, WhoCannotTellByTheBeginningIsNotAskedAgain) {
  spec_.mode = HoldMode::window;
  spec_.tokens = 2;
  verdict_.reset();
  const Holding holding = hold({word("one two three "), word("four"), done});
  EXPECT_EQ(judged_, "one two three ");
  EXPECT_EQ(holding.held, Held::whole);
}

TEST_F(HoldTest, ToolCallsWaitBeforeAndBehindAWindow) {
  spec_.mode = HoldMode::window;
  spec_.tokens = 2;
  EXPECT_EQ(hold({call, word("one two three four "), done}).held, Held::whole);
  const Holding holding = hold({word("one two three four "), call, word("five"), done});
  EXPECT_EQ(holding.held, Held::through);
  EXPECT_EQ(rest(*holding.hold), word("one two three four ") + "|||" + call + word("five"));
}

TEST_F(HoldTest, ALargeAnswerIsRefusedAndSoIsOneTooMany) {
  const std::string large = word(std::string(800, 'x'));
  const Holding first = hold({large, large, done});
  EXPECT_EQ(first.held, Held::refused);
  EXPECT_EQ(first.attempt->failure()->error.message, "the answer is larger than limits.held");
  constexpr std::int64_t of_others = 1024 * 1024 - 2 * 1024;
  live_state_.held().add(of_others);
  const Holding second = hold({large, done});
  EXPECT_EQ(second.held, Held::whole);
  const Holding third = hold({large, done});
  EXPECT_EQ(third.held, Held::refused);
  EXPECT_EQ(third.attempt->failure()->error.message, "no room is left within limits.held_total");
  EXPECT_LE(held_bytes(), 1024 * 1024);
  live_state_.held().add(-of_others);
}

TEST_F(HoldTest, AnAnswerThatBreaksOffIsNotHeld) {
  upstream_.answers.clear();
  const Holding holding = hold({word("broken")});
  EXPECT_EQ(holding.held, Held::failed);
  EXPECT_EQ(holding.attempt->failure()->code(), ErrorCode::upstream_truncated);
  EXPECT_EQ(trail_[0].record.end, AttemptEnd::truncated);
  EXPECT_EQ(trail_[0].said.text, "broken");
}

}  // namespace
}  // namespace triage::gateway_test
