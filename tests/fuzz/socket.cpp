// What a peer sends on a WebSocket. As frames: a server reads whole messages out of any bytes, none too large, texts in
// UTF-8. As an event: at most the model's name is replaced in it, which leaves the same JSON otherwise.

#include "websocket/socket.hpp"
#include "fuzz_check.hpp"
#include "json/json.hpp"
#include "pipeline/socket/event.hpp"
#include "pipeline/socket/model_guard.hpp"
#include "pipeline/socket/socket_route.hpp"
#include "pipeline/socket/usage_meter.hpp"
#include "support/padded.hpp"
#include "support/socket_pipe.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace triage::fuzz {
namespace {

constexpr std::size_t message_max = 256;

void read_as_event(std::string_view bytes) {
  const test::Padded event(bytes);
  const ModelGuard bound("auto", "own", true, 32);
  std::string storage;
  if (const auto passed = bound.pass(event.view(), storage)) {
    const test::Padded again(*passed);
    std::string other;
    const auto twice = bound.pass(again.view(), other);
    check(twice && *twice == *passed, "what was passed is passed as it is");
  }
  const Price price;
  UsageMeter meter(&price, 1 << 20);
  meter.sent(event.view());
  meter.came(event.view());
  AttemptRecord record;
  Extras extras;
  meter.settle(record, extras);
  check(!record.cost_nano_usd || *record.cost_nano_usd >= 0, "a cost is not negative");
  const auto model = model_in_query(bytes);
  const auto kept = model_in_query(query_with_model(bytes, "own"));
  check(!model || (kept && (model->empty() || *kept == "own")), "the model in a query is replaced");
}

Async<void> serve(websocket::Socket& socket, DeadlineWheel& wheel) {
  RequestHead head;
  head.fields = {{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  const std::vector<Field> none;
  bool open = co_await socket.accept(head, none, "");
  while (open) {
    const auto message = co_await socket.read();
    open = message.has_value();
    if (!open) break;
    check(message->bytes.size() <= message_max, "a message within its bound");
    check(!message->text || !find_invalid_utf8(message->bytes), "a text in UTF-8");
  }
  wheel.stop();
}

void read_as_frames(std::string_view bytes) {
  asio::io_context io;
  DeadlineWheel wheel(io);
  test::Pipe up;
  test::Pipe down;
  up.waiting = bytes;
  up.last = true;
  SocketLimits limits;
  limits.message = message_max;
  websocket::Socket socket(std::make_unique<test::PipeBytes>(io, up, down, 1 + bytes.size() / 3), wheel, limits);
  asio::co_spawn(io.get_executor(), serve(socket, wheel), asio::detached);
  io.run();
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  triage::fuzz::read_as_event(bytes);
  triage::fuzz::read_as_frames(bytes);
  return 0;
}
