#pragma once
// A request made of a JSON body, with its padding, for tests.

#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"
#include "triage/chat_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace triage::features {

class Asked {
 public:
  explicit Asked(std::string body) : body_(std::move(body)) {
    const std::size_t size = body_.size();
    body_.append(body_padding, '\0');
    auto read = parse_request_body(Api::chat, std::string_view(body_).substr(0, size), 64);
    if (!read) throw std::runtime_error(read.error().message);
    request_ = *read;
    view_.emplace(request_);
  }
  [[nodiscard]] const ChatView& view() const { return *view_; }

  static std::string body_with(const std::string& text) {
    return nlohmann::json{{"model", "m"}, {"messages", {{{"role", "user"}, {"content", text}}}}}.dump();
  }

 private:
  std::string body_;
  ApiRequest request_;
  std::optional<ChatView> view_;
};

}  // namespace triage::features
