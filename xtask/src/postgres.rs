//! A PostgreSQL of the tests' own: a throw-away cluster on loopback, fast because nothing of it must last.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};
use tempfile::TempDir;

use crate::places;
use crate::process::{self, Program};
use crate::progress::Line;

/// The variable by which tests learn of a server: a URL with the right to make databases.
pub(crate) const VARIABLE: &str = "STEADFAST_TEST_POSTGRES";

const START_LIMIT: Duration = Duration::from_mins(1);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A server that lives as long as this value.
pub(crate) struct Server {
    process: Child,
    port: u16,
    /// Some until the process has ended.
    folder: Option<TempDir>,
}

/// Where `initdb` and `postgres` lie: Debian's newest, else the one on the path.
pub(crate) fn programs() -> Option<PathBuf> {
    let major = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let newest = debian.map(|version| version.path().join("bin")).filter(|it| complete(it)).max_by_key(major);
    newest.or_else(|| std::env::split_paths(&path).find(|folder| complete(folder)))
}

fn complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_isready"].iter().all(|program| folder.join(program).exists())
}

impl Server {
    pub(crate) fn start(line: &Line) -> Result<Self> {
        let Some(programs) = programs() else { bail!("PostgreSQL's programs are missing: run `cargo xtask setup`") };
        let folder = tempfile::Builder::new().prefix("steadfast-postgres-").tempdir()?;
        let owner = Owner::of_clusters()?;
        owner.take(folder.path())?;

        let cluster = folder.path().join("cluster");
        line.say("initdb");
        owner
            .program(&programs.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"])
            .arg(&cluster)
            .dir(folder.path())
            .watch(line)?
            .success()?;

        let port = free_port()?;
        let log = places::logs().join("postgres.log");
        let process = owner
            .program(&programs.join("postgres"))
            .arg("-D")
            .arg(&cluster)
            .arg("-k")
            .arg(folder.path())
            .args(settings(port))
            .dir(folder.path())
            .start(File::create(&log)?)?;
        let mut server = Self { process, port, folder: Some(folder) };
        line.say("waiting until it answers");
        server.wait_until_ready(&programs, &log)?;
        Ok(server)
    }

    /// For [`VARIABLE`].
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self, programs: &Path, log: &Path) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        let port = self.port.to_string();
        while Program::new(programs.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port]).read().is_err() {
            if let Some(status) = self.process.try_wait()? {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                bail!("PostgreSQL did not start ({status}): {}", said.trim());
            }
            if Instant::now() > deadline {
                bail!("PostgreSQL did not answer within {} s; its log: {}", START_LIMIT.as_secs(), log.display());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: it ends sessions and frees its shared memory.
        process::signal(&self.process, Signal::SIGINT);
        let deadline = Instant::now() + STOP_LIMIT;
        while self.process.try_wait().is_ok_and(|status| status.is_none()) {
            if Instant::now() > deadline {
                process::signal(&self.process, Signal::SIGKILL);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(self.folder.take());
    }
}

/// Whose cluster it is: PostgreSQL refuses to run as root.
enum Owner {
    Myself,
    Other(User),
}

impl Owner {
    fn of_clusters() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::Myself);
        }
        let user = User::from_name("postgres")?.context("PostgreSQL refuses root and there is no user `postgres`")?;
        Ok(Self::Other(user))
    }

    fn take(&self, folder: &Path) -> Result<()> {
        if let Self::Other(user) = self {
            std::os::unix::fs::chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
        Ok(())
    }

    /// Run as the owner, and ended by the kernel should this process die without a chance to stop it.
    fn program(&self, program: &Path) -> Program {
        let wrapped = Program::new("setpriv").args(["--pdeathsig", "INT"]);
        match self {
            Self::Myself => wrapped.arg("--").arg(program),
            Self::Other(user) => wrapped
                .arg(format!("--reuid={}", user.uid))
                .arg(format!("--regid={}", user.gid))
                .args(["--init-groups", "--"])
                .arg(program),
        }
    }
}

/// Nothing of this cluster needs to survive, and every test opens pools of its own.
fn settings(port: u16) -> impl Iterator<Item = String> {
    let port = format!("port={port}");
    let settings = [
        "listen_addresses=127.0.0.1",
        &port,
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
        "log_min_messages=warning",
    ];
    settings.map(|setting| format!("--{setting}")).into_iter()
}

/// Free now; that another program takes it in the next milliseconds would show as a start that fails.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_and_leaves_nothing_behind() {
        let server = Server::start(&Line::quiet("postgres-tests").unwrap()).unwrap();
        let psql = Program::new(programs().unwrap().join("psql")).args([&server.url(), "-Atc", "SHOW fsync"]);
        assert_eq!(psql.read().unwrap().trim(), "off");
        let folder = server.folder.as_ref().unwrap().path().to_owned();
        drop(server);
        assert!(!folder.exists());
    }
}
