// WebSocket echo server (RFC 6455) for the benchmarks: one thread, epoll, 127.0.0.1 only.
//
//     echo_server [PORT [MAX_SECONDS]]        PORT 0 (default): the kernel chooses
//
// Prints `listening PORT`. SIGUSR1 prints one JSON line of counts; SIGTERM, SIGINT or MAX_SECONDS (default
// 3600) print it and end the process. Frames are echoed one for one, fragments too, so it never assembles a
// message; UTF-8 is the client's business. After its close frame it closes TCP first (RFC 6455 §7.1.1).
//
// System calls of one connection with one message: accept4, epoll_ctl, recv ×3, send ×3, close.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "websocket_accept.h"

enum { SCRATCH_BYTES = 128 * 1024, MAX_HEAD_BYTES = 16 * 1024, MAX_PAYLOAD_BYTES = 16 << 20, BATCH = 512 };
enum phase { UNUSED, HANDSHAKING, OPEN };
enum opcode { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

struct connection {
    uint8_t phase;
    bool closing;          // ends as soon as `unsent` is out
    bool close_handshake;  // it ends because both close frames were exchanged
    struct bytes unread;   // an incomplete head or frame; empty most of the time
    struct bytes unsent;   // what the socket did not take; nothing is read meanwhile
};

static struct {
    uint64_t accepted, upgraded, open, messages, pings, closes_clean, closes_other, resets, violations;
} counts;

static struct connection *connections;  // by descriptor
static size_t connection_limit;
static int epoll_fd, listener;
static bool accepting = true;
static uint8_t scratch[SCRATCH_BYTES];
static struct bytes reply;

static void print_counts(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("{\"accepted\":%lu,\"upgraded\":%lu,\"open\":%lu,\"messages\":%lu,\"pings\":%lu,\"closes_clean\":%lu,"
           "\"closes_other\":%lu,\"resets\":%lu,\"violations\":%lu,\"user_us\":%lld,\"system_us\":%lld}\n",
           counts.accepted, counts.upgraded, counts.open, counts.messages, counts.pings, counts.closes_clean,
           counts.closes_other, counts.resets, counts.violations,
           r.ru_utime.tv_sec * 1000000LL + r.ru_utime.tv_usec, r.ru_stime.tv_sec * 1000000LL + r.ru_stime.tv_usec);
    fflush(stdout);
}

static void set_accepting(bool wanted) {
    if (accepting == wanted) return;
    struct epoll_event e = {.events = wanted ? EPOLLIN : 0, .data.fd = listener};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, listener, &e)) fail("epoll_ctl");
    accepting = wanted;
}

static void end(int fd) {
    struct connection *c = &connections[fd];
    if (c->phase == OPEN) {
        counts.open--;
        if (c->close_handshake) counts.closes_clean++;
        else counts.closes_other++;
    }
    if (c->unread.base) release(&c->unread);
    if (c->unsent.base) release(&c->unsent);
    c->phase = UNUSED;
    close(fd);
    set_accepting(true);
}

static void end_with_error(int fd, int error) {
    if (error == ECONNRESET || error == EPIPE) counts.resets++;
    end(fd);
}

static void append_frame_header(uint8_t first, uint64_t length) {
    uint8_t h[10] = {first};
    if (length < 126) {
        h[1] = (uint8_t)length;
        append(&reply, h, 2);
    } else if (length <= 0xFFFF) {
        h[1] = 126, h[2] = (uint8_t)(length >> 8), h[3] = (uint8_t)length;
        append(&reply, h, 4);
    } else {
        h[1] = 127;
        for (int i = 0; i < 8; i++) h[2 + i] = (uint8_t)(length >> (56 - 8 * i));
        append(&reply, h, 10);
    }
}

static void append_unmasked(const uint8_t *payload, const uint8_t *mask, size_t length) {
    size_t start = reply.length, i = 0;
    append(&reply, payload, length);
    uint8_t *p = reply.base + start;
    uint64_t wide;
    memcpy(&wide, mask, 4);
    memcpy((uint8_t *)&wide + 4, mask, 4);
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        word ^= wide;
        memcpy(p + i, &word, 8);
    }
    for (; i < length; i++) p[i] ^= mask[i & 3];
}

