#include "gemini/answer_members.hpp"

#include "blocks/member_values.hpp"
#include "gemini/spelling.hpp"
#include "gemini/usage.hpp"

namespace triage::gemini {
namespace {

using Kind = JsonReader::Kind;

class MembersReader {
 public:
  MembersReader(std::string_view json, AnswerMembers& out) : json_(json), in_(json), out_(out) {}

  bool read() {
    const bool is_object = each_member(in_, [this](const JsonString& name) { read_member(name); });
    return is_object && in_.finish();
  }

 private:
  std::string_view value() {
    const std::size_t begin = in_.value_offset();
    in_.skip();
    return json_.substr(begin, in_.offset() - begin);
  }

  void read_member(const JsonString& name) {
    if (name.is("candidates"))
      each_element(in_, [this] { read_candidate(); });
    else if (is_called(name, "promptFeedback"))
      each_member(in_, [this](const JsonString& inner) { read_feedback(inner); });
    else if (is_called(name, "usageMetadata"))
      out_.usage = read_usage(in_, out_.service_tier);
    else if (is_called(name, "modelVersion"))
      out_.model = string_of(in_);
    else if (is_called(name, "responseId"))
      out_.id = string_of(in_);
    else if (name.is("error") && in_.kind() == Kind::object)
      out_.error = value();
    else
      in_.skip();
    out_.says = out_.says || out_.usage.has_value();
  }

  // Of several candidates the first counts.
  void read_candidate() {
    std::int64_t index = 0;
    AnswerMembers read;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("content"))
        each_member(in_, [&](const JsonString& inner) {
          if (inner.is("parts"))
            each_element(in_, [&] { read.parts.push_back(read_part()); });
          else
            in_.skip();
        });
      else if (is_called(name, "finishReason"))
        read.reason = string_of(in_);
      else if (is_called(name, "finishMessage"))
        read.message = string_of(in_);
      else if (name.is("index"))
        index = read_whole(in_).value_or(0);
      else
        read_more(name, read);
    });
    if (index != 0) return;
    out_.says = true;
    for (AnswerPart& part : read.parts) out_.parts.push_back(part);
    for (PageCited& page : read.cited) out_.cited.push_back(page);
    if (!read.reason.raw.empty()) out_.reason = read.reason;
    if (!read.message.raw.empty()) out_.message = read.message;
    if (!read.logprobs.empty()) out_.logprobs = read.logprobs;
  }

  void read_more(const JsonString& name, AnswerMembers& out) {
    if (is_called(name, "logprobsResult") && in_.kind() == Kind::object)
      out.logprobs = value();
    else if (is_called(name, "groundingMetadata"))
      read_grounding(out.cited);
    else if (is_called(name, "citationMetadata"))
      each_member(in_, [&](const JsonString& inner) {
        if (is_called(inner, "citationSources") || inner.is("citations"))
          each_element(in_, [&] {
            PageCited page = read_source();
            page.recited = true;
            add_cited(page, out.cited);
          });
        else
          in_.skip();
      });
    else
      in_.skip();
  }

  AnswerPart read_part() {
    AnswerPart part;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("text"))
        part.text = string_of(in_);
      else if (name.is("thought") && in_.kind() == Kind::boolean)
        in_.boolean(part.thought);
      else if (is_called(name, "thoughtSignature"))
        part.signature = string_of(in_);
      else if (is_called(name, "functionCall"))
        part.call = true, each_member(in_, [&](const JsonString& inner) { read_call(inner, part); });
      else if (is_called(name, "functionResponse"))
        part.result = true, each_member(in_, [&](const JsonString& inner) { read_call(inner, part); });
      else if (is_called(name, "executableCode") || is_called(name, "codeExecutionResult") ||
               is_called(name, "toolCall") || is_called(name, "toolResponse"))
        part.own_tool = true, in_.skip();
      else
        in_.skip();
    });
    return part;
  }

  void read_call(const JsonString& name, AnswerPart& part) {
    if (name.is("id"))
      part.id = string_of(in_);
    else if (name.is("name"))
      part.name = string_of(in_);
    else if (name.is("args") && in_.kind() == Kind::object)
      part.arguments = value();
    else if (is_called(name, "partialArgs") && in_.kind() == Kind::array)
      part.pieces = value();
    else if (is_called(name, "willContinue") && in_.kind() == Kind::boolean)
      in_.boolean(part.goes_on);
    else
      in_.skip();
  }

  void read_feedback(const JsonString& name) {
    if (is_called(name, "blockReason"))
      out_.blocked = string_of(in_);
    else if (is_called(name, "blockReasonMessage"))
      out_.message = string_of(in_);
    else
      in_.skip();
    out_.says = out_.says || !out_.blocked.raw.empty();
  }

  // {"startIndex":0,"endIndex":9,"uri":"...","title":"..."}, or {"web":{"uri":...,"title":...}}
  PageCited read_source() {
    PageCited out;
    each_member(in_, [&](const JsonString& name) { read_source_member(name, out); });
    return out;
  }

  void read_source_member(const JsonString& name, PageCited& out) {
    if (name.is("uri"))
      out.url = string_of(in_);
    else if (name.is("title"))
      out.title = string_of(in_);
    else if (is_called(name, "startIndex"))
      out.from = read_whole(in_).value_or(0);
    else if (is_called(name, "endIndex"))
      out.to = read_whole(in_).value_or(-1);
    else if (name.is("web"))
      each_member(in_, [&](const JsonString& inner) { read_source_member(inner, out); });
    else
      in_.skip();
  }

  static void add_cited(PageCited page, std::vector<PageCited>& out) {
    if (page.url.raw.empty()) return;
    if (page.to >= 0 && page.from < 0) page.from = 0;
    if (page.to <= page.from) page.from = page.to = -1;
    out.push_back(page);
  }

  // {"groundingChunks":[{"web":{"uri":...}}],
  //  "groundingSupports":[{"segment":{"startIndex":0,"endIndex":9},"groundingChunkIndices":[0]}]}
  void read_grounding(std::vector<PageCited>& out) {
    std::vector<PageCited> pages;
    std::vector<std::pair<PageCited, std::size_t>> supports;
    each_member(in_, [&](const JsonString& name) {
      if (is_called(name, "groundingChunks"))
        each_element(in_, [&] { pages.push_back(read_source()); });
      else if (is_called(name, "groundingSupports"))
        each_element(in_, [&] { read_support(supports); });
      else
        in_.skip();
    });
    for (auto& [place, page] : supports) {
      if (page >= pages.size()) continue;
      PageCited cited = pages[page];
      cited.from = place.from;
      cited.to = place.to;
      add_cited(cited, out);
    }
    if (supports.empty())
      for (PageCited& page : pages) add_cited(page, out);
  }

  void read_support(std::vector<std::pair<PageCited, std::size_t>>& out) {
    PageCited place;
    std::vector<std::size_t> pages;
    each_member(in_, [&](const JsonString& name) {
      if (name.is("segment"))
        place = read_source();
      else if (is_called(name, "groundingChunkIndices"))
        each_element(in_, [&] { pages.push_back(static_cast<std::size_t>(read_whole(in_).value_or(-1))); });
      else
        in_.skip();
    });
    for (const std::size_t page : pages) out.emplace_back(place, page);
  }

  std::string_view json_;
  JsonReader in_;
  AnswerMembers& out_;
};

}  // namespace

bool read_answer_members(std::string_view json, AnswerMembers& out) {
  return MembersReader(json, out).read();
}

}  // namespace triage::gemini
