// `command`: a program is given the request and the answer and prints the score:
//
//   stdin    {"request":{"messages":[...]},"answer":{"text":...},"reference":null} in one line (sample.hpp)
//   stdout   a number from 0 to 1, or {"score":0.5,"reason":"..."}; score null: it cannot tell
#include "base/text.hpp"
#include "json/json.hpp"
#include "judge/graders.hpp"
#include "judge/program.hpp"
#include "options/type_of.hpp"
#include "triage/body_padding.hpp"

#include <cstdlib>

namespace triage {

void describe(options::Describer& v, CommandGraderSpec& s) {
  v.field(
      {.name = "command", .text = "the program and its arguments, as a list; no shell reads them", .required = true},
      s.command);
  v.field({.name = "timeout", .text = "after which it is killed, and there is no grade", .least = 1, .most = 600'000},
          s.timeout);
  judge::describe_common(v, s);
}

namespace judge {
namespace {

using Kind = JsonReader::Kind;

std::optional<double> score_in(std::string_view spelled) {
  const std::string text(spelled);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

Grade unreadable() {
  return {std::nullopt, "what the program printed is no score", {}};
}

Grade read(std::string_view output) {
  std::string padded(trimmed(output));
  const std::size_t size = padded.size();
  padded.append(body_padding, '\0');
  JsonReader in(std::string_view(padded).substr(0, size));
  if (in.kind() == Kind::number) {
    std::string_view number;
    const bool whole = in.number(number) && in.finish();
    const auto score = whole ? score_in(number) : std::nullopt;
    return score ? Grade{score, {}, {}} : unreadable();
  }
  Grade out;
  bool found = false;
  const bool object = each_member(in, [&](const JsonString& name) {
    JsonString text;
    std::string_view number;
    if (name.is("score") && in.kind() == Kind::number && in.number(number))
      found = (out.score = score_in(number)).has_value();
    else if (name.is("score") && in.kind() == Kind::null && in.null())
      found = true;
    else if (name.is("reason") && in.kind() == Kind::string && in.string(text))
      out.said = text.text();
    else
      in.skip();
  });
  return object && found && in.finish() ? out : unreadable();
}

class Command final : public Grader {
 public:
  explicit Command(const CommandGraderSpec& spec) : spec_(spec) {}
  Grade grade(const Sample& sample, const std::atomic<bool>* given_up) const override {
    ProgramLimits limits;
    limits.timeout = spec_.timeout;
    limits.given_up = given_up;
    const auto output = run_program(spec_.command, json_of(sample) + "\n", limits);
    if (!output) return {std::nullopt, "the program: " + output.error().message, {}};
    return read(*output);
  }

 private:
  const CommandGraderSpec& spec_;
};

}  // namespace

extern const GraderKind command_grader{
    .is = options::kind_of<CommandGraderSpec>("command", "a program prints the score"),
    .blocks = true,
    .check =
        [](const options::Checking& in, const options::Path& at, const std::any& options) {
          const auto& command = options::options_as<CommandGraderSpec>(options).command;
          if (in.intact(at / "command") && (command.empty() || command.front().empty()))
            in.error(at / "command", to_string(at / "command") + " is empty", "write [PROGRAM, ARGUMENT, ...]");
        },
    .common = common_of<CommandGraderSpec>,
    .settings = [](const std::any& options) -> std::string {
      return joined(options::options_as<CommandGraderSpec>(options).command, "\n");
    },
    .make = [](const std::any& options) -> std::unique_ptr<Grader> {
      return std::make_unique<Command>(options::options_as<CommandGraderSpec>(options));
    },
};

}  // namespace judge
}  // namespace triage
