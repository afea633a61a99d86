// SPDX-License-Identifier: Apache-2.0
// The Linux calls that Swift's Glibc import does not show. Declarations only; the C library has the code.
#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// These stand behind _GNU_SOURCE, which Swift's own Glibc module is built without.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
extern int pipe2(int descriptors[2], int flags);
extern const char *strerrorname_np(int code);
extern int pthread_setname_np(unsigned long thread, const char *name);

// Bits that come as mixed enumerations and macros; one type each for Swift.
static const uint32_t CLINUX_EPOLLIN = EPOLLIN;
static const uint32_t CLINUX_EPOLLOUT = EPOLLOUT;
static const uint32_t CLINUX_EPOLLERR = EPOLLERR;
static const uint32_t CLINUX_EPOLLHUP = EPOLLHUP;
static const uint32_t CLINUX_EPOLLRDHUP = EPOLLRDHUP;
static const uint32_t CLINUX_EPOLLET = EPOLLET;
static const uint32_t CLINUX_EPOLLEXCLUSIVE = EPOLLEXCLUSIVE;
static const int32_t CLINUX_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
static const int32_t CLINUX_EVENTFD_FLAGS = EFD_CLOEXEC | EFD_NONBLOCK;
static const int32_t CLINUX_STREAM_SOCKET = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int32_t CLINUX_ACCEPT_FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK;
static const int32_t CLINUX_SO_REUSEPORT = SO_REUSEPORT;
static const int32_t CLINUX_MSG_NOSIGNAL = MSG_NOSIGNAL;
