//! Many streams that do nothing but read, on one thread: so the crowd takes as little of the cores as it can.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// So many wait to be connected at once: fewer than the 128 that the queue of a plain listener holds.
const STRIDE: usize = 100;

/// A crowd of streams.
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    members: Vec<Member>,
    buffer: Vec<u8>,
}

struct Member {
    socket: TcpStream,
    asked: bool,
    /// The end of what was read last, in which a word may have begun.
    tail: Vec<u8>,
    heard: bool,
}

/// When each of the crowd had heard the word, since the start; sorted.
#[derive(Debug)]
pub(crate) struct Heard(pub(crate) Vec<Duration>);

impl Heard {
    /// When the last had heard it.
    pub(crate) fn last(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }

    /// When half had.
    pub(crate) fn half(&self) -> Duration {
        self.0[self.0.len() / 2]
    }
}

/// What the stream of this number asks.
pub(crate) type Ask<'a> = &'a dyn Fn(usize) -> Vec<u8>;

impl Crowd {
    /// Connects `size` streams at a pace that no queue overflows, each asks, and waits until each has heard `word`.
    pub(crate) fn gather(address: SocketAddr, ask: Ask<'_>, word: &[u8], size: usize) -> Result<Self> {
        let mut crowd = Self::new(size)?;
        while crowd.members.len() < size {
            let begun = crowd.members.len();
            crowd.connect(address, STRIDE.min(size - begun))?;
            crowd.wait(Some(ask), word, Instant::now(), Duration::from_mins(1))?;
        }
        Ok(crowd)
    }

    /// The same all at once: a storm. When each had heard the word.
    pub(crate) fn storm(address: SocketAddr, ask: Ask<'_>, word: &[u8], size: usize) -> Result<(Self, Heard)> {
        let mut crowd = Self::new(size)?;
        let start = Instant::now();
        crowd.connect(address, size)?;
        let heard = crowd.wait(Some(ask), word, start, Duration::from_mins(2))?;
        Ok((crowd, heard))
    }

    fn new(size: usize) -> Result<Self> {
        let (poll, events) = (Poll::new()?, Events::with_capacity(4_096));
        Ok(Self { poll, events, members: Vec::with_capacity(size), buffer: vec![0; 256 << 10] })
    }

    fn connect(&mut self, address: SocketAddr, size: usize) -> Result<()> {
        for _ in 0..size {
            let mut socket = TcpStream::connect(address)?;
            let token = Token(self.members.len());
            self.poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
            self.members.push(Member { socket, asked: false, tail: Vec::new(), heard: false });
        }
        Ok(())
    }

    /// Waits until each has heard `word` after this call.
    pub(crate) fn hear(&mut self, word: &[u8], start: Instant) -> Result<Heard> {
        for member in &mut self.members {
            member.heard = false;
            member.tail.clear();
        }
        self.wait(None, word, start, Duration::from_secs(30))
    }

    fn wait(&mut self, ask: Option<Ask<'_>>, word: &[u8], start: Instant, patience: Duration) -> Result<Heard> {
        let mut heard = Vec::with_capacity(self.members.len());
        let mut missing = self.members.iter().filter(|member| !member.heard).count();
        while missing > 0 {
            ensure!(start.elapsed() < patience, "{missing} of {} have heard nothing", self.members.len());
            self.poll.poll(&mut self.events, Some(Duration::from_millis(200)))?;
            for event in &self.events {
                let member = &mut self.members[event.token().0];
                if let Some(ask) = ask.filter(|_| !member.asked && event.is_writable()) {
                    member.socket.write_all(&ask(event.token().0))?;
                    member.asked = true;
                }
                if event.is_readable() && member.read(&mut self.buffer, word)? {
                    missing -= 1;
                    heard.push(start.elapsed());
                }
            }
        }
        Ok(Heard(heard))
    }
}

impl Member {
    /// Reads what is there; whether the word was heard for the first time.
    fn read(&mut self, buffer: &mut [u8], word: &[u8]) -> Result<bool> {
        let before = self.heard;
        loop {
            match self.socket.read(buffer) {
                Ok(0) => anyhow::bail!("a stream ended"),
                Ok(read) if !self.heard => self.listen(&buffer[..read], word),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(self.heard && !before),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn listen(&mut self, read: &[u8], word: &[u8]) {
        let found = |text: &[u8]| text.windows(word.len()).any(|window| window == word);
        let head = &read[..read.len().min(word.len())];
        self.tail.extend_from_slice(head);
        self.heard = found(&self.tail) || found(read);
        let keep = read.len().saturating_sub(word.len());
        self.tail.clear();
        self.tail.extend_from_slice(&read[keep..]);
    }
}
