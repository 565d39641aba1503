#include "simulate/answer.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "simulate/chance.hpp"
#include "simulate/difficulty.hpp"
#include "simulate/schema.hpp"
#include "simulate/tokens.hpp"

#include <algorithm>
#include <array>
#include <cmath>

// A choice is the first of these that applies:
//   tool calls  >  replayed answer  >  refusal  >  JSON  >  text = [what the images are] [arithmetic] filler
// and is then cut at a stop string and at the token limit.

namespace triage::simulate {

namespace {

constexpr std::string_view refusal_text = "I'm sorry, but I can't help with that.";

// No word is longer than one token.
constexpr std::array<std::string_view, 64> words{
    "the",    "model", "answer", "to",    "this",  "is",    "simple", "and",   "clear", "with",  "some",
    "detail", "about", "each",   "step",  "of",    "work",  "that",   "we",    "can",   "check", "again",
    "when",   "a",     "result", "seems", "odd",   "or",    "new",    "facts", "come",  "up",    "in",
    "most",   "cases", "short",  "plan",  "helps", "more",  "than",   "long",  "list",  "so",    "take",
    "time",   "read",  "it",     "once",  "then",  "write", "what",   "you",   "know",  "first", "before",
    "asking", "for",   "other",  "ideas", "which", "may",   "still",  "be",    "useful"};

static_assert(!words.back().empty());

void append_word(std::string& text, std::uint64_t number, bool capital) {
  if (!text.empty()) text += ' ';
  const std::size_t at = text.size();
  text += words[number % words.size()];
  if (capital) text[at] = static_cast<char>(text[at] & ~0x20);
}

// Sentences of 6 to 13 tokens, until there are `tokens` of them.
void append_filler(std::string& text, std::size_t tokens, std::uint64_t chance) {
  text.reserve(text.size() + 6 * tokens);
  std::uint64_t bits = 0;
  std::size_t sentence = 0;
  for (std::size_t i = 0; i < tokens; ++i) {
    if (i % 8 == 0) bits = draw(chance, purpose::words + (i << 8));
    if (sentence == 0) {
      sentence = 6 + (bits & 7);
      append_word(text, bits, true);
    } else if (sentence == 1 || i + 1 == tokens) {
      text += '.';
    } else {
      append_word(text, bits, false);
    }
    --sentence;
    bits >>= 8;
  }
}

struct Verdict {
  std::optional<Arithmetic> arithmetic;
  bool right = true;
  std::int64_t value = 0;  // the claimed result
};

// Judging is skipped where its outcome could not show.
Verdict judge(const ModelSpec& model, const Question& question, std::uint64_t chance) {
  Verdict verdict;
  verdict.arithmetic = find_arithmetic(question.text);
  if (!verdict.arithmetic && !question.logprobs) return verdict;
  const Difficulty difficulty = judge_difficulty(question.text, verdict.arithmetic);
  verdict.right = uniform(chance, purpose::quality) < model.quality[static_cast<std::size_t>(difficulty)];
  if (verdict.arithmetic) {
    verdict.value = verdict.arithmetic->value;
    const auto by = static_cast<std::int64_t>(1 + draw(chance, purpose::wrong_by) % 9);
    if (!verdict.right) verdict.value += verdict.value > 0 ? -by : by;
  }
  return verdict;
}

std::string make_text(const ModelSpec& model, const Question& question, const Verdict& verdict, std::uint64_t chance) {
  std::string text;
  if (question.images > 0) {
    text += "I can see ";
    append_number(text, question.images);
    text += question.images == 1 ? " image." : " images.";
  }
  if (!question.tool_result.empty()) {
    text += text.empty() ? "The tool says: " : " The tool says: ";
    text.append(trimmed(question.tool_result));
    return text;
  }
  if (verdict.arithmetic) {
    if (!text.empty()) text += ' ';
    text.append(verdict.arithmetic->expression).append(" = ");
    append_number(text, verdict.value);
    text += '.';
  }
  const double mean = model.answer_tokens;
  const auto length = static_cast<std::size_t>(std::ceil(mean * (0.5 + uniform(chance, purpose::length))));
  const std::size_t said = count_tokens(text);
  if (length > said + 1) append_filler(text, length - said, chance);
  if (text.empty()) text = "Yes";
  return text;
}

std::string make_json(const ModelSpec& model, const Question& question, const Verdict& verdict, std::uint64_t chance) {
  std::string value;
  if (verdict.arithmetic) append_number(value, verdict.value);
  if (!question.json_schema.empty()) return satisfy_schema(question.json_schema, value);
  std::string json = R"({"answer":)";
  append_json_string(json, value.empty() ? make_text(model, question, verdict, chance) : value);
  return json + "}";
}

// "call_" and 24 characters of [0-9a-z].
std::string call_id(std::uint64_t chance, std::size_t index) {
  std::string id = "call_";
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 24; ++i) {
    if (i % 12 == 0) bits = draw(chance, purpose::id + ((index * 2 + i / 12) << 8));
    id += "0123456789abcdefghijklmnopqrstuvwxyz"[bits % 36];
    bits /= 36;
  }
  return id;
}

// What is left of the limit after `used` tokens.
std::size_t left(std::size_t limit, std::size_t used) {
  return limit > used ? limit - used : 0;
}

void cut(std::string& text, std::vector<std::uint32_t>& ends, std::size_t most) {
  ends.resize(most);
  text.resize(most == 0 ? 0 : ends.back());
}

void make_calls(const Question& question, std::size_t limit, Choice& choice) {
  choice.finish = Finish::tool_calls;
  std::size_t used = 0;
  for (const WantedCall& wanted : question.calls) {
    ToolCall call;
    call.id = call_id(choice.chance, choice.calls.size());
    call.name = wanted.name;
    call.name_tokens = static_cast<std::uint32_t>(count_tokens(wanted.name));
    call.arguments = wanted.schema.empty() ? "{}" : satisfy_schema(wanted.schema, {});
    split_tokens(call.arguments, 0, call.ends);
    used += call.name_tokens;
    if (call.ends.size() > left(limit, used)) {
      choice.finish = Finish::length;
      cut(call.arguments, call.ends, left(limit, used));
    }
    used += call.ends.size();
    choice.calls.push_back(std::move(call));
    if (choice.finish == Finish::length) return;
  }
}

void cut_at_stop(std::string& text, const std::vector<std::string>& stops) {
  std::size_t at = std::string::npos;
  for (const std::string& stop : stops) at = std::min(at, text.find(stop));
  if (at != std::string::npos) text.resize(at);
}

Choice make_choice(const ModelSpec& model, const Question& question, std::uint64_t prompt_chance, std::uint64_t chance,
                   std::size_t limit) {
  Choice choice;
  choice.chance = chance;
  if (!question.calls.empty()) {
    make_calls(question, limit, choice);
    return choice;
  }
  const Verdict verdict = judge(model, question, chance);
  choice.certainty = verdict.right ? 0.93 : 0.55;
  const auto replayed =
      model.replay ? model.replay->find(std::string_view(question.text)) : ReplayAnswers::const_iterator();
  if (model.replay && replayed != model.replay->end()) {
    choice.text = replayed->second;
  } else if (model.refusal > 0 && uniform(prompt_chance, purpose::refusal) < model.refusal) {
    choice.text = refusal_text;
    choice.refusal = !question.json_schema.empty();
  } else if (question.json) {
    choice.text = make_json(model, question, verdict, chance);
  } else {
    choice.text = make_text(model, question, verdict, chance);
  }
  cut_at_stop(choice.text, question.stops);
  choice.ends.reserve(choice.text.size() / 4 + 8);
  split_tokens(choice.text, 0, choice.ends);
  if (choice.ends.size() > limit) {
    cut(choice.text, choice.ends, limit);
    choice.finish = Finish::length;
  }
  return choice;
}

}  // namespace

