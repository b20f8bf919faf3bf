//! The floor of fan-out: a program that does nothing but `send` one frame to every socket, on two threads.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};

/// What it answers to whoever connects: the head of a stream.
pub(crate) const GREETING: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: put\n\n";
const THREADS: usize = 2;

/// The program: prints its address, greets who connects, and sends each line of its input to all, as a frame.
#[allow(clippy::print_stdout)]
pub(crate) fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let sockets: [Arc<Mutex<Vec<TcpStream>>>; THREADS] = Default::default();
    let halves = sockets.clone();
    thread::spawn(move || {
        for (at, socket) in listener.incoming().flatten().enumerate() {
            let _ = socket.set_nodelay(true);
            let mut half = halves[at % THREADS].lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever is gone already is noticed by the crowd, which misses a stream.
            let _ = (&socket).write_all(GREETING);
            half.push(socket);
        }
    });
    for line in std::io::stdin().lines() {
        let frame = format!("{}\n\n", line?);
        thread::scope(|scope| {
            for half in &sockets {
                scope.spawn(|| {
                    for socket in half.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                        let _ = (&*socket).write_all(frame.as_bytes());
                    }
                });
            }
        });
    }
    Ok(())
}

/// The running program.
pub(crate) struct Floor {
    child: Child,
    input: ChildStdin,
    pub(crate) address: SocketAddr,
}

impl Floor {
    pub(crate) fn start() -> Result<Self> {
        let itself = std::env::current_exe()?;
        let mut child = Command::new(itself).arg("floor").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().context("piped")?).read_line(&mut address)?;
        let input = child.stdin.take().context("piped")?;
        Ok(Self { child, input, address: address.trim().parse()? })
    }

    /// Sends a frame of one line to all.
    pub(crate) fn send(&mut self, line: &str) -> Result<()> {
        writeln!(self.input, "{line}")?;
        Ok(self.input.flush()?)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
