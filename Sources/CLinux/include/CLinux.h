// What glibc offers only under _GNU_SOURCE or as a macro, made visible to Swift, and what Swift cannot say:
// the identity of the running thread (a shim, since pthread_self() is cached across suspensions) and a signal handler.
#pragma once
#include <stdint.h>
#include <sys/types.h>
#include <sys/socket.h>

/// The loop whose thread is running, or null. Never inlined, so never cached across a suspension.
const void *_Nullable posthouse_current_loop(void);
/// Says which loop the running thread is.
void posthouse_set_current_loop(const void *_Nullable loop);

/// One readiness as epoll reports it, unpacked from its packed struct.
struct posthouse_event {
    uint64_t data;
    /// There is something to read: octets, the peer's end, or an error.
    uint32_t input;
    /// There is room to write, or an error.
    uint32_t output;
    /// The peer has closed its side, or there is an error: after what is there now, nothing more comes.
    uint32_t end;
};

/// epoll_create1(2), closed on exec.
int posthouse_epoll_create(void);
/// eventfd(2), non-blocking, closed on exec.
int posthouse_eventfd(void);
/// Adds one to an event descriptor, which wakes who watches it.
void posthouse_eventfd_raise(int descriptor);

/// Adds a descriptor, edge triggered, for input, output and the peer's half close. 0 or -1 with errno.
int posthouse_epoll_add(int epoll, int descriptor, uint64_t data);
/// Adds a descriptor, edge triggered, for input only. 0 or -1 with errno.
int posthouse_epoll_add_input(int epoll, int descriptor, uint64_t data);
/// Takes a descriptor out. 0 or -1 with errno.
int posthouse_epoll_remove(int epoll, int descriptor);
/// Waits at most `milliseconds` (-1: for ever) for up to `count` (at most 256) events. Their number or -1 with errno.
int posthouse_epoll_wait(int epoll, struct posthouse_event *_Nonnull events, int count, int milliseconds);

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC.
int posthouse_accept(int listener, struct sockaddr_storage *_Nonnull address, socklen_t *_Nonnull length);
/// socket(2) for a stream, with SOCK_NONBLOCK and SOCK_CLOEXEC.
int posthouse_socket(int family);
/// bind(2) and connect(2) on an address of any family: Swift sees their parameter as a union on some systems.
int posthouse_bind(int descriptor, const struct sockaddr_storage *_Nonnull address, socklen_t length);
int posthouse_connect(int descriptor, const struct sockaddr_storage *_Nonnull address, socklen_t length);
/// send(2) with MSG_NOSIGNAL.
ssize_t posthouse_send(int descriptor, const void *_Nonnull bytes, size_t count);

/// How often the running thread was switched out, waiting or not (getrusage(2), RUSAGE_THREAD).
int64_t posthouse_thread_switches(void);
/// The processor time that the running thread has used, in nanoseconds.
int64_t posthouse_thread_processor_time(void);
/// The running thread's kernel identifier (gettid(2)).
int posthouse_thread_id(void);
/// Names the running thread for ps and gdb; the kernel keeps 15 characters.
void posthouse_name_thread(const char *_Nonnull name);

/// From now on `signal` adds its bit (1 << signal) to the caught ones and writes to the event descriptor. 0 or -1.
int posthouse_catch_signal(int signal, int event_descriptor);
/// Takes the bits of the signals caught since the last call.
uint64_t posthouse_take_signals(void);
/// Gives a signal back its default action.
void posthouse_release_signal(int signal);
/// Ignores SIGPIPE: OpenSSL writes with write(2).
void posthouse_ignore_broken_pipe(void);
/// Gives free memory back to the system (malloc_trim(3)).
void posthouse_give_back_memory(void);
/// Makes the process undumpable (prctl(2), PR_SET_DUMPABLE): no core file, wherever `core_pattern` would send it.
void posthouse_forbid_dumps(void);
