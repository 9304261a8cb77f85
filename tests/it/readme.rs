//! The examples of README, run: a `console` block is a list of commands, each with its output.

use std::path::Path;
use std::process::Command;

use super::support::run;

/// A command of a block, and what README says it prints.
struct Example {
    command: String,
    output: String,
}

fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match (inside, line.strip_prefix("$ ")) {
            (false, _) => inside = line == "```console",
            (true, _) if line == "```" => inside = false,
            (true, Some(command)) => {
                examples.push(Example { command: command.to_owned(), output: String::new() });
            }
            (true, None) => {
                if let Some(example) = examples.last_mut() {
                    example.output.push_str(line);
                    example.output.push('\n');
                }
            }
        }
    }
    examples
}

#[test]
fn the_examples_of_readme_are_true() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("README.md");
    let program = Path::new(env!("CARGO_BIN_EXE_lostmail"));
    let programs = program.parent().expect("the program is in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = vec![programs.to_owned()];
    all.extend(std::env::split_paths(&path));
    let path = std::env::join_paths(all).expect("a search path");
    let mut checked = 0;
    // The commands that build everything are checked by CI, not from within a test.
    for example in examples(&readme).iter().filter(|example| !example.command.contains("cargo ")) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1; {}", example.command)]);
        let run = run(shell.env("PATH", &path).current_dir(folder), b"");
        assert_eq!(run.text().trim_end(), example.output.trim_end(), "$ {}", example.command);
        checked += 1;
    }
    assert!(checked >= 5, "only {checked} examples were found");
}
