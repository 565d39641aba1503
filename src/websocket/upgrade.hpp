#pragma once
// Requests for an upgrade of the connection (RFC 9110, 7.8; RFC 6455, 4.2.1). Pure.

#include "triage/error.hpp"
#include "triage/message.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace triage::websocket {

/// Whether a request asks for another protocol on its connection. An offer of h2c is none: such a client goes on in
/// HTTP/1.1 where nobody answers it (RFC 7540, 3.2).
bool asks_for_upgrade(const RequestHead& head) noexcept;

/// Whether it is a WebSocket that it asks for.
bool asks_for_web_socket(const RequestHead& head) noexcept;

/// Why a request for a WebSocket cannot be granted; nullopt: it can. Errors: invalid_value, upgrade_required (another
/// version).
std::optional<Error> handshake_fault(const RequestHead& head);

/// The subprotocols that the client offers, in its order (RFC 6455, 11.3.4).
std::vector<std::string_view> subprotocols(const RequestHead& head);

/// Where clients that cannot set header fields, such as web pages, put what OpenAI's API expects there.
inline constexpr std::string_view key_subprotocol = "openai-insecure-api-key.";

/// The gateway key among the subprotocols; empty: there is none.
std::string_view key_of(const RequestHead& head);

/// Whether a subprotocol is for the gateway alone: a key, an organisation, a project.
bool is_credential(std::string_view subprotocol) noexcept;

}  // namespace triage::websocket
