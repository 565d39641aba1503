#include "app/demo_users.hpp"

#include "simulate/chance.hpp"

#include <array>

namespace triage {
namespace {

constexpr std::uint64_t users = 60;

constexpr std::array<const char*, 8> small_talk{
    "Name the colours of the rainbow",  "Tell me of the sea",         "Write a line about autumn",
    "Which city should I visit in May", "What do bees eat in winter", "Translate good morning into Finnish",
    "What rhymes with orange",          "Explain tides to a child",
};

// Draws for one question, each independent of the others.
class Draws {
 public:
  explicit Draws(std::uint64_t number) : number_(number) {}
  std::uint64_t below(std::uint64_t bound) { return simulate::draw(number_, ++purpose_) % bound; }
  std::int64_t from(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
  }

 private:
  std::uint64_t number_;
  std::uint64_t purpose_ = 0;
};

std::string written(std::int64_t number) {
  return std::to_string(number);
}

void ask_of_auto(UserQuestion& question, Draws& draws) {
  const std::uint64_t kind = draws.below(100);
  if (kind < 40) {
    const std::int64_t a = draws.from(10, 99);
    const std::int64_t b = draws.from(2, 9);
    question.text = "What is " + written(a) + "+" + written(b) + "?";
    question.result = a + b;
  } else if (kind < 60) {
    question.text = "Ann saves " + written(draws.from(5, 40)) + "% of $" + written(draws.from(1000, 9000)) +
                    " a month for " + written(draws.from(3, 12)) +
                    " months, pays 2/3 of it for a car, and shares half of the rest with her " +
                    written(draws.from(2, 5)) + " sisters. What does each get?";
  } else if (kind < 68) {
    question.text = "Prove that the square root of " + written(draws.from(2, 999)) + " is irrational.";
  } else {
    question.text =
        std::string(small_talk[draws.below(small_talk.size())]) + " (note " + written(draws.from(1, 999)) + ").";
  }
}

// Easy sums: a small model is as good as a large one.
void ask_of_support(UserQuestion& question, Draws& draws) {
  const std::int64_t price = draws.from(2, 9);
  const std::int64_t months = draws.from(2, 9);
  question.text =
      "My plan costs " + written(price) + " dollars a month. What is " + written(price) + "*" + written(months) + "?";
  question.result = price * months;
}

// Hard ones: it is not. Whoever asks for them checks them.
void ask_of_reports(UserQuestion& question, Draws& draws) {
  const std::int64_t units = draws.from(1000, 9999);
  const std::int64_t price = draws.from(11, 99);
  const std::int64_t more = draws.from(100, 999);
  question.text =
      "From the quarterly figures: what is " + written(units) + "*" + written(price) + "+" + written(more) + "?";
  question.result = units * price + more;
  question.judged = true;
}

}  // namespace

UserQuestion user_question(std::uint64_t number) {
  Draws draws(number);
  UserQuestion out;
  out.user = "user-" + std::to_string(draws.below(users));
  out.judged = draws.below(10) < 7;
  const std::uint64_t kind = draws.below(100);
  if (kind < 50) {
    out.model = "auto";
    out.streamed = draws.below(3) == 0;
    ask_of_auto(out, draws);
  } else if (kind < 74) {
    out.model = "support";
    ask_of_support(out, draws);
  } else if (kind < 98) {
    out.model = "reports";
    ask_of_reports(out, draws);
  } else {
    out.model = "no-such-model";
    out.text = "Hello";
  }
  return out;
}

std::string body_of(const UserQuestion& question) {
  std::string out = R"({"model":")" + question.model + R"(","user":")" + question.user + '"';
  if (question.streamed) out += R"(,"stream":true)";
  return out + R"(,"messages":[{"role":"user","content":")" + question.text + R"("}]})";
}

bool pleases(const UserQuestion& question, std::string_view answer) {
  if (answer.find("I'm sorry") != std::string_view::npos) return false;
  if (!question.result) return true;
  return answer.find("= " + written(*question.result) + ".") != std::string_view::npos;
}

}  // namespace triage
