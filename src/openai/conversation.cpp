#include "openai/conversation.hpp"

namespace triage {

std::optional<Conversation> conversation_of(const ApiRequest& request) {
  for (const ChatMessage& message : request.messages) {
    if (message.role != Role::user) continue;
    const bool last = &message == &request.messages.back();
    return Conversation{request.body.substr(request.texts.begin, message.value.end - request.texts.begin), !last};
  }
  return std::nullopt;
}

}  // namespace triage
