//! A real SMTP server on loopback (RFC 5321, without extensions) that keeps what it is sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A message as it came over the wire.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers and body, with dot-stuffing undone, lines ended by `\n`.
    pub text: String,
}

impl Mail {
    /// The value of a header, unfolded; the first of that name.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// The server; it lives until it is dropped.
pub struct Mailbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    mails: Mutex<Vec<Mail>>,
    count: watch::Sender<usize>,
    refusing: AtomicBool,
}

impl Mailbox {
    /// Opens a mailbox on a free port.
    pub async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            mails: Mutex::default(),
            count: watch::Sender::new(0),
            refusing: AtomicBool::new(false),
        });
        #[allow(clippy::disallowed_methods)] // its own task, ended by Drop
        let task = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on each conversation is answered with 421, as a server that is going down does; or no longer.
    pub fn refuse(&self, refusing: bool) {
        self.shared.refusing.store(refusing, Ordering::SeqCst);
    }

    /// All that came so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until `n` messages have come, at most `patience`.
    pub async fn wait_for(&self, n: usize, patience: Duration) -> Option<Vec<Mail>> {
        let mut count = self.shared.count.subscribe();
        let arrived = tokio::time::timeout(patience, count.wait_for(|count| *count >= n)).await;
        matches!(arrived, Ok(Ok(_))).then(|| self.mails())
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        conversations.spawn(converse(BufStream::new(stream), shared.clone()));
        while conversations.try_join_next().is_some() {}
    }
}

/// One connection; an I/O error is the client's end of it.
async fn converse(mut stream: BufStream<TcpStream>, shared: Arc<Shared>) -> std::io::Result<()> {
    if shared.refusing.load(Ordering::SeqCst) {
        return reply(&mut stream, "421 mailbox is closing").await;
    }
    reply(&mut stream, "220 mailbox").await?;
    let mut to = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "RCPT" => {
                to.extend(line.split(['<', '>']).nth(1).map(str::to_owned));
                reply(&mut stream, "250 OK").await?;
            }
            "DATA" => {
                reply(&mut stream, "354 go on").await?;
                let text = data(&mut stream).await?;
                keep(&shared, Mail { to: std::mem::take(&mut to), text });
                reply(&mut stream, "250 kept").await?;
            }
            "QUIT" => return reply(&mut stream, "221 bye").await,
            _ => reply(&mut stream, "250 OK").await?,
        }
    }
}

/// The message up to the lone dot (RFC 5321 §4.5.2).
async fn data(stream: &mut BufStream<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            // Cut off before its end, as by a kill: no message (§4.1.1.4).
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line.trim_end() == "." {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line).trim_end_matches(['\r', '\n']));
        text.push('\n');
    }
}

fn keep(shared: &Shared, mail: Mail) {
    let mut mails = shared.mails.lock().unwrap_or_else(PoisonError::into_inner);
    mails.push(mail);
    shared.count.send_replace(mails.len());
}

async fn reply(stream: &mut BufStream<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.write_all(line.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keeps_what_it_is_sent_and_refuses_when_told() {
        let mailbox = Mailbox::open().await.unwrap();
        let mut stream = BufStream::new(TcpStream::connect(mailbox.address()).await.unwrap());
        let talk =
            "HELO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nSubject: a\r\n b\r\n\r\n..dot\r\n.\r\nQUIT\r\n";
        stream.write_all(talk.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mails = mailbox.wait_for(1, Duration::from_secs(5)).await.unwrap();
        assert_eq!(mails[0].to, ["b@x"]);
        assert_eq!(mails[0].header("subject").as_deref(), Some("a b"));
        assert!(mails[0].text.ends_with("\n.dot\n"), "{}", mails[0].text);

        mailbox.refuse(true);
        let mut refused = BufStream::new(TcpStream::connect(mailbox.address()).await.unwrap());
        let mut line = String::new();
        refused.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("421"));
    }
}
