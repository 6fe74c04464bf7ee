/// `posthouse version`.
enum VersionCommand {
    static let command = Command(
        words: ["version"], summary: "print the version", hasConfiguration: false, run: run)

    private static func run(_ invocation: Invocation) throws(Failure) {
        if invocation.wantsJSON {
            try Terminal.print(json: ["name": "posthouse", "version": Program.version])
        } else {
            Terminal.print("posthouse \(Program.version)\n")
        }
    }
}
