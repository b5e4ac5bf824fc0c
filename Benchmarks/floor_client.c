// The floor: what a WebSocket client's work costs on this machine when nothing is checked or measured.
//
//     floor_client churn|echo|idle PORT [-c CONNECTIONS] [-s SECONDS | -n COUNT]
//
// One thread, edge-triggered epoll, 127.0.0.1. Each slot holds one connection:
//   churn  connect, upgrade, one 64-byte text message and its echo, close frames, end of stream, close; again at once
//   echo   upgrade once, then one 64-byte message in flight all the time
//   idle   upgrade once, then nothing
// The bytes are those of any client, masked, but built once: key and mask are fixed, answers are only counted.
// The server closes TCP first; the client waits for that end of stream, so no port is left in TIME_WAIT here.
//
// Prints one JSON line. CPU and cycles are those of the measured time: churn from the first connect, echo and
// idle from the moment when all connections are up; a cycle is a connection (churn) or a message (echo).
//
// System calls of a churn cycle: socket, connect, epoll_ctl, send ×3, recv ×3, close, and its share of epoll_wait.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PAYLOAD_BYTES = 64,
    MESSAGE_BYTES = 2 + 4 + PAYLOAD_BYTES,  // masked
    ECHO_BYTES = 2 + PAYLOAD_BYTES,         // from a server: not masked
    CLOSE_ECHO_BYTES = 2 + 2,
    OPENING_AT_ONCE = 256,  // echo and idle: within the backlog of any server
    BATCH = 512,
    PATIENCE_MS = 10000,  // nothing at all for so long: the server is gone
};
enum mode { CHURN, ECHO, IDLE };
enum phase { UNUSED, CONNECTING, HANDSHAKING, RECEIVING, HOLDING, CLOSING };

struct slot {
    int fd;
    uint16_t received;  // bytes of the answer that the phase waits for
    uint8_t phase;
};

static struct {
    uint64_t begun, cycles, opened, failed, other_bytes;
} counts;

static enum mode mode;
static struct slot *slots;
static int epoll_fd;
static struct sockaddr_in server;
static uint32_t slots_begun, slot_count = 100, slots_up, slots_in_use;
static uint64_t cycle_limit = UINT64_MAX;
static bool stopping;                     // no new cycles; what is open is closed
static volatile sig_atomic_t time_is_up;  // SIGALRM

static char upgrade[256];
static size_t upgrade_length;
static uint8_t message[MESSAGE_BYTES], close_frame[2 + 4 + 2];
static uint8_t answer[4096];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void build_frames(void) {
    static const uint8_t mask[4] = {0x37, 0xFA, 0x21, 0x3D};
    message[0] = 0x81, message[1] = 0x80 | PAYLOAD_BYTES;
    memcpy(message + 2, mask, 4);
    for (int i = 0; i < PAYLOAD_BYTES; i++) message[6 + i] = (uint8_t)('a' + i % 26) ^ mask[i & 3];
    close_frame[0] = 0x88, close_frame[1] = 0x80 | 2;
    memcpy(close_frame + 2, mask, 4);
    close_frame[6] = (1000 >> 8) ^ mask[0], close_frame[7] = (1000 & 0xFF) ^ mask[1];
    upgrade_length = (size_t)snprintf(upgrade, sizeof upgrade,
                                      "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                                      ntohs(server.sin_port));
}

static void begin(uint32_t index) {
    struct slot *s = &slots[index];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    *s = (struct slot){.fd = fd, .phase = CONNECTING};
    slots_in_use++;
    if (mode == CHURN) counts.begun++;
    if (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS) fail("connect");
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u32 = index};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e)) fail("epoll_ctl");
}

static void end(uint32_t index, bool clean) {
    struct slot *s = &slots[index];
    close(s->fd);
    s->phase = UNUSED;
    slots_in_use--;
    if (!clean) counts.failed++;
    else if (mode == CHURN) counts.cycles++;
    if (mode == CHURN && !time_is_up && counts.begun < cycle_limit) begin(index);
}

// All of 64 bytes and less goes out at once on a fresh connection; if not, the peer is no echo server.
static void transmit(uint32_t index, const void *data, size_t length, enum phase next) {
    struct slot *s = &slots[index];
    s->phase = (uint8_t)next;
    s->received = 0;
    if (send(s->fd, data, length, MSG_NOSIGNAL) != (ssize_t)length) end(index, false);
}

static void on_upgraded(uint32_t index) {
    counts.opened++;
    slots_up++;
    if (mode == CHURN) return transmit(index, message, MESSAGE_BYTES, RECEIVING);
    slots[index].phase = HOLDING;
    if (slots_begun < slot_count && !time_is_up) begin(slots_begun++);
}

static void exchange_or_close(uint32_t index) {
    if (mode != ECHO || stopping || counts.begun == cycle_limit)
        return transmit(index, close_frame, sizeof close_frame, CLOSING);
    counts.begun++;
    transmit(index, message, MESSAGE_BYTES, RECEIVING);
}

