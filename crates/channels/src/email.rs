//! Pages by e-mail, over SMTP (RFC 5321), in text and HTML.

use std::time::{Duration, SystemTime};

use kernel::{Timestamp, words};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use oncall::page::Letter;
use url::Url;

/// How long a mail server may take to answer one command.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Which mail server takes our mail, and whose name is on it.
#[derive(Clone)]
pub struct MailConfig {
    /// `smtp://mail.example.com:25`, `smtps://user:password@mail.example.com`, or `smtp://…:587?tls=required` for STARTTLS.
    pub url: String,
    /// The sender, such as `Steadfast <steadfast@example.com>`.
    pub from: String,
}

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
pub enum BadMail {
    /// The URL of the mail server is none.
    #[error("the mail server's address is not valid: {0}")]
    Url(String),
    /// The sender is no address.
    #[error("the sender of mail is not a valid address: {0}")]
    From(String),
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address cannot be one.
    #[error("the address is not valid")]
    BadAddress,
    /// The mail could not be put together.
    #[error("the mail cannot be written: {0}")]
    Unwritable(#[from] lettre::error::Error),
    /// The mail server is away, or refused.
    #[error("{0}")]
    Refused(String),
}

/// A mail server, and the sender of what it gets: a cheap handle to clone.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// The right side of message ids.
    domain: String,
}

/// A mail to one person.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The idempotency key, the same in every attempt.
    pub id: &'a str,
    /// What several mails about the same thing have in common; mail readers show them together.
    pub thread: Option<&'a str>,
    /// Where to.
    pub address: &'a str,
    /// What to say.
    pub letter: &'a Letter,
    /// Whether to mark it as urgent.
    pub urgent: bool,
}

impl Mail {
    /// `base_url` is where people reach Steadfast; its host is in the message ids.
    pub fn new(config: &MailConfig, base_url: &str) -> Result<Self, BadMail> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.url)
            .map_err(|error| BadMail::Url(words::causes(&error)))?
            .timeout(Some(TIMEOUT))
            .build();
        let from = config.from.parse().map_err(|_| BadMail::From(config.from.clone()))?;
        let host = Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        Ok(Self { transport, from, domain: host.unwrap_or_else(|| "steadfast.invalid".to_owned()) })
    }

    /// Hands it to the mail server; `Ok` says that the server took it, not that anybody has it.
    pub async fn send(&self, mail: Outgoing<'_>, now: Timestamp) -> Result<(), MailError> {
        let message = self.write(mail, now)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(MailError::Refused(words::causes(&error))),
        }
    }

    fn write(&self, mail: Outgoing<'_>, now: Timestamp) -> Result<Message, MailError> {
        let Outgoing { id, thread, address, letter, urgent } = mail;
        let to = Mailbox::new(None, address.parse().map_err(|_| MailError::BadAddress)?);
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .date(wall(now))
            .message_id(Some(self.message_id(id)))
            // So that no out-of-office answers a page (RFC 3834 §5).
            .raw_header(plain("Auto-Submitted", "auto-generated"));
        if let Some(thread) = thread {
            let root = self.message_id(thread);
            message = message.in_reply_to(root.clone()).references(root);
        }
        if urgent {
            message = message.raw_header(plain("X-Priority", "1")).raw_header(plain("Importance", "high"));
        }
        Ok(message.multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))?)
    }

    fn message_id(&self, id: &str) -> String {
        format!("<{id}@{}>", self.domain)
    }
}

fn plain(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn wall(now: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0))
}
