//! The commands and their codes.

use std::fmt;
use std::str::FromStr;

macro_rules! commands {
    ($($code:literal $name:ident $doc:literal,)*) => {
        /// A command of MS-ASCMD, with its code in the base64 request line (MS-ASHTTP 2.2.1.1.1.1.2).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Command {
            $(#[doc = $doc] $name = $code,)*
        }

        impl Command {
            /// All commands in the order of their codes.
            pub const ALL: &'static [Command] = &[$(Command::$name),*];

            /// The name as in `Cmd=`.
            pub fn name(self) -> &'static str {
                match self { $(Command::$name => stringify!($name),)* }
            }
        }
    };
}

commands! {
    0 Sync "Synchronises collections.",
    1 SendMail "Sends a message.",
    2 SmartForward "Forwards a message without fetching it.",
    3 SmartReply "Replies to a message without fetching it.",
    4 GetAttachment "Fetches an attachment (up to 12.1).",
    9 FolderSync "Synchronises the folder hierarchy.",
    10 FolderCreate "Creates a folder.",
    11 FolderDelete "Deletes a folder.",
    12 FolderUpdate "Renames or moves a folder.",
    13 MoveItems "Moves items between folders.",
    14 GetItemEstimate "Asks how many changes are pending.",
    15 MeetingResponse "Answers a meeting request.",
    16 Search "Searches mailbox or directory.",
    17 Settings "Reads and writes settings.",
    18 Ping "Waits for changes.",
    19 ItemOperations "Fetches, empties and moves in batches.",
    20 Provision "Negotiates the security policy.",
    21 ResolveRecipients "Resolves recipients.",
    22 ValidateCert "Validates a certificate.",
    23 Find "Finds messages and people (16.1).",
}

impl Command {
    /// The code in the base64 request line.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The command with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.code() == code)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Command {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|c| c.name().eq_ignore_ascii_case(text)).ok_or(())
    }
}
