//! `lostmail serve`: the reference server on HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use activesync_server::Defect;

use crate::cli::{Failure, Outcome};
use crate::live::serve;
use crate::output::Terminal;
use crate::output::text::safe;

/// Serve ActiveSync from the reference server, with or without a planted defect.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The first line printed is the URL. The mailbox is in memory and ends with the server.\n\n\
    The control API is the mailbox's other hand: POST a JSON object, with the same user and password.\n  \
    /control/deliver     {\"folder\": \"Inbox\", \"subject\": \"hello m7\"}\n                       \
        also: from, body, days_old, read, flagged. The first word like m7 is the mail's name.\n  \
    /control/read        {\"mail\": \"m7\", \"on\": true}     mail: a name or a whole subject\n  \
    /control/flag        {\"mail\": \"m7\", \"on\": true}     also: folder, where the mail must be\n  \
    /control/move        {\"mail\": \"m7\", \"to\": \"Work\"}\n  \
    /control/delete      {\"mail\": \"m7\"}\n  \
    /control/mkdir       {\"folder\": \"Work/Urgent\"}\n  \
    /control/rename      {\"folder\": \"Work/Urgent\", \"to\": \"Work/Later\"}\n  \
    /control/rmdir       {\"folder\": \"Work\"}\n  \
    /control/crash       {}                             requests in work are gone, state stays\n  \
    /control/lose-state  {\"device\": \"ID\"}               what is known of a device is gone\n  \
    /control/mailbox     {} or GET                      folders and mails\n\
    Answers are JSON: {} or more with 200, {\"error\": \"why\"} with 400, 404 or 409.\n\n\
    Examples:\n  \
    lostmail serve --sample\n  \
    lostmail serve --listen 127.0.0.1:8080 --bug retry-omits-deletes\n  \
    curl -u alice:alice-pw http://127.0.0.1:8080/control/deliver \\\n       \
        -d '{\"folder\": \"Inbox\", \"subject\": \"hello m7\"}'"
)]
pub struct Args {
    /// Address and port; port 0 takes any that is free
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Allow an address that others can reach
    #[arg(long)]
    anywhere: bool,
    /// Plant a defect; `lostmail bugs` lists them
    #[arg(long, value_name = "NAME")]
    bug: Option<String>,
    /// User who may come in
    #[arg(long, default_value = "alice")]
    user: String,
    /// The user's password
    #[arg(long, default_value = "alice-pw")]
    password: String,
    /// Begin with some mail
    #[arg(long)]
    sample: bool,
    /// Milliseconds between two stages of a request, so that more happens in between
    #[arg(long, default_value_t = 0, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=10_000))]
    pace: u64,
}

/// Serves until the process ends.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let defect = match &args.bug {
        None => None,
        Some(name) => Some(Defect::by_name(name).ok_or_else(|| {
            Failure::new(format!("no defect {}; `lostmail bugs` lists them", safe(name)))
        })?),
    };
    if args.user.contains(':') {
        return Err(Failure::new("a user cannot hold a colon: Basic authorization ends it there"));
    }
    let config = serve::Config {
        listen: args.listen,
        anywhere: args.anywhere,
        defect,
        sample: args.sample,
        pace: Duration::from_millis(args.pace),
        ..serve::Config::new(args.user.clone(), args.password.clone())
    };
    let running = serve::start(config).map_err(|error| Failure::new(error.to_string()))?;
    terminal.println(&running.url());
    terminal.flush();
    running.wait();
    Err(Failure::new("the server has ended"))
}
