//! For whom: the context in the path, as base64url of its JSON, or in the body of a REPORT (`launchdarkly.md` §1.4).

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use evaluation::{Context, InvalidContext};
use http::{HeaderMap, header};

/// A context is a few hundred bytes; one in the path is bounded by the request's head (8 KiB).
pub(crate) const MAX_CONTEXT: usize = 64 << 10;

/// Padded or not: SDKs do both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why there is no context.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the context in the path is not base64url")]
    NotBase64,
    #[error("the context is not UTF-8")]
    NotText,
    #[error("the path is not UTF-8")]
    PathNotText,
    #[error("{0}")]
    Invalid(#[from] InvalidContext),
    #[error("the body of a REPORT is application/json")]
    NotJson,
}

/// A context and the text that it was read from, which is what a stream keeps: it is smaller.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) context: Context,
    pub(crate) text: Box<str>,
}

impl Asked {
    fn read(text: String) -> Result<Self, Unreadable> {
        Ok(Self { context: Context::from_json(&text)?, text: text.into_boxed_str() })
    }
}

/// Any JSON in base64, in the URL's alphabet or the ordinary one.
pub(crate) fn decode(encoded: &str) -> Result<String, Unreadable> {
    let ordinary = encoded.contains(['+', '/']);
    let encoded = if ordinary { Cow::Owned(encoded.replace('+', "-").replace('/', "_")) } else { encoded.into() };
    let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| Unreadable::NotBase64)?;
    String::from_utf8(bytes).map_err(|_| Unreadable::NotText)
}

/// The context of a path's segment.
pub(crate) fn from_path(encoded: &str) -> Result<Asked, Unreadable> {
    Asked::read(decode(encoded)?)
}

/// The context of a REPORT.
pub(crate) fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Asked, Unreadable> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Unreadable::NotJson);
    }
    Asked::read(std::str::from_utf8(body).map_err(|_| Unreadable::NotText)?.to_owned())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    /// Gives `-` and `_` in the URL's alphabet, and needs padding.
    const ADA: &str = r#"{"kind":"user","key":"ada","name":"Ä?>~~"}"#;

    fn json_headers(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())])
    }

    #[test]
    fn a_path_is_read_padded_or_not_and_in_either_alphabet() {
        for encoded in [URL_SAFE.encode(ADA), URL_SAFE_NO_PAD.encode(ADA), STANDARD.encode(ADA)] {
            let asked = from_path(&encoded).unwrap();
            assert_eq!((asked.context.canonical_key().as_str(), &*asked.text), ("ada", ADA), "{encoded}");
        }
        let legacy = URL_SAFE_NO_PAD.encode(r#"{"key":"old","custom":{"plan":"gold"}}"#);
        assert_eq!(from_path(&legacy).unwrap().context.canonical_key(), "old");
    }

    #[test]
    fn what_is_no_context_is_refused_for_its_reason() {
        let path = |text: &[u8]| from_path(&URL_SAFE_NO_PAD.encode(text)).unwrap_err();
        assert_eq!(from_path("a").unwrap_err(), Unreadable::NotBase64);
        assert_eq!(from_path("ää").unwrap_err(), Unreadable::NotBase64);
        assert_eq!(path(b"\xff\xfe"), Unreadable::NotText);
        assert!(matches!(path(b"{"), Unreadable::Invalid(InvalidContext::NotJson(_))));
        assert_eq!(path(br#"{"kind":"user"}"#), InvalidContext::KeyMissing.into());
        assert_eq!(path(br#"{"kind":"multi"}"#), InvalidContext::Kinds.into());
    }

    #[test]
    fn a_report_is_json_and_says_so() {
        for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
            assert_eq!(from_body(&json_headers(kind), ADA.as_bytes()).unwrap().context.canonical_key(), "ada");
        }
        assert_eq!(from_body(&json_headers("text/plain"), ADA.as_bytes()).unwrap_err(), Unreadable::NotJson);
        assert_eq!(from_body(&HeaderMap::new(), ADA.as_bytes()).unwrap_err(), Unreadable::NotJson);
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(encoded in ".{0,100}", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = from_path(&encoded);
            let _ = from_path(&URL_SAFE_NO_PAD.encode(&bytes));
            let _ = from_body(&json_headers("application/json"), &bytes);
        }
    }
}
