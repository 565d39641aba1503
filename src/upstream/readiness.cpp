// An operation of Asio's reactor that does nothing but report:
//
//   idle --watch--> queued at the descriptor --edge--> reported --> idle --watch--> queued ...
//
// perform() answers "done, and exhausted": the reactor then queues the next operation without trying it, until another
// edge comes. An edge that comes while nothing is queued is remembered by the reactor, and reported at the next watch.

#include "upstream/readiness.hpp"

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>

#if !defined(BOOST_ASIO_HAS_EPOLL)
#error "Readiness needs Asio's epoll reactor"
#endif

namespace triage::out {
namespace {

using Reactor = asio::detail::epoll_reactor;

}  // namespace

struct Readiness::Impl {
  struct Op : asio::detail::reactor_op {
    explicit Op(Impl& of, int of_type)
        : reactor_op(boost::system::error_code(), &Op::perform, &Op::complete), impl(&of), type(of_type) {}

    static status perform(reactor_op*) { return done_and_exhausted; }

    static void complete(void* owner, asio::detail::operation* base, const boost::system::error_code&, std::size_t) {
      Op* op = static_cast<Op*>(static_cast<reactor_op*>(base));
      op->queued = false;
      if (!op->impl) {
        delete op;  // its socket ended meanwhile
      } else if (owner) {  // null: the loop ends, and destroys what it holds
        Listener& listener = op->impl->listener;
        op->type == Reactor::read_op ? listener.on_readable() : listener.on_writable();
      }
    }

    Impl* impl;
    const int type;
    bool queued = false;
  };

  Impl(asio::io_context& io, int of, Listener& to)
      : reactor(asio::use_service<Reactor>(io)),
        handle(of),
        listener(to),
        read(new Op(*this, Reactor::read_op)),
        write(new Op(*this, Reactor::write_op)) {
    reactor.init_task();
    reactor.register_descriptor(handle, descriptor);
  }

  ~Impl() {
    for (Op* op : {read, write}) {
      op->impl = nullptr;
      if (!op->queued) delete op;
    }
    reactor.deregister_descriptor(handle, descriptor, true);  // the queued complete, later
    reactor.cleanup_descriptor_data(descriptor);
  }

  void watch(Op& op) {
    if (op.queued) return;
    op.queued = true;
    op.ec_ = boost::system::error_code();
    reactor.start_op(op.type, handle, descriptor, &op, false, true);
  }

  Reactor& reactor;
  const int handle;
  Listener& listener;
  Reactor::per_descriptor_data descriptor{};
  Op* read;
  Op* write;
};

Readiness::Readiness(asio::io_context& io, int handle, Listener& listener)
    : impl_(std::make_unique<Impl>(io, handle, listener)) {}

Readiness::~Readiness() = default;

void Readiness::watch_reads() {
  impl_->watch(*impl_->read);
}

void Readiness::watch_writes() {
  impl_->watch(*impl_->write);
}

}  // namespace triage::out