static void on_ready(uint32_t index, uint32_t events) {
    struct slot *s = &slots[index];
    if (s->phase == CONNECTING) {
        if (events & (EPOLLERR | EPOLLHUP)) end(index, false);
        else if (events & EPOLLOUT) transmit(index, upgrade, upgrade_length, HANDSHAKING);
        return;
    }
    bool ended = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (s->phase == CLOSING && s->received == CLOSE_ECHO_BYTES) {
        if (ended) end(index, true);
        return;
    }
    if (!(events & EPOLLIN)) {
        if (ended) end(index, false);
        return;
    }
    ssize_t n = recv(s->fd, answer, sizeof answer, 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) end(index, false);
        return;
    }
    s->received = (uint16_t)(s->received + n);
    switch (s->phase) {
    case HANDSHAKING:
        if (n >= 4 && !memcmp(answer + n - 4, "\r\n\r\n", 4)) return on_upgraded(index);
        break;
    case RECEIVING:
        if (s->received < ECHO_BYTES) break;
        if (mode == ECHO) counts.cycles++;
        return exchange_or_close(index);
    case CLOSING:
        if (s->received < CLOSE_ECHO_BYTES) break;
        if (ended) return end(index, true);
        return;
    default: counts.other_bytes += (uint64_t)n;
    }
    if (ended) end(index, false);
}

// False: nothing happened for PATIENCE_MS.
static bool wait_and_serve(void) {
    struct epoll_event events[BATCH];
    int n = epoll_wait(epoll_fd, events, BATCH, PATIENCE_MS);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) on_ready(events[i].data.u32, events[i].events);
    return n != 0 || mode == IDLE;
}

static long resident_kib(void) {
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    char line[256];
    long kib = -1;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Rss: %ld kB", &kib) == 1) break;
    if (f) fclose(f);
    return kib;
}

static void on_alarm(int signal) {
    (void)signal;
    time_is_up = 1;
}

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double microseconds(struct timeval from, struct timeval to) {
    return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_usec - from.tv_usec);
}

static int usage(void) {
    fprintf(stderr, "usage: floor_client churn|echo|idle PORT [-c CONNECTIONS] [-s SECONDS | -n COUNT]\n");
    return 64;
}

int main(int argc, char **argv) {
    static const char *const modes[] = {"churn", "echo", "idle"};
    unsigned long seconds = 0;
    int option;
    while ((option = getopt(argc, argv, "c:s:n:")) != -1) {
        char *rest;
        unsigned long value = option == '?' ? 0 : strtoul(optarg, &rest, 10);
        if (!value || *rest || value > UINT32_MAX) return usage();
        if (option == 'c') slot_count = (uint32_t)value;
        else if (option == 's') seconds = value;
        else cycle_limit = value;
    }
    if (argc - optind != 2) return usage();
    for (mode = CHURN; mode <= IDLE && strcmp(argv[optind], modes[mode]); mode++) {}
    unsigned long port = strtoul(argv[optind + 1], NULL, 10);
    if (mode > IDLE || !port || port > 65535 || (mode == IDLE && cycle_limit != UINT64_MAX)) return usage();
    if (!seconds && cycle_limit == UINT64_MAX) seconds = 5;

    server = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct sigaction alarm_action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &alarm_action, NULL);
    sigaction(SIGTERM, &alarm_action, NULL);
    build_frames();
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1");
    long base_kib = resident_kib();
    slots = calloc(slot_count, sizeof *slots);
    if (!slots) fail("memory");

    struct rusage before, after;
    double start, stop;
    getrusage(RUSAGE_SELF, &before);
    start = seconds_now();
    uint32_t at_once = mode == CHURN || slot_count < OPENING_AT_ONCE ? slot_count : OPENING_AT_ONCE;
    if (mode == CHURN && seconds) alarm((unsigned)seconds);
    while (slots_begun < at_once && counts.begun < cycle_limit) begin(slots_begun++);
    bool answering = true;
    if (mode != CHURN) {
        while (slots_up < slot_count && slots_in_use && answering && !time_is_up) answering = wait_and_serve();
        if (slots_up < slot_count) fprintf(stderr, "floor_client: only %u of %u connections came up\n", slots_up, slot_count);
        getrusage(RUSAGE_SELF, &before);
        start = seconds_now();
        if (seconds) alarm((unsigned)seconds);
        for (uint32_t i = 0; mode == ECHO && i < slot_count; i++)
            if (slots[i].phase == HOLDING) exchange_or_close(i);
    }
    while (!time_is_up && answering && slots_in_use) answering = wait_and_serve();
    getrusage(RUSAGE_SELF, &after);
    stop = seconds_now();
    uint64_t cycles = counts.cycles;
    long kib = resident_kib();

    stopping = true;
    for (uint32_t i = 0; i < slot_count; i++)
        if (slots[i].phase == HOLDING) exchange_or_close(i);
    for (double limit_s = stop + 5; slots_in_use && answering && seconds_now() < limit_s;) answering = wait_and_serve();

    double user = microseconds(before.ru_utime, after.ru_utime), system = microseconds(before.ru_stime, after.ru_stime);
    double per = cycles ? (double)cycles : 1;
    printf("{\"mode\":\"%s\",\"cycles\":%lu,\"cycles_with_drain\":%lu,\"opened\":%lu,\"failed\":%lu,\"unfinished\":%u,"
           "\"seconds\":%.6f,\"user_us\":%.0f,\"system_us\":%.0f,\"cycles_per_s\":%.0f,\"cpu_us_per_cycle\":%.3f,"
           "\"rss_kib_base\":%ld,\"rss_kib\":%ld}\n",
           modes[mode], cycles, counts.cycles, counts.opened, counts.failed, slots_in_use, stop - start, user, system,
           (double)cycles / (stop - start), (user + system) / per, base_kib, kib);
    return counts.failed || slots_in_use || (mode != CHURN && counts.opened < slot_count) ? 1 : 0;
}
