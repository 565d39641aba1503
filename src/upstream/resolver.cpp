// A name goes: unknown -> asking -> fresh -> (ttl) -> asking again, its old addresses still usable -> fresh ...
// A failure keeps the old addresses, and is remembered for failure_ttl.

#include "upstream/resolver.hpp"

#include <algorithm>

namespace triage {

Lookup system_lookup(asio::io_context& io) {
  using TcpResolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
  auto resolver = std::make_shared<TcpResolver>(io.get_executor());
  return [resolver](const std::string& host, std::function<void(LookupAnswer)> answer) {
    resolver->async_resolve(
        host, "",
        [answer = std::move(answer)](boost::system::error_code error, const TcpResolver::results_type& results) {
          LookupAnswer found;
          for (const auto& entry : results) found.addresses.push_back(entry.endpoint().address());
          if (error) found.failure = error.message();
          if (!error && found.addresses.empty()) found.failure = "the name has no address";
          answer(std::move(found));
        });
  };
}

namespace upstream {

Resolver::Resolver(Lookup lookup, std::chrono::milliseconds ttl, Metrics& metrics)
    : lookup_(std::move(lookup)),
      ttl_(ttl),
      succeeded_(metrics.counter("triage_dns_lookups_total", "Look-ups of provider names.", {{"result", "ok"}})),
      failed_(metrics.counter("triage_dns_lookups_total", "Look-ups of provider names.", {{"result", "failed"}})),
      self_(std::make_shared<Resolver*>(this)) {}

std::shared_ptr<Resolver::Name> Resolver::ask(const std::string& host, Clock::time_point now) {
  auto found = names_.find(host);
  if (found == names_.end()) {
    make_room(now);
    found = names_.emplace(host, std::make_shared<Name>()).first;
  }
  std::shared_ptr<Name> name = found->second;
  if (name->asking || name->known(now)) return name;
  name->asking = true;
  lookup_(host, [name, self = std::weak_ptr<Resolver*>(self_)](LookupAnswer answer) {
    const auto resolver = self.lock();
    if (resolver) (*resolver)->settle(*name, std::move(answer));
  });
  return name;
}

void Resolver::settle(Name& name, LookupAnswer answer) {
  name.asking = false;
  name.failure = std::move(answer.failure);
  const bool good = name.failure.empty();
  (good ? succeeded_ : failed_).add();
  if (good) name.addresses = std::move(answer.addresses);
  name.fresh_until = Clock::now() + (good ? std::chrono::duration_cast<Clock::duration>(ttl_) : failure_ttl);
  for (Waiter* waiter : name.waiters) waiter->wake_later();
}

void Resolver::make_room(Clock::time_point now) {
  if (names_.size() < names_max) return;
  std::erase_if(names_, [now](const auto& entry) { return !entry.second->asking && now >= entry.second->fresh_until; });
  if (names_.size() >= names_max) names_.clear();  // those who wait share ownership
}

NameWaiting::NameWaiting(std::shared_ptr<Resolver::Name> name, Waiter& waiter)
    : name_(std::move(name)), waiter_(&waiter) {
  name_->waiters.push_back(waiter_);
}

NameWaiting::~NameWaiting() {
  std::erase(name_->waiters, waiter_);
}

std::vector<asio::ip::tcp::endpoint> interleaved(const Addresses& addresses, std::uint16_t port) {
  std::vector<asio::ip::tcp::endpoint> endpoints;
  Addresses first, second;
  for (const auto& address : addresses)
    (address.is_v6() == addresses.front().is_v6() ? first : second).push_back(address);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) endpoints.emplace_back(first[i], port);
    if (i < second.size()) endpoints.emplace_back(second[i], port);
  }
  return endpoints;
}

}  // namespace upstream
}  // namespace triage
