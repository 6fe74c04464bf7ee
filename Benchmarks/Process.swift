import Glibc

/// What /proc tells about processes.
enum Process {
    /// Resident memory in KiB; 0 when the process is gone.
    static func residentKibibytes(_ process: Int32) -> Int {
        for line in read("/proc/\(process)/status").split(separator: "\n") where line.hasPrefix("VmRSS:") {
            return Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
        }
        return 0
    }

    /// Processor seconds, user and system, that a process has used.
    static func cpuSeconds(_ process: Int32) -> Double { times(process, from: 11, through: 12) }

    /// The same of a process with its children, those that have ended included.
    static func cpuSecondsOfFamily(_ process: Int32) -> Double {
        let children = read("/proc/\(process)/task/\(process)/children").split(separator: " ").compactMap { Int32($0) }
        return times(process, from: 11, through: 14) + children.map { cpuSeconds($0) }.reduce(0, +)
    }

    /// Fields of /proc/PID/stat, counted from the state on, which are in ticks (proc(5)).
    private static func times(_ process: Int32, from first: Int, through last: Int) -> Double {
        let stat = read("/proc/\(process)/stat")
        guard let end = stat.lastIndex(of: ")") else { return 0 }
        let fields = stat[end...].split(separator: " ").dropFirst()
        let ticks = fields.dropFirst(first).prefix(last - first + 1).compactMap { Double($0) }.reduce(0, +)
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Established TCP connections to these ports of this machine, counted at the end that connected.
    static func connections(to ports: [UInt16]) -> Int {
        var count = 0
        for line in read("/proc/net/tcp").split(separator: "\n").dropFirst()
            + read("/proc/net/tcp6").split(separator: "\n").dropFirst()
        {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            // local, remote, state; 01 is ESTABLISHED.
            guard fields.count > 3, fields[3] == "01" else { continue }
            let remote = UInt16(fields[2].split(separator: ":").last ?? "", radix: 16) ?? 0
            if ports.contains(remote) { count += 1 }
        }
        return count
    }

    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: octets, as: UTF8.self) }
            octets += buffer[..<count]
        }
    }
}
