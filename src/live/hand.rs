//! The mailbox's other hand: what a user does by webmail or another client, and the truth at the end.
//!
//! Two of a kind: IMAP on a server that we did not write, and the control API of `lostmail serve`. Mails are known by
//! their token, folders by their path. Every operation says whether it happened.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use activesync::history::MailName;

use super::control::{Control, ControlError};
use super::imap::{Account, Flag, Imap, ImapError, Stored};
use super::letter::{Letter, Moment};

/// A mail to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery<'a> {
    /// Where.
    pub(crate) folder: &'a str,
    /// By which it is known, and its subject: letters, digits, `-` and `.` only. Best made by [`token`].
    pub(crate) token: &'a str,
    /// How long ago it was received.
    pub(crate) days_old: u32,
    /// Read from the start.
    pub(crate) read: bool,
    /// Flagged from the start.
    pub(crate) flagged: bool,
}

/// The token of a mail in a run: unique on a server as long as runs have names of their own.
pub(crate) fn token(run: &str, mail: MailName) -> String {
    format!("{run}-{mail}")
}

/// A folder as the other hand knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HandFolder {
    /// What the operations call it.
    pub(crate) path: String,
    /// Its name and those of the folders above it, from the top, as a person reads them.
    pub(crate) names: Vec<String>,
}

/// A mail as the other hand sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HandMail {
    /// Path of its folder.
    pub(crate) folder: String,
    /// The token, if the mail is ours.
    pub(crate) token: Option<String>,
    /// The subject.
    pub(crate) subject: String,
    /// Read.
    pub(crate) read: bool,
    /// Flagged.
    pub(crate) flagged: bool,
    /// Marked `\Deleted` and still there.
    pub(crate) marked_deleted: bool,
}

impl HandMail {
    /// The name of the mail, if its token or subject has one.
    pub(crate) fn mail(&self) -> Option<MailName> {
        MailName::find(self.token.as_deref().unwrap_or(&self.subject))
    }
}

/// Why something did not happen, or could not be known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandError {
    /// By IMAP.
    #[error(transparent)]
    Imap(#[from] ImapError),
    /// By the control API.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The mail is not in the folder (any more).
    #[error("no mail {token} in {folder}")]
    NoSuchMail {
        /// Where it was looked for.
        folder: String,
        /// Which.
        token: String,
    },
}

impl HandError {
    /// Whether the mail had gone before the hand reached it, as happens when both sides act at once.
    pub(crate) fn is_gone(&self) -> bool {
        match self {
            Self::NoSuchMail { .. } | Self::Imap(ImapError::NoSuchMessage { .. }) => true,
            Self::Control(error) => error.is_not_found(),
            Self::Imap(_) => false,
        }
    }
}

/// What the other hand can do.
pub(crate) trait Hand {
    /// The folders that can hold mail.
    async fn folders(&mut self) -> Result<Vec<HandFolder>, HandError>;
    /// Makes a folder.
    async fn create_folder(&mut self, path: &str) -> Result<(), HandError>;
    /// Renames a folder.
    async fn rename_folder(&mut self, path: &str, new_path: &str) -> Result<(), HandError>;
    /// Removes a folder with all it holds.
    async fn remove_folder(&mut self, path: &str) -> Result<(), HandError>;
    /// Delivers a mail.
    async fn deliver(&mut self, delivery: &Delivery<'_>) -> Result<(), HandError>;
    /// Marks a mail read or unread.
    async fn set_read(&mut self, folder: &str, token: &str, read: bool) -> Result<(), HandError>;
    /// Sets or clears the flag of a mail.
    async fn set_flag(&mut self, folder: &str, token: &str, on: bool) -> Result<(), HandError>;
    /// Marks a mail `\Deleted` and leaves it there; `false` where that does not exist.
    async fn mark_deleted(&mut self, folder: &str, token: &str) -> Result<bool, HandError>;
    /// Moves a mail.
    async fn move_mail(&mut self, folder: &str, token: &str, to: &str) -> Result<(), HandError>;
    /// Deletes a mail for good.
    async fn delete(&mut self, folder: &str, token: &str) -> Result<(), HandError>;
    /// The mails of a folder, without changing them.
    async fn read(&mut self, folder: &str) -> Result<Vec<HandMail>, HandError>;

    /// The mails of all folders.
    async fn read_all(&mut self) -> Result<Vec<HandMail>, HandError> {
        let mut mails = Vec::new();
        for folder in self.folders().await? {
            mails.extend(self.read(&folder.path).await?);
        }
        Ok(mails)
    }

    /// Deletes every mail of a run, wherever it went; how many there were.
    async fn sweep(&mut self, run: &str) -> Result<usize, HandError> {
        let ours = |mail: &HandMail| {
            let token = mail.token.as_deref().and_then(|token| token.strip_prefix(run));
            token.is_some_and(|rest| rest.starts_with('-'))
        };
        let mut count = 0;
        for mail in self.read_all().await?.iter().filter(|mail| ours(mail)) {
            let token = mail.token.as_deref().unwrap_or_default();
            match self.delete(&mail.folder, token).await {
                Err(error) if !error.is_gone() => return Err(error),
                _ => count += 1,
            }
        }
        Ok(count)
    }
}

/// The other hand by IMAP.
pub(crate) struct ImapHand {
    imap: Imap,
    to: String,
}

impl ImapHand {
    /// Logs in. Mails are addressed to `user`.
    pub(crate) async fn login(
        account: &Account,
        user: &str,
        timeout: Duration,
    ) -> Result<Self, HandError> {
        let to = if user.contains('@') { user.to_owned() } else { format!("{user}@example.test") };
        Ok(Self { imap: Imap::login(account, timeout).await?, to })
    }

