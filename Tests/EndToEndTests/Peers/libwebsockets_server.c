// Echo server on the C library libwebsockets; see README.md beside it.

#define _GNU_SOURCE
#include <libwebsockets.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// One piece of a message as it came in, to go out again.
struct piece {
    struct piece *next;
    size_t length;
    enum lws_write_protocol flags;
    unsigned char room_and_data[];  // LWS_PRE bytes for the library's header, then the data
};

struct session {
    struct piece *first, **end;
    bool close_received;
};

static struct {
    unsigned long connections, messages, closes_clean, closes_other;
} counts;

static struct lws_context *context;
static atomic_bool told_to_end;
static double max_seconds = 300;

static int keep(struct session *session, struct lws *connection, const void *data, size_t length) {
    struct piece *piece = malloc(sizeof *piece + LWS_PRE + length);
    if (!piece) return -1;
    bool first = lws_is_first_fragment(connection), last = lws_is_final_fragment(connection);
    *piece = (struct piece){
        .length = length,
        .flags = (enum lws_write_protocol)lws_write_ws_flags(
            lws_frame_is_binary(connection) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT, first, last)};
    memcpy(piece->room_and_data + LWS_PRE, data, length);
    *session->end = piece;
    session->end = &piece->next;
    if (last) counts.messages++;
    lws_callback_on_writable(connection);
    return 0;
}

static void drop_first(struct session *session) {
    struct piece *piece = session->first;
    session->first = piece->next;
    if (!session->first) session->end = &session->first;
    free(piece);
}

static int on_event(struct lws *connection, enum lws_callback_reasons reason, void *user, void *in, size_t length) {
    struct session *session = user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        counts.connections++;
        *session = (struct session){.end = &session->first};
        return 0;
    case LWS_CALLBACK_RECEIVE: return keep(session, connection, in, length);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        if (!session->first) return 0;
        if (lws_write(connection, session->first->room_and_data + LWS_PRE, session->first->length,
                      session->first->flags) < (int)session->first->length)
            return -1;
        drop_first(session);
        if (session->first) lws_callback_on_writable(connection);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: session->close_received = true; return 0;
    case LWS_CALLBACK_CLOSED:
        if (session->close_received) counts.closes_clean++;
        else counts.closes_other++;
        while (session->first) drop_first(session);
        return 0;
    default: return 0;
    }
}

// Waits beside the server's thread for a signal, the end of standard input or the end of the time.
static void *watch(void *signals) {
    struct stat input;
    bool watched = !fstat(0, &input) && (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode));
    struct pollfd ready[2] = {{.fd = signalfd(-1, signals, SFD_CLOEXEC), .events = POLLIN},
                              {.fd = watched ? 0 : -1, .events = POLLIN}};
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double deadline = (double)now.tv_sec + max_seconds;
    for (bool end = false; !end;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        double left = deadline - (double)now.tv_sec;
        int n = poll(ready, 2, left > 0 ? (int)(left * 1000) : 0);
        char ignored[4096];
        end = n == 0 || ready[0].revents || (ready[1].revents && read(0, ignored, sizeof ignored) <= 0);
    }
    told_to_end = true;
    lws_cancel_service(context);
    return NULL;
}

static int usage(void) {
    fprintf(stderr, "usage: libwebsockets_server [--host HOST] [--port PORT] [--max-seconds SECONDS]\n");
    return 64;
}

int main(int argc, char **argv) {
    const char *host = "127.0.0.1";
    int port = 0;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) return usage();
        if (!strcmp(argv[i], "--host")) host = argv[i + 1];
        else if (!strcmp(argv[i], "--port")) port = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--max-seconds")) max_seconds = atof(argv[i + 1]);
        else return usage();
    }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    // The library allots tables for as many descriptors as it may have.
    limit.rlim_cur = limit.rlim_max < 20000 ? limit.rlim_max : 20000;
    setrlimit(RLIMIT_NOFILE, &limit);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM), sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    lws_set_log_level(LLL_ERR, NULL);
    const struct lws_protocols protocols[] = {{"echo", on_event, sizeof(struct session), 65536, 0, NULL, 0},
                                              {NULL, NULL, 0, 0, 0, NULL, 0}};
    struct lws_context_creation_info info = {
        .port = port, .iface = host, .protocols = protocols, .gid = (gid_t)-1, .uid = (uid_t)-1,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_IPV6, .vhost_name = "echo"};
    context = lws_create_context(&info);
    struct lws_vhost *vhost = context ? lws_create_vhost(context, &info) : NULL;
    if (!vhost) {
        fprintf(stderr, "libwebsockets_server: cannot listen on %s:%d\n", host, port);
        return 1;
    }
    printf("listening %d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);

    pthread_t watcher;
    pthread_create(&watcher, NULL, watch, &signals);
    while (!told_to_end && lws_service(context, 0) >= 0) {}
    printf("{\"connections\":%lu,\"messages\":%lu,\"closes_clean\":%lu,\"closes_other\":%lu}\n", counts.connections,
           counts.messages, counts.closes_clean, counts.closes_other);
    fflush(stdout);
    _exit(told_to_end ? 0 : 1);
}
