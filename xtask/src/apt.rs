//! Debian's packages, installed as root or by a sudo that asks nothing.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use crate::process::Program;
use crate::progress::Line;

/// Package lists are fetched once in a run.
static LISTS_ARE_FRESH: AtomicBool = AtomicBool::new(false);

/// Installs what is named; `what` is the sentence's subject when it cannot be had.
pub(crate) fn install(line: &Line, what: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get install {}", packages.join(" "));
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("{what} is missing and this machine has no apt-get to install it with");
    }
    if !may_install()? {
        bail!("{what} is missing and installing it needs root: run `sudo {by_hand}`");
    }
    line.announce(&format!("installing {what}: {by_hand}"));
    fetch(line, packages).with_context(|| format!("{what} cannot be had"))
}

fn fetch(line: &Line, packages: &[&str]) -> Result<()> {
    if !LISTS_ARE_FRESH.load(Ordering::Relaxed) {
        as_root("apt-get").args(["update", "--quiet"]).watch(line)?.installed()?;
        LISTS_ARE_FRESH.store(true, Ordering::Relaxed);
    }
    as_root("env")
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--quiet", "--no-install-recommends"])
        .args(packages)
        .watch(line)?
        .installed()
}

/// `program` with root's rights: itself when root runs the task, by sudo otherwise.
pub(crate) fn as_root(program: &str) -> Program {
    if nix::unistd::geteuid().is_root() { Program::new(program) } else { Program::new("sudo").args(["-n", program]) }
}

fn may_install() -> Result<bool> {
    Ok(nix::unistd::geteuid().is_root() || as_root("true").watch(&Line::quiet("sudo")?).is_ok_and(|it| it.succeeded()))
}
