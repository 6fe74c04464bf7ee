internal import Configuration
internal import Glibc
internal import Vault

/// Where a command takes a password from: the terminal, without showing it, or a descriptor. Never an argument, which
/// everybody on the machine can read.
enum PasswordSource {
    /// Octets of a password.
    static let limit = 1024

    static let option = Command.Option(
        name: "password-fd", value: "N", help: "read the password's line from this descriptor instead of asking")

    /// The password for `whom`, asked for twice at a terminal.
    static func read(_ invocation: Invocation, for whom: String) throws(Failure) -> Secret {
        if let text = invocation.option(option.name) {
            guard let descriptor = Int32(text), descriptor >= 0 else {
                throw Invocation.usage("--password-fd \(text) is no descriptor", of: invocation.command)
            }
            return try secret(in: try line(from: descriptor, source: "descriptor \(descriptor)"))
        }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0, isatty(0) == 1 else {
            throw Failure(
                .usage, "there is no terminal to ask for the password",
                remedy: "Pipe it in and add `--password-fd 0`.")
        }
        defer { close(terminal) }
        let first = try ask("Password for \(whom): ", on: terminal)
        let second = try ask("Once more: ", on: terminal)
        guard first == second else { throw Failure(.badInput, "the two are not the same", remedy: "Try again.") }
        return try secret(in: first)
    }

    private static func secret(in line: [UInt8]) throws(Failure) -> Secret {
        do throws(PasswordFile.Failure) {
            return Secret(try PasswordFile.password(in: line, of: "the password"))
        } catch {
            throw Failure(.badInput, "\(error)", remedy: "Give it on one line, as UTF-8.")
        }
    }

    /// Everything up to a line feed, or the end.
    private static func line(from descriptor: Int32, source: String) throws(Failure) -> [UInt8] {
        var line: [UInt8] = []
        var octet: UInt8 = 0
        while true {
            switch Glibc.read(descriptor, &octet, 1) {
            case 0: return line
            case 1:
                if octet == 0x0A { return line }
                line.append(octet)
                guard line.count <= limit else { throw Failure(.badInput, "a password has at most \(limit) bytes") }
            default:
                if errno == EINTR { continue }
                throw Failure(
                    .badInput, "\(source): \(SystemText.of(errno))",
                    remedy: "Open the descriptor for the command: `posthouse … --password-fd 3 3<FILE`.")
            }
        }
    }

    /// Shows `prompt` and reads a line that the terminal does not show. Interrupting it is a character like another
    /// here, so the terminal is never left mute.
    private static func ask(_ prompt: String, on terminal: Int32) throws(Failure) -> [UInt8] {
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else { throw Failure(.badInput, "the terminal does not answer") }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else {
            throw Failure(.badInput, "the terminal can't be told to hide what is typed")
        }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &before)
            _ = Glibc.write(terminal, "\n", 1)
        }
        let octets = Array(prompt.utf8)
        _ = Glibc.write(terminal, octets, octets.count)
        let line = try line(from: terminal, source: "the terminal")
        guard !line.contains(3) else { throw Failure(.badInput, "interrupted") }
        return line
    }
}
