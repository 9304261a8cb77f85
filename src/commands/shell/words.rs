//! The commands of the shell, in one table: parser, help, completion and history derive from it.

use std::fmt::Write as _;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Chooses server and user.
    SetAccount,
    /// Provisions.
    Provision,
    /// Synchronises the hierarchy.
    FolderSync,
    /// Primes the folder.
    Reset,
    /// Synchronises the folder.
    Sync,
    /// Prints the mails.
    PrintEmails,
    /// Prints the hierarchy.
    Folders,
    /// Chooses the folder.
    Use,
    /// Marks read.
    Read,
    /// Flags.
    Flag,
    /// Deletes.
    Delete,
    /// Moves.
    Move,
    /// Waits for changes.
    Ping,
    /// Asks how many changes are pending.
    Estimate,
    /// Asks what the server offers.
    Options,
    /// Shows exchanges.
    Show,
    /// Loses the next answer.
    Lose,
    /// Does again what was lost.
    Retry,
    /// Lets the other hand act.
    Imap,
    /// Delivers by the other hand.
    Deliver,
    /// Compares device and server.
    Compare,
    /// Explains.
    Help,
    /// Ends.
    Quit,
}

/// A command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    /// What it does.
    pub(crate) verb: Verb,
    /// Its name.
    pub(crate) name: &'static str,
    /// Another name.
    pub(crate) alias: Option<&'static str>,
    /// Its arguments, as help shows them.
    pub(crate) usage: &'static str,
    /// The fewest and the most arguments.
    pub(crate) count: (usize, usize),
    /// Which argument is a password.
    pub(crate) password: Option<usize>,
    /// What it does, in a line.
    pub(crate) summary: &'static str,
    /// What else there is to know.
    pub(crate) details: &'static str,
}

/// A row: verb, names, usage, counts, summary, details.
const fn word(
    verb: Verb,
    name: &'static str,
    usage: &'static str,
    count: (usize, usize),
    summary: &'static str,
    details: &'static str,
) -> Word {
    Word { verb, name, alias: None, usage, count, password: None, summary, details }
}

