//! What a finding is, and which of several counts.

use std::collections::BTreeMap;
use std::fmt;

use activesync::history::{CallName, DeviceName, FolderName, MailName};

/// The harm that a user sees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// A mail of the server is not on the device.
    LostMail,
    /// The device shows what the server does not have there, or a deleted mail is back.
    Ghost,
    /// Twice what should be there once.
    Duplicate,
    /// Read or flag differ, or a change of them vanished on the server.
    StaleFlag,
    /// Mail or folder stand elsewhere on the two sides, or where nobody put them.
    WrongFolder,
    /// The server took a change of a device and it is not there, or it was never brought through.
    LostClientChange,
    /// A mail left the server though nobody deleted it.
    DestroyedMail,
    /// An answer that the specification does not allow.
    IllegalAnswer,
    /// The device never comes to rest.
    NoConvergence,
    /// What the server believed of the device was wrong, and no harm followed.
    BrokenClaim,
}

impl Class {
    /// All classes, gravest first.
    pub const ALL: [Self; 10] = [
        Self::DestroyedMail,
        Self::LostMail,
        Self::LostClientChange,
        Self::Duplicate,
        Self::Ghost,
        Self::WrongFolder,
        Self::StaleFlag,
        Self::NoConvergence,
        Self::IllegalAnswer,
        Self::BrokenClaim,
    ];

    /// Short words, as in "lost mail".
    pub fn words(self) -> &'static str {
        match self {
            Self::LostMail => "lost mail",
            Self::Ghost => "ghost",
            Self::Duplicate => "duplicate",
            Self::StaleFlag => "stale flag",
            Self::WrongFolder => "wrong folder",
            Self::LostClientChange => "lost client change",
            Self::DestroyedMail => "destroyed mail",
            Self::IllegalAnswer => "illegal answer",
            Self::NoConvergence => "no convergence",
            Self::BrokenClaim => "broken claim",
        }
    }

    /// Position in [`Class::ALL`]: 0 is the gravest.
    fn rank(self) -> usize {
        Self::ALL.iter().position(|class| *class == self).unwrap_or(Self::ALL.len())
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// Something that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The harm.
    pub class: Class,
    /// The mail, if it is about one.
    pub mail: Option<MailName>,
    /// The device, if it is about one.
    pub device: Option<DeviceName>,
    /// The folder, if it is about one.
    pub folder: Option<FolderName>,
    /// Names the mail and says why.
    pub sentence: String,
    /// Index of the event where it began, where that can be said.
    pub began_at: Option<usize>,
    /// The calls that it speaks of, in order.
    pub calls: Vec<CallName>,
    /// The same for findings of one cause: class and shape.
    pub cause: String,
}

impl Finding {
    /// A finding about nothing in particular yet; `shape` says what kind of story it is, without names.
    pub(crate) fn new(class: Class, sentence: String, shape: &str) -> Self {
        Self {
            class,
            mail: None,
            device: None,
            folder: None,
            sentence,
            began_at: None,
            calls: Vec::new(),
            cause: format!("{class} / {shape}"),
        }
    }

    pub(crate) fn mail(mut self, mail: MailName) -> Self {
        self.mail = Some(mail);
        self
    }

    pub(crate) fn device(mut self, device: DeviceName) -> Self {
        self.device = Some(device);
        self
    }

    pub(crate) fn folder(mut self, folder: &FolderName) -> Self {
        self.folder = Some(folder.clone());
        self
    }

    pub(crate) fn calls(mut self, calls: impl IntoIterator<Item = CallName>) -> Self {
        self.calls = calls.into_iter().collect();
        self
    }

    pub(crate) fn began(mut self, at: usize) -> Self {
        self.began_at = Some(at);
        self
    }
}

/// The gravest finding for each mail and device, gravest first. An illegal answer stands beside a harm: it is about an
/// answer, not about the mail.
pub(crate) fn gravest(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: BTreeMap<Subject, (usize, Finding)> = BTreeMap::new();
    for (order, finding) in findings.into_iter().enumerate() {
        let subject = subject(&finding);
        let graver =
            kept.get(&subject).is_none_or(|(_, other)| finding.class.rank() < other.class.rank());
        if graver {
            kept.insert(subject, (order, finding));
        }
    }
    let mut findings: Vec<_> = kept.into_values().collect();
    findings.sort_by_key(|(order, finding)| {
        (finding.class.rank(), finding.mail, finding.device, *order)
    });
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// What a finding is about, as far as it excludes others.
type Subject = (bool, Option<MailName>, Option<DeviceName>, Option<(FolderName, String)>);

fn subject(finding: &Finding) -> Subject {
    let answer = finding.class == Class::IllegalAnswer;
    // Without a mail, the folder and the story tell findings apart.
    let rest = (answer || finding.mail.is_none()).then(|| {
        let folder = finding.folder.clone().unwrap_or_else(|| "".into());
        (folder, finding.cause.clone())
    });
    (answer, finding.mail, finding.device, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_comes_first_and_once_per_mail_and_device() {
        let one = |class, mail, device| {
            Finding::new(class, String::new(), "").mail(MailName(mail)).device(DeviceName(device))
        };
        let kept = gravest(vec![
            one(Class::StaleFlag, 1, 0),
            one(Class::LostMail, 1, 0),
            one(Class::Ghost, 1, 1),
            one(Class::IllegalAnswer, 1, 0),
        ]);
        let classes: Vec<_> = kept.iter().map(|finding| finding.class).collect();
        assert_eq!(classes, [Class::LostMail, Class::Ghost, Class::IllegalAnswer]);
    }

    #[test]
    fn every_class_has_a_rank_of_its_own() {
        let ranks: Vec<_> = Class::ALL.iter().map(|class| class.rank()).collect();
        assert_eq!(ranks, (0..10).collect::<Vec<_>>());
        assert_eq!(Class::LostMail.to_string(), "lost mail");
    }
}
