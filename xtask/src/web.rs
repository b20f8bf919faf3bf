//! The console: its packages, its checks, and the bundle that the binary embeds.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::places;
use crate::process::{Output, Program};
use crate::progress::{Line, Progress};
use crate::provision;

/// `cargo xtask web`.
pub(crate) fn task() -> Result<()> {
    let mut progress = Progress::new(2);
    progress.step("web packages", provision::web_packages)?;
    progress.step("console", |line| build(line).map(|()| "web/dist"))?;
    Ok(())
}

/// Two steps that leave web/dist current; quick when it is.
pub(crate) fn ready(progress: &mut Progress) -> Result<()> {
    progress.step("web packages", provision::web_packages)?;
    progress.step("console", build_if_stale)?;
    Ok(())
}

pub(crate) fn build_if_stale(line: &Line) -> Result<String> {
    if is_current()? {
        return Ok("web/dist is current".to_owned());
    }
    build(line)?;
    Ok("web/dist built".to_owned())
}

fn build(line: &Line) -> Result<()> {
    npm(line, &["run", "build"])?.success()?;
    Ok(())
}

/// Types and lint.
pub(crate) fn check(line: &Line) -> Result<()> {
    npm(line, &["run", "check"])?.success()?;
    Ok(())
}

pub(crate) fn unit_tests(line: &Line) -> Result<Output> {
    npm(line, &["test"])
}

fn npm(line: &Line, arguments: &[&str]) -> Result<Output> {
    Program::new("npm").args(arguments).env("CI", "true").dir(places::at("web")).watch(line)
}

/// Whether nothing that the bundle is made of changed after it was built. A folder's own time tells of removed files.
fn is_current() -> Result<bool> {
    let Ok(built) = fs::metadata(places::at("web/dist/index.html")).and_then(|it| it.modified()) else {
        return Ok(false);
    };
    Ok(newest(&places::at("web"))? < built)
}

fn newest(path: &Path) -> Result<SystemTime> {
    let about = fs::symlink_metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut newest = SystemTime::UNIX_EPOCH;
    if !about.is_dir() {
        return Ok(about.modified()?);
    }
    // The top folder changes whenever dist is made anew, so only what lies in it counts.
    if path != places::at("web") {
        newest = about.modified()?;
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() != "node_modules" && entry.file_name() != "dist" {
            newest = newest.max(self::newest(&entry.path())?);
        }
    }
    Ok(newest)
}
