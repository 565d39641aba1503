#include "app/row_request.hpp"

#include "openai/request_body.hpp"
#include "openai/row_line.hpp"
#include "triage/body_padding.hpp"

namespace triage {

RowRequest::RowRequest(const std::string& prompt, std::string_view model, std::uint32_t depth_max)
    : body_(body_of_prompt(prompt, model)) {
  const std::size_t size = body_.size();
  body_.append(body_padding, '\0');
  head_.method = "POST";
  head_.target = head_.path = api_paths.front().path;
  auto parsed = parse_request_body(Api::chat, std::string_view(body_).substr(0, size), depth_max);
  if (!parsed) {
    error_ = parsed.error();
    return;
  }
  request_ = std::move(*parsed);
  input_.emplace(request_, head_, nullptr);
}

}  // namespace triage