    /// Logs out.
    pub(crate) async fn logout(self) -> Result<(), HandError> {
        Ok(self.imap.logout().await?)
    }

    /// Makes a new folder one that somebody has used: its changes are counted.
    pub(crate) async fn count_changes(&mut self, folder: &str) -> Result<bool, HandError> {
        Ok(self.imap.count_changes(folder).await?)
    }

    async fn find(&mut self, folder: &str, token: &str) -> Result<u32, HandError> {
        let messages = self.imap.read(folder).await?.messages;
        let found = messages.iter().find(|message| message.token.as_deref() == Some(token));
        found.map(|message| message.uid).ok_or_else(|| HandError::NoSuchMail {
            folder: folder.to_owned(),
            token: token.to_owned(),
        })
    }
}

impl Hand for ImapHand {
    async fn folders(&mut self) -> Result<Vec<HandFolder>, HandError> {
        let holds_mail = |attributes: &[String]| {
            !attributes.iter().any(|word| {
                word.eq_ignore_ascii_case("\\Noselect")
                    || word.eq_ignore_ascii_case("\\NonExistent")
            })
        };
        let folders = self.imap.folders().await?.into_iter();
        Ok(folders
            .filter(|folder| holds_mail(&folder.attributes))
            .map(|folder| {
                let names = match folder.separator {
                    Some(separator) => folder.name.split(separator).map(mailbox_name).collect(),
                    None => vec![mailbox_name(&folder.name)],
                };
                HandFolder { path: folder.name, names }
            })
            .collect())
    }

    async fn create_folder(&mut self, path: &str) -> Result<(), HandError> {
        Ok(self.imap.create(path).await?)
    }

    async fn rename_folder(&mut self, path: &str, new_path: &str) -> Result<(), HandError> {
        Ok(self.imap.rename(path, new_path).await?)
    }

    async fn remove_folder(&mut self, path: &str) -> Result<(), HandError> {
        Ok(self.imap.remove(path).await?)
    }

    async fn deliver(&mut self, delivery: &Delivery<'_>) -> Result<(), HandError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let sent = now.saturating_sub(u64::from(delivery.days_old) * 86_400);
        let message = Letter { token: delivery.token, to: &self.to, sent }.to_bytes();
        let mut flags = Vec::new();
        flags.extend(delivery.read.then_some(Flag::Seen));
        flags.extend(delivery.flagged.then_some(Flag::Flagged));
        let received = Moment::from(sent).imap();
        self.imap.append(delivery.folder, &message, &flags, Some(&received)).await?;
        Ok(())
    }

    async fn set_read(&mut self, folder: &str, token: &str, read: bool) -> Result<(), HandError> {
        let uid = self.find(folder, token).await?;
        Ok(self.imap.store(folder, uid, Flag::Seen, read).await?)
    }

