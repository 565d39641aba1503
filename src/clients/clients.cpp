#include "clients/clients.hpp"

#include <array>

namespace triage {
namespace {

struct Entry {
  Api api;
  const ClientApi& (*client)() noexcept;
};

/// The list: which API each call is part of.
constexpr std::array<Entry, 3> entries{{
    {Api::chat, openai_client},
    {Api::completions, openai_client},
    {Api::embeddings, openai_client},
}};

}  // namespace

const ClientApi& client_api(Api api) noexcept {
  for (const Entry& entry : entries)
    if (entry.api == api) return entry.client();
  return openai_client();
}

const ClientApi& client_of(const ApiRequest& request) noexcept {
  return client_api(request.api);
}

const Result<BlockRequest>& blocks_of(const ApiRequest& request) {
  if (request.blocks == nullptr)
    request.blocks = std::make_shared<const Result<BlockRequest>>(client_of(request).blocks(request));
  return *request.blocks;
}

}  // namespace triage
