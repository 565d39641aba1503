#pragma once
// Adds up what the responses of one connection cost, as a provider's events report it. Pure.

#include "pipeline/attempt/trail.hpp"
#include "pipeline/socket/event.hpp"
#include "triage/price.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace triage {

class UsageMeter {
 public:
  /// `price`: null where the deployment's own model is not asked: then a cost is known only if the provider says it.
  explicit UsageMeter(const Price* price, std::size_t event_bytes_max)
      : price_(price), event_bytes_max_(event_bytes_max) {}

  /// Takes an event of the client that was passed on; of the provider. Followed by body_padding readable bytes.
  void sent(std::string_view event) noexcept;
  void came(std::string_view event);

  /// Whether a response is under way, or asked for.
  [[nodiscard]] bool busy() const noexcept { return asked_ > 0 || begun_ > 0; }

  /// Of what has come. To be called once, at the connection's end: a response that was cut off is of unknown cost.
  void settle(AttemptRecord& record, Extras& extras) const;

  /// Responses that were reported and whose cost is known, since the last call; and whether one had none.
  struct News {
    Usage tokens;
    std::int64_t cost_nano_usd = 0;
    bool unknown = false;
  };
  News take_news() noexcept { return std::exchange(news_, {}); }

 private:
  void count(std::string_view event, const Price* price);

  const Price* const price_;
  const std::size_t event_bytes_max_;
  std::int64_t asked_ = 0;
  std::int64_t begun_ = 0;
  bool reported_ = false;
  bool unknown_ = false;  // the cost of at least one response
  bool by_provider_ = false;
  Usage tokens_;
  std::int64_t cost_ = 0;
  std::optional<std::int64_t> provider_cost_;
  std::int64_t searches_ = 0;
  std::int64_t unpriced_ = 0;
  std::string service_tier_;
  News news_;
};

}  // namespace triage