    async fn set_flag(&mut self, folder: &str, token: &str, on: bool) -> Result<(), HandError> {
        let uid = self.find(folder, token).await?;
        Ok(self.imap.store(folder, uid, Flag::Flagged, on).await?)
    }

    async fn mark_deleted(&mut self, folder: &str, token: &str) -> Result<bool, HandError> {
        let uid = self.find(folder, token).await?;
        self.imap.mark_deleted(folder, uid).await?;
        Ok(true)
    }

    async fn move_mail(&mut self, folder: &str, token: &str, to: &str) -> Result<(), HandError> {
        let uid = self.find(folder, token).await?;
        self.imap.move_to(folder, uid, to).await?;
        Ok(())
    }

    async fn delete(&mut self, folder: &str, token: &str) -> Result<(), HandError> {
        let uid = self.find(folder, token).await?;
        Ok(self.imap.delete(folder, uid).await?)
    }

    async fn read(&mut self, folder: &str) -> Result<Vec<HandMail>, HandError> {
        let mail = |stored: Stored| HandMail {
            folder: folder.to_owned(),
            token: stored.token,
            subject: stored.subject,
            read: stored.flags.seen,
            flagged: stored.flags.flagged,
            marked_deleted: stored.flags.deleted,
        };
        Ok(self.imap.read(folder).await?.messages.into_iter().map(mail).collect())
    }
}

/// One hand or the other.
pub(crate) enum AnyHand {
    /// By IMAP.
    Imap(ImapHand),
    /// By the control API of `lostmail serve`.
    Control(Control),
}

impl fmt::Display for AnyHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Imap(_) => "IMAP",
            Self::Control(_) => "the control API",
        })
    }
}

/// Passes each operation on to the hand there is.
macro_rules! pass_on {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)+) => {
        impl Hand for AnyHand {
            $(
                async fn $name(&mut self, $($argument: $kind),*) -> Result<$result, HandError> {
                    match self {
                        Self::Imap(hand) => hand.$name($($argument),*).await,
                        Self::Control(hand) => hand.$name($($argument),*).await,
                    }
                }
            )+
        }
    };
}

