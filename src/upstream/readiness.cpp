// Operations of Asio's reactor that do nothing but report:
//
//   start --> queued at the descriptor --edge--> perform(): "done, and exhausted" --> complete(): the listener is told
//               ^                                                                          |
//               '--------------------------- reads: queued again first ---------------------'
//
// "Exhausted" ends the reactor's turn at this edge, so one of the two read operations always stays queued. The queue is
// never empty when the other returns to it, which saves the speculative attempt and the epoll_ctl.

#include "upstream/readiness.hpp"

#include <boost/asio/detail/reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>

#include <array>

#if !defined(BOOST_ASIO_HAS_EPOLL)
#error "Readiness needs Asio's epoll reactor"
#endif

namespace triage::upstream {
namespace {

using Reactor = asio::detail::epoll_reactor;

}  // namespace

struct Readiness::Registration {
  struct Op : asio::detail::reactor_op {
    Op(Registration& of, int of_type)
        : reactor_op(boost::system::error_code(), &Op::perform, &Op::complete), registration(&of), type(of_type) {}

    static status perform(reactor_op* base) {
      // Asio tries this at the first start, before there was an edge.
      return static_cast<Op*>(base)->fresh ? not_done : done_and_exhausted;
    }

    static void complete(void* owner, asio::detail::operation* base, const boost::system::error_code&, std::size_t) {
      Op* op = static_cast<Op*>(static_cast<reactor_op*>(base));
      op->queued = false;
      if (!op->registration) {
        delete op;         // its socket ended meanwhile
      } else if (owner) {  // null: the loop is ending, and destroys what it holds
        op->registration->report(*op);
      }
    }

    Registration* registration;
    const int type;
    bool queued = false;
    bool fresh = true;
  };

  Registration(asio::io_context& io, int of, Listener& to)
      : reactor(asio::use_service<Reactor>(io)), handle(of), listener(to) {
    for (std::size_t i = 0; i < types.size(); ++i) ops[i] = new Op(*this, types[i]);
    reactor.init_task();
    reactor.register_descriptor(handle, descriptor);
    for (Op* op : ops)
      if (op->type != Reactor::write_op) start(*op);
  }

  ~Registration() {
    for (Op* op : ops) {
      op->registration = nullptr;
      if (!op->queued) delete op;
    }
    reactor.deregister_descriptor(handle, descriptor, true);  // what is queued completes, later
    reactor.cleanup_descriptor_data(descriptor);
  }

  void start(Op& op) {
    if (op.queued) return;
    op.queued = true;
    reactor.start_op(op.type, handle, descriptor, &op, false, true);
    op.fresh = false;
  }

  void report(Op& op) {  // the listener may destroy this
    if (op.type == Reactor::read_op) {
      start(op);
      listener.on_readable();
    } else if (op.type == Reactor::write_op) {
      listener.on_writable();
    } else {
      listener.on_exception();
    }
  }

  static constexpr std::array<int, 4> types{Reactor::read_op, Reactor::read_op, Reactor::write_op, Reactor::except_op};

  Reactor& reactor;
  const int handle;
  Listener& listener;
  Reactor::per_descriptor_data descriptor{};
  std::array<Op*, types.size()> ops{};
};

Readiness::Readiness(asio::io_context& io, int handle, Listener& listener)
    : registration_(std::make_unique<Registration>(io, handle, listener)) {}

Readiness::~Readiness() = default;

void Readiness::watch_writes() {
  registration_->start(*registration_->ops[2]);
}

}  // namespace triage::upstream
