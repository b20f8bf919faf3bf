//! A Redis of the test's own, on a socket in a directory of its own; it ends with the test, however that ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

/// Ends the server when its own input ends, which it does when the test process is gone.
const SCRIPT: &str = r#"
redis-server --port 0 --unixsocket "$1/redis.sock" --save '' --appendonly no --dir "$1" </dev/null &
cat >/dev/null
kill $!
wait
"#;

pub(crate) struct Server {
    directory: TempDir,
    child: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", SCRIPT, "steadfast-redis"])
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let ready = output.lines().map_while(Result::ok).any(|line| line.contains("eady to accept connections"));
        assert!(ready, "no Redis to test on: install its server (apt-get install redis-server)");
        Self { directory, child }
    }

    pub(crate) fn address(&self) -> String {
        format!("{},shop", self.url())
    }

    pub(crate) async fn connect(&self) -> MultiplexedConnection {
        redis::Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    fn url(&self) -> String {
        format!("redis+unix://{}/redis.sock", self.directory.path().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().expect("the server ends when its input does");
    }
}
