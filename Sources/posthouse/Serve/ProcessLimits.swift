internal import CLinux
internal import Glibc

/// What the process asks of the system for itself, before it does anything else.
enum ProcessLimits {
    /// As many descriptors as the system lets us have; files for their owner alone; no core dumps, since the memory
    /// holds secrets. Returns how many descriptors there are.
    @discardableResult
    static func apply() -> Int {
        umask(0o077)
        // `core_pattern` may hand the dump to a program whatever the limit is (core(5)); not of an undumpable process.
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        posthouse_forbid_dumps()
        var descriptors = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors) == 0 else { return 0 }
        descriptors.rlim_cur = descriptors.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
        return Int(clamping: descriptors.rlim_cur)
    }

    /// Processors that this process may use.
    static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
