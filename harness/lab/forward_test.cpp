// SPDX-License-Identifier: Apache-2.0
#include "harness/lab/forward.h"

#include <csignal>
#include <cstring>
#include <random>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "harness/lab/launch.h"

namespace coroner::lab {
namespace {

/// A socket with a receive limit, closed with its owner.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor)
  {
    const timeval limit = {20, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }
  Socket(Socket&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket& operator=(Socket&&) = delete;
  ~Socket()
  {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool write_all(std::string_view text) const
  {
    while (!text.empty()) {
      const auto put = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  /// What comes until the other side ends, or "error".
  std::string read_all() const
  {
    std::string all;
    char buffer[16384];
    while (true) {
      const auto got = ::recv(descriptor_, buffer, sizeof buffer, 0);
      if (got < 0) return "error: " + std::string(std::strerror(errno));
      if (got == 0) return all;
      all.append(buffer, static_cast<std::size_t>(got));
    }
  }

  void end_writing() const { ::shutdown(descriptor_, SHUT_WR); }

 private:
  int descriptor_;
};

Socket dial(int port)
{
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return Socket(descriptor);
}

/// The forwarder in a process of its own, as in a cell, between `outside` and `inside`.
class Forwarding : public testing::Test {
 protected:
  void SetUp() override
  {
    forwarder_ = ::fork();
    if (forwarder_ == 0) {
      forward_connections(outside_.descriptor(), static_cast<std::uint16_t>(inside_.port()));
      ::_exit(1);
    }
  }

  void TearDown() override
  {
    ::kill(forwarder_, SIGKILL);
    ::waitpid(forwarder_, nullptr, 0);
  }

  Socket client() const { return dial(outside_.port()); }
  Socket accepted() const
  {
    return Socket(::accept4(inside_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  Listener outside_ = Listener::open(0).value();
  Listener inside_ = Listener::open(0).value();
  pid_t forwarder_ = 0;
};

std::string noise(std::size_t bytes)
{
  std::mt19937 random(11);
  std::string text(bytes, '\0');
  for (auto& each : text) each = static_cast<char>(random());
  return text;
}

TEST_F(Forwarding, carries_a_question_in_and_the_answer_out)
{
  const auto outer = client();
  const auto inner = accepted();
  ASSERT_TRUE(outer.write_all("question"));
  outer.end_writing();
  EXPECT_EQ(inner.read_all(), "question");
  ASSERT_TRUE(inner.write_all("answer after the question ended"));
  inner.end_writing();
  EXPECT_EQ(outer.read_all(), "answer after the question ended");
}

TEST_F(Forwarding, keeps_every_byte_of_both_ways_when_both_are_slow)
{
  constexpr std::size_t much_bytes = 8U << 20U;
  const auto text = noise(much_bytes);
  const auto outer = client();
  const auto inner = accepted();
  std::string arrived_inside;
  std::string arrived_outside;
  {
    const std::jthread writes_in([&] {
      EXPECT_TRUE(outer.write_all(text));
      outer.end_writing();
    });
    const std::jthread writes_out([&] {
      EXPECT_TRUE(inner.write_all(text));
      inner.end_writing();
    });
    const std::jthread reads_in([&] { arrived_inside = inner.read_all(); });
    const std::jthread reads_out([&] { arrived_outside = outer.read_all(); });
  }
  EXPECT_TRUE(arrived_inside == text) << arrived_inside.size() << " bytes came";
  EXPECT_TRUE(arrived_outside == text) << arrived_outside.size() << " bytes came";
}

TEST_F(Forwarding, keeps_connections_apart)
{
  constexpr int count = 40;
  std::vector<Socket> outers;
  std::vector<Socket> inners;
  for (int i = 0; i < count; ++i) {
    outers.push_back(client());
    inners.push_back(accepted());
  }
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(outers[static_cast<std::size_t>(i)].write_all(std::to_string(i)));
    outers[static_cast<std::size_t>(i)].end_writing();
  }
  std::vector<std::string> seen;
  for (const auto& inner : inners) seen.push_back(inner.read_all());
  for (int i = 0; i < count; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(Forwarding, ends_one_connection_when_a_side_goes_and_serves_the_next)
{
  for (int round = 0; round < 20; ++round) {
    auto outer = client();
    {
      const auto inner = accepted();
      ASSERT_TRUE(inner.write_all("bye"));
    }
    EXPECT_EQ(outer.read_all(), "bye");
  }
  const auto outer = client();
  const auto inner = accepted();
  ASSERT_TRUE(outer.write_all("still here"));
  outer.end_writing();
  EXPECT_EQ(inner.read_all(), "still here");
}

TEST_F(Forwarding, sends_nothing_before_it_is_given_something)
{
  const auto outer = client();
  const auto inner = accepted();
  ASSERT_TRUE(inner.write_all("first"));
  inner.end_writing();
  EXPECT_EQ(outer.read_all(), "first");
}

TEST(ForwardingToNobody, closes_what_cannot_be_carried_on)
{
  const auto outside = Listener::open(0);
  ASSERT_TRUE(outside);
  int unused = 0;
  {
    const auto gone = Listener::open(0);
    unused = gone->port();
  }
  const pid_t forwarder = ::fork();
  if (forwarder == 0) {
    forward_connections(outside->descriptor(), static_cast<std::uint16_t>(unused));
    ::_exit(1);
  }
  EXPECT_EQ(dial(outside->port()).read_all(), "");
  EXPECT_EQ(dial(outside->port()).read_all(), "") << "and goes on listening";
  ::kill(forwarder, SIGKILL);
  ::waitpid(forwarder, nullptr, 0);
}

TEST(Listeners, name_a_port_that_is_taken)
{
  const auto first = Listener::open(0);
  ASSERT_TRUE(first);
  const auto second = Listener::open(first->port());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::invalid);
  EXPECT_NE(second.error().what.find(std::to_string(first->port())), std::string::npos);
}

}  // namespace
}  // namespace coroner::lab
