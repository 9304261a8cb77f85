//! The mailbox's other hand, and whether both sides hold the same.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use activesync::folders::FolderType;
use activesync::history::MailName;

use crate::live::hand::{AnyHand, Delivery, Hand, HandFolder, HandMail, ImapHand, token};
use crate::live::imap;
use crate::output::text::{count, safe};

use super::device::{Account, Shell, Stop, failed};
use super::mails::path_of;
use super::print;

/// How long an IMAP server may take for one answer.
const IMAP_TIMEOUT: Duration = Duration::from_secs(30);
/// Mails of one `deliver`.
const DELIVERIES_MAX: u32 = 1000;

/// Read and flagged.
type State = (bool, bool);

/// A folder seen from both sides: for each subject the states of the mails that have it.
#[derive(Default)]
pub(crate) struct Comparison {
    rows: BTreeMap<String, (Vec<State>, Vec<State>)>,
}

impl Shell<'_> {
    /// Sees the mailbox by IMAP as well.
    pub(crate) async fn imap(
        &mut self,
        url: &str,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Result<(), Stop> {
        let account = self.account()?;
        let user = user.unwrap_or(&account.user).to_owned();
        let password = password.unwrap_or(&account.password).to_owned();
        let target = imap::Account::new(url, &user, &password).map_err(failed(url))?;
        let hand = ImapHand::login(&target, &user, IMAP_TIMEOUT).await.map_err(failed(url))?;
        account.hand = Some(AnyHand::Imap(hand));
        self.terminal.println(&format!("{}: logged in", safe(url)));
        Ok(())
    }

    /// Delivers mail to the folder.
    pub(crate) async fn deliver(&mut self, word: Option<&str>) -> Result<(), Stop> {
        let count = match word.map(str::parse) {
            None => 1,
            Some(Ok(count @ 1..=DELIVERIES_MAX)) => count,
            Some(_) => return Err(Stop::failed(format!("how many? 1 to {DELIVERIES_MAX}"))),
        };
        let account = self.account()?;
        let folder = account.hand_folder().await?.path;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        for _ in 0..count {
            let account = self.account()?;
            account.delivered += 1;
            // No two mails have the same token, whoever used this mailbox before.
            let name =
                u32::try_from(now % 1_000_000).unwrap_or(0) * 1000 + account.delivered % 1000;
            let token = token("shell", MailName(name));
            let delivery = Delivery {
                folder: &folder,
                token: &token,
                days_old: 0,
                read: false,
                flagged: false,
            };
            let Some(hand) = &mut account.hand else { return Err(no_hand()) };
            hand.deliver(&delivery).await.map_err(failed(&folder))?;
            self.terminal.println(&format!("delivered to {}: {token}", safe(&folder)));
        }
        Ok(())
    }

    /// Compares device and server.
    pub(crate) async fn compare(&mut self) -> Result<(), Stop> {
        let account = self.account()?;
        let id = account.folder()?;
        let client = account.session.client();
        let here = || client.mails().filter(|mail| *mail.collection == id);
        let waiting = here().filter(|mail| !mail.item.pending.is_empty()).count();
        let name = print::cut(&account.folder_name().unwrap_or_default(), 40);
        let estimates = self.estimates().await?;
        let behind = estimates.iter().find(|(folder, _)| *folder == name).map(|(_, known)| known);
        let behind = match behind {
            Some(Ok(behind)) => *behind,
            Some(Err(status)) => {
                return Err(Stop::failed(format!("GetItemEstimate: {name}: status {status}")));
            }
            None => {
                return Err(Stop::failed(format!(
                    "{name} was never synchronised: test_sync() first"
                )));
            }
        };
        self.terminal.println(&format!(
            "{name}: pending for the device, says the server: {}",
            count(behind as usize, "change")
        ));
        if waiting > 0 {
            let mails = count(waiting, "mail");
            self.terminal.println(&format!("{name}: {mails} changed here and not sent yet"));
        }
        let account = self.account()?;
        if account.hand.is_none() {
            self.terminal.println("mail by mail: give an IMAP account with `imap URL`");
            return Ok(());
        }
        let path = account.hand_folder().await?.path;
        let Some(hand) = &mut account.hand else { return Err(no_hand()) };
        let there = hand.read(&path).await.map_err(failed(&path))?;
        let by = hand.to_string();
        let mut comparison = Comparison::default();
        let client = account.session.client();
        for mail in client.mails().filter(|mail| *mail.collection == id) {
            let subject = mail.item.base.subject.as_deref().unwrap_or_default();
            comparison.device(subject, (mail.item.read(), mail.item.flag().is_set()));
        }
        let (gone, alive): (Vec<HandMail>, Vec<HandMail>) =
            there.into_iter().partition(|mail| mail.marked_deleted);
        for mail in &alive {
            comparison.server(&mail.subject, (mail.read, mail.flagged));
        }
        for mail in &gone {
            let subject = print::cut(&mail.subject, 70);
            self.terminal
                .println(&format!("  marked \\Deleted on the server, not counted: {subject}"));
        }
        let differences = comparison.differences();
        for difference in &differences {
            self.terminal.println(&format!("  {difference}"));
        }
        let verdict = match (differences.len(), behind, waiting) {
            (0, _, _) => format!("the same by {by}: {}", count(alive.len(), "mail")),
            (found, 0, 0) => {
                self.found = true;
                format!(
                    "{} by {by}, and neither side has anything to say about it: mail is out of step",
                    count(found, "difference")
                )
            }
            (found, _, _) => {
                format!(
                    "{} by {by}, and changes are under way: test_sync() first",
                    count(found, "difference")
                )
            }
        };
        self.terminal.println(&format!("{name}: {verdict}"));
        Ok(())
    }
}

