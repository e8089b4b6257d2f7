//! Compiles `helper/` into the static program that goes into every container, for `src/adapters/docker` to embed.
//!
//! It is not a Cargo target: it must be static, small and free of dependencies whatever the rest is built with.

use std::{env, path::PathBuf, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=helper");
    // They are embedded by a macro that cannot tell Cargo about a file that was added.
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let output = PathBuf::from(variable("OUT_DIR")).join("helper");
    let mut rustc = Command::new(variable("RUSTC"));
    rustc
        .arg("helper/main.rs")
        .args(["--crate-name", "helper", "--edition", "2024", "--target", &variable("TARGET")])
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "opt-level=s",
            "-C",
            "lto=thin",
            "-C",
            "codegen-units=1",
        ])
        .args(["-C", "panic=abort", "-C", "strip=symbols", "-D", "warnings", "-o"])
        .arg(&output);
    if let Ok(linker) = read("RUSTC_LINKER") {
        rustc.args(["-C", &format!("linker={linker}")]);
    }
    let status = rustc.status().unwrap_or_else(|error| panic!("{rustc:?} cannot be run: {error}"));
    assert!(
        status.success(),
        "the helper does not compile; its static C library may be missing (Debian: libc6-dev)"
    );
}

fn variable(name: &str) -> String {
    read(name).unwrap_or_else(|error| panic!("Cargo sets {name} for build scripts: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "Cargo speaks to build scripts through the environment")]
fn read(name: &str) -> Result<String, env::VarError> {
    env::var(name)
}
