//! The real `steadfast edge` as a child process, killed as a machine would.

use std::path::{Path, PathBuf};

use anyhow::Result;
use tokio::process::Child;

use crate::binary::{Run, launch};

/// A running edge on its own data directory.
pub struct Edge {
    binary: PathBuf,
    directory: PathBuf,
    arguments: Vec<String>,
    child: Child,
    url: String,
}

impl Edge {
    /// Starts `binary` with `directory` as its data directory, on a free port of loopback.
    pub async fn start(binary: &Path, directory: &Path, arguments: &[&str]) -> Result<Self> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let run = Run { binary, command: "edge", directory, arguments: &arguments };
        let (child, url, _) = launch(&run, "127.0.0.1:0").await?;
        Ok(Self { binary: binary.to_owned(), directory: directory.to_owned(), arguments, child, url })
    }

    /// Its address, `http://127.0.0.1:PORT`; the same after [`Self::restart`].
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// SIGKILL: no goodbye, as when a machine dies.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Starts again on the same data and the same port, after [`Self::kill`].
    pub async fn restart(&mut self) -> Result<()> {
        let address = self.url.trim_start_matches("http://").to_owned();
        let run = Run { binary: &self.binary, command: "edge", directory: &self.directory, arguments: &self.arguments };
        (self.child, self.url, _) = launch(&run, &address).await?;
        Ok(())
    }
}
