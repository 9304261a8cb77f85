//! Help, completions, usage errors, broken pipes, colour.

use std::io::Read as _;
use std::process::{Command, Stdio};

use super::support::{FOLDER_SYNC, arg, lostmail, scratch};

#[test]
fn help_and_version_are_answers() {
    let help = lostmail(&["--help"]).code(0);
    for word in ["decode", "encode", "completions", "Exit codes"] {
        assert!(help.text().contains(word), "{word}");
    }
    assert!(lostmail(&["--version"]).code(0).text().starts_with("lostmail 0."));
    for command in ["decode", "encode", "completions"] {
        let help = lostmail(&[command, "--help"]).code(0);
        assert!(help.text().contains("Examples:"), "{command}");
    }
}

#[test]
fn a_command_line_that_makes_no_sense_could_not_run() {
    lostmail::<&str>(&[]).code(2).says("Usage");
    lostmail(&["frobnicate"]).code(2).says("lostmail: unrecognized subcommand");
    lostmail(&["decode"]).code(2).says("lostmail: the following required arguments");
    lostmail(&["decode", "--mode", "lax", "-"]).code(2).says("lostmail: invalid value 'lax'");
    lostmail(&["decode", "--limit", "many", "-"]).code(2).says("lostmail: invalid value 'many'");
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = lostmail(&["completions", shell]).code(0);
        assert!(script.text().contains("decode"), "{shell}");
    }
    lostmail(&["completions", "tcsh"]).code(2);
}

#[test]
fn a_reader_that_goes_away_is_not_an_error() {
    // Far more output than a pipe holds.
    let text = "00".repeat(200_000);
    let body = format!("03016a00455c4f4b03{}", "41".repeat(200_000) + "000101010100") + &text;
    let file = scratch("broken-pipe.hex", body.as_bytes());
    let mut child = Command::new(env!("CARGO_BIN_EXE_lostmail"))
        .args(["decode", "--quiet", "--mode", "forensic", "--to", "dump", arg(&file)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 10];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(&first, b"00000000  ");
    assert_eq!(output.status.code(), Some(1), "the damage still counts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked") && !stderr.contains("roken pipe"), "{stderr}");
}

#[test]
fn colour_stays_out_of_files() {
    let file = scratch("colour.wbxml", FOLDER_SYNC);
    for shape in ["xml", "json", "tokens", "dump"] {
        let run = lostmail(&["decode", "--explain", "--to", shape, arg(&file)]).code(0);
        assert!(!run.text().contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{shape}");
    }
}