std::string_view finish_name(Finish finish) noexcept {
  switch (finish) {
    case Finish::length: return "length";
    case Finish::tool_calls: return "tool_calls";
    case Finish::stop: break;
  }
  return "stop";
}

std::uint32_t Choice::tokens() const noexcept {
  auto count = static_cast<std::uint32_t>(ends.size());
  for (const ToolCall& call : calls) count += call.name_tokens + static_cast<std::uint32_t>(call.ends.size());
  return count;
}

Answer make_answer(const ModelSpec& model, const Question& question, std::uint64_t seed) {
  const std::uint64_t chance = mix(mix(seed, std::string_view(model.name)), question.fingerprint);
  std::size_t limit = left(model.context_window, question.prompt_tokens);
  if (question.tokens_max) limit = std::min<std::size_t>(limit, *question.tokens_max);
  Answer answer;
  answer.choices.reserve(question.choices);
  for (std::uint32_t i = 0; i < question.choices; ++i) {
    answer.choices.push_back(make_choice(model, question, chance, mix(chance, std::uint64_t{i}), limit));
    answer.usage.completion += answer.choices.back().tokens();
  }
  answer.usage.prompt = question.prompt_tokens;
  // OpenAI caches prefixes of at least 1,024 tokens, in steps of 128.
  if (model.cached_share > 0 && question.prompt_tokens >= 1024)
    answer.usage.cached = static_cast<std::uint32_t>(model.cached_share * question.prompt_tokens) / 128 * 128;
  answer.usage.reasoning = model.reasoning_tokens * question.choices;
  answer.usage.completion += answer.usage.reasoning;
  return answer;
}

void replace_text(Answer& answer, const std::string& text) {
  answer.usage.completion = answer.usage.reasoning;
  for (Choice& choice : answer.choices) {
    choice.text = text;
    choice.ends.clear();
    if (!text.empty()) choice.ends.push_back(static_cast<std::uint32_t>(text.size()));
    choice.calls.clear();
    choice.finish = Finish::stop;
    choice.refusal = false;
    answer.usage.completion += choice.tokens();
  }
}

double logprob_of(const Choice& choice, std::size_t index, std::size_t alternative) noexcept {
  // Exponential around the choice's certainty: mostly near 0, now and then a doubtful token. In millionths, so that the
  // same number is always written the same way.
  const double u = uniform(choice.chance, purpose::logprob + (std::uint64_t{index} << 8));
  const double own = std::log(choice.certainty) * -std::log(1.0 - 0.999 * u);
  const double rest = std::log(std::max(1e-4, 1.0 - std::exp(own)));
  const double value = alternative == 0 ? own : rest - 0.7 * static_cast<double>(alternative);
  return std::round(value * 1e6) / 1e6;
}

std::string_view alternative_text(std::size_t alternative) noexcept {
  return words[alternative % words.size()];
}

}  // namespace triage::simulate
