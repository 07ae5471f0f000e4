// SPDX-License-Identifier: Apache-2.0
// Interface ioctls (netdevice(7), rt(4)): a bare machine has no `ip`.
#include "harness/lab/node_network.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/files.h"

namespace coroner::lab {
namespace {

using base::error;
using base::ErrorKind;
using base::Result;

sockaddr socket_address(const std::string& dotted)
{
  sockaddr_in internet = {};
  internet.sin_family = AF_INET;
  ::inet_pton(AF_INET, dotted.c_str(), &internet.sin_addr);
  sockaddr plain = {};
  std::memcpy(&plain, &internet, sizeof plain);
  return plain;
}

Result<void> interface_request(int socket, unsigned long request, ifreq value, const char* what)
{
  if (::ioctl(socket, request, &value) == 0) return {};
  return error(ErrorKind::internal, "cannot {}: {}", what, std::strerror(errno));
}

ifreq for_interface(const char* name)
{
  ifreq request = {};
  std::strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  return request;
}

Result<void> configure(int socket, const std::string& address)
{
  auto flags = for_interface("lo");
  flags.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
  TRY(interface_request(socket, SIOCSIFFLAGS, flags, "bring lo up"));
  auto own = for_interface("lo:0");
  own.ifr_addr = socket_address(address);
  TRY(interface_request(socket, SIOCSIFADDR, own, "give lo the node's address"));
  auto mask = for_interface("lo:0");
  mask.ifr_netmask = socket_address("255.255.255.255");
  TRY(interface_request(socket, SIOCSIFNETMASK, mask, "set the mask of the node's address"));
  char device[] = "lo";
  rtentry route = {};
  route.rt_dst = socket_address("0.0.0.0");
  route.rt_genmask = socket_address("0.0.0.0");
  route.rt_flags = RTF_UP;
  route.rt_dev = device;
  if (::ioctl(socket, SIOCADDRT, &route) != 0)
    return error(ErrorKind::internal, "cannot add the default route: {}", std::strerror(errno));
  return {};
}

}  // namespace

Result<void> bring_up_network(const std::string& address)
{
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return error(ErrorKind::internal, "cannot open a socket: {}", std::strerror(errno));
  auto outcome = configure(socket, address);
  ::close(socket);
  TRY(outcome);
  return base::write_in_place("/proc/sys/net/ipv4/ip_forward", "1");
}

}  // namespace coroner::lab
