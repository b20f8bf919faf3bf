//! What cargo knows of the workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::places;
use crate::process::Program;

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// `None` for a package of this workspace.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `None` (normal), `dev` or `build`.
    pub(crate) kind: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// The packages of this workspace alone.
pub(crate) fn workspace() -> Result<Metadata> {
    read(&["--no-deps"])
}

/// Every package that a build on this machine's platform uses.
pub(crate) fn with_dependencies() -> Result<Metadata> {
    let version = Program::new("rustc").arg("-vV").read()?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    read(&["--filter-platform", host])
}

fn read(arguments: &[&str]) -> Result<Metadata> {
    let json = Program::cargo().args(["metadata", "--format-version", "1"]).args(arguments).read()?;
    serde_json::from_str(&json).context("cargo metadata has an unexpected shape")
}

impl Metadata {
    /// The program of a package, as a build in the dev profile leaves it.
    pub(crate) fn program(&self, package: &str) -> Result<PathBuf> {
        let package =
            self.packages.iter().find(|it| it.name == package).with_context(|| format!("no crate `{package}`"))?;
        let program = package.targets.iter().find(|target| target.kind.iter().any(|kind| kind == "bin"));
        let program = program.with_context(|| format!("the crate `{}` has no program", package.name))?;
        Ok(places::target().join("debug").join(&program.name))
    }
}

impl Package {
    /// Its folder from the root of the repository, as `crates/kernel`.
    pub(crate) fn folder(&self) -> String {
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        folder.strip_prefix(places::root()).unwrap_or(folder).to_string_lossy().into_owned()
    }
}
