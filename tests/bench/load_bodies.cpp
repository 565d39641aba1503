#include "load_bodies.hpp"

#include <string_view>

namespace bench {
namespace {

// A few hundred bytes of what chats hold: prose, code with escapes, quotes, text outside ASCII.
constexpr std::string_view prose =
    R"(Our nightly export takes forty minutes and blocks the order table. I tried \"READ COMMITTED\" and a covering )"
    R"(index on (customer_id, created_at), yet the plan still shows a sequential scan:\n\n```sql\nSELECT id, total\n)"
    R"(  FROM orders\n WHERE created_at >= now() - interval '1 day'\n ORDER BY id;\n```\n\nCould you explain why the )"
    R"(planner ignores it, and what you would change first? Die Tabelle hat etwa 80 Mio. Zeilen \u2014 größtenteils )"
    R"(alte Bestellungen. )";

/// Prose of at most `bytes` bytes, cut where neither an escape nor a character is split, filled up with dots.
std::string prose_of(std::size_t bytes) {
  std::string text;
  while (text.size() + prose.size() <= bytes) text += prose;
  const std::string_view plain = prose.substr(0, prose.find(R"(\")"));
  text += plain.substr(0, bytes - text.size());
  return text.append(bytes - text.size(), '.');
}

std::string make_body(const RequestShape& shape) {
  const std::string begin =
      R"({"messages":[{"role":"system","content":"You are a careful database engineer. Answer briefly."})";
  const std::string end = R"(],"model":")" + shape.model + R"(","max_tokens":256,"temperature":0.2,"stream":)" +
                          (shape.stream ? "true" : "false") + R"(,"user":")" + shape.user + R"("})";
  std::string turns;
  const std::size_t room =
      shape.body_bytes > begin.size() + end.size() ? shape.body_bytes - begin.size() - end.size() : 0;
  constexpr std::size_t turn_bytes = 1600;  // a long chat is many turns, not one long message
  for (bool user = true; room - turns.size() > 64; user = !user) {
    const std::string open = std::string(R"(,{"role":")") + (user ? "user" : "assistant") + R"(","content":")";
    std::size_t take = room - turns.size();
    if (take >= 2 * turn_bytes) take = turn_bytes;
    turns += open + prose_of(take - open.size() - 2) + R"("})";
  }
  return begin + turns + end;
}

}  // namespace

std::string make_request(const RequestShape& shape) {
  const std::string body = make_body(shape);
  return "POST " + shape.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(shape.port) +
         "\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\nAccept: application/json\r\n"
         "Content-Type: application/json\r\nUser-Agent: OpenAI/Python 1.66.3\r\nX-Stainless-Lang: python\r\n"
         "X-Stainless-Package-Version: 1.66.3\r\nX-Stainless-OS: Linux\r\nX-Stainless-Arch: x64\r\n"
         "X-Stainless-Runtime: CPython\r\nX-Stainless-Runtime-Version: 3.11.2\r\nAuthorization: Bearer " +
         shape.key + "\r\nX-Stainless-Async: false\r\nx-stainless-retry-count: 0\r\nx-stainless-read-timeout: 600\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace bench
