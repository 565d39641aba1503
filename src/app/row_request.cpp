#include "app/row_request.hpp"

#include "json/json.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"

namespace triage {

RowRequest::RowRequest(const offline::Row& row, std::string_view model, std::uint32_t depth_max) {
  body_ = R"({"model":)";
  append_json_string(body_, model);
  body_ += R"(,"messages":)";
  const bool is_text = row.prompt.starts_with('"');
  body_.append(is_text ? R"([{"role":"user","content":)" : "").append(row.prompt).append(is_text ? "}]}" : "}");
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
