#include "clients/clients.hpp"

#include <array>

namespace triage {
namespace {

struct Entry {
  WireForm form;
  const ClientApi& (*client)() noexcept;
};

/// The list: which API is in which form.
constexpr std::array<Entry, 4> entries{{
    {WireForm::openai, openai_client},
    {WireForm::anthropic, anthropic_client},
    {WireForm::responses, responses_client},
    {WireForm::gemini, gemini_client},
}};

}  // namespace

const ClientApi& client_api(WireForm form) noexcept {
  for (const Entry& entry : entries)
    if (entry.form == form) return entry.client();
  return openai_client();
}

const ClientApi& client_at(const RequestHead& head) noexcept {
  return client_api(form_at(head.path));
}

const ClientApi& client_of(const ApiRequest& request) noexcept {
  return client_api(request.form);
}

const Result<BlockRequest>& blocks_of(const ApiRequest& request) {
  if (request.blocks == nullptr)
    request.blocks = std::make_shared<const Result<BlockRequest>>(client_of(request).blocks(request));
  return *request.blocks;
}

}  // namespace triage
