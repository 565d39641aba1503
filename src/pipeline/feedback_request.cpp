// {"id": "req_...", "thumb": "up", "score": 0.9, "task_completed": true, "comment": "...", "corrected": "..."}
//
// A member that is null is as if it was not there. One that is not known is refused, because a misspelt one would be
// lost without a word.
#include "pipeline/feedback_request.hpp"

#include "base/duration.hpp"
#include "json/json.hpp"
#include "openai/request_body.hpp"
#include "text/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using Kind = JsonReader::Kind;

constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t shown_bytes_max = 64;
constexpr std::string_view members = "thumb, score, task_completed, comment, corrected";

const QualitySpec defaults;

class FeedbackReader {
 public:
  FeedbackReader(std::string_view body, JsonReader& in, FeedbackRequest& out) : body_(body), in_(in), out_(out) {}

  void read() {
    if (!in_.enter_object()) return;
    JsonString name;
    while (in_.next_name(name)) {
      name_ = name.text();
      if (in_.kind() == Kind::null)
        in_.null();
      else
        read_member();
    }
  }

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  void read_member() {
    if (name_ == "id")
      read_id();
    else if (name_ == "thumb")
      read_thumb();
    else if (name_ == "score")
      read_score();
    else if (name_ == "task_completed")
      read_task_completed();
    else if (name_ == "comment")
      read_text(out_.said.comment);
    else if (name_ == "corrected")
      read_text(out_.said.corrected);
    else
      object("is not a member of feedback: those are id, " + std::string(members));
  }

  void read_id() {
    if (!read_text(out_.id)) return;
    if (out_.id.empty() || out_.id.size() > id_bytes_max)
      complain("must have 1 to " + std::to_string(id_bytes_max) +
               " bytes: send the answer's x-request-id, or the `id` in its body");
  }

  void read_thumb() {
    JsonString word;
    if (in_.kind() == Kind::string && in_.string(word)) {
      for (std::size_t i = 0; i < thumb_names.size(); ++i)
        if (word.is(thumb_names[i])) return void(out_.said.thumb = static_cast<Thumb>(i));
      return complain("is \"" + std::string(utf8_prefix(word.text(), shown_bytes_max)) +
                      "\": it must be \"up\" or \"down\"");
    }
    object("must be \"up\" or \"down\"");
  }

  void read_score() {
    std::string_view spelled;
    if (in_.kind() != Kind::number || !in_.number(spelled)) return object("must be a number from 0 to 1");
    double score = 0;
    const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), score);
    const bool tiny = error == std::errc::result_out_of_range && spelled.find("e-") != std::string_view::npos;
    if ((error != std::errc() && !tiny) || !(score >= 0 && score <= 1))
      return complain("is " + std::string(spelled.substr(0, shown_bytes_max)) + ": it must be a number from 0 to 1");
    out_.said.score = score + 0.0;  // without a sign
  }

  void read_task_completed() {
    bool done = false;
    if (in_.kind() == Kind::boolean && in_.boolean(done))
      out_.said.task_completed = done;
    else
      object("must be true or false");
  }

  bool read_text(std::string& out) {
    JsonString text;
    if (in_.kind() != Kind::string || !in_.string(text)) {
      object("must be a text");
      return false;
    }
    out = text.text();
    if (!find_invalid_utf8(out)) return true;
    complain("contains half of a surrogate pair: send whole characters");
    return false;
  }

  // Consumes the value.
  void object(const std::string& rule) {
    const std::size_t begin = in_.value_offset();
    if (!in_.skip()) return;
    const std::string_view value = body_.substr(begin, in_.offset() - begin);
    complain("is " + std::string(utf8_prefix(value, shown_bytes_max)) + ": it " + rule);
  }
  void complain(const std::string& what) {
    if (!error_)
      error_ = Error{ErrorCode::invalid_value, "'" + std::string(utf8_prefix(name_, shown_bytes_max)) + "' " + what,
                     std::string(utf8_prefix(name_, shown_bytes_max))};
  }

  const std::string_view body_;
  JsonReader& in_;
  FeedbackRequest& out_;
  std::string name_;
  std::optional<Error> error_;
};

Error closed(const PastRequest& request, const std::string& why) {
  return {ErrorCode::feedback_closed,
          (request.route.empty() ? "the gateway " : "route '" + request.route + "' ") + why};
}

std::string spelled(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds day = std::chrono::hours(24);
  if (time < 2 * day || time % day != std::chrono::milliseconds(0)) return rounded_duration(time);
  return std::to_string(time / day) + " days";
}

}  // namespace

Result<FeedbackRequest> read_feedback(std::string_view body, std::uint32_t depth_max) {
  if (const auto offset = find_invalid_utf8(body))
    return Error{ErrorCode::invalid_json, "the body is not UTF-8 at byte " + std::to_string(*offset)};
  JsonNames names;
  JsonReader in(body, depth_max, &names);
  FeedbackRequest out;
  FeedbackReader reader(body, in, out);
  reader.read();
  if (!in.finish()) return json_error(in, depth_max);
  if (reader.error()) return *reader.error();
  if (out.id.empty())
    return Error{ErrorCode::missing_parameter,
                 "'id' is missing: send the answer's x-request-id, or the `id` in its body", "id"};
  if (out.said.empty())
    return Error{ErrorCode::missing_parameter,
                 "nothing is said of the answer: send at least one of " + std::string(members), "thumb"};
  return out;
}

Result<AcceptedFeedback> accept_feedback(const Snapshot& snapshot, const PastRequest& request, Feedback said,
                                         std::int64_t now_unix_ms) {
  const auto route = std::ranges::find(snapshot.spec.routes, request.route, &RouteSpec::name);
  const bool known = route != snapshot.spec.routes.end();
  const QualitySpec& quality = known && route->quality ? *route->quality : defaults;
  if (!quality.feedback) return closed(request, "takes no feedback: `quality.feedback` is false");
  if (now_unix_ms - request.time_unix_ms > quality.feedback_for.count())
    return closed(request, "takes feedback for " + spelled(quality.feedback_for) +
                               " after a request (`quality.feedback_for`), and this one is older");
  const std::uint64_t longest = (known ? route->record : RecordSpec()).text_max.bytes;
  const ContentPolicy& texts = *snapshot.feedback_texts[static_cast<std::size_t>(route - snapshot.spec.routes.begin())];
  AcceptedFeedback out{std::move(said), {}};
  const auto settle = [&](std::string_view name, std::string& text) -> std::optional<Error> {
    if (text.empty()) return std::nullopt;
    if (text.size() > longest)
      return Error{ErrorCode::invalid_value,
                   "'" + std::string(name) + "' has " + std::to_string(text.size()) +
                       " bytes: the route keeps at most " + std::to_string(longest) + " of a text (`record.text_max`)",
                   std::string(name)};
    if (!quality.feedback_texts) out.left_out.push_back(name);
    text = quality.feedback_texts ? texts.kept(text) : std::string();
    return std::nullopt;
  };
  if (auto error = settle("comment", out.said.comment)) return *std::move(error);
  if (auto error = settle("corrected", out.said.corrected)) return *std::move(error);
  if (out.said.empty()) return closed(request, "keeps no texts of feedback: `quality.feedback_texts` is false");
  return out;
}

}  // namespace triage
