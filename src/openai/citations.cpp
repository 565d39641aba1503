#include "openai/citations.hpp"

#include "blocks/member_values.hpp"

#include <utility>

namespace triage::openai {
namespace {

using Kind = JsonReader::Kind;

// Calls `read(name)` for each member of the first choice and of its message.
template <class Read>
void each_of_first_choice(JsonReader& in, Read read) {
  bool first = true;
  each_element(in, [&] {
    if (!std::exchange(first, false)) return void(in.skip());
    each_member(in, [&](const JsonString& name) {
      if (name.is("delta") || name.is("message"))
        each_member(in, read);
      else
        read(name);
    });
  });
}

void read_page(JsonReader& in, const JsonString& name, CitedPage& page) {
  if (name.is("url"))
    page.url = string_of(in).raw;
  else if (name.is("title"))
    page.title = string_of(in).raw;
  else if (name.is("content") || name.is("snippet"))
    page.said = string_of(in).raw;
  else if (name.is("start_index"))
    page.from = read_whole(in, 0).value_or(-1);
  else if (name.is("end_index"))
    page.to = read_whole(in, 0).value_or(-1);
  else if (name.is("url_citation"))
    each_member(in, [&](const JsonString& inner) { read_page(in, inner, page); });
  else
    in.skip();
}

std::vector<CitedPage> read_pages(JsonReader& in) {
  std::vector<CitedPage> out;
  each_element(in, [&] {
    CitedPage page;
    if (in.kind() == Kind::string)
      page.url = string_of(in).raw;
    else
      each_member(in, [&](const JsonString& name) { read_page(in, name, page); });
    if (page.to <= page.from) page.from = page.to = -1;
    if (!page.url.empty()) out.push_back(std::move(page));
  });
  return out;
}

}  // namespace

void Citations::add(std::string_view event, bool annotated) {
  const bool sourced =
      event.find("search_results\"") != std::string_view::npos || event.find("citations\"") != std::string_view::npos;
  if (!annotated && !sourced) return;
  JsonReader in(event);
  each_member(in, [&](const JsonString& name) {
    if (name.is("choices")) {
      each_of_first_choice(in, [&](const JsonString& inner) {
        if (!inner.is("annotations")) return void(in.skip());
        for (CitedPage& page : read_pages(in)) pages_.push_back(std::move(page));
      });
    } else if (name.is("search_results") || name.is("citations")) {
      std::vector<CitedPage> pages = read_pages(in);
      if (!pages.empty() && (name.is("search_results") || sources_.empty())) sources_ = std::move(pages);
    } else {
      in.skip();
    }
  });
}

std::vector<CitedPage> Citations::take() {
  std::vector<CitedPage> sources = std::exchange(sources_, {});
  return pages_.empty() ? sources : std::exchange(pages_, {});
}

std::string_view logprobs_in(std::string_view event) {
  std::string_view out;
  JsonReader in(event);
  each_member(in, [&](const JsonString& name) {
    if (!name.is("choices")) return void(in.skip());
    each_of_first_choice(in, [&](const JsonString& inner) {
      if (!inner.is("logprobs")) return void(in.skip());
      each_member(in, [&](const JsonString& member) {
        const std::size_t begin = in.value_offset();
        const bool list = in.kind() == Kind::array && member.is("content");
        in.skip();
        if (list) out = event.substr(begin, in.offset() - begin);
      });
    });
  });
  return out == "[]" ? std::string_view() : out;
}

}  // namespace triage::openai
