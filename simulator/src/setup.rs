//! What a world looks like before anything happens; the head of a trace.

use std::fmt;
use std::str::FromStr;

use activesync::ProtocolVersion;

/// The setup of a world: the quiet baseline that a schedule starts from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setup {
    /// How many devices, 1 to 3.
    pub devices: u8,
    /// Version that all speak.
    pub version: ProtocolVersion,
    /// Bit n: device n re-keys moved items at once; otherwise it waits for Delete and Add.
    pub rekey: u8,
    /// Devices use the base64 request line.
    pub base64: bool,
    /// User folders beside the special ones.
    pub folders: u8,
    /// Mails in the Inbox at the start; as many again are spread over user folders.
    pub mails: u8,
    /// Devices say GetChanges and DeletesAsMoves also where leaving them out means the same.
    pub explicit: bool,
    /// The server answers a repeated request anew instead of with its stored answer; both are right.
    pub redo: bool,
    /// Bit n: device n waits by Sync with a heartbeat, not by Ping.
    pub push: u8,
    /// Bit n: device n hangs a folder below its parent or nowhere.
    pub tree: u8,
    /// Devices number their drafts anew in each request.
    pub reuse: bool,
    /// WindowSize of the Syncs that devices make of their own; 0: none.
    pub window: u8,
    /// The planted defect, by name.
    pub bug: Option<String>,
}

impl Setup {
    /// The part that makes a difference before the schedule begins; the rest is habits that show only later.
    pub(crate) fn core(&self) -> Self {
        Self { redo: false, push: 0, tree: 0, reuse: false, window: 0, ..self.clone() }
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            devices: 2,
            version: ProtocolVersion::V14_1,
            rekey: 0b10,
            base64: false,
            folders: 1,
            mails: 2,
            explicit: false,
            redo: false,
            push: 0,
            tree: 0,
            reuse: false,
            window: 0,
            bug: None,
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "world devices={} version={} rekey={} base64={} folders={} mails={}",
            self.devices,
            self.version,
            self.rekey,
            u8::from(self.base64),
            self.folders,
            self.mails
        )?;
        if self.explicit {
            f.write_str(" explicit=1")?;
        }
        for (name, value) in [
            ("redo", u8::from(self.redo)),
            ("push", self.push),
            ("tree", self.tree),
            ("reuse", u8::from(self.reuse)),
            ("window", self.window),
        ] {
            if value != 0 {
                write!(f, " {name}={value}")?;
            }
        }
        match &self.bug {
            Some(bug) => write!(f, " bug={bug}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Setup {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        if words.next() != Some("world") {
            return Err(format!("expected a line that begins with `world`, found {line:?}"));
        }
        let mut setup = Self::default();
        for word in words {
            let (name, value) =
                word.split_once('=').ok_or_else(|| format!("expected name=value: {word:?}"))?;
            let number = || value.parse::<u8>().map_err(|_| format!("no number in {word:?}"));
            match name {
                "devices" => setup.devices = number()?.clamp(1, 3),
                "version" => {
                    let version = value.parse();
                    setup.version = version.map_err(|()| format!("no version in {word:?}"))?;
                }
                "rekey" => setup.rekey = number()?,
                "base64" => setup.base64 = number()? != 0,
                "folders" => setup.folders = number()?.min(4),
                "explicit" => setup.explicit = number()? != 0,
                "redo" => setup.redo = number()? != 0,
                "push" => setup.push = number()?,
                "tree" => setup.tree = number()?,
                "window" => setup.window = number()?,
                "reuse" => setup.reuse = number()? != 0,
                "mails" => setup.mails = number()?.min(20),
                "bug" => setup.bug = Some(value.to_owned()),
                _ => return Err(format!("unknown word {word:?}")),
            }
        }
        Ok(setup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back() {
        let setup =
            Setup { bug: Some("x-y".into()), devices: 3, explicit: true, ..Setup::default() };
        assert_eq!(setup.to_string().parse(), Ok(setup));
        let setup =
            Setup { redo: true, push: 1, tree: 2, reuse: true, window: 2, ..Setup::default() };
        assert_eq!(setup.to_string().parse(), Ok(setup));
        assert!("world devices".parse::<Setup>().is_err());
        assert!("planet devices=1".parse::<Setup>().is_err());
        assert!("world version=1.0".parse::<Setup>().is_err());
    }
}
