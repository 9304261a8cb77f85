//! What histories reached: a green run says what it looked at.

use std::collections::BTreeMap;

use activesync::history::{Event, Fault};
use activesync::{Command, Response};

use crate::index::Index;

/// How often each fault, status and row of the legality table occurred.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    /// By kind of fault, in words.
    pub faults: BTreeMap<&'static str, u64>,
    /// By command and status, wherever in the answer the status stands.
    pub statuses: BTreeMap<(Command, u16), u64>,
    /// By HTTP status.
    pub http: BTreeMap<u16, u64>,
    /// By row of the legality table, 1 to 38; rows that are not there were never reached.
    pub rows: BTreeMap<u8, u64>,
}

impl Coverage {
    /// Every kind of fault, in words.
    pub const FAULTS: [&'static str; 11] = [
        "request lost",
        "response lost",
        "response cut",
        "request doubled",
        "timed out",
        "read failed",
        "item unreadable",
        "write failed",
        "server crashed",
        "device crashed",
        "state lost",
    ];

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        add(&mut self.faults, &other.faults);
        add(&mut self.statuses, &other.statuses);
        add(&mut self.http, &other.http);
        add(&mut self.rows, &other.rows);
    }

    /// Counts faults and statuses.
    pub(crate) fn of(index: &Index<'_>) -> Self {
        let mut coverage = Self::default();
        for event in index.events {
            match event {
                Event::Fault(fault) => {
                    *coverage.faults.entry(words(*fault)).or_default() += 1;
                }
                Event::Answered { http_status, response, .. } => {
                    *coverage.http.entry(*http_status).or_default() += 1;
                    if let Some(response) = response {
                        coverage.statuses(response);
                    }
                }
                _ => {}
            }
        }
        coverage
    }

    pub(crate) fn row(&mut self, row: u8) {
        *self.rows.entry(row).or_default() += 1;
    }

    fn statuses(&mut self, response: &Response) {
        let command = response.command();
        let mut count = |code: u16| *self.statuses.entry((command, code)).or_default() += 1;
        match response {
            Response::Provision(response) => count(response.status.code()),
            Response::FolderSync(response) => count(response.status.code()),
            Response::FolderCreate(response)
            | Response::FolderUpdate(response)
            | Response::FolderDelete(response) => count(response.status.code()),
            Response::Sync(None) => {}
            Response::Sync(Some(response)) => {
                response.status.into_iter().for_each(|status| count(status.code()));
                for collection in &response.collections {
                    count(collection.status.code());
                    collection.responses.iter().for_each(|item| count(item.status().code()));
                }
            }
            Response::MoveItems(response) => {
                response.moved.iter().for_each(|item| count(item.status.code()));
            }
            Response::Ping(response) => count(response.status.code()),
            Response::GetItemEstimate(response) => {
                response.estimates.iter().for_each(|item| count(item.status.code()));
            }
        }
    }
}

fn add<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key.clone()).or_default() += count;
    }
}

fn words(fault: Fault) -> &'static str {
    match fault {
        Fault::RequestLost(_) => Coverage::FAULTS[0],
        Fault::ResponseLost(_) => Coverage::FAULTS[1],
        Fault::ResponseCut(_) => Coverage::FAULTS[2],
        Fault::RequestDoubled(_) => Coverage::FAULTS[3],
        Fault::TimedOut(_) => Coverage::FAULTS[4],
        Fault::ReadFailed(_) => Coverage::FAULTS[5],
        Fault::ItemUnreadable(..) => Coverage::FAULTS[6],
        Fault::WriteFailed(_) => Coverage::FAULTS[7],
        Fault::ServerCrashed => Coverage::FAULTS[8],
        Fault::DeviceCrashed(_) => Coverage::FAULTS[9],
        Fault::StateLost(_) => Coverage::FAULTS[10],
    }
}
