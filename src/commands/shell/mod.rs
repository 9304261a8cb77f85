//! `lostmail shell`: a test device at a prompt.
//!
//! * `line`: a line taken apart, and what of it a history may keep;
//! * `words`: the commands, in one table;
//! * `editor`: lines from a person or from a pipe;
//! * `device`: the account, and calls to its server;
//! * `calls`: provision, hierarchy, Sync, Ping and the like;
//! * `mails`: what the user of the device does to mails;
//! * `compare`: the mailbox's other hand, and whether both sides hold the same;
//! * `print`: how folders, mails and exchanges look.

use std::env;

use crate::cli::{Failure, Outcome};
use crate::output::Terminal;

mod calls;
mod compare;
mod device;
mod editor;
mod line;
mod mails;
mod print;
mod words;

use device::{Shell, Stop};
use editor::{Input, Source};
use line::Line;
use words::{Verb, Word};

/// Be a test device at a prompt: provision, synchronise, look, lose answers on purpose.
#[derive(Debug, clap::Args)]
#[command(after_help = "The six calls, as they stand or as plain words:\n  \
    set_account(\"server\", \"username\", \"password\")\n  \
    provision_device()\n  \
    folder_sync()\n  \
    test_sync_reset()\n  \
    test_sync()\n  \
    print_emails()\n\
    `help` in the shell lists the others. Lines may come from a pipe: then there is no prompt, and the \
    first command that fails ends it with exit code 2; 1 if `compare` found a difference.\n\n\
    Examples:\n  \
    lostmail shell embedded\n  \
    lostmail shell https://mail.example --user alice\n  \
    LOSTMAIL_PASSWORD=alice-pw lostmail shell http://127.0.0.1:28000 --user alice \\\n    \
        --password-env LOSTMAIL_PASSWORD < steps")]
pub struct Args {
    /// URL or host of the server, or `embedded`; the same as a first `set_account`
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// User, for a `set_account` that names none
    #[arg(long, short)]
    user: Option<String>,
    /// Environment variable that holds the password; without it, it is asked for
    #[arg(long, value_name = "VAR")]
    password_env: Option<String>,
}

/// Runs the shell until its lines end.
pub fn run(args: &Args, terminal: &mut Terminal) -> Result<Outcome, Failure> {
    let password = args.password_env.as_deref().map(password_from).transpose()?;
    let mut source = Source::of_this_process()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut shell = Shell::new(terminal, args.user.clone(), password, !source.is_pipe());
    if let Some(url) = &args.url {
        let line = Line { name: "set_account".into(), arguments: vec![url.clone()] };
        match runtime.block_on(shell.obey(&line)) {
            Err(failure) if source.is_pipe() => return Err(failure),
            Err(failure) => shell.terminal.error(&failure),
            Ok(_) => {}
        }
    } else if !source.is_pipe() {
        shell.terminal.println("`help` lists the commands; begin with set_account.");
    }
    let mut number = 0_u64;
    loop {
        shell.terminal.flush();
        if shell.terminal.is_closed() {
            break;
        }
        number += 1;
        let at = |failure: Failure| Failure::new(format!("line {number}: {failure}"));
        let (prompt, folders) = (shell.prompt(), shell.folder_names());
        let text = match source.next(&prompt, folders) {
            Ok(Input::Text(text)) => text,
            Ok(Input::Nothing) => continue,
            Ok(Input::End) => break,
            Err(failure) => return Err(at(failure)),
        };
        let parsed = Line::parse(&text).map_err(Failure::new);
        let obeyed = match parsed {
            Ok(None) => continue,
            Ok(Some(line)) if source.is_pipe() => runtime.block_on(shell.obey(&line)),
            Ok(Some(line)) => runtime.block_on(async {
                tokio::select! {
                    done = shell.obey(&line) => done,
                    Ok(()) = tokio::signal::ctrl_c() => Err(Failure::new("given up")),
                }
            }),
            Err(failure) => Err(failure),
        };
        match obeyed {
            Ok(true) => {}
            Ok(false) => break,
            Err(failure) if source.is_pipe() => return Err(at(failure)),
            Err(failure) => {
                shell.hang_up();
                shell.terminal.error(&failure);
            }
        }
    }
    Ok(if shell.found && source.is_pipe() { Outcome::Found } else { Outcome::Clean })
}

/// The password in an environment variable.
fn password_from(variable: &str) -> Result<String, Failure> {
    match env::var(variable) {
        Ok(password) => Ok(password),
        Err(env::VarError::NotPresent) => {
            Err(Failure::new(format!("the environment has no variable {variable}")))
        }
        Err(env::VarError::NotUnicode(_)) => {
            Err(Failure::new(format!("the variable {variable} is not UTF-8")))
        }
    }
}

impl Shell<'_> {
    /// Does what a line says; `false` when it says to end.
    async fn obey(&mut self, line: &Line) -> Result<bool, Failure> {
        let Some(word) = Word::find(&line.name) else {
            return Err(Failure::new(format!(
                "there is no command `{}`; `help` lists them",
                crate::output::text::shortened(&line.name, 40)
            )));
        };
        let (fewest, most) = word.count;
        if !(fewest..=most).contains(&line.arguments.len()) {
            return Err(Failure::new(format!("use it as `{}`", word.synopsis())));
        }
        if word.verb == Verb::Quit {
            return Ok(false);
        }
        // Nothing nests: what is retried is never `retry` itself.
        let again = if word.verb == Verb::Retry { Some(self.take_retry()?) } else { None };
        let line = again.as_ref().unwrap_or(line);
        let verb = again.as_ref().and_then(|line| Word::find(&line.name)).unwrap_or(word).verb;
        let done = Box::pin(self.act(verb, &line.arguments)).await;
        self.after(line, &done);
        match done {
            Ok(()) | Err(Stop::Lost) => Ok(true),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    async fn act(&mut self, verb: Verb, arguments: &[String]) -> Result<(), Stop> {
        let argument = |index: usize| arguments.get(index).map(String::as_str);
        let first = argument(0).unwrap_or_default();
        match verb {
            Verb::SetAccount => self.set_account(first, argument(1), argument(2)).await,
            Verb::Provision => self.provision_device().await,
            Verb::FolderSync => self.folder_sync().await,
            Verb::Reset => self.test_sync_reset().await,
            Verb::Sync => self.test_sync().await,
            Verb::PrintEmails => self.print_emails(),
            Verb::Folders => self.folders(),
            Verb::Use => self.use_folder(first),
            Verb::Read => self.read(first, argument(1)),
            Verb::Flag => self.flag(first, argument(1)),
            Verb::Delete => self.delete(first, argument(1)),
            Verb::Move => self.move_mail(first, argument(1).unwrap_or_default()),
            Verb::Ping => self.ping(argument(0)).await,
            Verb::Estimate => self.estimate().await,
            Verb::Options => self.options().await,
            Verb::Show => self.show(first),
            Verb::Lose => self.lose(argument(0)),
            Verb::Imap => self.imap(first, argument(1), argument(2)).await,
            Verb::Deliver => self.deliver(argument(0)).await,
            Verb::Compare => self.compare().await,
            Verb::Help => self.help(argument(0)),
            Verb::Retry | Verb::Quit => Ok(()),
        }
    }

    fn help(&mut self, name: Option<&str>) -> Result<(), Stop> {
        let text = match name {
            None => words::help(),
            Some(name) => match Word::find(name) {
                Some(word) => words::help_on(word),
                None => return Err(Stop::failed("there is no such command; `help` lists them")),
            },
        };
        self.terminal.print(&text);
        Ok(())
    }
}
