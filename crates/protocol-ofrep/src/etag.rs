//! Which answer a client has: entity tags (RFC 9110 §8.8.3, §13.1.2).

use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// The strong tag of an answer. It is of the body, because an answer depends on the context as much as on the flags
/// (`oss-flags.md` §2.1, "ETag rule").
pub(crate) fn of(body: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(body).iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    HeaderValue::from_str(&format!("\"{hash}\"")).expect("hexadecimal digits are fit for a header")
}

/// Whether the client has the answer of this tag: `If-None-Match` is `*` or lists it. Compared weakly, since a proxy that
/// compresses may have made the tag weak.
pub(crate) fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let Ok(tag) = tag.to_str() else { return false };
    let lists = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|list| list.to_str().ok());
    let mut seen = lists.flat_map(|list| list.split(',')).map(|seen| seen.trim().trim_start_matches("W/"));
    seen.any(|seen| seen == "*" || seen == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_by_itself_in_a_list_weakly_and_by_the_star() {
        let tag = of(b"{}");
        let text = tag.to_str().unwrap().to_owned();
        assert_ne!(tag, of(b"{ }"));
        for (seen, known) in [
            (text.clone(), true),
            (format!("W/{text}"), true),
            (format!("\"other\", W/\"weak\" ,{text}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (text.trim_matches('"').to_owned(), false),
            (String::new(), false),
        ] {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, seen.parse().unwrap())]);
            assert_eq!(is_known(&headers, &tag), known, "{seen}");
        }
        let mut lines = HeaderMap::new();
        assert!(!is_known(&lines, &tag));
        lines.append(header::IF_NONE_MATCH, "\"other\"".parse().unwrap());
        lines.append(header::IF_NONE_MATCH, tag.clone());
        assert!(is_known(&lines, &tag), "the header may come in several lines");
    }
}
