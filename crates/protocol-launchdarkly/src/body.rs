//! The body of an event post: unpacked within a bound, and named for recognising a retry.

use std::borrow::Cow;
use std::io::Read;

use delivery::KeyKind;
use delivery::event::{Original, Words};
use flate2::read::GzDecoder;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// As sent. An SDK's buffer holds 10,000 events of some 320 bytes (`feasibility.md` §3.3): 3.2 MB.
pub(crate) const MAX_SENT: usize = 8 << 20;
/// Unpacked; a bomb stops here.
const MAX_UNPACKED: u64 = 32 << 20;

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the body is too large")]
    TooLarge,
    #[error("the body says that it is gzip, and is not")]
    NotGzip(#[source] std::io::Error),
    #[error("the body is not UTF-8")]
    NotText,
}

/// The text of the body; borrowed when it was not packed.
pub(crate) fn text<'b>(headers: &HeaderMap, sent: &'b [u8]) -> Result<Cow<'b, str>, Refused> {
    let packed = headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    if !packed {
        return std::str::from_utf8(sent).map(Cow::Borrowed).map_err(|_| Refused::NotText);
    }
    let mut unpacked = Vec::new();
    let read = GzDecoder::new(sent).take(MAX_UNPACKED + 1).read_to_end(&mut unpacked).map_err(Refused::NotGzip)?;
    if read as u64 > MAX_UNPACKED {
        return Err(Refused::TooLarge);
    }
    String::from_utf8(unpacked).map(Cow::Owned).map_err(|_| Refused::NotText)
}

/// The delivery as it came, by this sort of key: an edge hands it on.
pub(crate) fn original<'a>(kind: KeyKind, headers: &'a HeaderMap, sent: &'a [u8]) -> Original<'a> {
    let said = |name| headers.get(name)?.to_str().ok();
    Original::new((Words::LaunchDarkly, kind), sent, said)
}

/// What a retry of this delivery will be called: the SDK's own id, or else a hash of the bytes, which hold instants.
pub(crate) fn payload_id(headers: &HeaderMap, sent: &[u8]) -> Option<String> {
    let given = headers.get("x-launchdarkly-payload-id").and_then(|id| id.to_str().ok());
    let given = given.filter(|id| (1..=100).contains(&id.len())).map(str::to_owned);
    given.or_else(|| {
        let hash = Sha256::digest(sent);
        Some(hash.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}")))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn packed() -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_ENCODING, "gzip".parse().unwrap())])
    }

    #[test]
    fn gzip_is_unpacked_and_a_bomb_is_not() {
        assert_eq!(text(&packed(), &gzip(b"[]")).unwrap(), "[]");
        let bomb = gzip(&vec![b' '; (32 << 20) + 1]);
        assert!(matches!(text(&packed(), &bomb), Err(Refused::TooLarge)));
        assert!(matches!(text(&packed(), b"[]"), Err(Refused::NotGzip(_))));
        assert!(matches!(text(&HeaderMap::new(), b"\xff"), Err(Refused::NotText)));
    }

    #[test]
    fn a_delivery_without_an_id_is_named_by_its_bytes() {
        let headers = HeaderMap::from_iter([("x-launchdarkly-payload-id".parse().unwrap(), "p-1".parse().unwrap())]);
        assert_eq!(payload_id(&headers, b"x").as_deref(), Some("p-1"));
        let unnamed = payload_id(&HeaderMap::new(), b"x");
        assert_eq!(unnamed, payload_id(&HeaderMap::new(), b"x"));
        assert_ne!(unnamed, payload_id(&HeaderMap::new(), b"y"));
    }
}