/// All commands, in the order of help.
pub(crate) const WORDS: &[Word] = &[
    Word {
        password: Some(2),
        ..word(
            Verb::SetAccount,
            "set_account",
            "SERVER [USER [PASSWORD]]",
            (1, 3),
            "choose the account, and ask the server for versions and commands",
            "SERVER is a URL, a host, or `embedded`: the reference server, started on loopback with a\n\
             sample mailbox. A password left out is asked for; the history keeps none.",
        )
    },
    word(
        Verb::Provision,
        "provision_device",
        "",
        (0, 0),
        "connect a test device: Provision in two phases, keep the policy key",
        "A server that offers no Provision gets policy key 0.",
    ),
    word(Verb::FolderSync, "folder_sync", "", (0, 0), "FolderSync; show the folder tree", ""),
    word(
        Verb::Reset,
        "test_sync_reset",
        "",
        (0, 0),
        "prime the folder: Sync with SyncKey 0, forget the local copy",
        "",
    ),
    word(
        Verb::Sync,
        "test_sync",
        "",
        (0, 0),
        "Sync the mail of the folder (all windows); send what was changed here",
        "Moves go as MoveItems after it, and the folder is synchronised once more.",
    ),
    word(
        Verb::PrintEmails,
        "print_emails",
        "",
        (0, 0),
        "print the mails received so far, with their numbers",
        "",
    ),
    word(Verb::Folders, "folders", "", (0, 0), "show the folder tree once more", ""),
    word(
        Verb::Use,
        "use",
        "FOLDER",
        (1, 1),
        "choose the folder to synchronise: name, path or id (Inbox until then)",
        "",
    ),
    word(
        Verb::Read,
        "read",
        "N [on|off]",
        (1, 2),
        "mark mail N read (off: unread) on the device; test_sync sends it",
        "",
    ),
    word(
        Verb::Flag,
        "flag",
        "N [on|off]",
        (1, 2),
        "flag mail N (off: clear) on the device; test_sync sends it",
        "",
    ),
    word(
        Verb::Delete,
        "delete",
        "N [for-good]",
        (1, 2),
        "delete mail N on the device; test_sync sends it",
        "Without `for-good` the server is to move it to Deleted Items.",
    ),
    word(
        Verb::Move,
        "move",
        "N FOLDER",
        (2, 2),
        "move mail N on the device; test_sync sends it as MoveItems",
        "",
    ),
    word(
        Verb::Ping,
        "ping",
        "[SECONDS]",
        (0, 1),
        "wait until something changes in what was synchronised (default 60)",
        "",
    ),
    word(Verb::Estimate, "estimate", "", (0, 0), "ask the server how many changes are pending", ""),
    word(
        Verb::Options,
        "options",
        "",
        (0, 0),
        "ask the server for versions and commands again",
        "",
    ),
    word(Verb::Show, "show", "on|off", (1, 1), "show every exchange decoded, as XML", ""),
    word(
        Verb::Lose,
        "lose",
        "[answer|half|request]",
        (0, 1),
        "lose the next answer on purpose; then `retry`",
        "answer: the server answers, the device gets nothing (the default)\n\
         half: the device gets half of the answer, which is as good as nothing\n\
         request: the request never reaches the server",
    ),
    word(Verb::Retry, "retry", "", (0, 0), "do again what was lost or failed", ""),
    Word {
        password: Some(2),
        ..word(
            Verb::Imap,
            "imap",
            "URL [USER [PASSWORD]]",
            (1, 3),
            "see the mailbox by IMAP as well: imaps://host, or imap://host on loopback",
            "Then `compare` goes mail by mail. User and password are those of the account if left out.\n\
             On `embedded` there is no need for it.",
        )
    },
    word(
        Verb::Deliver,
        "deliver",
        "[COUNT]",
        (0, 1),
        "deliver mail to the folder by the mailbox's other hand",
        "By IMAP (after `imap`), or by the control API on `embedded`.",
    ),
    word(
        Verb::Compare,
        "compare",
        "",
        (0, 0),
        "compare what the device holds with what the server holds",
        "GetItemEstimate says how far the device is behind; IMAP (after `imap`) or, on `embedded`, the\n\
         control API say mail by mail what is different.",
    ),
    Word {
        alias: Some("?"),
        ..word(Verb::Help, "help", "[COMMAND]", (0, 1), "this list, or more about a command", "")
    },
    Word {
        alias: Some("exit"),
        ..word(Verb::Quit, "quit", "", (0, 0), "end (so does Ctrl-D)", "")
    },
];

impl Word {
    /// The command of that name, without regard to case.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        WORDS.iter().find(|word| is(word.name) || word.alias.is_some_and(is))
    }

    /// How it is written.
    pub(crate) fn synopsis(&self) -> String {
        format!("{} {}", self.name, self.usage).trim_end().to_owned()
    }
}

/// All commands in a list.
pub(crate) fn help() -> String {
    let width = WORDS.iter().map(|word| word.synopsis().len()).max().unwrap_or(0);
    let mut text = String::new();
    for word in WORDS {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "  {:width$}  {}", word.synopsis(), word.summary);
    }
    text.push_str(
        "Plain words or calls: `set_account server user` and `set_account(\"server\", \"user\")` are the same.\n",
    );
    text
}

/// More about one command.
pub(crate) fn help_on(word: &Word) -> String {
    let mut text = format!("{}\n  {}\n", word.synopsis(), word.summary);
    for line in word.details.lines() {
        let _ = writeln!(text, "  {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_usages_fit() {
        let mut names: Vec<_> =
            WORDS.iter().flat_map(|word| [Some(word.name), word.alias]).flatten().collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for word in WORDS {
            let words = word.usage.split_whitespace().count();
            assert_eq!(words, word.count.1, "{}", word.name);
            let optional = word.usage.split_whitespace().filter(|w| w.starts_with('[')).count();
            assert_eq!(words - optional, word.count.0, "{}", word.name);
            assert!(Word::find(&word.name.to_uppercase()).is_some());
        }
    }

    #[test]
    fn the_six_calls_of_the_story_come_first() {
        let first: Vec<_> = WORDS[..6].iter().map(|word| word.name).collect();
        let story =
            "set_account provision_device folder_sync test_sync_reset test_sync print_emails";
        assert_eq!(first.join(" "), story);
    }
}