pass_on! {
    folders() -> Vec<HandFolder>;
    create_folder(path: &str) -> ();
    rename_folder(path: &str, new_path: &str) -> ();
    remove_folder(path: &str) -> ();
    deliver(delivery: &Delivery<'_>) -> ();
    set_read(folder: &str, token: &str, read: bool) -> ();
    set_flag(folder: &str, token: &str, on: bool) -> ();
    mark_deleted(folder: &str, token: &str) -> bool;
    move_mail(folder: &str, token: &str, to: &str) -> ();
    delete(folder: &str, token: &str) -> ();
    read(folder: &str) -> Vec<HandMail>;
    read_all() -> Vec<HandMail>;
}

/// A name as IMAP encodes it (modified UTF-7, RFC 3501 5.1.3), as a person reads it. What is not well encoded is left
/// as it is: some servers send plain UTF-8.
fn mailbox_name(encoded: &str) -> String {
    let mut name = String::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((before, after)) = rest.split_once('&') {
        let Some((coded, after)) = after.split_once('-') else { return encoded.to_owned() };
        name.push_str(before);
        if coded.is_empty() {
            name.push('&');
        } else {
            match utf16_of_base64(coded) {
                Some(text) => name.push_str(&text),
                None => return encoded.to_owned(),
            }
        }
        rest = after;
    }
    name.push_str(rest);
    name
}

fn utf16_of_base64(coded: &str) -> Option<String> {
    use base64::Engine as _;
    let standard = coded.replace(',', "/");
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(standard).ok()?;
    let (units, []) = bytes.as_chunks::<2>() else { return None };
    let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::super::scripted::run;
    use super::super::serve;
    use super::*;

    /// Everything a hand can do, in folders of its own.
    async fn does_everything(hand: &mut impl Hand, run: &str) {
        let folder = format!("lostmail-{run}");
        let (renamed, other) = (format!("{folder}-renamed"), format!("{folder}-other"));
        for name in [&folder, &renamed, &other] {
            // What an earlier run left behind.
            let _ = hand.remove_folder(name).await;
        }
        hand.create_folder(&folder).await.unwrap();
        hand.create_folder(&other).await.unwrap();
        hand.create_folder(&folder).await.unwrap_err();
        hand.rename_folder(&folder, &renamed).await.unwrap();
        let paths: Vec<_> =
            hand.folders().await.unwrap().into_iter().map(|folder| folder.path).collect();
        assert!(paths.contains(&renamed) && !paths.contains(&folder), "{paths:?}");
        let tokens = [1, 2, 3].map(|number| token(run, MailName(number)));
        for (days_old, token) in (0..).zip(&tokens) {
            let (read, flagged) = (days_old == 1, days_old == 2);
            let delivery = Delivery { folder: &renamed, token, days_old, read, flagged };
            hand.deliver(&delivery).await.unwrap();
        }
        let [one, two, three] = &tokens;
        hand.set_read(&renamed, one, true).await.unwrap();
        hand.set_read(&renamed, two, false).await.unwrap();
        hand.set_flag(&renamed, two, true).await.unwrap();
        hand.set_flag(&renamed, three, false).await.unwrap();
        hand.move_mail(&renamed, one, &other).await.unwrap();
        let state = |mail: HandMail| (mail.mail(), mail.read, mail.flagged, mail.marked_deleted);
        let mails = hand.read(&renamed).await.unwrap();
        let (two_name, three_name) = (Some(MailName(2)), Some(MailName(3)));
        assert_eq!(
            mails.into_iter().map(state).collect::<Vec<_>>(),
            [(two_name, false, true, false), (three_name, false, false, false)]
        );
        let mails = hand.read(&other).await.unwrap();
        let one_name = Some(MailName(1));
        assert_eq!(
            mails.into_iter().map(state).collect::<Vec<_>>(),
            [(one_name, true, false, false)]
        );
        assert!(hand.set_read(&renamed, one, false).await.unwrap_err().is_gone());
        assert!(hand.delete(&renamed, one).await.unwrap_err().is_gone());
        let marks = hand.mark_deleted(&renamed, two).await.unwrap();
        let mails = hand.read(&renamed).await.unwrap();
        assert_eq!(mails.iter().any(|mail| mail.marked_deleted), marks);
        hand.delete(&renamed, three).await.unwrap();
        assert_eq!(hand.sweep(run).await.unwrap(), 2);
        assert_eq!(hand.sweep(run).await.unwrap(), 0);
        assert!(hand.read(&other).await.unwrap().is_empty());
        hand.remove_folder(&renamed).await.unwrap();
        hand.remove_folder(&other).await.unwrap();
        hand.read(&other).await.unwrap_err();
    }

    #[test]
    fn the_control_api_does_everything() {
        run(async {
            let running = serve::start(serve::Config::new("alice", "secret")).unwrap();
            does_everything(&mut running.control(), "t1").await;
            does_everything(&mut AnyHand::Control(running.control()), "t2").await;
        });
    }

    #[test]
    fn imap_does_everything_on_a_lab() {
        let Ok(url) = std::env::var("LOSTMAIL_LAB_IMAP") else {
            println!("skipped: LOSTMAIL_LAB_IMAP names no lab");
            return;
        };
        let password = std::env::var("LOSTMAIL_LAB_PASSWORD").unwrap_or_default();
        run(async {
            let account = Account::new(&url, "alice", &password).unwrap();
            let timeout = Duration::from_secs(20);
            let mut hand = ImapHand::login(&account, "alice", timeout).await.unwrap();
            does_everything(&mut hand, "handtest").await;
            hand.logout().await.unwrap();
        });
    }

    #[test]
    fn mailbox_names_are_decoded() {
        assert_eq!(mailbox_name("Entw&APw-rfe"), "Entwürfe");
        assert_eq!(mailbox_name("~peter/mail/&U,BTFw-/&ZeVnLIqe-"), "~peter/mail/台北/日本語");
        assert_eq!(mailbox_name("R&-D"), "R&D");
        for odd in ["a&b", "a&!!-", "a&AA-", "&2AA-", "Entwürfe"] {
            assert_eq!(mailbox_name(odd), odd);
        }
    }

    #[test]
    fn a_token_names_its_mail() {
        let mail = HandMail {
            folder: "f".into(),
            token: Some(token("lm3", MailName(7))),
            subject: "[SPAM] m8".into(),
            read: false,
            flagged: false,
            marked_deleted: false,
        };
        assert_eq!(mail.mail(), Some(MailName(7)));
        assert_eq!(HandMail { token: None, ..mail }.mail(), Some(MailName(8)));
    }
}
