#pragma once
// Images and documents as OpenAI's APIs give them: at an address, or in a data URL (RFC 2397).

#include "triage/blocks.hpp"

namespace triage {

/// data:image/png;base64,AAAA -> {image/png, AAAA}; any other URL is kept as it is. Copies are `owned` by the request.
Media media_at(const JsonString& url, BlockRequest& request);

/// Notes which kind of document it is. Its data need not be a data URL.
void note_document(Media& media, BlockRequest& request);

}  // namespace triage
