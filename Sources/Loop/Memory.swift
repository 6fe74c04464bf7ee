internal import CLinux

/// The process's heap.
package enum Memory {
    /// Gives what is free back to the system, also between what is in use: after something large was read and dropped.
    /// Takes milliseconds, so it belongs on a worker (malloc_trim(3)).
    package static func giveBack() { posthouse_give_back_memory() }
}
