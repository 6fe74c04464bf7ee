internal import Configuration
internal import Glibc
internal import YAML

/// The directory that the databases lie in.
enum DataDirectory {
    /// Makes it when it is missing, and takes on its owner's identity when root gives the command: a database that
    /// root has made could not be opened by the daemon afterwards.
    static func prepare(_ settings: ProcessSettings) throws(Failure) {
        try make(settings)
        let path = settings.dataDirectory.value
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path, errno) }
        guard geteuid() == 0, status.st_uid != 0 else { return }
        guard initgroups(of: status.st_uid, group: status.st_gid), setegid(status.st_gid) == 0,
            seteuid(status.st_uid) == 0
        else {
            throw Failure(
                .noPermission, "can't act as user \(status.st_uid), whom \(path) belongs to",
                remedy: "Run the command as that user: `sudo -u '#\(status.st_uid)' posthouse …`.")
        }
    }

    /// Makes it, and the directory of the master key, when they are missing, for their owner alone.
    static func make(_ settings: ProcessSettings) throws(Failure) {
        try make(settings.dataDirectory.value)
        try make(LocalPath.directory(of: settings.masterKeyFile.value))
    }

    private static func initgroups(of user: uid_t, group: gid_t) -> Bool {
        guard let entry = getpwuid(user) else { return setgroups(0, nil) == 0 }
        return Glibc.initgroups(entry.pointee.pw_name, group) == 0
    }

    private static func make(_ path: String) throws(Failure) {
        guard !path.isEmpty, path != "/" else { return }
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw failure(path, errno) }
        try make(LocalPath.directory(of: path))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure(path, errno) }
    }

    private static func failure(_ path: String, _ code: Int32) -> Failure {
        Failure(
            code == EACCES || code == EPERM ? .noPermission : .inputOutput, "\(path): \(SystemText.of(code))",
            remedy: "Run the command as the user of Posthouse, or correct `data-directory` and `master-key-file`.")
    }
}
