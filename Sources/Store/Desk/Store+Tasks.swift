package import MailTypes
internal import SQLite

extension StoreQueries {
    /// By name.
    package func tasks() throws(StoreError) -> [ScheduledTask] {
        try connection.list(
            "SELECT name, period, active, next_run, last_run, leased_until FROM tasks ORDER BY name"
        ) { row throws(StoreError) in
            var task = ScheduledTask(
                name: row.text(0), period: row.int(1), isActive: row.bool(2), nextRun: row.moment(3))
            task.lastRun = row.momentOrNil(4)
            task.leasedUntil = row.momentOrNil(5)
            return task
        }
    }

    /// Latest first; of every task when `task` is nil.
    package func runs(of task: String?, limit: Int = 100) throws(StoreError) -> [(id: RunID, run: TaskRun)] {
        try connection.list(
            """
            SELECT id, task, started, ended, status, counts, error FROM runs WHERE (?1 IS NULL OR task = ?1)
            ORDER BY id DESC LIMIT ?2
            """, task, limit
        ) { row throws(StoreError) in
            var run = TaskRun(task: row.text(1), started: row.moment(2))
            run.ended = row.momentOrNil(3)
            run.status = try row.word(TaskRun.Status.self, 4)
            run.counts = try JSONText.decode([String: Int].self, row.text(5), "runs.counts")
            run.error = row.textOrNil(6)
            return (row.identifier(0), run)
        }
    }

    /// The text stored under this key.
    package func setting(_ key: String) throws(StoreError) -> String? {
        try connection.first("SELECT value FROM settings WHERE key = ?", key) { row throws(StoreError) in row.text(0) }
    }
}

extension StoreTransaction {
    /// Adds a task, or changes period, activity and next run of the one of this name.
    package func put(_ task: ScheduledTask) throws(StoreError) {
        guard task.period >= 1 else { throw .invalid(.task, task.name, reason: "the period is less than a second") }
        try connection.run(
            """
            INSERT INTO tasks (name, period, active, next_run) VALUES (?, ?, ?, ?) ON CONFLICT (name)
            DO UPDATE SET period = excluded.period, active = excluded.active, next_run = excluded.next_run
            """, task.name, task.period, task.isActive, task.nextRun)
    }

    /// Takes the task for a run; nil when it is unknown, inactive or not due, or another run holds it. A run whose
    /// lease has run out is noted as lost.
    package func begin(task name: String, at moment: Moment, leasedFor seconds: Int) throws(StoreError) -> RunID? {
        let taken = try connection.run(
            """
            UPDATE tasks SET leased_until = ?1 + ?2, last_run = ?1
            WHERE name = ?3 AND active = 1 AND next_run <= ?1 AND (leased_until IS NULL OR leased_until <= ?1)
            """, moment, seconds, name)
        guard taken == 1 else { return nil }
        try connection.run(
            "UPDATE runs SET status = 'lost', ended = ? WHERE task = ? AND status = 'running'", moment, name)
        try connection.run(
            "INSERT INTO runs (task, started, status, counts) VALUES (?, ?, 'running', '{}')", name, moment)
        return RunID(rawValue: connection.lastInsertedRow)
    }

    /// Ends a run and lets the task go. A run that was noted as lost keeps the task's lease to its successor.
    package func finish(_ id: RunID, _ run: TaskRun, nextRun: Moment) throws(StoreError) {
        let ended = try connection.run(
            "UPDATE runs SET ended = ?, status = ?, counts = ?, error = ? WHERE id = ? AND status = 'running'",
            run.ended, run.status.rawValue, try JSONText.encode(run.counts), run.error, id)
        guard ended == 1 else { return }
        try connection.run("UPDATE tasks SET leased_until = NULL, next_run = ? WHERE name = ?", nextRun, run.task)
    }

    /// Stores a text under this key; nil takes it away.
    package func set(_ key: String, to text: String?) throws(StoreError) {
        guard let text else {
            try connection.run("DELETE FROM settings WHERE key = ?", key)
            return
        }
        try connection.run(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key, text)
    }
}
