#include "CLinux.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static __thread const void *current_loop;

__attribute__((noinline)) const void *posthouse_current_loop(void) { return current_loop; }
__attribute__((noinline)) void posthouse_set_current_loop(const void *loop) { current_loop = loop; }

int posthouse_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int posthouse_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void posthouse_eventfd_raise(int descriptor) {
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

static int epoll_add(int epoll, int descriptor, uint64_t data, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int posthouse_epoll_add(int epoll, int descriptor, uint64_t data) {
    return epoll_add(epoll, descriptor, data, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

int posthouse_epoll_add_input(int epoll, int descriptor, uint64_t data) {
    return epoll_add(epoll, descriptor, data, EPOLLIN | EPOLLET);
}

int posthouse_epoll_remove(int epoll, int descriptor) { return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, 0); }

int posthouse_epoll_wait(int epoll, struct posthouse_event *events, int count, int milliseconds) {
    struct epoll_event ready[256];
    int found = epoll_wait(epoll, ready, count > 256 ? 256 : count, milliseconds);
    for (int index = 0; index < found; index++) {
        events[index].data = ready[index].data.u64;
        uint32_t failed = ready[index].events & (EPOLLERR | EPOLLHUP);
        events[index].input = failed | (ready[index].events & (EPOLLIN | EPOLLRDHUP));
        events[index].end = failed | (ready[index].events & EPOLLRDHUP);
        events[index].output = failed | (ready[index].events & EPOLLOUT);
    }
    return found;
}

int posthouse_accept(int listener, struct sockaddr_storage *address, socklen_t *length) {
    return accept4(listener, (struct sockaddr *)address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int posthouse_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int posthouse_bind(int descriptor, const struct sockaddr_storage *address, socklen_t length) {
    return bind(descriptor, (const struct sockaddr *)address, length);
}

int posthouse_connect(int descriptor, const struct sockaddr_storage *address, socklen_t length) {
    return connect(descriptor, (const struct sockaddr *)address, length);
}

ssize_t posthouse_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}

int64_t posthouse_thread_switches(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0) return -1;
    return (int64_t)usage.ru_nvcsw + (int64_t)usage.ru_nivcsw;
}

int64_t posthouse_thread_processor_time(void) {
    struct timespec used;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) return -1;
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

int posthouse_thread_id(void) { return gettid(); }

void posthouse_name_thread(const char *name) {
    char kept[16];
    size_t length = 0;
    while (length < 15 && name[length]) {
        kept[length] = name[length];
        length++;
    }
    kept[length] = 0;
    pthread_setname_np(pthread_self(), kept);
}

static _Atomic uint64_t caught;
static _Atomic int signal_descriptor = -1;

static void on_signal(int signal) {
    int saved = errno;
    atomic_fetch_or(&caught, (uint64_t)1 << signal);
    uint64_t one = 1;
    ssize_t written = write(atomic_load(&signal_descriptor), &one, sizeof one);
    (void)written;
    errno = saved;
}

int posthouse_catch_signal(int signal, int event_descriptor) {
    atomic_store(&signal_descriptor, event_descriptor);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    return sigaction(signal, &action, 0);
}

uint64_t posthouse_take_signals(void) { return atomic_exchange(&caught, 0); }

void posthouse_release_signal(int number) { signal(number, SIG_DFL); }

void posthouse_ignore_broken_pipe(void) { signal(SIGPIPE, SIG_IGN); }

void posthouse_give_back_memory(void) { malloc_trim(0); }

void posthouse_forbid_dumps(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
