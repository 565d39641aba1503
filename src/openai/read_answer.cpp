// What is made of the one walk of answer_reader.cpp.
#include "answer/completion.hpp"
#include "json/json.hpp"
#include "json/mend.hpp"
#include "openai/answer_reader.hpp"
#include "triage/body_padding.hpp"

namespace triage {

bool read_answer_mended(std::string_view json, AnswerForm form, std::string_view verbatim, std::string_view before,
                        std::string_view behind, AnswerEvent& out) {
  const bool valid = read_answer(json, form, out) && !find_invalid_utf8(json);
  out.verbatim = verbatim;
  if (valid) return true;
  const auto mended = mended_json(json);
  if (!mended) return false;
  out.clear();
  out.mended.append(before).append(*mended).append(behind);
  const std::size_t size = out.mended.size();
  out.mended.append(body_padding, '\0');
  const std::string_view all = std::string_view(out.mended).substr(0, size);
  const bool whole = read_answer(all.substr(before.size(), mended->size()), form, out);
  out.verbatim = whole ? all : verbatim;
  return whole;
}

void add_to_completion(std::string_view json, Completion& out) {
  AnswerEvent event;
  read_answer(json, AnswerForm::any, event);
  add_to_completion(event, out);
}

Completion read_completion(std::string_view body) {
  Completion out;
  add_to_completion(body, out);
  return out;
}

}  // namespace triage
