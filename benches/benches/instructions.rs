//! Instructions per token of each operation, counted by callgrind; prints Markdown.
//!
//! ```text
//! cargo bench -p benches --bench instructions
//! ```

use activesync_generator::shapes;
use benches::instructions::{Counter, OPERATIONS, child};
use benches::targets;
use std::io;
use std::process::ExitCode;

/// The documents.
const KEYS: [&str; 4] = ["a", "c", "d", "g"];

fn main() -> io::Result<ExitCode> {
    if let Some(code) = child() {
        return Ok(code);
    }
    // `cargo test --benches` wants to see that it starts, not to wait for it.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(ExitCode::SUCCESS);
    }
    let Some(counter) = Counter::new()? else { return Ok(ExitCode::SUCCESS) };
    let shapes: Vec<_> = shapes::all()
        .expect("shapes are documents")
        .into_iter()
        .filter(|shape| KEYS.contains(&shape.key))
        .collect();
    println!("| instructions per token | {} |", KEYS.join(" | "));
    println!("|---|{}", "---:|".repeat(KEYS.len()));
    let mut missed = 0;
    for operation in OPERATIONS {
        print!("| {operation} |");
        for shape in &shapes {
            let tokens = shape.count().expect("a shape is a document").tokens() as u64;
            let count = counter.count(operation, &shape.bytes, 1, 10)?;
            let is = (count + tokens / 2) / tokens;
            let most = targets::instructions_per_token(operation, shape.key);
            let miss = most.is_some_and(|most| is > most);
            missed += usize::from(miss);
            let bar = most.map_or(String::new(), |most| format!(" (at most {most})"));
            print!(" {is}{bar}{} |", if miss { " **miss**" } else { "" });
        }
        println!();
    }
    println!("\n{missed} of these are a miss.");
    Ok(ExitCode::SUCCESS)
}
