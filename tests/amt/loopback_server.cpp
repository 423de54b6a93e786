// SPDX-License-Identifier: GPL-2.0-or-later
#include "amt/loopback_server.h"

#include <array>
#include <ctime>

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace quell::test {
namespace {

int listen_on_loopback(std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* raw = &address;
  socklen_t size = sizeof address;
  if (::bind(listener, static_cast<sockaddr*>(raw), size) != 0 || ::listen(listener, 16) != 0) return -1;
  ::getsockname(listener, static_cast<sockaddr*>(raw), &size);
  port = ntohs(address.sin_port);
  return listener;
}

// A certificate nobody has reason to trust, as AMT has one.
gnutls_certificate_credentials_t self_signed() {
  gnutls_x509_privkey_t key{};
  gnutls_x509_privkey_init(&key);
  gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
  gnutls_x509_crt_t certificate{};
  gnutls_x509_crt_init(&certificate);
  gnutls_x509_crt_set_version(certificate, 3);
  gnutls_x509_crt_set_activation_time(certificate, std::time(nullptr) - 3600);
  gnutls_x509_crt_set_expiration_time(certificate, std::time(nullptr) + 3600);
  const unsigned char serial = 1;
  gnutls_x509_crt_set_serial(certificate, &serial, 1);
  gnutls_x509_crt_set_dn(certificate, "CN=amt.test", nullptr);
  gnutls_x509_crt_set_key(certificate, key);
  gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
  gnutls_certificate_credentials_t credentials{};
  gnutls_certificate_allocate_credentials(&credentials);
  gnutls_certificate_set_x509_key(credentials, &certificate, 1, key);
  gnutls_x509_crt_deinit(certificate);
  gnutls_x509_privkey_deinit(key);
  return credentials;
}

}  // namespace

LoopbackServer::LoopbackServer(Behaviour behaviour)
    : behaviour_(std::move(behaviour)), listener_(listen_on_loopback(port_)), thread_([this] { serve(); }) {}

LoopbackServer::~LoopbackServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

std::vector<std::string> LoopbackServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void LoopbackServer::remember(std::string request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
}

void LoopbackServer::serve() {
  std::vector<int> kept;
  while (!stop_) {
    pollfd item{listener_, POLLIN, 0};
    if (::poll(&item, 1, 20) <= 0) continue;
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    if (behaviour_.silent) {
      kept.push_back(connection);
      continue;
    }
    talk(connection);
    ::close(connection);
  }
  for (const int connection : kept) ::close(connection);
}

void LoopbackServer::send_all(const std::function<bool(const char*, std::size_t)>& send) const {
  const std::string& text = behaviour_.response;
  const std::size_t piece = behaviour_.piece == 0 ? std::max<std::size_t>(text.size(), 1) : behaviour_.piece;
  for (std::size_t at = 0; at < text.size() && !stop_; at += piece) {
    std::this_thread::sleep_for(behaviour_.pause);
    if (!send(&text[at], std::min(piece, text.size() - at))) return;
  }
}

void LoopbackServer::talk(int connection) {
  timeval patience{2, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  std::array<char, 4096> block{};
  std::string request;
  if (!behaviour_.tls) {
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t count = ::recv(connection, block.data(), block.size(), 0);
      if (count <= 0) return;
      request.append(block.data(), static_cast<std::size_t>(count));
    }
    remember(std::move(request));
    send_all([connection](const char* data, std::size_t size) {
      return ::send(connection, data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
    });
    return;
  }
  static gnutls_certificate_credentials_t credentials = self_signed();
  gnutls_session_t session{};
  gnutls_init(&session, GNUTLS_SERVER);
  gnutls_set_default_priority(session);
  gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int(session, connection);
  gnutls_handshake_set_timeout(session, 2000);
  if (gnutls_handshake(session) == 0) {
    const ssize_t count = gnutls_record_recv(session, block.data(), block.size());
    if (count > 0) remember(std::string(block.data(), static_cast<std::size_t>(count)));
    send_all([&session](const char* data, std::size_t size) { return gnutls_record_send(session, data, size) > 0; });
    gnutls_bye(session, GNUTLS_SHUT_WR);
  }
  gnutls_deinit(session);
}

std::uint16_t closed_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

}  // namespace quell::test
