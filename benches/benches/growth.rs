//! Whether work grows as the document does: instructions for n, 2n, 4n and 8n siblings, levels and
//! bytes of one string, counted by callgrind. The exit code is 1 where it does not.
//!
//! ```text
//! cargo bench -p benches --bench growth
//! ```

use benches::instructions::{Counter, ERROR, OPERATIONS, child};
use std::io;
use std::process::ExitCode;
use wbxml::Encoder;
use wbxml::tags::{air_sync, air_sync_base, folder_hierarchy as folder};

/// How far above the straight line is allowed.
const TOLERANCE: f64 = 0.10;

/// Documents of a kind, for some sizes.
struct Series {
    name: &'static str,
    sizes: [usize; 4],
    document: fn(usize) -> Vec<u8>,
}

const SERIES: [Series; 3] = [
    Series { name: "siblings", sizes: [1000, 2000, 4000, 8000], document: siblings },
    Series { name: "levels", sizes: [1000, 2000, 4000, 8000], document: levels },
    Series { name: "MB of one string", sizes: [1, 4, 16, 64], document: string },
];

fn siblings(count: usize) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.start(folder::CHANGES);
    for number in 0..count {
        encoder.start(folder::ADD);
        encoder.leaf(folder::SERVER_ID, &format!("{number:08x}"));
        encoder.leaf(folder::DISPLAY_NAME, "Folder & <sub>folder");
        encoder.leaf_opaque(air_sync_base::DATA, &[0, 0xFF, 1, 2]);
        encoder.end();
    }
    encoder.end();
    encoder.finish().expect("a document")
}

fn levels(count: usize) -> Vec<u8> {
    let mut encoder = Encoder::new();
    for _ in 0..count {
        encoder.start(air_sync::COLLECTION);
        encoder.leaf(air_sync::SYNC_KEY, "0");
    }
    for _ in 0..count {
        encoder.end();
    }
    encoder.finish().expect("a document")
}

fn string(megabytes: usize) -> Vec<u8> {
    let line = "Seventy-four characters of text and no more than that, the usual for mail.\r\n";
    let mut encoder = Encoder::new();
    encoder.leaf(air_sync_base::DATA, &line.repeat((megabytes << 20) / line.len()));
    encoder.finish().expect("a document")
}

fn main() -> io::Result<ExitCode> {
    if let Some(code) = child() {
        return Ok(code);
    }
    // `cargo test --benches` wants to see that it starts, not to wait for it.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(ExitCode::SUCCESS);
    }
    let Some(counter) = Counter::new()? else { return Ok(ExitCode::SUCCESS) };
    let mut bent = 0;
    for Series { name, sizes, document } in SERIES {
        let sizes_shown = sizes.map(|size| size.to_string()).join(" | ");
        println!("| instructions per byte, {name} | {sizes_shown} | linear |");
        println!("|---|---:|---:|---:|---:|---|");
        for operation in OPERATIONS.into_iter().chain([ERROR]) {
            let mut per_byte = Vec::with_capacity(sizes.len());
            for size in sizes {
                let bytes = document(size);
                let count = counter.count(operation, &bytes, 0, 1)?;
                per_byte.push(count as f64 / bytes.len() as f64);
            }
            // What is done once, and copies that the processor does another way from some size on,
            // cost less per byte in a longer document: only more is a bend.
            let straight = per_byte.iter().all(|is| *is <= per_byte[0] * (1.0 + TOLERANCE));
            bent += usize::from(!straight);
            let shown: Vec<_> = per_byte.iter().map(|is| format!("{is:.3}")).collect();
            let verdict = if straight { "yes" } else { "**no**" };
            println!("| {operation} | {} | {verdict} |", shown.join(" | "));
        }
        println!();
    }
    println!(
        "{}",
        match bent {
            0 => "Nothing grows faster than the document by more than 10 %.".to_owned(),
            bent => format!("{bent} of these grow faster than the document."),
        }
    );
    Ok(ExitCode::from(u8::from(bent > 0)))
}
