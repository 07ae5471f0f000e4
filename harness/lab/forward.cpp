// SPDX-License-Identifier: Apache-2.0
// One poll loop over all connections; each direction has one bounded buffer.
#include "harness/lab/forward.h"

#include <array>
#include <cerrno>
#include <list>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace coroner::lab {
namespace {

constexpr std::size_t most_connections = 256;
constexpr std::size_t buffer_bytes = 64U << 10U;

/// Bytes on their way from one socket to another.
struct Direction {
  int from = -1;
  int to = -1;
  std::array<char, buffer_bytes> buffer = {};
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_shut = false;  ///< The source ended and the target was told.

  bool wants_read() const { return !is_shut && begin == end; }
  bool wants_write() const { return begin < end; }
};

struct Connection {
  Direction in;
  Direction out;
};

/// Moves what can be moved now; false when the connection is broken.
bool move(Direction& way)
{
  if (way.wants_read()) {
    const auto got = ::recv(way.from, way.buffer.data(), way.buffer.size(), MSG_DONTWAIT);
    if (got == 0) {
      ::shutdown(way.to, SHUT_WR);
      way.is_shut = true;
      return true;
    }
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    way.begin = 0;
    way.end = static_cast<std::size_t>(got);
  }
  while (way.wants_write()) {
    const auto put = ::send(way.to, way.buffer.data() + way.begin, way.end - way.begin,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0) return errno == EAGAIN || errno == EINTR;
    way.begin += static_cast<std::size_t>(put);
  }
  return true;
}

void accept_one(int listener, std::uint16_t port, std::list<Connection>& connections)
{
  const int outside = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (outside < 0) return;
  const int inside = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in target = {};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_full = connections.size() >= most_connections;
  if (is_full || inside < 0 ||
      ::connect(inside, reinterpret_cast<sockaddr*>(&target), sizeof target) != 0) {
    ::close(outside);
    if (inside >= 0) ::close(inside);
    return;
  }
  auto& added = connections.emplace_back();
  added.in.from = added.out.to = outside;
  added.in.to = added.out.from = inside;
}

short events_of(const Direction& reads, const Direction& writes)
{
  return static_cast<short>((reads.wants_read() ? POLLIN : 0) |
                            (writes.wants_write() ? POLLOUT : 0));
}

/// A socket that hung up after its last byte was read has nothing left to give or take.
bool has_ended(const pollfd& socket, const Direction& reads)
{
  return (socket.revents & (POLLERR | POLLNVAL)) != 0 ||
         (reads.is_shut && (socket.revents & POLLHUP) != 0);
}

}  // namespace

void forward_connections(int listener, std::uint16_t port)
{
  std::list<Connection> connections;
  while (true) {
    std::vector<pollfd> waiting = {{listener, POLLIN, 0}};
    for (const auto& each : connections) {
      waiting.push_back({each.in.from, events_of(each.in, each.out), 0});
      waiting.push_back({each.in.to, events_of(each.out, each.in), 0});
    }
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if ((waiting[0].revents & (POLLERR | POLLNVAL)) != 0) return;
    std::size_t at = 1;
    for (auto each = connections.begin(); each != connections.end(); at += 2) {
      const bool is_ready = (waiting[at].revents | waiting[at + 1].revents) != 0;
      const bool is_reset =
          has_ended(waiting[at], each->in) || has_ended(waiting[at + 1], each->out);
      bool is_open = !is_reset;
      if (is_open && is_ready) is_open = move(each->in) && move(each->out);
      if (is_open && !(each->in.is_shut && each->out.is_shut)) {
        ++each;
        continue;
      }
      ::close(each->in.from);
      ::close(each->in.to);
      each = connections.erase(each);
    }
    if ((waiting[0].revents & POLLIN) != 0) accept_one(listener, port, connections);
  }
}

}  // namespace coroner::lab