static void close_for_violation(struct connection *c, uint16_t code) {
    uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};
    append_frame_header(0x80 | CLOSE, 2);
    append(&reply, payload, 2);
    counts.violations++;
    c->closing = true;
}

// One request head. Returns the bytes it took, 0 when it is incomplete.
static size_t read_head(struct connection *c, const uint8_t *in, size_t length) {
    const uint8_t *stop = memmem(in, length, "\r\n\r\n", 4);
    if (!stop) {
        if (length <= MAX_HEAD_BYTES) return 0;
        c->closing = true;
        return length;
    }
    static const char name[] = "\r\nsec-websocket-key:";
    const char *key = NULL;
    for (const uint8_t *p = in; (p = memchr(p, '\r', (size_t)(stop - p))); p++)
        if ((size_t)(stop + 4 - p) > sizeof name && !strncasecmp((const char *)p, name, sizeof name - 1)) {
            key = (const char *)p + sizeof name - 1;
            break;
        }
    while (key && *key == ' ') key++;
    if (!key || (const uint8_t *)key + 24 > stop || strncmp((const char *)in, "GET ", 4)) {
        static const char refusal[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        append(&reply, refusal, sizeof refusal - 1);
        c->closing = true;
        return length;
    }
    static const char head[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: ";
    char accept[WEBSOCKET_ACCEPT_BYTES];
    websocket_accept(key, accept);
    append(&reply, head, sizeof head - 1);
    append(&reply, accept, sizeof accept);
    append(&reply, "\r\n\r\n", 4);
    c->phase = OPEN;
    counts.upgraded++, counts.open++;
    return (size_t)(stop + 4 - in);
}

// One frame. Returns the bytes it took, 0 when it is incomplete; `*needed` then is its whole length, where known.
static size_t read_frame(struct connection *c, const uint8_t *in, size_t length, size_t *needed) {
    if (length < 6) return 0;
    uint64_t payload = in[1] & 0x7F;
    size_t header = 6;
    if (payload == 126) {
        if (length < 8) return 0;
        payload = (uint64_t)in[2] << 8 | in[3];
        header = 8;
    } else if (payload == 127) {
        if (length < 14) return 0;
        payload = 0;
        for (int i = 0; i < 8; i++) payload = payload << 8 | in[2 + i];
        header = 14;
    }
    uint8_t opcode = in[0] & 0x0F;
    bool control = opcode & 8;
    if (!(in[1] & 0x80) || in[0] & 0x70 || opcode > PONG || (opcode > BINARY && !control) ||
        (control && (payload > 125 || !(in[0] & 0x80)))) {
        close_for_violation(c, 1002);
        return length;
    }
    if (payload > MAX_PAYLOAD_BYTES) {
        close_for_violation(c, 1009);
        return length;
    }
    if (length - header < payload) {
        *needed = header + payload;
        return 0;
    }
    if (opcode != PONG) {
        append_frame_header(opcode == PING ? 0x80 | PONG : in[0], payload);
        append_unmasked(in + header, in + header - 4, payload);
    }
    if (opcode == PING) counts.pings++;
    else if (opcode == CLOSE) c->closing = c->close_handshake = true;
    else if (!control && in[0] & 0x80) counts.messages++;
    return header + payload;
}

// Sends `reply`, keeps what the socket does not take. False: the connection has ended.
static bool send_reply(int fd) {
    struct connection *c = &connections[fd];
    if (reply.length) {
        ssize_t n = send(fd, reply.base, reply.length, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) return end_with_error(fd, errno), false;
        if (n < 0) n = 0;
        if ((size_t)n < reply.length) append(&c->unsent, reply.base + n, reply.length - (size_t)n);
        reply.length = 0;
    }
    if (c->closing && !c->unsent.length) return end(fd), false;
    return true;
}

// True: nothing is left to send.
static bool send_unsent(int fd) {
    struct connection *c = &connections[fd];
    ssize_t n = send(fd, c->unsent.base, c->unsent.length, MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN) end_with_error(fd, errno);
        return false;
    }
    c->unsent.length -= (size_t)n;
    if (c->unsent.length) {
        memmove(c->unsent.base, c->unsent.base + n, c->unsent.length);
        return false;
    }
    release(&c->unsent);
    if (c->closing) end(fd);
    return !c->closing;
}

static void on_ready(int fd, uint32_t events) {
    struct connection *c = &connections[fd];
    if (c->unsent.length && !send_unsent(fd)) return;
    for (;;) {
        uint8_t *base = c->unread.base ? c->unread.base : scratch;
        size_t held = c->unread.length, room = (c->unread.base ? c->unread.capacity : SCRATCH_BYTES) - held;
        ssize_t n = recv(fd, base + held, room, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) return end_with_error(fd, errno);
        if (n == 0) return end(fd);

        size_t length = held + (size_t)n, start = 0, needed = 0;
        while (start < length && !c->closing) {
            size_t taken = c->phase == OPEN ? read_frame(c, base + start, length - start, &needed)
                                            : read_head(c, base + start, length - start);
            if (!taken) break;
            start += taken;
        }
        size_t left = c->closing ? 0 : length - start;
        if (left) {
            if (needed < left + 4096) needed = left + 4096;
            if (!c->unread.base) append(&c->unread, base + start, left);
            else memmove(base, base + start, left);
            c->unread.length = left;
            reserve(&c->unread, needed);
        } else if (c->unread.base) {
            release(&c->unread);
        }
        if (!send_reply(fd) || c->unsent.length) return;
        // Edge-triggered: a short read has drained the socket, unless the end of the stream is announced.
        if ((size_t)n < room && !(events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
    }
}

static void on_accept(void) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) set_accepting(false);
            if (errno == ECONNABORTED || errno == EINTR) continue;
            return;
        }
        if ((size_t)fd >= connection_limit) {
            close(fd);
            continue;
        }
        counts.accepted++;
        connections[fd] = (struct connection){.phase = HANDSHAKING};
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.fd = fd};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e)) fail("epoll_ctl");
    }
}

