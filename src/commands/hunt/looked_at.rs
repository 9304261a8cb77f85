//! A green run says what it looked at: schedules, requests, faults, statuses, rows of the legality table.

use std::fmt::Write as _;

use activesync::Command;
use activesync_checker::Coverage;
use activesync_simulator::Outcome as Run;

/// Schedules from which on everything that is supported must have occurred.
pub(super) const ENOUGH: u64 = 50_000;

/// Rows of the legality table that the simulator's users and devices can bring about. The others want commands that it does
/// not model (SmartReply, SendMail), a move of one item to two places, or a Drafts folder that goes.
pub(super) const ROWS: [u8; 34] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 29, 30,
    31, 32, 33, 34, 36, 37, 38,
];

/// Statuses that the reference server gives.
pub(super) const STATUSES: [(Command, u16); 26] = [
    (Command::Sync, 1),
    (Command::Sync, 3),
    (Command::Sync, 4),
    (Command::Sync, 5),
    (Command::Sync, 6),
    (Command::Sync, 7),
    (Command::Sync, 8),
    (Command::Sync, 12),
    (Command::Sync, 13),
    (Command::Ping, 1),
    (Command::Ping, 2),
    (Command::Ping, 7),
    (Command::FolderSync, 1),
    (Command::FolderSync, 9),
    (Command::FolderCreate, 1),
    (Command::FolderCreate, 2),
    (Command::FolderCreate, 9),
    (Command::FolderUpdate, 1),
    (Command::FolderUpdate, 4),
    (Command::FolderDelete, 1),
    (Command::FolderDelete, 4),
    (Command::MoveItems, 1),
    (Command::MoveItems, 2),
    (Command::MoveItems, 3),
    (Command::GetItemEstimate, 1),
    (Command::Provision, 1),
];

/// What a hunt looked at.
#[derive(Default)]
pub(super) struct LookedAt {
    pub schedules: u64,
    answered: u64,
    operations: u64,
    faults: u64,
    coverage: Coverage,
}

impl LookedAt {
    pub(super) fn add(&mut self, run: &Run) {
        self.schedules += 1;
        self.answered += run.tally.answered;
        self.operations += run.tally.operations;
        self.faults += run.tally.faults;
        self.coverage.merge(&run.verdict.coverage);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.answered += other.answered;
        self.operations += other.operations;
        self.faults += other.faults;
        self.coverage.merge(&other.coverage);
    }

    /// What is supported and did not occur.
    pub(super) fn missing(&self) -> Vec<String> {
        let faults = Coverage::FAULTS.iter().filter(|fault| !self.coverage.faults.contains_key(*fault));
        let statuses = STATUSES.iter().filter(|key| !self.coverage.statuses.contains_key(key));
        let rows = ROWS.iter().filter(|row| !self.coverage.rows.contains_key(row));
        faults
            .map(|fault| format!("fault \"{fault}\""))
            .chain(statuses.map(|(command, status)| format!("{command} status {status}")))
            .chain(rows.map(|row| format!("row {row} of the legality table")))
            .collect()
    }

    #[allow(clippy::cast_precision_loss)] // for a figure with one decimal
    fn average(&self, sum: u64) -> f64 {
        sum as f64 / self.schedules.max(1) as f64
    }

    pub(super) fn text(&self) -> String {
        let mut out = format!(
            "An average schedule had {:.1} answered requests, {:.1} operations of users and mailbox, {:.1} faults.\n\n",
            self.average(self.answered),
            self.average(self.operations),
            self.average(self.faults)
        );
        let mut table = |title: &str, cells: Vec<String>| {
            let _ = writeln!(out, "{title}");
            for line in cells.chunks(4) {
                let line: Vec<_> = line.iter().map(|cell| format!("{cell:<30}")).collect();
                let _ = writeln!(out, "  {}", line.concat().trim_end());
            }
        };
        let coverage = &self.coverage;
        let faults = Coverage::FAULTS.iter().map(|fault| {
            format!("{fault} {}", thousands(coverage.faults.get(fault).copied().unwrap_or(0)))
        });
        table("faults", faults.collect());
        let statuses = coverage.statuses.iter().map(|((command, status), count)| {
            format!("{command} {status}: {}", thousands(*count))
        });
        table("statuses answered", statuses.collect());
        let rows = ROWS.iter().map(|row| {
            format!("row {row}: {}", thousands(coverage.rows.get(row).copied().unwrap_or(0)))
        });
        table("rows of the legality table (client command x concurrent server change)", rows.collect());
        out
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let coverage = &self.coverage;
        let statuses: serde_json::Map<_, _> = coverage
            .statuses
            .iter()
            .map(|((command, status), count)| (format!("{command} {status}"), (*count).into()))
            .collect();
        let rows: serde_json::Map<_, _> =
            coverage.rows.iter().map(|(row, count)| (row.to_string(), (*count).into())).collect();
        serde_json::json!({
            "answered_requests": self.answered,
            "operations": self.operations,
            "faults_injected": self.faults,
            "faults": coverage.faults,
            "statuses": statuses,
            "legality_rows": rows,
        })
    }
}

/// `1234567` as `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let grouped = [0, 999, 1000, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_run_that_saw_nothing_misses_everything() {
        let missing = LookedAt::default().missing();
        assert_eq!(missing.len(), Coverage::FAULTS.len() + STATUSES.len() + ROWS.len());
    }
}
