internal import CLinux
internal import CSQLite
internal import Glibc

/// A thread of a database. Ends when its body does.
final class DatabaseThread: Sendable {
    // SQLite's deepest recursion (the parser, FTS) and JSON decoding stay well below.
    private static let stackSize = 1 << 20

    private let thread: pthread_t

    init(name: String, _ body: @escaping @Sendable () -> Void) throws(SQLiteError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        let context = Unmanaged.passRetained(ThreadBody(name: name, body))
        var thread = pthread_t()
        guard pthread_create(&thread, &attributes, runThreadBody, context.toOpaque()) == 0 else {
            context.release()
            throw .refused(SQLiteError.Code(rawValue: SQLITE_NOMEM), attempt: "start a thread", message: name)
        }
        self.thread = thread
    }

    /// Waits for the thread's end. To be called once, and not from the thread itself.
    func join() { pthread_join(thread, nil) }

    /// Lets the thread end unwatched. To be called once, instead of `join`.
    func detach() { pthread_detach(thread) }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, _ run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

// A C callback: at file scope, so that it belongs to no actor. Signals go to the threads that expect them.
private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    guard let context else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    posthouse_name_thread(body.name)
    body.run()
    return nil
}