static void open_listener(uint16_t port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&a, size)) fail("bind");
    if (listen(listener, 65535)) fail("listen");  // the kernel cuts it to net.core.somaxconn
    if (getsockname(listener, (struct sockaddr *)&a, &size)) fail("getsockname");
    printf("listening %d\n", ntohs(a.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv) {
    char *rest = "";
    unsigned long port = argc > 1 ? strtoul(argv[1], &rest, 10) : 0;
    unsigned long max_seconds = argc > 2 && !*rest ? strtoul(argv[2], &rest, 10) : 3600;
    if (argc > 3 || *rest || port > 65535 || !max_seconds) {
        fprintf(stderr, "usage: echo_server [PORT [MAX_SECONDS]]\n");
        return 64;
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    connection_limit = limit.rlim_max < (1 << 20) ? limit.rlim_max : 1 << 20;
    connections = calloc(connection_limit, sizeof *connections);
    if (!connections) fail("memory");
    reserve(&reply, SCRATCH_BYTES);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM), sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR1), sigaddset(&signals, SIGALRM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    alarm((unsigned)max_seconds);
    int signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (signal_fd < 0 || epoll_fd < 0) fail("epoll");
    open_listener((uint16_t)port);
    struct epoll_event on_listener = {.events = EPOLLIN, .data.fd = listener};
    struct epoll_event on_signal = {.events = EPOLLIN, .data.fd = signal_fd};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &on_listener)) fail("epoll_ctl");
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, signal_fd, &on_signal)) fail("epoll_ctl");

    struct epoll_event events[BATCH];
    for (;;) {
        int n = epoll_wait(epoll_fd, events, BATCH, -1);
        if (n < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                on_accept();
            } else if (fd == signal_fd) {
                struct signalfd_siginfo s;
                while (read(signal_fd, &s, sizeof s) == sizeof s) {
                    print_counts();
                    if (s.ssi_signo != SIGUSR1) return 0;
                }
            } else {
                on_ready(fd, events[i].events);
            }
        }
    }
}
