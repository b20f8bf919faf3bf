//! The PostgreSQL that tests use: the one they are told of, or one of their own for as long as the process lives.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use tokio_postgres::NoTls;

/// Starts a cluster in a temporary directory, says `ready <directory>`, and stops when its input ends, which it does when
/// the test process is gone, however it went. PostgreSQL refuses to run as root, hence the change of user.
const SCRIPT: &str = r#"
set -eu
trap '' INT TERM HUP
if [ "$(id -u)" = 0 ]; then as='runuser -u postgres --'; else as=; fi
cd /
dir=$($as mktemp -d "${TMPDIR:-/tmp}/steadfast-postgres.XXXXXX")
$as "$1/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir.log" 2>&1 || { cat "$dir.log" >&2; exit 1; }
rm -f "$dir.log"
options="-c listen_addresses='' -c unix_socket_directories=$dir -c max_connections=300 $2"
$as "$1/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" -o "$options" start >/dev/null 2>&1 </dev/null || { cat "$dir/log" >&2; exit 1; }
echo "ready $dir"
cat >/dev/null
$as "$1/pg_ctl" -D "$dir/data" -s -m immediate stop >/dev/null 2>&1 || true
rm -rf "$dir"
"#;

const NONE_FOUND: &str = "no PostgreSQL to test on: install its binaries (apt-get install postgresql), set \
    STEADFAST_TEST_POSTGRES to a server's URL, or set STEADFAST_TEST_DATABASES=sqlite to test on SQLite alone";

/// A database that tests throw away need not survive the machine.
const FORGETFUL: &str = "-c fsync=off -c full_page_writes=off";

/// The URL of the test server's administrative database.
pub(super) fn url() -> String {
    static SERVER: Server = Server::new();
    SERVER.url(FORGETFUL)
}

/// The same of a server that waits for the disk at each commit, for benches.
pub(super) fn durable_url() -> String {
    static SERVER: Server = Server::new();
    SERVER.url("")
}

/// A server for this process, started when first asked for; its input is kept open until the process ends.
struct Server(OnceLock<Result<(String, Option<ChildStdin>), String>>);

impl Server {
    const fn new() -> Self {
        Self(OnceLock::new())
    }

    fn url(&self, options: &str) -> String {
        let started = self.0.get_or_init(|| match setting("STEADFAST_TEST_POSTGRES") {
            Some(url) => Ok((url, None)),
            None => start(options),
        });
        match started {
            Ok((url, _)) => url.clone(),
            Err(reason) => panic!("{reason}"),
        }
    }
}

/// The same server, another database.
pub(super) fn on(url: &str, database: &str) -> String {
    let (path, query) = url.split_once('?').map_or((url, String::new()), |(path, query)| (path, format!("?{query}")));
    let authority = path.find("://").map_or(0, |scheme| scheme + 3);
    let end = path[authority..].find('/').map_or(path.len(), |slash| authority + slash);
    format!("{}/{database}{query}", &path[..end])
}

#[allow(clippy::disallowed_methods)] // the one home of what tests are configured with
pub(super) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) async fn administer(url: &str, command: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let work = async {
        let outcome = client.batch_execute(command).await;
        drop(client);
        outcome
    };
    let (outcome, _) = tokio::join!(work, connection);
    outcome
}

/// From a drop, which cannot await and may be on a runtime's thread: so on a thread of its own.
pub(super) fn drop_database(admin: &str, name: &str) {
    let command = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let dropped = std::thread::scope(|scope| {
        let dropping = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be built").block_on(administer(admin, &command))
        });
        dropping.join()
    });
    if !matches!(dropped, Ok(Ok(()))) {
        eprintln!("the test database {name} was left behind: {dropped:?}");
    }
}

fn start(options: &str) -> Result<(String, Option<ChildStdin>), String> {
    let binaries = binaries().ok_or(NONE_FOUND)?;
    let mut child = Command::new("sh")
        .args(["-c", SCRIPT, "steadfast-postgres"])
        .arg(&binaries)
        .arg(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("PostgreSQL cannot be started: {error}"))?;
    let input = child.stdin.take().expect("it is piped");
    let mut line = String::new();
    let output = child.stdout.take().expect("it is piped");
    BufReader::new(output)
        .read_line(&mut line)
        .map_err(|error| format!("PostgreSQL's start cannot be read: {error}"))?;
    let Some(directory) = line.trim().strip_prefix("ready ") else { return Err(failure(child)) };
    Ok((format!("postgres://postgres@{}/postgres", directory.replace('/', "%2F")), Some(input)))
}

fn failure(child: Child) -> String {
    match child.wait_with_output() {
        Ok(output) => format!("PostgreSQL did not start: {}", String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => format!("PostgreSQL did not start: {error}"),
    }
}

/// The directory of `initdb`: Debian's of the highest version, else one on the path.
fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").is_file())
        .collect();
    debian.sort();
    let on_path = || {
        let path = setting("PATH")?;
        std::env::split_paths(&path).find(|directory| directory.join("initdb").is_file())
    };
    debian.pop().map(|(_, path)| path).or_else(on_path)
}
