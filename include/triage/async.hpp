#pragma once
// The coroutine vocabulary. One io_context runs on one thread ("loop"); nothing that is awaited here is shared between
// loops, so there are no strands and no locks. The executor type is concrete: a type-erased one costs a virtual call
// and an allocation on every operation.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace triage {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;

/// A coroutine on one loop. It is awaited once, by one awaiter.
template <class T>
using Async = asio::awaitable<T, Executor>;

/// Completion token: `co_await op(use_async)` throws on error.
inline constexpr asio::use_awaitable_t<Executor> use_async{};

/// Completion token: `auto [ec, n] = co_await op(as_result)` never throws.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_result{};

}  // namespace triage
