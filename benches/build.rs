//! Looks for libwbxml, the peer that the codec is measured against.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(libwbxml)");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_LIBWBXML").is_none() {
        return;
    }
    let asked = Command::new("pkg-config").args(["--modversion", "libwbxml2"]).output();
    let version = asked.ok().filter(|output| output.status.success());
    let version = version.and_then(|output| String::from_utf8(output.stdout).ok());
    match version.as_deref().map(str::trim) {
        // Structures and symbols beyond the conversion API are declared by hand, for this line only.
        Some(version) if version.starts_with("0.11.") => {
            println!("cargo::rustc-cfg=libwbxml");
            println!("cargo::rustc-env=LIBWBXML_VERSION={version}");
            println!("cargo::rustc-link-lib=wbxml2");
        }
        Some(version) => {
            println!("cargo::warning=libwbxml {version} is not 0.11.x: left out as a contender");
        }
        None => println!(
            "cargo::warning=libwbxml2 not found by pkg-config (Debian: libwbxml2-dev): left out as a contender"
        ),
    }
}
