// SPDX-License-Identifier: Apache-2.0
//
// The floor that `scripts/bench http` measures Berth against: the least that an epoll server in C must do for a
// keep-alive request. It answers any complete request with the bytes of one file, renewing the Date once a second.
//
//   hello PORT ANSWER-FILE
//
// What it leaves out is what makes it a floor: routes, limits, time-outs, bodies, logs. Not for use anywhere else.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IN_BYTES = 16 * 1024, OUT_BYTES = 64 * 1024, ANSWER_BYTES = 4 * 1024, EVENTS = 128, DATE_BYTES = 29 };

typedef struct {
    int fd;
    int in_used, out_used;
    char in[IN_BYTES];
    char out[OUT_BYTES];
} Connection;

static char answer[ANSWER_BYTES];
static size_t answer_bytes;
static char *answer_date;  // where the date stands in `answer`; NULL when it has none
static int epoll_fd;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void read_answer(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    answer_bytes = fread(answer, 1, sizeof answer - 1, file);
    fclose(file);
    char *line = strcasestr(answer, "\r\ndate: ");
    answer_date = line ? line + strlen("\r\ndate: ") : NULL;
}

static void renew_date(void) {
    static time_t shown;
    time_t now = time(NULL);
    if (!answer_date || now == shown) return;
    shown = now;
    char text[DATE_BYTES + 1];
    struct tm parts;
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    memcpy(answer_date, text, DATE_BYTES);
}

/// Looks at each line of a head that is known to be complete; returns 0 when it is no HTTP/1.1 request.
static int parse_head(const char *head, const char *end, int *closes) {
    const char *line_end = memchr(head, '\r', end - head);
    const char *method_end = memchr(head, ' ', line_end - head);
    if (!method_end || line_end - method_end < 11 || memcmp(line_end - 9, " HTTP/1.1", 9) != 0) return 0;
    while (line_end + 2 < end) {
        const char *line = line_end + 2;
        line_end = memchr(line, '\r', end - line);
        const char *colon = memchr(line, ':', line_end - line);
        if (!colon) return 0;
        if (colon - line == 10 && strncasecmp(line, "connection", 10) == 0)
            *closes = line_end - colon >= 7 && strncasecmp(line_end - 5, "close", 5) == 0;
    }
    return 1;
}

/// Answers every complete request in the buffer; returns 0 when the connection should close.
static int answer_requests(Connection *c) {
    char *at = c->in, *stop = c->in + c->in_used;
    int closes = 0;
    renew_date();
    while (!closes && c->out_used + answer_bytes <= OUT_BYTES) {
        char *blank = memmem(at, stop - at, "\r\n\r\n", 4);
        if (!blank) break;
        if (!parse_head(at, blank + 2, &closes)) return 0;
        memcpy(c->out + c->out_used, answer, answer_bytes);
        c->out_used += answer_bytes;
        at = blank + 4;
    }
    c->in_used = stop - at;
    memmove(c->in, at, c->in_used);
    return !closes;
}

static int flush(Connection *c) {
    int sent = 0;
    while (sent < c->out_used) {
        ssize_t n = write(c->fd, c->out + sent, c->out_used - sent);
        if (n > 0) sent += n;
        else if (errno != EINTR) break;
    }
    c->out_used -= sent;
    memmove(c->out, c->out + sent, c->out_used);
    return c->out_used == 0 || errno == EAGAIN;
}

static int serve(Connection *c) {
    for (;;) {
        int space = IN_BYTES - c->in_used;
        ssize_t n = space ? read(c->fd, c->in + c->in_used, space) : 0;
        if (n == 0) return 0;
        if (n < 0 && errno != EAGAIN) return errno == EINTR;
        if (n > 0) c->in_used += n;
        int goes_on = answer_requests(c);  // with n < 0 too: room to write may be what a request waited for
        if (!flush(c) || !goes_on) return 0;
        if (n < space) return 1;
    }
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        Connection *c = malloc(sizeof *c);
        if (!c) die("malloc");
        c->fd = fd;
        c->in_used = c->out_used = 0;
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
        if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
    }
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1024) < 0) die("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: hello PORT ANSWER-FILE\n"), 2;
    read_answer(argv[2]);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on(atoi(argv[1]));
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll_fd, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            Connection *c = events[i].data.ptr;
            if (!c) {
                accept_all(listener);
            } else if (!serve(c)) {
                close(c->fd);
                free(c);
            }
        }
    }
}
