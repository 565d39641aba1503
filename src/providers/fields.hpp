#pragma once
// The head of a call: which of the client's fields go along, and what is added.

#include "triage/dialect.hpp"

#include <span>
#include <string>
#include <string_view>

namespace triage {

/// How the body goes along. Except `unread`, it is JSON and nothing else, and the answer must not be compressed.
enum class Forwarded : std::uint8_t { unread, spliced, translated };

/// Adds the client's fields that a provider may see (translated: none that speaks of the client's API or its SDK),
/// `own` (credentials and what the dialect needs; those without a value and those that the provider's headers set are
/// left out), then the provider's headers. Views point into `client`, `provider`, `call.owned` and what `own` points
/// to.
void add_fields(EncodedCall& call, const RequestHead& client, const Provider& provider, Forwarded forwarded,
                std::span<const Field> own);

/// The target of a call: the base URL's path, then `path`, then the query, if there is one.
std::string target_of(const Provider& provider, std::string_view path, std::string_view query);

}  // namespace triage
