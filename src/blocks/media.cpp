#include "blocks/media.hpp"

#include "json/json.hpp"

namespace triage {
namespace {

JsonString spelled(std::string_view text) {
  return {text, false};
}

}  // namespace

Media media_at(const JsonString& url, BlockRequest& request) {
  Media media;
  if (!url.raw.starts_with("data:")) {
    media.url = url;
    return media;
  }
  std::string_view text = url.raw;
  if (url.escaped) {  // mostly "\/"
    std::string plain;
    append_json_escaped(plain, url.text());
    text = request.own(std::move(plain));
  }
  text.remove_prefix(5);
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return media;
  const std::string_view type = text.substr(0, comma);
  media.data = spelled(text.substr(comma + 1));
  media.type = spelled(type.substr(0, type.find(';')));
  return media;
}

void note_document(Media& media, BlockRequest& request) {
  if (!media.url.raw.empty() && !media.url.raw.starts_with("http")) media.data = std::exchange(media.url, {});
  if (media.type.raw.empty() && media.data.raw.starts_with("JVBERi0"))
    media.type = spelled(request.own("application/pdf"));
  if (!media.url.raw.empty())
    request.note(RequestField::document_url);
  else if (media.type.is("application/pdf") || media.type.is("text/plain"))
    request.note(RequestField::documents);
  else if (!media.data.raw.empty())
    request.note(RequestField::other_documents);
}

}  // namespace triage
