internal import Glibc

/// `posthouse serve`.
enum ServeCommand {
    static let command = Command(
        words: ["serve"], summary: "run the daemon",
        details: """
            Stays in the foreground and logs to standard error; systemd hears when it is ready. The site file is \
            applied first.
            SIGHUP reads the configuration, the site file and the certificate again; sessions stay. With a mistake in \
            the files everything stays as it was, and the log names it.
            SIGTERM and SIGINT let sessions finish for at most `drain-time`, then end with status 0.
            """,
        hasJSON: false, examples: ["posthouse serve --config conf/posthouse.yaml"], run: run)

    private static func run(_ invocation: Invocation) throws(Failure) {
        // Until the daemon listens for it, a SIGHUP would end it.
        signal(SIGHUP, SIG_IGN)
        ProcessLimits.apply()
        try Daemon(configurationPath: invocation.configurationPath).run()
    }
}