impl Account {
    /// What the other hand calls the folder in use.
    async fn hand_folder(&mut self) -> Result<HandFolder, Stop> {
        let id = self.folder()?;
        let client = self.session.client();
        let folder = client.folders().find(|folder| folder.server_id == id);
        let Some(folder) = folder else { return Err(Stop::failed("the folder is not there")) };
        let is_inbox = folder.folder_type == FolderType::Inbox;
        let path = path_of(client, folder);
        let Some(hand) = &mut self.hand else { return Err(no_hand()) };
        let folders = hand.folders().await.map_err(failed(&self.server))?;
        let fits = |known: &HandFolder| match known.names.as_slice() {
            [name] if is_inbox => name.eq_ignore_ascii_case("INBOX"),
            // Some servers show what lies below the Inbox as if it lay beside it.
            [first, rest @ ..] if first.eq_ignore_ascii_case("INBOX") && rest == path => true,
            names => {
                names.len() == path.len()
                    && names.iter().zip(&path).all(|(one, other)| {
                        one == other
                            || one.eq_ignore_ascii_case("INBOX")
                                && other.eq_ignore_ascii_case("INBOX")
                    })
            }
        };
        folders.into_iter().find(fits).ok_or_else(|| {
            Stop::failed(format!("the other hand knows no folder {}", safe(&path.join("/"))))
        })
    }
}

fn no_hand() -> Stop {
    Stop::failed(
        "nothing but ActiveSync is known of this mailbox: give an IMAP account with `imap URL`",
    )
}

impl Comparison {
    /// A mail of the device.
    fn device(&mut self, subject: &str, state: State) {
        self.rows.entry(subject.trim().to_owned()).or_default().0.push(state);
    }

    /// A mail of the server.
    fn server(&mut self, subject: &str, state: State) {
        self.rows.entry(subject.trim().to_owned()).or_default().1.push(state);
    }

    /// What is not the same, in words. Mails of the same subject cannot be told apart: their numbers and states are
    /// compared as a whole.
    fn differences(mut self) -> Vec<String> {
        let mut differences = Vec::new();
        for (subject, (device, server)) in &mut self.rows {
            let subject = print::cut(subject, 70);
            device.sort_unstable();
            server.sort_unstable();
            match (device.as_slice(), server.as_slice()) {
                (device, server) if device == server => {}
                ([], server) => {
                    let times = times(server.len());
                    differences.push(format!("on the server only{times}: {subject}"));
                }
                (device, []) => {
                    let times = times(device.len());
                    differences.push(format!("on the device only{times}: {subject}"));
                }
                (device, server) if device.len() != server.len() => differences.push(format!(
                    "{} on the device, {} on the server: {subject}",
                    count(device.len(), "mail"),
                    count(server.len(), "mail")
                )),
                (device, server) => differences.push(format!(
                    "{} on the device, {} on the server: {subject}",
                    states(device),
                    states(server)
                )),
            }
        }
        differences
    }
}

fn times(number: usize) -> String {
    if number == 1 { String::new() } else { format!(" ({number} times)") }
}

fn states(states: &[State]) -> String {
    let words = states.iter().map(|(read, flagged)| {
        let read = if *read { "read" } else { "unread" };
        if *flagged { format!("{read} and flagged") } else { read.to_owned() }
    });
    words.collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_difference_is_told() {
        let mut comparison = Comparison::default();
        for (subject, state) in [
            ("same", (true, false)),
            ("twins", (true, false)),
            ("twins", (false, false)),
            ("ghost", (false, false)),
            ("stale", (false, false)),
            ("double", (false, false)),
            ("double", (false, false)),
        ] {
            comparison.device(subject, state);
        }
        for (subject, state) in [
            ("same ", (true, false)),
            ("twins", (false, false)),
            ("twins", (true, false)),
            ("lost", (false, true)),
            ("stale", (true, true)),
            ("double", (false, false)),
        ] {
            comparison.server(subject, state);
        }
        assert_eq!(
            comparison.differences(),
            [
                "2 mails on the device, 1 mail on the server: double",
                "on the device only: ghost",
                "on the server only: lost",
                "unread on the device, read and flagged on the server: stale",
            ]
        );
    }
}
