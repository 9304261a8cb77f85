//! Which server: the arguments that a hunt and a replay on a real server share.

use crate::cli::Failure;
use crate::live::world::target::Place;

/// A real server.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A real server")]
pub struct On {
    /// URL of ActiveSync; the path may be left out.
    #[arg(long, value_name = "URL", requires = "user")]
    url: Option<String>,

    /// Whose mailbox. Only folders that are made for it are touched, and they are removed.
    #[arg(long, value_name = "USER", requires = "url")]
    user: Option<String>,

    /// The environment variable that holds the password.
    #[arg(long, value_name = "VAR", requires = "url", default_value = "LOSTMAIL_PASSWORD")]
    password_env: String,

    /// IMAP of the same mailbox, its other hand: `imaps://user@host:port`, on loopback also `imap://`. Without it: the
    /// control API of `lostmail serve`.
    #[arg(long, value_name = "URL", requires = "url")]
    imap: Option<String>,

    /// The environment variable that holds the password of IMAP, if it is another.
    #[arg(long, value_name = "VAR", requires = "imap")]
    imap_password_env: Option<String>,
}

impl On {
    /// Where to hunt; `None` without a URL.
    pub(crate) fn place(&self) -> Result<Option<Place>, Failure> {
        let (Some(url), Some(user)) = (&self.url, &self.user) else { return Ok(None) };
        let password = secret(&self.password_env)?;
        let imap = self.imap.as_ref().map(|url| {
            let name = self.imap_password_env.as_ref();
            let password = name.map_or_else(|| Ok(password.clone()), |name| secret(name))?;
            Ok::<_, Failure>((url.clone(), password))
        });
        let imap = imap.transpose()?;
        Ok(Some(Place { url: url.clone(), user: user.clone(), password, imap }))
    }

    /// Whether no real server is meant.
    pub(crate) fn is_none(&self) -> bool {
        self.url.is_none()
    }

    /// The same arguments again, for a command to be copied.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        let mut add = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                words.extend([" ", name, " ", value]);
            }
        };
        add("--url", self.url.as_deref());
        add("--user", self.user.as_deref());
        add("--password-env", Some(&self.password_env));
        add("--imap", self.imap.as_deref());
        add("--imap-password-env", self.imap_password_env.as_deref());
        words
    }
}

fn secret(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| {
        Failure::new(format!("the environment variable {name} does not hold the password"))
    })
}
