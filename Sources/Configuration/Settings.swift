package import YAML

/// Everything that the configuration files say.
package struct Settings: Sendable {
    package var process: ProcessSettings
    /// Nil when no `site-file` is named.
    package var site: Site?

    /// What reading the files gave: the settings, if they can be used at all, and every problem in them.
    package struct Reading: Sendable {
        /// Nil when something that nothing can replace is missing.
        package var settings: Settings?
        /// By file and place.
        package var problems: [Problem]

        package var hasErrors: Bool { problems.contains { $0.severity == .error } }
    }

    /// Reads `path` and the site file that it names.
    ///
    /// `outside` tells, once the process settings are known, which objects the site may refer to without
    /// describing them.
    package static func read(
        _ path: String, outside: (ProcessSettings) -> Site.Outside = { _ in Site.Outside() }
    ) -> Reading {
        let problems = ProblemList(file: path)
        guard let root = tree(of: path, problems: problems),
            let process = ProcessSettings(
                root, file: path, directory: LocalPath.realDirectory(of: path), problems: problems)
        else { return Reading(settings: nil, problems: problems.sorted) }
        guard let siteFile = process.siteFile else {
            return Reading(settings: Settings(process: process, site: nil), problems: problems.sorted)
        }
        let siteProblems = ProblemList(file: siteFile.value)
        var site: Site?
        if case .failure(let failure) = Result(catching: { () throws(LocalFile.Failure) in
            try LocalFile.status(of: siteFile.value)
        }) {
            problems.report(
                at: siteFile.position, setting: "site-file", "\(siteFile.value): \(failure.reason)",
                remedy: "Make the file, correct the path, or remove the setting.")
        } else if let root = tree(of: siteFile.value, problems: siteProblems) {
            site = Site(
                root, file: siteFile.value, directory: LocalPath.realDirectory(of: siteFile.value),
                outside: outside(process), problems: siteProblems)
        }
        return Reading(
            settings: Settings(process: process, site: site), problems: problems.sorted + siteProblems.sorted)
    }

    private static func tree(of path: String, problems: ProblemList) -> Node? {
        do throws(LocalFile.Failure) {
            let bytes = try LocalFile.read(path, limit: Limits().size).bytes
            do throws(YAMLError) {
                return try Document.parse(bytes)
            } catch {
                problems.report(Problem(error, file: path))
            }
        } catch {
            problems.report(at: nil, error.reason, remedy: Self.remedy(for: error))
        }
        return nil
    }

    private static func remedy(for failure: LocalFile.Failure) -> String {
        failure.isMissing
            ? "Name the file with --config, or copy conf/posthouse.yaml there and adapt it."
            : "Make the file readable for the user that Posthouse runs as."
    }
}

extension ProblemList {
    /// In the order of the file, as far as places are known.
    fileprivate var sorted: [Problem] {
        var all = problems.enumerated().sorted { left, right in
            let (first, second) = (left.element.position ?? .start, right.element.position ?? .start)
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
        if droppedCount > 0 {
            all.append(
                Problem(
                    file: file, position: nil, message: "\(droppedCount) more problems", remedy: "Mend these first."))
        }
        return all
    }
}
