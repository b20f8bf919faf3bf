//! What the tasks need and a machine with only Rust, Node and a C compiler lacks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::places;
use crate::postgres;
use crate::process::Program;
use crate::progress::{Line, Progress};

/// The browser of Debian's package `chromium`; the stories start it from here.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";
/// One step of [`everything`]: its name and how it is met.
type Need = (&'static str, fn(&Line) -> Result<String>);

pub(crate) fn everything() -> Result<()> {
    const NEEDS: [Need; 8] = [
        ("PostgreSQL", postgresql),
        ("Redis", redis),
        ("Chromium", chromium),
        ("C++ compiler", cplusplus),
        ("Python packages", python_packages),
        ("conformance packages", conformance_packages),
        ("web packages", web_packages),
        ("e2e packages", e2e_packages),
    ];
    let mut progress = Progress::new(NEEDS.len());
    for (name, meet) in NEEDS {
        progress.step(name, meet)?;
    }
    Ok(())
}

pub(crate) fn web_packages(line: &Line) -> Result<String> {
    node_packages(line, &places::at("web"))
}

pub(crate) fn e2e_packages(line: &Line) -> Result<String> {
    node_packages(line, &places::at("e2e"))
}

pub(crate) fn conformance_packages(line: &Line) -> Result<String> {
    node_packages(line, &places::at("conformance"))
}

const HERE: &str = "already here";

/// `npm ci`, unless the folder's packages are those of its lock file.
fn node_packages(line: &Line, folder: &Path) -> Result<String> {
    let name = folder.strip_prefix(places::root()).unwrap_or(folder).display().to_string();
    let lock = folder.join("package-lock.json");
    let locked = std::fs::read(&lock).with_context(|| format!("{name}/package-lock.json cannot be read"))?;
    // A copy of the lock that was installed last: exact, and gone whenever node_modules is.
    let installed = folder.join("node_modules/.installed-package-lock.json");
    if std::fs::read(&installed).is_ok_and(|installed| installed == locked) {
        return Ok(HERE.to_owned());
    }
    if Program::new("npm").arg("--version").read().is_err() {
        bail!("Node.js with npm is missing: install Node 20 or later");
    }
    line.announce(&format!("installing the packages of {name}: npm ci"));
    Program::new("npm")
        .args(["ci", "--no-audit", "--no-fund"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .dir(folder)
        .watch(line)?
        .installed()
        .with_context(|| format!("the npm packages of {name} cannot be had"))?;
    std::fs::write(installed, locked)?;
    Ok("installed".to_owned())
}

/// PostgreSQL's programs; no cluster is made or started: the tests start their own.
pub(crate) fn postgresql(line: &Line) -> Result<String> {
    if let Some(programs) = postgres::programs() {
        return Ok(format!("{HERE}: {}", programs.display()));
    }
    without_a_cluster(line, || apt::install(line, "PostgreSQL", &["postgresql"]))?;
    match postgres::programs() {
        Some(programs) => Ok(format!("installed: {}", programs.display())),
        None => bail!("PostgreSQL was installed, yet no initdb is to be found"),
    }
}

/// Debian's package makes a cluster and starts it at every boot unless this file says otherwise (pg_createcluster(1)).
fn without_a_cluster(line: &Line, install: impl FnOnce() -> Result<()>) -> Result<()> {
    const FILE: &str = "/etc/postgresql-common/createcluster.d/no-main-cluster.conf";
    let script = format!("mkdir -p $(dirname {FILE}) && echo 'create_main_cluster = false' > {FILE}");
    apt::as_root("sh").args(["-c", &script]).watch(line)?;
    let result = install();
    apt::as_root("rm").args(["-f", FILE]).watch(line)?;
    result
}

/// Redis' server; none is left running: the tests start their own.
pub(crate) fn redis(line: &Line) -> Result<String> {
    const SERVER: &str = "/usr/bin/redis-server";
    if Program::new("redis-server").arg("--version").read().is_ok() {
        return Ok(HERE.to_owned());
    }
    without_a_service(line, || apt::install(line, "Redis", &["redis-server"]))?;
    Ok(format!("installed: {SERVER}"))
}

/// Debian starts what it installs unless this program forbids it (invoke-rc.d(8)); one that is there is left alone.
fn without_a_service(line: &Line, install: impl FnOnce() -> Result<()>) -> Result<()> {
    const FILE: &str = "/usr/sbin/policy-rc.d";
    if Path::new(FILE).exists() {
        return install();
    }
    let script = format!("printf '#!/bin/sh\\nexit 101\\n' > {FILE} && chmod +x {FILE}");
    apt::as_root("sh").args(["-c", &script]).watch(line)?;
    let result = install();
    apt::as_root("rm").args(["-f", FILE]).watch(line)?;
    result
}

pub(crate) fn chromium(line: &Line) -> Result<String> {
    if Path::new(CHROMIUM).exists() {
        return Ok(format!("{HERE}: {CHROMIUM}"));
    }
    apt::install(line, "Chromium", &["chromium", "fonts-liberation"])?;
    Ok(format!("installed: {CHROMIUM}"))
}

/// libFuzzer is C++.
pub(crate) fn cplusplus(line: &Line) -> Result<String> {
    if Program::new("c++").arg("--version").read().is_ok() {
        return Ok(HERE.to_owned());
    }
    apt::install(line, "a C++ compiler", &["g++"])?;
    Ok("installed".to_owned())
}

/// The interpreter that has the packages of conformance/requirements.txt.
pub(crate) fn python() -> PathBuf {
    environment().join("bin/python")
}

fn environment() -> PathBuf {
    places::target().join("python-venv")
}

pub(crate) fn python_packages(line: &Line) -> Result<String> {
    let requirements = places::at("conformance/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).context("conformance/requirements.txt cannot be read")?;
    let installed = environment().join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(HERE.to_owned());
    }
    line.announce("installing the Python packages of conformance: pip install");
    if !virtual_environment("python3", line)? {
        apt::install(line, "Python's venv", &["python3", "python3-venv"])?;
        if !virtual_environment("/usr/bin/python3", line)? {
            bail!("a Python environment cannot be made: `python3 -m venv` fails even with python3-venv installed");
        }
    }
    Program::new(python())
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements)
        .watch(line)?
        .installed()
        .context("the Python packages cannot be had")?;
    std::fs::write(installed, wanted)?;
    Ok("installed".to_owned())
}

fn virtual_environment(interpreter: &str, line: &Line) -> Result<bool> {
    if Program::new(interpreter).arg("--version").read().is_err() {
        return Ok(false);
    }
    let made = Program::new(interpreter).args(["-m", "venv", "--clear"]).arg(environment()).watch(line)?;
    Ok(made.succeeded())
}
