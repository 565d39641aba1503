#include "app/simulator.hpp"

#include "app/address_option.hpp"
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/run_until_signal.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>

namespace triage {
namespace {

http::ServerOptions options_for(const Address& address) {
  http::ServerOptions options;
  options.name = "simulate";
  options.address = address;
  options.limits.requests_in_flight = 1'000'000;
  options.limits.connections = 1'000'000;
  options.limits.head.bytes = 64 * 1024;
  options.limits.bodies_total.bytes = 64ULL * 1024 * 1024 * 1024;
  options.half_closing = false;  // like model servers: what nobody waits for is not generated
  options.limits.body.bytes = 512ULL * 1024 * 1024;
  return options;
}

}  // namespace

Async<void> Simulator::Current::handle(Exchange& exchange) {
  const auto provider = provider_;  // until the end of the request
  co_await provider->handle(exchange);
}

Simulator::Simulator(SimulateSpec spec, std::uint64_t seed, const Address& address, std::size_t loops)
    : seed_(seed), server_(options_for(address), metrics_) {
  const auto provider = std::make_shared<SimulatedProvider>(std::move(spec), seed_);
  for (std::size_t i = 0; i < loops; ++i) {
    loops_.push_back(std::make_unique<LoopThread>(i));
    handlers_.push_back(std::make_unique<Current>(provider));
    server_.listen(loops_.back()->loop(), *handlers_.back());
  }
}

void Simulator::use(SimulateSpec spec) {
  const auto provider = std::make_shared<SimulatedProvider>(std::move(spec), seed_);
  for (std::size_t i = 0; i < loops_.size(); ++i)
    asio::post(loops_[i]->loop().io, [&handler = *handlers_[i], provider] { handler.use(provider); });
}

void Simulator::start() {
  for (const auto& loop : loops_) loop->start();
}

void Simulator::stop() {
  server_.stop();
  server_.close_all();
  for (int i = 0; i < 200 && server_.connections() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  for (const auto& loop : loops_) loop->release();
  if (server_.connections() > 0) std::quick_exit(0);
  for (const auto& loop : loops_) loop->join();
}

namespace {

int simulate(const Arguments& arguments) {
  const Address address = address_option(arguments, "listen", {"127.0.0.1", 8081});
  const auto number = [&](const char* name, const char* fallback) {
    const std::string text = arguments.has(name) ? arguments.value(name) : fallback;
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
      throw UsageError(std::string("--") + name + " takes a number, not '" + text + "'");
    return std::stoul(text);
  };
  const std::uint64_t seed = number("seed", "1");
  const std::size_t loops = std::max(1UL, number("loops", "1"));

  SimulateSpec spec = demo_simulation();
  if (arguments.has("config")) {
    auto loaded = load_simulation(arguments.value("config"));
    if (!loaded) {
      std::fprintf(stderr, "%s\n", loaded.error().message.c_str());
      return exit_no;
    }
    spec = std::move(*loaded);
  }
  block_signals(false);
  raise_descriptor_limit();
  Simulator simulator(std::move(spec), seed, address, loops);
  simulator.start();
  std::printf("simulated providers on http://%s/v1\n", simulator.endpoint().c_str());
  std::fflush(stdout);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  int signal = 0;
  sigwait(&set, &signal);
  simulator.stop();
  return exit_done;
}

}  // namespace

Command simulate_command() {
  return {.name = "simulate",
          .summary = "run simulated providers",
          .about =
              "Runs an OpenAI-compatible server whose models make their answers up. docs/simulate.md tells what the "
              "file may say and how a request header asks for misbehaviour.",
          .options = {{"config", "FILE", "models, latencies, failures; three built-in models if not given"},
                      {"listen", "HOST:PORT", "127.0.0.1:8081 if not given"},
                      {"seed", "N", "same seed, same answers; 1 if not given"},
                      {"loops", "N", "event loops; 1 if not given"}},
          .examples = {{"triage simulate --listen 127.0.0.1:8081", "three models, on this machine only"}},
          .run = simulate};
}

}  // namespace triage
